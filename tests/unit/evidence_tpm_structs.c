/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_structs.h"

#include "base/base64.h"
#include "evidence/fields.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

/* Structures in hex, field by field. */
#define HASH_11                                                                \
  "1111111111111111111111111111111111111111111111111111111111111111"
#define HASH_22                                                                \
  "2222222222222222222222222222222222222222222222222222222222222222"
/* Magic, type; qualified signer, extra data; clock, resets, restarts, safe,
 * firmware: 43 bytes. */
#define HEAD(type)                                                             \
  "ff544347" type "0002abcd"                                                   \
  "0003010203"                                                                 \
  "0000000001020304"                                                           \
  "00000005"                                                                   \
  "00000006"                                                                   \
  "01"                                                                         \
  "0000000700000008"
/* PCR 0, 7 and 16 of SHA-256; PCR 10 of SHA-1. */
#define QUOTE                                                                  \
  HEAD("8018")                                                                 \
  "00000002"                                                                   \
  "000b03810001"                                                               \
  "000403000400"                                                               \
  "0020" HASH_11
#define CERTIFY                                                                \
  HEAD("8017")                                                                 \
  "0003aabbcc"                                                                 \
  "0002ddee"
/* A signing key of 64 bits, which is enough for a structure. */
#define RSA                                                                    \
  "0001"                                                                       \
  "000b"                                                                       \
  "00050072"                                                                   \
  "0002beef"                                                                   \
  "0010"                                                                       \
  "0014000b"                                                                   \
  "0040"                                                                       \
  "00000000"                                                                   \
  "0008c000000000000001"
#define RSA_STORAGE                                                            \
  "0001"                                                                       \
  "000b"                                                                       \
  "00030072"                                                                   \
  "0000"                                                                       \
  "000600800043"                                                               \
  "0010"                                                                       \
  "0040"                                                                       \
  "00000003"                                                                   \
  "0008c000000000000001"
#define RSA_ENCRYPTING                                                         \
  "0001"                                                                       \
  "000b"                                                                       \
  "00020072"                                                                   \
  "0000"                                                                       \
  "0010"                                                                       \
  "0015"                                                                       \
  "0040"                                                                       \
  "00010001"                                                                   \
  "0008c000000000000001"
#define ECC                                                                    \
  "0023"                                                                       \
  "000b"                                                                       \
  "00040072"                                                                   \
  "0000"                                                                       \
  "0010"                                                                       \
  "0018000b"                                                                   \
  "0003"                                                                       \
  "0010"                                                                       \
  "0020" HASH_11 "0020" HASH_22
#define ECC_WITH_KDF                                                           \
  "0023"                                                                       \
  "000b"                                                                       \
  "00040072"                                                                   \
  "0000"                                                                       \
  "0010"                                                                       \
  "0019000b"                                                                   \
  "0003"                                                                       \
  "0020000b"                                                                   \
  "0020" HASH_11 "0020" HASH_22
#define RSASSA                                                                 \
  "0014"                                                                       \
  "000b"                                                                       \
  "0003010203"
#define ECDSA                                                                  \
  "0018"                                                                       \
  "000b"                                                                       \
  "0002abcd"                                                                   \
  "0001ef"

static bytes unhex(arena *a, const char *hex) {
  bytes raw;
  cr_assert(hex_decode(a, slice_from(hex), &raw), "%s", hex);
  return raw;
}

static bool is_hex(arena *a, bytes data, const char *hex) {
  return bytes_equal(data, unhex(a, hex));
}

Test(tpm_structs, reads_a_quote) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tpm_attest quote;
  evidence_error error = {0};
  cr_assert(tpm_attest_read(&a, unhex(&a, QUOTE), &quote, &error));
  cr_expect(quote.type == TPM_ATTEST_QUOTE && quote.safe);
  cr_expect(is_hex(&a, quote.qualified_signer, "abcd"));
  cr_expect(is_hex(&a, quote.extra_data, "010203"));
  cr_expect(quote.clock == 0x01020304);
  cr_expect(quote.reset_count == 5 && quote.restart_count == 6);
  cr_expect(quote.firmware_version == 0x0000000700000008);
  cr_assert(quote.selection_count == 2);
  cr_expect(quote.selections[0].algorithm == TPM_ALG_SHA256);
  cr_expect(quote.selections[0].mask == (1 << 0 | 1 << 7 | 1 << 16));
  cr_expect(quote.selections[1].algorithm == TPM_ALG_SHA1);
  cr_expect(quote.selections[1].mask == 1 << 10);
  cr_expect(is_hex(&a, quote.pcr_digest, HASH_11));
  arena_free(&a);
}

Test(tpm_structs, reads_a_certified_key) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tpm_attest certify;
  evidence_error error = {0};
  cr_assert(tpm_attest_read(&a, unhex(&a, CERTIFY), &certify, &error));
  cr_expect(certify.type == TPM_ATTEST_CERTIFY);
  cr_expect(is_hex(&a, certify.name, "aabbcc"));
  cr_expect(is_hex(&a, certify.qualified_name, "ddee"));
  cr_expect(certify.selection_count == 0 && certify.pcr_digest.length == 0);
  arena_free(&a);
}

