/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "evidence/certificate.h"
#include "evidence/oe_report.h"
#include "sign/digest.h"
#include "sign/ec_key.h"
#include "tests/unit/evidence_fixture.h"

static slice claims_text(arena *a, attestation_type type,
                         const char *const *settings) {
  evidence_made made = made_evidence(a, type, settings);
  evidence e = parsed_evidence(a, type, made.raw);
  buffer text = buffer_in(a);
  json_write(&text, &e.claims);
  return buffer_slice(&text);
}

#define MRENCLAVE                                                              \
  "b779202618becb636768e5d902f28d524222735fafb539ea9ba07c3fc171a1c2"
#define MRSIGNER                                                               \
  "2c1a44952ae8207135c6c29b75b8c029372ee94b677e15c20bd42340f10d41aa"
#define ZEROS_32                                                               \
  "0000000000000000000000000000000000000000000000000000000000000000"

Test(sgx_quote, gives_the_claims_of_its_fields) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"mrenclave=" MRENCLAVE,
                                         "mrsigner=" MRSIGNER,
                                         "product-id=4639",
                                         "svn=65535",
                                         "debug=true",
                                         "report-data=" ZEROS_32 MRENCLAVE,
                                         NULL};
  static const char expected[] =
      "{\"x-ms-attestation-type\":\"sgx\",\"x-ms-sgx-is-debuggable\":true,"
      "\"x-ms-sgx-mrenclave\":\"" MRENCLAVE "\",\"x-ms-sgx-mrsigner\":"
      "\"" MRSIGNER "\",\"x-ms-sgx-product-id\":4639,\"x-ms-sgx-report-data\""
      ":\"" ZEROS_32 MRENCLAVE "\",\"x-ms-sgx-svn\":65535}";
  slice sgx = claims_text(&a, ATTESTATION_SGX_ENCLAVE, settings);
  cr_expect(slice_is(sgx, expected), "%.*s", SLICE_ARGS(sgx));
  slice oe = claims_text(&a, ATTESTATION_OPEN_ENCLAVE, settings);
  cr_expect(slice_is(oe, expected), "%.*s", SLICE_ARGS(oe));
  arena_free(&a);
}

Test(sgx_quote, gives_kss_claims_only_with_kss) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const names[] = {
      "x-ms-sgx-config-id", "x-ms-sgx-config-svn",
      "x-ms-sgx-isv-extended-product-id", "x-ms-sgx-isv-family-id"};
  static const char *const off[] = {"config-svn=3451", "kss=false", NULL};
  static const char *const on[] = {
      "config-svn=3451",
      "isv-extended-product-id=8765432143211234abcdabcdef123456",
      "isv-family-id=1234567812344321abcd1234567890ab",
      "config-id=" ZEROS_32 MRSIGNER, NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, off);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  for (size_t i = 0; i < COUNT_OF(names); i++)
    cr_expect_null(value_member(&e.claims, slice_from(names[i])));
  slice text = claims_text(&a, ATTESTATION_SGX_ENCLAVE, on);
  cr_expect_not_null(strstr(text.data, "\"x-ms-sgx-config-svn\":3451"));
  cr_expect_not_null(strstr(text.data, "\"x-ms-sgx-isv-extended-product-id\":"
                                       "\"8765432143211234abcdabcdef123456\""));
  cr_expect_not_null(strstr(text.data, "\"x-ms-sgx-isv-family-id\":"
                                       "\"1234567812344321abcd1234567890ab\""));
  cr_expect_not_null(
      strstr(text.data, "\"x-ms-sgx-config-id\":\"" ZEROS_32 MRSIGNER "\""));
  arena_free(&a);
}

Test(sgx_quote, keeps_old_names_for_policies_alone) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"svn=7", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  static const char *const names[] = {"$is-debuggable", "$product-id",
                                      "$sgx-mrsigner",  "$sgx-mrenclave",
                                      "$svn",           "$tee"};
  cr_expect_eq(e.legacy_claims.count, COUNT_OF(names));
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    cr_expect_not_null(value_member(&e.legacy_claims, slice_from(names[i])));
    cr_expect_null(value_member(&e.claims, slice_from(names[i])));
  }
  cr_expect_eq(value_member(&e.legacy_claims, SLICE("$svn"))->integer, 7);
  arena_free(&a);
}

