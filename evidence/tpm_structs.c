/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_structs.h"

/* TPM_GENERATED_VALUE: a key of a TPM signs nothing that begins so unless the
 * TPM made it. */
#define TPM_GENERATED UINT64_C(0xff544347)

static uint64_t big_endian(byte_reader *r, size_t size, const char *field) {
  bytes number = reader_take(r, size, field);
  uint64_t result = 0;
  for (size_t i = 0; i < number.length; i++)
    result = result << 8 | number.data[i];
  return result;
}

static uint16_t read_u16(byte_reader *r, const char *field) {
  return (uint16_t)big_endian(r, 2, field);
}

static uint32_t read_u32(byte_reader *r, const char *field) {
  return (uint32_t)big_endian(r, 4, field);
}

/* A TPM2B. */
static bytes read_sized(byte_reader *r, const char *field) {
  return reader_take(r, read_u16(r, field), field);
}

/* Whether everything was read, and nothing is left. */
static bool read_to_end(byte_reader *r) {
  if (!r->failed && reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, r->position, "%zu bytes lie behind the %s",
                reader_left(r), r->structure);
  return !r->failed;
}

/* TPMS_CLOCK_INFO and the firmware's version. */
static void read_clock(byte_reader *r, tpm_attest *attest) {
  attest->clock = big_endian(r, 8, "the clock");
  attest->reset_count = read_u32(r, "the reset count");
  attest->restart_count = read_u32(r, "the restart count");
  size_t safe_at = r->position;
  uint64_t safe = big_endian(r, 1, "the safe flag");
  if (safe > 1)
    reader_fail(r, EVIDENCE_FORMAT, safe_at,
                "the safe flag is %u, neither 0 nor 1", (unsigned)safe);
  attest->safe = safe == 1;
  attest->firmware_version = big_endian(r, 8, "the firmware version");
}

static void read_selection(byte_reader *r, tpm_pcr_selection *selection) {
  selection->algorithm = read_u16(r, "the algorithm of a PCR selection");
  size_t size_at = r->position;
  size_t size = (size_t)big_endian(r, 1, "the size of a PCR selection");
  if (size > TPM_SELECT_BYTES_MAX)
    reader_fail(r, EVIDENCE_LENGTH, size_at,
                "a PCR selection of %zu bytes, but %d are the most", size,
                TPM_SELECT_BYTES_MAX);
  /* PCR 0 is the lowest bit of the first byte. */
  selection->mask = (uint32_t)reader_number(r, size, "a PCR selection");
}

/* TPMS_QUOTE_INFO. */
static void read_quote(byte_reader *r, tpm_attest *attest) {
  size_t count_at = r->position;
  uint32_t count = read_u32(r, "the number of PCR selections");
  if (count > TPM_SELECTIONS_MAX)
    reader_fail(r, EVIDENCE_TOO_LARGE, count_at,
                "%u PCR selections, but %d are the most", (unsigned)count,
                TPM_SELECTIONS_MAX);
  while (attest->selection_count < count && !r->failed)
    read_selection(r, &attest->selections[attest->selection_count++]);
  attest->pcr_digest = read_sized(r, "the PCR digest");
}

/* TPMS_CERTIFY_INFO. */
static void read_certify(byte_reader *r, tpm_attest *attest) {
  attest->name = read_sized(r, "the certified name");
  attest->qualified_name = read_sized(r, "the qualified name");
}

static void read_attest_head(byte_reader *r, tpm_attest *attest) {
  uint64_t magic = big_endian(r, 4, "the magic number");
  if (magic != TPM_GENERATED)
    reader_fail(r, EVIDENCE_FORMAT, 0,
                "it begins with %08x, not with ff544347: no TPM made it",
                (unsigned)magic);
  attest->type = read_u16(r, "the type");
  if (attest->type != TPM_ATTEST_QUOTE && attest->type != TPM_ATTEST_CERTIFY)
    reader_fail(r, EVIDENCE_TYPE, 4,
                "type %04x, but a quote (8018) or a certified key (8017) is "
                "wanted",
                attest->type);
}

bool tpm_attest_read(arena *a, bytes raw, tpm_attest *result,
                     evidence_error *error) {
  byte_reader r = reader_over(a, raw, "TPMS_ATTEST", error);
  *result = (tpm_attest){0};
  read_attest_head(&r, result);
  result->qualified_signer = read_sized(&r, "the qualified signer");
  result->extra_data = read_sized(&r, "the extra data");
  read_clock(&r, result);
  if (result->type == TPM_ATTEST_QUOTE)
    read_quote(&r, result);
  else
    read_certify(&r, result);
  return read_to_end(&r);
}

