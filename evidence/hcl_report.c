/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/hcl_report.h"

#include "sign/digest.h"

const field_row hcl_header_fields[HCL_HEADER_FIELD_COUNT] = {
    [HCL_MAGIC] = {"signature", "Signature", 0, 4, FIELD_HEX, NULL},
    [HCL_VERSION] = {"version", "Version", 4, 4, FIELD_NUMBER, NULL},
    [HCL_SIZE] = {"report-size", "ReportSize", 8, 4, FIELD_NUMBER, NULL},
    [HCL_REQUEST_TYPE] = {"request-type", "RequestType", 12, 4, FIELD_NUMBER,
                          NULL},
    [HCL_STATUS] = {"status", "Status, Reserved", 16, 16, FIELD_RESERVED, NULL},
};

const field_row hcl_data_fields[HCL_DATA_FIELD_COUNT] = {
    [HCL_DATA_SIZE] = {"data-size", "DataSize", 0, 4, FIELD_NUMBER, NULL},
    [HCL_DATA_VERSION] = {"data-version", "Version", 4, 4, FIELD_NUMBER, NULL},
    [HCL_REPORT_TYPE] = {"report-type", "ReportType", 8, 4, FIELD_NUMBER, NULL},
    [HCL_HASH_TYPE] = {"hash-type", "ReportDataHashType", 12, 4, FIELD_NUMBER,
                       NULL},
    [HCL_RUNTIME_LENGTH] = {"runtime-length", "VariableDataSize", 16, 4,
                            FIELD_NUMBER, NULL},
};

bool hcl_report_detect(bytes raw) {
  return raw.length >= 4 && memcmp(raw.data, "HCLA", 4) == 0;
}

uint64_t hcl_report_type(bytes raw) {
  size_t at = HCL_HEADER_BYTES + HCL_HARDWARE_BYTES;
  if (raw.length < at + HCL_DATA_HEADER_BYTES)
    return 0;
  return field_number((bytes){raw.data + at, HCL_DATA_HEADER_BYTES},
                      &hcl_data_fields[HCL_REPORT_TYPE]);
}

/* The sizes that the headers state, against the length of the runtime data. */
static void check_sizes(byte_reader *r, size_t begin, const hcl_report *h) {
  size_t length = (size_t)hcl_data_number(h, HCL_RUNTIME_LENGTH);
  uint64_t data_size = hcl_data_number(h, HCL_DATA_SIZE);
  if (data_size != HCL_DATA_HEADER_BYTES + (uint64_t)length)
    reader_fail(r, EVIDENCE_LENGTH,
                begin + HCL_HEADER_BYTES + HCL_HARDWARE_BYTES,
                "a data size of %llu contradicts %zu bytes of runtime data "
                "behind a header of 20",
                (unsigned long long)data_size, length);
  uint64_t size = hcl_header_number(h, HCL_SIZE);
  if (size != HCL_RUNTIME_OFFSET + (uint64_t)length)
    reader_fail(r, EVIDENCE_LENGTH, begin + 8,
                "a report size of %llu contradicts %zu bytes of runtime data "
                "at offset 1236",
                (unsigned long long)size, length);
}

static void check_types(byte_reader *r, size_t begin, const hcl_report *h) {
  size_t at = begin + HCL_HEADER_BYTES + HCL_HARDWARE_BYTES;
  uint64_t version = hcl_header_number(h, HCL_VERSION);
  if (version != 1 && version != 2)
    reader_fail(r, EVIDENCE_VERSION, begin + 4,
                "HCL report version %u, but 1 or 2 is wanted",
                (unsigned)version);
  uint64_t type = hcl_data_number(h, HCL_REPORT_TYPE);
  if (type < HCL_TYPE_SNP || type > HCL_TYPE_TDX)
    reader_fail(r, EVIDENCE_FORMAT, at + 8,
                "HCL report type %u, but 2 (SNP), 3 (trusted launch) or 4 "
                "(TDX) is wanted",
                (unsigned)type);
  uint64_t hash = hcl_data_number(h, HCL_HASH_TYPE);
  if (hash < HCL_HASH_SHA256 || hash > HCL_HASH_SHA512)
    reader_fail(r, EVIDENCE_FORMAT, at + 12,
                "hash type %u, but 1 (SHA-256), 2 (SHA-384) or 3 (SHA-512) is "
                "wanted",
                (unsigned)hash);
}