/* Over the bytes as sent: header and trailing bytes included. */
Test(sgx_quote, hashes_the_evidence_as_sent) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const attestation_type types[] = {ATTESTATION_SGX_ENCLAVE,
                                           ATTESTATION_OPEN_ENCLAVE};
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    evidence_made made = made_evidence(&a, types[i], NULL);
    evidence e = parsed_evidence(&a, types[i], made.raw);
    uint8_t hash[SHA256_BYTES];
    digest_sha256(&a, made.raw, hash);
    buffer hex = buffer_in(&a);
    buffer_hex(&hex, (bytes){hash, sizeof hash});
    const value *collateral =
        value_member(&e.token_claims, SLICE("x-ms-sgx-collateral"));
    const value *quotehash = value_member(collateral, SLICE("quotehash"));
    cr_expect(slice_equal(value_string(quotehash), buffer_slice(&hex)));
    cr_expect_not_null(
        value_member(&e.token_claims, SLICE("maa-attestationcollateral")));
    cr_expect_null(value_member(&e.claims, SLICE("x-ms-sgx-collateral")));
  }
  arena_free(&a);
}

/* One byte changed at `offset` (or the evidence cut there). */
typedef struct broken_row {
  attestation_type type;
  size_t offset;
  uint8_t byte;
  evidence_code code;
  size_t error_offset;
  const char *message; /* a part of it */
} broken_row;

static const broken_row broken[] = {
    {ATTESTATION_SGX_ENCLAVE, 0, 4, EVIDENCE_VERSION, 0,
     "quote version 4, but 3 is wanted (quotes of TdxVm"},
    {ATTESTATION_SGX_ENCLAVE, 0, 2, EVIDENCE_VERSION, 0, "EPID"},
    {ATTESTATION_SGX_ENCLAVE, 1, 1, EVIDENCE_VERSION, 0, "version 259"},
    {ATTESTATION_SGX_ENCLAVE, 2, 3, EVIDENCE_KEY_TYPE, 2, "key type 3"},
    {ATTESTATION_SGX_ENCLAVE, 4, 0x81, EVIDENCE_FORMAT, 4, "TEE type 0x81"},
    {ATTESTATION_SGX_ENCLAVE, 27, 8, EVIDENCE_VENDOR, 12, "not Intel"},
    {ATTESTATION_SGX_ENCLAVE, 435, 1, EVIDENCE_TRUNCATED, 436,
     "signature data"},
    {ATTESTATION_SGX_ENCLAVE, 1013, 0xff, EVIDENCE_TRUNCATED, 1014,
     "QE authentication data"},
    {ATTESTATION_SGX_ENCLAVE, 1051, 1, EVIDENCE_TRUNCATED, 1052,
     "certification data"},
    {ATTESTATION_OPEN_ENCLAVE, 0, 4, EVIDENCE_VERSION, 0, "header version 4"},
    {ATTESTATION_OPEN_ENCLAVE, 4, 1, EVIDENCE_FORMAT, 4, "local report"},
    {ATTESTATION_OPEN_ENCLAVE, 4, 7, EVIDENCE_FORMAT, 4, "report type 7"},
    {ATTESTATION_OPEN_ENCLAVE, 10, 1, EVIDENCE_LENGTH, 8, "announces"},
    {ATTESTATION_OPEN_ENCLAVE, 15, 1, EVIDENCE_LENGTH, 8, "announces"},
    {ATTESTATION_OPEN_ENCLAVE, 16, 5, EVIDENCE_VERSION, 16, "version 5"},
    {ATTESTATION_OPEN_ENCLAVE, 0, 2, EVIDENCE_FORMAT, 4, "unknown format"},
    {ATTESTATION_OPEN_ENCLAVE, 16 + 1013, 0xff, EVIDENCE_TRUNCATED, 16 + 1014,
     "at offset 1030"},
    {ATTESTATION_OPEN_ENCLAVE, 16 + 1051, 1, EVIDENCE_TRUNCATED, 16 + 1052,
     "certification data"},
};