Test(tpm_structs, reads_rsa_keys) {
  static const struct {
    const char *hex;
    uint16_t symmetric, scheme, hash;
    uint32_t exponent;
  } rows[] = {
      {RSA, TPM_ALG_NULL, TPM_ALG_RSASSA, TPM_ALG_SHA256, 65537},
      {RSA_STORAGE, TPM_ALG_AES, TPM_ALG_NULL, 0, 3},
      {RSA_ENCRYPTING, TPM_ALG_NULL, TPM_ALG_RSAES, 0, 65537},
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    tpm_public key;
    evidence_error error = {0};
    bytes raw = unhex(&a, rows[i].hex);
    cr_assert(tpm_public_read(&a, raw, &key, &error), "row %zu", i);
    cr_expect(bytes_equal(key.area, raw));
    cr_expect(key.type == TPM_ALG_RSA && key.name_algorithm == TPM_ALG_SHA256);
    cr_expect(key.symmetric == rows[i].symmetric, "row %zu", i);
    cr_expect(key.scheme == rows[i].scheme, "row %zu", i);
    cr_expect(key.scheme_hash == rows[i].hash, "row %zu", i);
    cr_expect(key.exponent == rows[i].exponent, "row %zu", i);
    cr_expect(key.key_bits == 64);
    cr_expect(is_hex(&a, key.modulus, "c000000000000001"), "row %zu", i);
  }
  arena_free(&a);
}

Test(tpm_structs, reads_ecc_keys) {
  static const char *const rows[] = {ECC, ECC_WITH_KDF};
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    tpm_public key;
    evidence_error error = {0};
    cr_assert(tpm_public_read(&a, unhex(&a, rows[i]), &key, &error));
    cr_expect(key.type == TPM_ALG_ECC && key.curve == TPM_CURVE_P256);
    cr_expect(key.attributes == 0x00040072);
    cr_expect(is_hex(&a, key.x, HASH_11) && is_hex(&a, key.y, HASH_22));
  }
  arena_free(&a);
}

/* The expected name was computed with Python's hashlib. */
Test(tpm_structs, names_a_key_by_its_area) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tpm_public key;
  evidence_error error = {0};
  bytes name;
  cr_assert(tpm2b_public_read(&a, unhex(&a, "0058" ECC), &key, &error));
  cr_expect(is_hex(&a, key.area, ECC));
  cr_assert(tpm_public_name(&a, &key, &name));
  cr_expect(is_hex(&a, name,
                   "000b3fc738890655db1a4e09d7ea96cd51c40b728c35229a9cf9364c"
                   "aa85b1a1217f"));
  key.name_algorithm = TPM_ALG_NULL;
  cr_expect(!tpm_public_name(&a, &key, &name));
  arena_free(&a);
}

Test(tpm_structs, reads_signatures) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tpm_signature signature;
  evidence_error error = {0};
  cr_assert(tpm_signature_read(&a, unhex(&a, RSASSA), &signature, &error));
  cr_expect(signature.algorithm == TPM_ALG_RSASSA);
  cr_expect(signature.hash == TPM_ALG_SHA256);
  cr_expect(is_hex(&a, signature.rsa, "010203"));
  cr_assert(tpm_signature_read(&a, unhex(&a, ECDSA), &signature, &error));
  cr_expect(signature.algorithm == TPM_ALG_ECDSA);
  cr_expect(is_hex(&a, signature.r, "abcd"));
  cr_expect(is_hex(&a, signature.s, "ef"));
  arena_free(&a);
}

/* Part 2, table "Definition of (UINT16) TPM_ALG_ID Constants": each number is
 * written out here, since a slip in the header would go unseen. */
Test(tpm_structs, names_algorithms) {
  static const struct {
    uint16_t id;
    const char *name;
  } rows[] = {{0x0001, "RSA"},     {0x0004, "SHA-1"},   {0x0006, "AES"},
              {0x000b, "SHA-256"}, {0x000c, "SHA-384"}, {0x000d, "SHA-512"},
              {0x0010, "none"},    {0x0014, "RSASSA"},  {0x0015, "RSAES"},
              {0x0016, "RSAPSS"},  {0x0017, "OAEP"},    {0x0018, "ECDSA"},
              {0x0019, "ECDH"},    {0x0023, "ECC"},     {0x0043, "CFB"}};
  static const uint16_t unknown[] = {0x0000, 0x0012, 0xffff};
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(tpm_algorithm_name(rows[i].id), rows[i].name, "%04x",
                     rows[i].id);
  for (size_t i = 0; i < COUNT_OF(unknown); i++)
    cr_expect_null(tpm_algorithm_name(unknown[i]), "%04x", unknown[i]);
}

/* --- what is refused ------------------------------------------------------ */

typedef enum structure { ATTEST, PUBLIC, PUBLIC_2B, SIGNATURE } structure;