/* TPMT_SYM_DEF_OBJECT: key bits and mode follow unless there is none. */
static void read_symmetric(byte_reader *r, tpm_public *key) {
  size_t at = r->position;
  key->symmetric = read_u16(r, "the symmetric algorithm");
  if (key->symmetric == TPM_ALG_NULL)
    return;
  if (key->symmetric != TPM_ALG_AES)
    reader_fail(r, EVIDENCE_KEY_TYPE, at,
                "symmetric algorithm %04x, but AES (0006) or none (0010) is "
                "wanted",
                key->symmetric);
  reader_take(r, 4, "key bits and mode of the symmetric algorithm");
}

/* Schemes of a key (TPMU_ASYM_SCHEME). */
static const struct scheme_row {
  uint16_t key_type, scheme;
  bool has_hash;
} schemes[] = {
    {TPM_ALG_RSA, TPM_ALG_NULL, false},  {TPM_ALG_RSA, TPM_ALG_RSASSA, true},
    {TPM_ALG_RSA, TPM_ALG_RSAES, false}, {TPM_ALG_RSA, TPM_ALG_RSAPSS, true},
    {TPM_ALG_RSA, TPM_ALG_OAEP, true},   {TPM_ALG_ECC, TPM_ALG_NULL, false},
    {TPM_ALG_ECC, TPM_ALG_ECDSA, true},  {TPM_ALG_ECC, TPM_ALG_ECDH, true},
};

static void read_scheme(byte_reader *r, tpm_public *key) {
  size_t at = r->position;
  key->scheme = read_u16(r, "the scheme");
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    const struct scheme_row *row = &schemes[i];
    if (row->key_type != key->type || row->scheme != key->scheme)
      continue;
    if (row->has_hash)
      key->scheme_hash = read_u16(r, "the hash of the scheme");
    return;
  }
  reader_fail(r, EVIDENCE_KEY_TYPE, at, "unknown scheme %04x of an %s key",
              key->scheme, key->type == TPM_ALG_RSA ? "RSA" : "ECC");
}

/* TPMS_RSA_PARMS behind the scheme, and the modulus. */
static void read_rsa(byte_reader *r, tpm_public *key) {
  enum { DEFAULT_EXPONENT = 65537 };
  key->key_bits = read_u16(r, "the key bits");
  uint32_t exponent = read_u32(r, "the exponent");
  key->exponent = exponent ? exponent : DEFAULT_EXPONENT;
  size_t modulus_at = r->position;
  key->modulus = read_sized(r, "the modulus");
  if (key->modulus.length == 0 || key->modulus.length * 8 != key->key_bits)
    reader_fail(r, EVIDENCE_LENGTH, modulus_at,
                "a modulus of %zu bytes in a key of %u bits",
                key->modulus.length, key->key_bits);
}

/* Bytes of a number on the curve; 0 for an unknown one. */
static size_t curve_bytes(uint16_t curve) {
  switch (curve) {
  case TPM_CURVE_P256:
    return 32;
  case TPM_CURVE_P384:
    return 48;
  case TPM_CURVE_P521:
    return 66;
  default:
    return 0;
  }
}

static bytes read_coordinate(byte_reader *r, const tpm_public *key,
                             const char *field) {
  size_t at = r->position;
  bytes number = read_sized(r, field);
  if (number.length == 0 || number.length > curve_bytes(key->curve))
    reader_fail(r, EVIDENCE_LENGTH, at, "%s has %zu bytes, the curve %zu",
                field, number.length, curve_bytes(key->curve));
  return number;
}

/* TPMS_ECC_PARMS behind the scheme, and the point. */
static void read_ecc(byte_reader *r, tpm_public *key) {
  size_t curve_at = r->position;
  key->curve = read_u16(r, "the curve");
  if (curve_bytes(key->curve) == 0)
    reader_fail(r, EVIDENCE_KEY_TYPE, curve_at,
                "curve %04x, but P-256, P-384 or P-521 is wanted", key->curve);
  if (read_u16(r, "the key derivation") != TPM_ALG_NULL)
    reader_take(r, 2, "the hash of the key derivation");
  key->x = read_coordinate(r, key, "the point's x");
  key->y = read_coordinate(r, key, "the point's y");
}