Test(sgx_quote, says_what_is_wrong_and_where) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(broken); i++) {
    const broken_row *row = &broken[i];
    evidence_made made = made_evidence(&a, row->type, NULL);
    uint8_t *raw = copied(&a, made.raw);
    raw[row->offset] = row->byte;
    evidence e;
    evidence_error error = {0};
    cr_assert_not(evidence_parse(&a, row->type, (bytes){raw, made.raw.length},
                                 &e, &error),
                  "row %zu", i);
    cr_expect_eq(error.code, row->code, "row %zu: %s", i, error.message);
    cr_expect_eq(error.offset, row->error_offset, "row %zu: %zu", i,
                 error.offset);
    cr_expect_not_null(strstr(error.message, row->message), "row %zu: %s", i,
                       error.message);
  }
  arena_free(&a);
}

Test(sgx_quote, tells_a_bare_quote_from_a_report) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e;
  evidence_error error = {0};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  cr_expect_not(
      evidence_parse(&a, ATTESTATION_OPEN_ENCLAVE, made.raw, &e, &error));
  cr_expect_not_null(strstr(error.message, "SgxEnclave"), "%s", error.message);
  cr_expect_eq(evidence_detect(made.raw), ATTESTATION_SGX_ENCLAVE);
  made = made_evidence(&a, ATTESTATION_OPEN_ENCLAVE, NULL);
  cr_expect_eq(evidence_detect(made.raw), ATTESTATION_OPEN_ENCLAVE);
  cr_expect_eq(evidence_detect((bytes){made.raw.data, 7}),
               ATTESTATION_TYPE_UNKNOWN);
  static const uint8_t not_open_enclave[32] = {2};
  cr_expect_eq(evidence_detect((bytes){not_open_enclave, 32}),
               ATTESTATION_TYPE_UNKNOWN);
  arena_free(&a);
}

/* Cut anywhere: an error that lies inside, and never a crash. The bytes are in
 * a block of exactly that size, so that the sanitizer sees any step over. */
Test(sgx_quote, refuses_every_truncation) {
  static const attestation_type types[] = {ATTESTATION_SGX_ENCLAVE,
                                           ATTESTATION_OPEN_ENCLAVE};
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    evidence_made made = made_evidence(&a, types[i], NULL);
    for (size_t length = 0; length < made.raw.length; length++) {
      evidence e;
      evidence_error error = {0};
      uint8_t *raw = malloc(length + 1);
      memcpy(raw, made.raw.data, length);
      uint8_t *tight = realloc(raw, length ? length : 1);
      cr_assert_not(
          evidence_parse(&b, types[i], (bytes){tight, length}, &e, &error));
      cr_expect(error.code == EVIDENCE_TRUNCATED ||
                    error.code == EVIDENCE_LENGTH,
                "%zu: %s", length, error.message);
      cr_expect(error.offset <= length, "%zu: %zu", length, error.offset);
      free(tight);
      arena_reset(&b);
    }
  }
  arena_free(&b);
  arena_free(&a);
}

/* show: the dump reads certificates, which takes its time. */
static void flip_and_parse(arena *a, attestation_type type, uint8_t *raw,
                           size_t length, bool show) {
  evidence e;
  evidence_error error = {0};
  if (!evidence_parse(a, type, (bytes){raw, length}, &e, &error)) {
    cr_expect_neq(error.code, EVIDENCE_NONE);
    cr_expect(error.message && *error.message);
    cr_expect(error.offset <= length);
    return;
  }
  if (!show)
    return;
  buffer text = buffer_in(a);
  evidence_show_text(&text, &e);
  cr_expect(strstr(buffer_slice(&text).data, "signatures: not verified"));
}

/* Every bit of the structures, and every 17th byte of the certificates. */
Test(sgx_quote, survives_every_flipped_bit) {
  static const attestation_type types[] = {ATTESTATION_SGX_ENCLAVE,
                                           ATTESTATION_OPEN_ENCLAVE};
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    evidence_made made = made_evidence(&a, types[i], NULL);
    uint8_t *raw = copied(&a, made.raw);
    for (size_t at = 0; at < made.raw.length; at += at < 1068 ? 1 : 17)
      for (unsigned bit = 0; bit < 8; bit += at < 1068 ? 1 : 3) {
        raw[at] ^= (uint8_t)(1u << bit);
        flip_and_parse(&b, types[i], raw, made.raw.length,
                       at >= 1014 || bit == at % 64);
        raw[at] ^= (uint8_t)(1u << bit);
        arena_reset(&b);
      }
  }
  arena_free(&b);
  arena_free(&a);
}