static bool read_structure(arena *a, structure s, bytes raw,
                           evidence_error *error) {
  tpm_attest attest;
  tpm_public key;
  tpm_signature signature;
  switch (s) {
  case ATTEST:
    return tpm_attest_read(a, raw, &attest, error);
  case PUBLIC:
    return tpm_public_read(a, raw, &key, error);
  case PUBLIC_2B:
    return tpm2b_public_read(a, raw, &key, error);
  case SIGNATURE:
    break;
  }
  return tpm_signature_read(a, raw, &signature, error);
}

/* Each good structure with one of its bytes replaced. */
Test(tpm_structs, says_where_a_structure_is_wrong) {
  static const struct {
    structure structure;
    const char *hex;
    size_t at;
    uint8_t byte;
    evidence_code code;
    size_t offset;
  } rows[] = {
      {ATTEST, QUOTE, 0, 0xfe, EVIDENCE_FORMAT, 0},      /* magic */
      {ATTEST, QUOTE, 5, 0x14, EVIDENCE_TYPE, 4},        /* another type */
      {ATTEST, QUOTE, 6, 0xff, EVIDENCE_TRUNCATED, 8},   /* signer */
      {ATTEST, QUOTE, 31, 2, EVIDENCE_FORMAT, 31},       /* safe flag */
      {ATTEST, QUOTE, 43, 17, EVIDENCE_TOO_LARGE, 40},   /* selections */
      {ATTEST, QUOTE, 46, 5, EVIDENCE_LENGTH, 46},       /* 5 bytes */
      {ATTEST, QUOTE, 57, 0x1f, EVIDENCE_LENGTH, 89},    /* a byte behind */
      {ATTEST, QUOTE, 57, 0x21, EVIDENCE_TRUNCATED, 58}, /* too long */
      {PUBLIC, RSA, 1, 8, EVIDENCE_KEY_TYPE, 0},         /* KEYEDHASH */
      {PUBLIC, RSA, 13, 0x0a, EVIDENCE_KEY_TYPE, 12},    /* symmetric */
      {PUBLIC, RSA, 15, 0x18, EVIDENCE_KEY_TYPE, 14},    /* ECDSA of RSA */
      {PUBLIC, RSA, 19, 0x48, EVIDENCE_LENGTH, 24},      /* 72 bits */
      {PUBLIC, ECC, 13, 0x14, EVIDENCE_KEY_TYPE, 12},    /* RSASSA of ECC */
      {PUBLIC, ECC, 17, 1, EVIDENCE_KEY_TYPE, 16},       /* P-192 */
      {PUBLIC, ECC, 21, 0x21, EVIDENCE_LENGTH, 20},      /* x of 33 bytes */
      {PUBLIC_2B, "0058" ECC, 1, 0x59, EVIDENCE_TRUNCATED, 2},
      {PUBLIC_2B, "0058" ECC, 1, 0x57, EVIDENCE_TRUNCATED, 58},
      {PUBLIC_2B, "0058" ECC "00", 0, 0, EVIDENCE_LENGTH, 90},
      {SIGNATURE, RSASSA, 1, 5, EVIDENCE_KEY_TYPE, 0}, /* HMAC */
      {SIGNATURE, RSASSA, 5, 2, EVIDENCE_LENGTH, 8},   /* a byte behind */
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    bytes raw = unhex(&a, rows[i].hex);
    char *changed = arena_string(&a, slice_from_bytes(raw));
    changed[rows[i].at] = (char)rows[i].byte;
    bytes input = {(const uint8_t *)changed, raw.length};
    evidence_error error = {0};
    cr_assert(!read_structure(&a, rows[i].structure, input, &error), "row %zu",
              i);
    cr_expect(error.code == rows[i].code && error.offset == rows[i].offset,
              "row %zu: %s at %zu: %s", i, evidence_code_name(error.code),
              error.offset, error.message);
  }
  arena_free(&a);
}

Test(tpm_structs, refuses_whatever_is_cut_off_or_followed) {
  static const struct {
    structure structure;
    const char *hex;
  } rows[] = {{ATTEST, QUOTE},        {ATTEST, CERTIFY},
              {PUBLIC, RSA},          {PUBLIC, RSA_STORAGE},
              {PUBLIC, ECC_WITH_KDF}, {PUBLIC_2B, "0058" ECC},
              {SIGNATURE, RSASSA},    {SIGNATURE, ECDSA}};
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    bytes raw = unhex(&a, rows[i].hex);
    char *longer = arena_string(&a, slice_from_bytes(raw)); /* and a NUL */
    for (size_t length = 0; length <= raw.length + 1; length++) {
      evidence_error error = {0};
      bytes input = {(const uint8_t *)longer, length};
      bool good = read_structure(&a, rows[i].structure, input, &error);
      cr_expect(good == (length == raw.length), "row %zu: %zu", i, length);
      cr_expect(good || error.code == (length < raw.length ? EVIDENCE_TRUNCATED
                                                           : EVIDENCE_LENGTH),
                "row %zu: %zu: %s", i, length, evidence_code_name(error.code));
    }
  }
  arena_free(&a);
}