static bool read_public(byte_reader *r, tpm_public *key) {
  *key = (tpm_public){.area = r->data};
  key->type = read_u16(r, "the key type");
  if (key->type != TPM_ALG_RSA && key->type != TPM_ALG_ECC)
    reader_fail(r, EVIDENCE_KEY_TYPE, 0,
                "key type %04x, but RSA (0001) or ECC (0023) is wanted",
                key->type);
  key->name_algorithm = read_u16(r, "the name algorithm");
  key->attributes = read_u32(r, "the attributes");
  key->auth_policy = read_sized(r, "the authorization policy");
  read_symmetric(r, key);
  read_scheme(r, key);
  if (key->type == TPM_ALG_RSA)
    read_rsa(r, key);
  else
    read_ecc(r, key);
  return read_to_end(r);
}

bool tpm_public_read(arena *a, bytes raw, tpm_public *result,
                     evidence_error *error) {
  byte_reader r = reader_over(a, raw, "TPMT_PUBLIC", error);
  return read_public(&r, result);
}

bool tpm2b_public_read(arena *a, bytes raw, tpm_public *result,
                       evidence_error *error) {
  byte_reader r = reader_over(a, raw, "TPM2B_PUBLIC", error);
  size_t length = read_u16(&r, "the length");
  byte_reader inner = reader_part(&r, length, "TPMT_PUBLIC");
  return read_public(&inner, result) && read_to_end(&r);
}

bool tpm_signature_read(arena *a, bytes raw, tpm_signature *result,
                        evidence_error *error) {
  byte_reader r = reader_over(a, raw, "TPMT_SIGNATURE", error);
  *result = (tpm_signature){0};
  result->algorithm = read_u16(&r, "the algorithm");
  result->hash = read_u16(&r, "the hash");
  switch (result->algorithm) {
  case TPM_ALG_RSASSA:
  case TPM_ALG_RSAPSS:
    result->rsa = read_sized(&r, "the RSA signature");
    break;
  case TPM_ALG_ECDSA:
    result->r = read_sized(&r, "the signature's r");
    result->s = read_sized(&r, "the signature's s");
    break;
  default:
    reader_fail(&r, EVIDENCE_KEY_TYPE, 0,
                "signature algorithm %04x, but RSASSA, RSAPSS or ECDSA is "
                "wanted",
                result->algorithm);
  }
  return read_to_end(&r);
}

bool tpm_hash_algorithm(uint16_t id, digest_algorithm *result) {
  static const struct {
    uint16_t id;
    digest_algorithm algorithm;
  } rows[] = {{TPM_ALG_SHA1, DIGEST_SHA1},
              {TPM_ALG_SHA256, DIGEST_SHA256},
              {TPM_ALG_SHA384, DIGEST_SHA384},
              {TPM_ALG_SHA512, DIGEST_SHA512}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].id == id) {
      *result = rows[i].algorithm;
      return true;
    }
  return false;
}

const char *tpm_algorithm_name(uint16_t id) {
  static const struct {
    uint16_t id;
    const char *name;
  } rows[] = {{TPM_ALG_RSA, "RSA"},        {TPM_ALG_ECC, "ECC"},
              {TPM_ALG_SHA1, "SHA-1"},     {TPM_ALG_SHA256, "SHA-256"},
              {TPM_ALG_SHA384, "SHA-384"}, {TPM_ALG_SHA512, "SHA-512"},
              {TPM_ALG_RSASSA, "RSASSA"},  {TPM_ALG_RSAPSS, "RSAPSS"},
              {TPM_ALG_RSAES, "RSAES"},    {TPM_ALG_OAEP, "OAEP"},
              {TPM_ALG_ECDSA, "ECDSA"},    {TPM_ALG_ECDH, "ECDH"},
              {TPM_ALG_AES, "AES"},        {TPM_ALG_CFB, "CFB"},
              {TPM_ALG_NULL, "none"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].id == id)
      return rows[i].name;
  return NULL;
}

bool tpm_public_name(arena *a, const tpm_public *key, bytes *name) {
  digest_algorithm algorithm;
  uint8_t hash[DIGEST_BYTES_MAX];
  if (!tpm_hash_algorithm(key->name_algorithm, &algorithm) ||
      !digest(algorithm, key->area, hash))
    return false;
  size_t length = digest_length(algorithm);
  uint8_t *result = arena_alloc(a, 2 + length);
  result[0] = (uint8_t)(key->name_algorithm >> 8);
  result[1] = (uint8_t)key->name_algorithm;
  memcpy(result + 2, hash, length);
  *name = (bytes){result, 2 + length};
  return true;
}