Test(sgx_quote, keeps_what_trails) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = arena_zalloc(&a, made.raw.length + 70);
  memcpy(raw, made.raw.data, made.raw.length);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE,
                               (bytes){raw, made.raw.length + 70});
  const sgx_quote *quote = e.detail;
  cr_expect_eq(quote->trailing.length, 70u);
  cr_expect_eq(quote->all.length, made.raw.length);
  arena_free(&a);
}

/* Bytes between the certification data and the end of the signature data. */
Test(sgx_quote, refuses_a_gap_inside_the_signature_data) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = copied(&a, made.raw);
  size_t at = 1014 + 32 + 2; /* length of the certification data */
  uint64_t length = little_endian((bytes){raw + at, 4});
  little_endian_write(raw + at, 4, length - 3);
  evidence e;
  evidence_error error = {0};
  cr_expect_not(evidence_parse(&a, ATTESTATION_SGX_ENCLAVE,
                               (bytes){raw, made.raw.length}, &e, &error));
  cr_expect_eq(error.code, EVIDENCE_LENGTH);
  cr_expect_eq(error.offset, at);
  arena_free(&a);
}

/* An attestation header around the quote of a made report. */
static bytes wrapped(arena *a, uint8_t version, const char *format,
                     bytes inside, const char *claims) {
  buffer out = buffer_in(a);
  uint8_t number[8];
  little_endian_write(number, 4, version);
  buffer_add(&out, (slice){(const char *)number, 4});
  buffer_add(&out, (slice){format, 16});
  little_endian_write(number, 8, inside.length + strlen(claims));
  buffer_add(&out, (slice){(const char *)number, 8});
  buffer_add(&out, slice_from_bytes(inside));
  buffer_text(&out, claims);
  return bytes_from_slice(buffer_slice(&out));
}

#define SGX_ECDSA                                                              \
  "\xa3\xa2\x1e\x87\x1b\x4d\x40\x14\xb7\x0a\xa1\x25\xd2\xfb\xcd\x8c"
#define LEGACY_REMOTE                                                          \
  "\xc8\x30\x34\x54\xd9\x23\x4c\x2c\xa6\x91\xdf\x7d\xef\x46\x0a\x76"
#define RAW_QUOTE                                                              \
  "\x19\x23\xd9\x1e\x12\xd2\x4c\x72\xb2\x20\x25\xcd\x8d\xac\xe8\x71"
#define LOCAL_FORMAT                                                           \
  "\x09\x26\x8c\x33\x6e\x0b\x45\xe5\x8a\x27\x15\x64\x4d\x0e\xf8\x9a"

Test(oe_report, reads_both_attestation_headers) {
  static const struct {
    uint8_t version;
    const char *format;
    bool with_report_header;
    const char *claims;
    const char *message; /* a part of the refusal, or NULL */
  } rows[] = {
      {3, SGX_ECDSA, false, "claims", NULL},
      {3, SGX_ECDSA, false, "", NULL},
      {2, SGX_ECDSA, true, "claims", NULL},
      {3, LEGACY_REMOTE, true, "", NULL},
      {3, RAW_QUOTE, false, "", NULL},
      {3, RAW_QUOTE, false, "claims", "format RAW_SGX_QUOTE_ECDSA has none"},
      {3, LOCAL_FORMAT, false, "", "local attestation"},
      {3, "0123456789abcdef", false, "", "unknown format"},
      {3, SGX_ECDSA, true, "", "quote version 1"},
      {2, SGX_ECDSA, false, "", "report header version 131075"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_OPEN_ENCLAVE, NULL);
  bytes quote = {made.raw.data + 16, made.raw.length - 16};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence e;
    evidence_error error = {0};
    bytes raw =
        wrapped(&a, rows[i].version, rows[i].format,
                rows[i].with_report_header ? made.raw : quote, rows[i].claims);
    bool good = evidence_parse(&a, ATTESTATION_OPEN_ENCLAVE, raw, &e, &error);
    cr_assert_eq(good, rows[i].message == NULL, "row %zu: %s", i,
                 good ? "parsed" : error.message);
    if (!good) {
      cr_expect_not_null(strstr(error.message, rows[i].message), "row %zu: %s",
                         i, error.message);
      continue;
    }
    const oe_report *report = e.detail;
    cr_expect(
        slice_is(slice_from_bytes(report->custom_claims), rows[i].claims));
    cr_expect(bytes_equal(report->quote.all, quote), "row %zu", i);
    cr_expect_eq(evidence_detect(raw), ATTESTATION_OPEN_ENCLAVE);
  }
  arena_free(&a);
}

