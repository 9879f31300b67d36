/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tdx_quote.h"

#include "evidence/td_report.h"

enum { VERSION_4 = 4, VERSION_5 = 5 };

/* The 8 bytes that tell a TDX quote: version, key type 2, TEE type. */
bool tdx_detect(bytes raw) {
  if (hcl_report_detect(raw))
    return hcl_report_type(raw) == HCL_TYPE_TDX;
  static const uint8_t rest[] = {0, 2, 0, TDX_TEE_TYPE, 0, 0, 0};
  return raw.length > sizeof rest &&
         (raw.data[0] == VERSION_4 || raw.data[0] == VERSION_5) &&
         memcmp(raw.data + 1, rest, sizeof rest) == 0;
}

static uint64_t header_number(bytes header, tdx_header_field field) {
  return field_number(header, &tdx_header_fields[field]);
}

static void check_version(byte_reader *r, uint64_t version) {
  if (version != VERSION_4 && version != VERSION_5)
    reader_fail(r, EVIDENCE_VERSION, 0,
                "quote version %u, but 4 or 5 is wanted%s", (unsigned)version,
                version == SGX_QUOTE_VERSION
                    ? " (quotes of SgxEnclave have version 3)"
                    : "");
}

static void check_header(byte_reader *r, bytes header) {
  check_version(r, header_number(header, TDX_VERSION));
  uint64_t key_type = header_number(header, TDX_KEY_TYPE);
  if (key_type != SGX_KEY_TYPE_ECDSA_P256)
    reader_fail(r, EVIDENCE_KEY_TYPE, 2,
                "attestation key type %u, but 2 (ECDSA-256 with P-256) is "
                "wanted",
                (unsigned)key_type);
  uint64_t tee = header_number(header, TDX_TEE);
  if (tee != TDX_TEE_TYPE)
    reader_fail(r, EVIDENCE_FORMAT, 4,
                "TEE type 0x%x%s, but 0x81 (TDX) is wanted", (unsigned)tee,
                tee == 0 ? " (SGX)" : "");
  bytes vendor = field_bytes(header, &tdx_header_fields[TDX_VENDOR_ID]);
  if (memcmp(vendor.data, sgx_intel_vendor, sizeof sgx_intel_vendor) != 0)
    reader_fail(r, EVIDENCE_VENDOR, 12,
                "the quoting enclave's vendor is not Intel "
                "(939a7233-f79c-4ca9-940a-0db3957f0607)");
}

/* Size of a body; 0 after a failure. */
static size_t body_size(byte_reader *r, uint64_t type) {
  if (type == TDX_BODY_10)
    return TDX_BODY_BYTES;
  if (type == TDX_BODY_15)
    return TDX_BODY_BYTES_15;
  reader_fail(r, EVIDENCE_FORMAT, SGX_HEADER_BYTES,
              "body type %u%s, but 2 (TDX 1.0) or 3 (TDX 1.5) is wanted",
              (unsigned)type, type == TDX_BODY_SGX ? " (SGX)" : "");
  return 0;
}

/* Version 5 says which body comes; version 4 knows one. */
static size_t read_descriptor(byte_reader *r, tdx_quote *quote) {
  if (header_number(quote->header, TDX_VERSION) == VERSION_4)
    return TDX_BODY_BYTES;
  size_t begin = r->position;
  uint64_t type = reader_number(r, 2, "the type of the body");
  uint64_t size = reader_number(r, 4, "the size of the body");
  if (r->failed)
    return 0;
  size_t wanted = body_size(r, type);
  if (size != wanted)
    reader_fail(r, EVIDENCE_LENGTH, begin + 2,
                "%u bytes of body, but type %u has %zu", (unsigned)size,
                (unsigned)type, wanted);
  quote->descriptor =
      (bytes){r->data.data + begin, TDX_BODY_OFFSET_5 - TDX_BODY_OFFSET};
  return wanted;
}

/* Unlike in SGX quotes, the QE's report is itself certification data. */
static void read_signature(byte_reader *r, sgx_signature *s) {
  s->all = r->data;
  s->signature = reader_take(r, ECDSA_P256_BYTES, "the quote signature");
  s->attestation_key = reader_take(r, ECDSA_P256_BYTES, "the attestation key");
  size_t type_at = r->position;
  uint64_t type = reader_number(r, 2, "the certification data type");
  if (type != TDX_CERTIFICATION_QE_REPORT)
    reader_fail(r, EVIDENCE_FORMAT, type_at,
                "certification data of type %u, but 6 (QE report) is wanted",
                (unsigned)type);
  size_t length_at = r->position;
  size_t length =
      (size_t)reader_number(r, 4, "the length of the QE certification data");
  byte_reader inner = reader_part(r, length, "QE certification data");
  sgx_qe_certification_read(&inner, s);
  if (inner.failed)
    r->failed = true;
  if (reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, length_at,
                "%zu bytes of the signature data lie behind the QE "
                "certification data",
                reader_left(r));
}

static bool read_quote(byte_reader *r, tdx_quote *quote) {
  *quote = (tdx_quote){0};
  quote->header = reader_take(r, SGX_HEADER_BYTES, "the header");
  if (!quote->header.data)
    return false;
  check_header(r, quote->header);
  size_t size = r->failed ? 0 : read_descriptor(r, quote);
  quote->body = reader_take(r, size, "the TD report");
  quote->signed_part = (bytes){r->data.data, r->position};
  size_t length = (size_t)reader_number(r, 4, "the signature data length");
  byte_reader inner = reader_part(r, length, "signature data");
  read_signature(&inner, &quote->signature);
  if (inner.failed)
    return false;
  quote->all = (bytes){r->data.data, r->position};
  quote->trailing = reader_take(r, reader_left(r), "what trails");
  return !r->failed;
}

static bool read_hcl(byte_reader *r, tdx_quote *quote) {
  hcl_report *h = ARENA_NEW(r->arena, hcl_report);
  r->structure = "HCL report";
  if (!hcl_report_read_type(r, HCL_TYPE_TDX, h))
    return false;
  bytes report = {h->hardware.data, TD_REPORT_BYTES};
  if (field_bytes(report, &td_mac_fields[TD_TYPE]).data[0] != TDX_TEE_TYPE) {
    reader_fail(r, EVIDENCE_FORMAT, HCL_HEADER_BYTES,
                "the report of the hardware is not one of TDX (0x81)");
    return false;
  }
  *quote = (tdx_quote){.hcl = h,
                       .td_report = report,
                       .body = td_report_body(r->arena, report)};
  return true;
}

bool tdx_parse(arena *a, bytes raw, evidence *result, evidence_error *error) {
  byte_reader r = reader_over(a, raw, "TDX quote", error);
  tdx_quote *quote = ARENA_NEW(a, tdx_quote);
  if (hcl_report_detect(raw) ? !read_hcl(&r, quote) : !read_quote(&r, quote))
    return false;
  result->detail = quote;
  tdx_describe(a, quote, result);
  return true;
}
