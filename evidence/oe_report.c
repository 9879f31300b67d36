/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/oe_report.h"

#include "sign/digest.h"

const uint8_t oe_sgx_ecdsa_id[16] = {0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d,
                                     0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25,
                                     0xd2, 0xfb, 0xcd, 0x8c};

/* Formats of evidence behind an attestation header (bits/evidence.h). */
typedef struct oe_format {
  uint8_t id[16];
  const char *name;
  bool has_header;  /* the quote has an oe_report_header in version 3 too */
  bool has_claims;  /* custom claims follow the quote */
  bool is_accepted; /* holds an ECDSA quote */
} oe_format;

static const oe_format formats[] = {
    {{0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d, 0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25,
      0xd2, 0xfb, 0xcd, 0x8c},
     "SGX_ECDSA",
     false,
     true,
     true},
    {{0xc8, 0x30, 0x34, 0x54, 0xd9, 0x23, 0x4c, 0x2c, 0xa6, 0x91, 0xdf, 0x7d,
      0xef, 0x46, 0x0a, 0x76},
     "LEGACY_REPORT_REMOTE",
     true,
     false,
     true},
    {{0x19, 0x23, 0xd9, 0x1e, 0x12, 0xd2, 0x4c, 0x72, 0xb2, 0x20, 0x25, 0xcd,
      0x8d, 0xac, 0xe8, 0x71},
     "RAW_SGX_QUOTE_ECDSA",
     false,
     false,
     true},
    {{0x09, 0x26, 0x8c, 0x33, 0x6e, 0x0b, 0x45, 0xe5, 0x8a, 0x27, 0x15, 0x64,
      0x4d, 0x0e, 0xf8, 0x9a},
     "SGX_LOCAL_ATTESTATION",
     false,
     false,
     false},
};

static const oe_format *format_of(const uint8_t *id) {
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (memcmp(id, formats[i].id, sizeof formats[i].id) == 0)
      return &formats[i];
  return NULL;
}

bool oe_claims_are_bound(const oe_report *report) {
  uint8_t hash[DIGEST_BYTES_MAX];
  bytes data = sgx_report_bytes(report->quote.report, SGX_REPORT_DATA);
  return digest(DIGEST_SHA256, report->custom_claims, hash) &&
         memcmp(hash, data.data, SHA256_BYTES) == 0;
}

/* Other kinds of evidence begin with the same small numbers, but not with one
 * of the UUIDs behind them. */
bool oe_report_detect(bytes raw) {
  if (raw.length < OE_ATTESTATION_HEADER_BYTES)
    return false;
  uint64_t version = little_endian((bytes){raw.data, 4});
  uint64_t type = little_endian((bytes){raw.data + 4, 4});
  if (version == OE_REPORT_VERSION)
    return type == OE_REPORT_LOCAL || type == OE_REPORT_REMOTE;
  return format_of(raw.data + 4) != NULL;
}

static void check_type(byte_reader *r, size_t at, uint64_t type) {
  if (type == OE_REPORT_LOCAL)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "a local report (type 1) can only be checked on the machine "
                "that made it; a remote report (type 2) is wanted");
  else if (type != OE_REPORT_REMOTE)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "report type %u, but 2 (remote report) is wanted",
                (unsigned)type);
}

/* Reads the header, whose report then begins at r's position. exact: nothing
 * may follow the report, as Open Enclave's own reader demands. */
static uint64_t read_report_header(byte_reader *r, oe_report *report,
                                   bool exact) {
  size_t begin = r->position;
  uint64_t version = reader_number(r, 4, "the report header");
  if (!r->failed && version != OE_REPORT_VERSION)
    reader_fail(r, EVIDENCE_VERSION, begin,
                "report header version %u, but 1 is wanted", (unsigned)version);
  uint64_t type = reader_number(r, 4, "the report header");
  if (!r->failed)
    check_type(r, begin + 4, type);
  uint64_t size = reader_number(r, 8, "the report header");
  size_t left = reader_left(r);
  if (!r->failed && (size > left || (exact && size != left)))
    reader_fail(r, EVIDENCE_LENGTH, begin + 8,
                "the header announces a quote of %llu bytes, but %zu follow",
                (unsigned long long)size, left);
  report->report_header = (bytes){r->data.data + begin, OE_REPORT_HEADER_BYTES};
  return r->failed ? 0 : size;
}