/* One byte more than the headers announce. */
Test(oe_report, refuses_what_trails) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_OPEN_ENCLAVE, NULL);
  bytes quote = {made.raw.data + 16, made.raw.length - 16};
  bytes rows[] = {made.raw, wrapped(&a, 3, RAW_QUOTE, quote, ""),
                  wrapped(&a, 3, SGX_ECDSA, quote, "claims")};
  static const size_t offsets[] = {8, 20, 20};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer longer = buffer_in(&a);
    evidence e;
    evidence_error error = {0};
    buffer_add(&longer, slice_from_bytes(rows[i]));
    buffer_char(&longer, 'x');
    cr_expect_not(evidence_parse(&a, ATTESTATION_OPEN_ENCLAVE,
                                 bytes_from_slice(buffer_slice(&longer)), &e,
                                 &error));
    cr_expect_eq(error.code, EVIDENCE_LENGTH, "row %zu: %s", i, error.message);
    cr_expect_eq(error.offset, offsets[i], "row %zu", i);
  }
  arena_free(&a);
}

/* The steps of a verifier, with OpenSSL. */
static void expect_signatures(arena *a, const sgx_quote *quote) {
  const sgx_signature *s = &quote->signature;
  certificate_chain chain;
  const char *reason;
  EVP_PKEY *key = ec_key_from_point(a, s->attestation_key);
  cr_assert_not_null(key);
  cr_expect(ec_verify(key, quote->signed_part, s->signature));
  bytes parts[] = {s->attestation_key, s->auth_data};
  uint8_t expected[64] = {0};
  digest_sha256_parts(a, parts, 2, expected);
  bytes bound = sgx_report_bytes(s->qe_report, SGX_REPORT_DATA);
  cr_expect_arr_eq(bound.data, expected, sizeof expected);
  cr_assert(certificate_chain_read(a, s->certification_data, &chain, &reason),
            "%s", reason);
  cr_assert_eq(chain.count, 3u);
  cr_expect(ec_verify(X509_get0_pubkey(chain.items[0]), s->qe_report,
                      s->qe_report_signature));
  for (size_t i = 0; i < 3; i++) {
    X509 *issuer = chain.items[i < 2 ? i + 1 : 2];
    cr_expect_eq(X509_verify(chain.items[i], X509_get0_pubkey(issuer)), 1);
    cr_expect_eq(X509_check_issued(issuer, chain.items[i]), X509_V_OK);
  }
}

Test(sgx_make, signs_the_whole_chain) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"auth-data=0102", "debug=true", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  expect_signatures(&a, e.detail);
  made = made_evidence(&a, ATTESTATION_OPEN_ENCLAVE, NULL);
  e = parsed_evidence(&a, ATTESTATION_OPEN_ENCLAVE, made.raw);
  const oe_report *report = e.detail;
  expect_signatures(&a, &report->quote);
  arena_free(&a);
}

Test(sgx_make, ends_the_chain_as_real_quotes_do) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  size_t end = made.raw.length;
  cr_expect_eq(made.raw.data[end - 1], 0);
  cr_expect_eq(made.raw.data[end - 2], '\n');
  cr_expect_eq(little_endian((bytes){made.raw.data + 432, 4}), end - 436);
  arena_free(&a);
}
