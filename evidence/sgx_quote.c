/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/sgx_quote.h"

/* The 8 bytes that tell an ECDSA quote of version 3: version, key type and
 * four zero bytes. */
bool sgx_quote_detect(bytes raw) {
  static const uint8_t begin[] = {3, 0, 2, 0, 0, 0, 0, 0};
  return raw.length >= sizeof begin &&
         memcmp(raw.data, begin, sizeof begin) == 0;
}

static uint64_t header_number(bytes header, sgx_header_field field) {
  return field_number(header, &sgx_header_fields[field]);
}

/* header_at: offset of the header in the reader's data. */
static void check_version(byte_reader *r, size_t header_at, uint64_t version) {
  if (version == SGX_QUOTE_VERSION)
    return;
  const char *hint = "";
  if (version == 4 || version == 5)
    hint = " (quotes of TdxVm have versions 4 and 5)";
  else if (version == 1 || version == 2)
    hint = " (that is an EPID quote or a report)";
  reader_fail(r, EVIDENCE_VERSION, header_at,
              "quote version %u, but 3 is wanted%s", (unsigned)version, hint);
}

static void check_header(byte_reader *r, size_t header_at, bytes header) {
  check_version(r, header_at, header_number(header, SGX_VERSION));
  uint64_t key_type = header_number(header, SGX_KEY_TYPE);
  if (key_type != SGX_KEY_TYPE_ECDSA_P256)
    reader_fail(r, EVIDENCE_KEY_TYPE, header_at + 2,
                "attestation key type %u, but 2 (ECDSA-256 with P-256) is "
                "wanted",
                (unsigned)key_type);
  uint64_t tee = header_number(header, SGX_TEE_TYPE);
  if (tee != 0)
    reader_fail(r, EVIDENCE_FORMAT, header_at + 4,
                "TEE type 0x%x, but quotes of version 3 are SGX only (0)",
                (unsigned)tee);
  bytes vendor = field_bytes(header, &sgx_header_fields[SGX_VENDOR_ID]);
  if (memcmp(vendor.data, sgx_intel_vendor, sizeof sgx_intel_vendor) != 0)
    reader_fail(r, EVIDENCE_VENDOR, header_at + 12,
                "the quoting enclave's vendor is not Intel "
                "(939a7233-f79c-4ca9-940a-0db3957f0607)");
}

/* The QE's report, its signature, and what its report binds. */
static void read_qe_part(byte_reader *r, sgx_signature *s) {
  s->qe_report = reader_take(r, SGX_REPORT_BYTES, "the QE report");
  s->qe_report_signature =
      reader_take(r, ECDSA_P256_BYTES, "the QE report signature");
  size_t length =
      (size_t)reader_number(r, 2, "the length of the QE authentication data");
  s->auth_data = reader_take(r, length, "the QE authentication data");
}

/* Types 1 to 7 exist; which a verifier can use is its own matter. */
static void read_certification(byte_reader *r, sgx_signature *s) {
  s->certification_type =
      (uint16_t)reader_number(r, 2, "the certification data type");
  size_t length_at = r->position;
  size_t length =
      (size_t)reader_number(r, 4, "the length of the certification data");
  s->certification_data = reader_take(r, length, "the certification data");
  if (!r->failed && reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, length_at,
                "%zu bytes of the signature data lie behind the "
                "certification data",
                reader_left(r));
}

void sgx_qe_certification_read(byte_reader *r, sgx_signature *s) {
  read_qe_part(r, s);
  read_certification(r, s);
}

static bool read_signature(byte_reader *r, sgx_signature *s) {
  s->all = r->data;
  s->signature = reader_take(r, ECDSA_P256_BYTES, "the quote signature");
  s->attestation_key = reader_take(r, ECDSA_P256_BYTES, "the attestation key");
  sgx_qe_certification_read(r, s);
  return !r->failed;
}

bool sgx_quote_read(byte_reader *r, sgx_quote *quote) {
  *quote = (sgx_quote){0};
  size_t begin = r->position;
  quote->header = reader_take(r, SGX_HEADER_BYTES, "the header");
  if (!quote->header.data)
    return false;
  check_header(r, begin, quote->header);
  quote->report = reader_take(r, SGX_REPORT_BYTES, "the enclave report");
  size_t length = (size_t)reader_number(r, 4, "the signature data length");
  byte_reader inner = reader_part(r, length, "signature data");
  if (!read_signature(&inner, &quote->signature))
    return false;
  quote->signed_part = (bytes){r->data.data + begin, SGX_SIGNED_BYTES};
  quote->all = (bytes){r->data.data + begin, r->position - begin};
  return true;
}

bool sgx_quote_parse(arena *a, bytes raw, evidence *result,
                     evidence_error *error) {
  byte_reader r = reader_over(a, raw, "SGX quote", error);
  sgx_quote *quote = ARENA_NEW(a, sgx_quote);
  if (!sgx_quote_read(&r, quote))
    return false;
  quote->trailing = reader_take(&r, reader_left(&r), "what trails");
  result->detail = quote;
  sgx_quote_describe(a, quote, result);
  return true;
}