bool hcl_report_read(byte_reader *r, hcl_report *result) {
  size_t begin = r->position;
  *result = (hcl_report){0};
  result->header = reader_take(r, HCL_HEADER_BYTES, "the HCL header");
  if (!r->failed && !hcl_report_detect(result->header))
    reader_fail(r, EVIDENCE_FORMAT, begin,
                "an HCL report begins with \"HCLA\"");
  result->hardware =
      reader_take(r, HCL_HARDWARE_BYTES, "the hardware's report");
  result->data_header =
      reader_take(r, HCL_DATA_HEADER_BYTES, "the header of the runtime data");
  if (r->failed)
    return false;
  check_types(r, begin, result);
  check_sizes(r, begin, result);
  result->runtime =
      reader_take(r, (size_t)hcl_data_number(result, HCL_RUNTIME_LENGTH),
                  "the runtime data");
  if (!r->failed)
    result->trailing = reader_take(r, reader_left(r), "what trails");
  return !r->failed;
}

static const char *type_name(uint64_t type) {
  return type == HCL_TYPE_SNP ? "SEV-SNP"
         : type == HCL_TYPE_TDX ? "TDX"
                                : "trusted launch";
}

bool hcl_report_read_type(byte_reader *r, unsigned type, hcl_report *result) {
  value parsed;
  json_error problem;
  if (!hcl_report_read(r, result))
    return false;
  uint64_t found = hcl_data_number(result, HCL_REPORT_TYPE);
  if (found != type)
    return evidence_fail(r->arena, r->error, EVIDENCE_FORMAT,
                         HCL_HEADER_BYTES + HCL_HARDWARE_BYTES + 8,
                         "the HCL report is of a %s VM, not of a %s one",
                         type_name(found), type_name(type));
  if (json_read(r->arena, slice_from_bytes(result->runtime), JSON_TRAILING_NUL,
                &parsed, &problem))
    return true;
  return evidence_fail(
      r->arena, r->error, EVIDENCE_JSON, HCL_RUNTIME_OFFSET + problem.offset,
      "the runtime data of the HCL report is not JSON: %s", problem.message);
}

void hcl_add_runtime(arena *a, const hcl_report *report, bytes report_data,
                     object_builder *claims) {
  value runtime;
  json_error problem;
  if (hcl_runtime_is_bound(report, report_data) &&
      json_read(a, slice_from_bytes(report->runtime), JSON_TRAILING_NUL,
                &runtime, &problem))
    object_set(claims, SLICE("x-ms-runtime"), runtime);
}

static void set_number(uint8_t *structure, const field_row *row,
                       uint64_t number) {
  little_endian_write(structure + row->offset, row->size, number);
}

slice hcl_report_make(arena *a, unsigned type, bytes hardware, bytes runtime) {
  uint8_t header[HCL_HEADER_BYTES] = "HCLA";
  uint8_t area[HCL_HARDWARE_BYTES] = {0};
  uint8_t data[HCL_DATA_HEADER_BYTES] = {0};
  set_number(header, &hcl_header_fields[HCL_VERSION], 2);
  set_number(header, &hcl_header_fields[HCL_SIZE],
             HCL_RUNTIME_OFFSET + runtime.length);
  set_number(header, &hcl_header_fields[HCL_REQUEST_TYPE], 2);
  set_number(data, &hcl_data_fields[HCL_DATA_SIZE],
             HCL_DATA_HEADER_BYTES + runtime.length);
  set_number(data, &hcl_data_fields[HCL_DATA_VERSION], 1);
  set_number(data, &hcl_data_fields[HCL_REPORT_TYPE], type);
  set_number(data, &hcl_data_fields[HCL_HASH_TYPE], HCL_HASH_SHA256);
  set_number(data, &hcl_data_fields[HCL_RUNTIME_LENGTH], runtime.length);
  memcpy(area, hardware.data, hardware.length);
  buffer out = buffer_in(a);
  buffer_add(&out, slice_from_bytes((bytes){header, sizeof header}));
  buffer_add(&out, slice_from_bytes((bytes){area, sizeof area}));
  buffer_add(&out, slice_from_bytes((bytes){data, sizeof data}));
  buffer_add(&out, slice_from_bytes(runtime));
  return buffer_slice(&out);
}

bool hcl_runtime_is_bound(const hcl_report *report, bytes report_data) {
  static const digest_algorithm algorithms[] = {
      [HCL_HASH_SHA256] = DIGEST_SHA256,
      [HCL_HASH_SHA384] = DIGEST_SHA384,
      [HCL_HASH_SHA512] = DIGEST_SHA512,
  };
  uint8_t hash[DIGEST_BYTES_MAX];
  uint64_t type = hcl_data_number(report, HCL_HASH_TYPE);
  if (type < HCL_HASH_SHA256 || type > HCL_HASH_SHA512)
    return false;
  size_t length = digest_length(algorithms[type]);
  if (report_data.length < length ||
      !digest(algorithms[type], report->runtime, hash))
    return false;
  bytes rest = {report_data.data + length, report_data.length - length};
  return memcmp(hash, report_data.data, length) == 0 && bytes_are_zero(rest);
}