static bool read_sized_quote(byte_reader *r, size_t size, oe_report *report) {
  byte_reader inner = reader_part(r, size, "quote");
  if (!sgx_quote_read(&inner, &report->quote))
    return false;
  if (reader_left(&inner) > 0)
    reader_fail(&inner, EVIDENCE_LENGTH, inner.position,
                "%zu bytes lie behind the quote, inside the size that the "
                "header announces",
                reader_left(&inner));
  return !inner.failed;
}

static const oe_format *read_format(byte_reader *r, oe_report *report) {
  size_t at = r->position;
  report->format_id = reader_take(r, 16, "the format's UUID");
  if (!report->format_id.data)
    return NULL;
  const oe_format *format = format_of(report->format_id.data);
  if (!format) {
    reader_fail(r, EVIDENCE_FORMAT, at, "unknown format UUID");
    return NULL;
  }
  report->format = format->name;
  if (format->is_accepted)
    return format;
  reader_fail(r, EVIDENCE_FORMAT, at,
              "format %s: local attestation cannot be checked by a service",
              format->name);
  return NULL;
}

/* What an attestation header wraps. r holds the wrapped data alone. */
static bool read_wrapped(byte_reader *r, const oe_format *format,
                         oe_report *report) {
  if (report->version == 2 || format->has_header) {
    uint64_t size = read_report_header(r, report, false);
    if (r->failed || !read_sized_quote(r, (size_t)size, report))
      return false;
  } else if (!sgx_quote_read(r, &report->quote)) {
    return false;
  }
  if (format->has_claims)
    report->custom_claims = reader_take(r, reader_left(r), "the custom claims");
  else if (reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, r->position,
                "%zu bytes lie behind the quote, but format %s has none",
                reader_left(r), format->name);
  return !r->failed;
}

static bool read_attestation_header(byte_reader *r, oe_report *report) {
  reader_number(r, 4, "the attestation header"); /* version: known */
  const oe_format *format = read_format(r, report);
  if (!format)
    return false;
  size_t size_at = r->position;
  uint64_t size = reader_number(r, 8, "the attestation header");
  if (!r->failed && size != reader_left(r))
    reader_fail(r, EVIDENCE_LENGTH, size_at,
                "the attestation header announces %llu bytes, but %zu follow",
                (unsigned long long)size, reader_left(r));
  if (r->failed)
    return false;
  byte_reader inner = reader_part(r, (size_t)size, "attestation evidence");
  return read_wrapped(&inner, format, report);
}

static bool read_report(byte_reader *r, oe_report *report) {
  byte_reader look = *r;
  report->version = (uint32_t)reader_number(&look, 4, "the report header");
  if (look.failed)
    return false;
  if (report->version == 2 || report->version == 3)
    return read_attestation_header(r, report);
  if (sgx_quote_detect(r->data)) {
    reader_fail(r, EVIDENCE_FORMAT, 0,
                "an SGX quote without the 16-byte header of an Open Enclave "
                "report (type SgxEnclave takes a bare quote)");
    return false;
  }
  uint64_t size = read_report_header(r, report, true);
  return !r->failed && read_sized_quote(r, (size_t)size, report);
}

bool oe_report_parse(arena *a, bytes raw, evidence *result,
                     evidence_error *error) {
  byte_reader r = reader_over(a, raw, "Open Enclave report", error);
  oe_report *report = ARENA_NEW(a, oe_report);
  if (!read_report(&r, report))
    return false;
  result->detail = report;
  sgx_quote_describe(a, &report->quote, result);
  return true;
}
