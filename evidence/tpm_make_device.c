/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM would say: structures of part 2 of the TPM 2.0 Library, signed by
 * a key of this program. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "evidence/outer_tpm.h"
#include "evidence/tpm_make.h"
#include "sign/digest.h"

void tpm_put(buffer *out, uint64_t number, size_t size) {
  for (size_t i = size; i-- > 0;)
    buffer_char(out, (char)(number >> (8 * i)));
}

void tpm_put_sized(buffer *out, bytes data) {
  tpm_put(out, data.length, 2);
  buffer_add(out, slice_from_bytes(data));
}

/* --- keys ----------------------------------------------------------------- */

static void free_number(void *number) { BN_free(number); }

/* A number of the key, big-endian, of `length` bytes at least. */
static bytes key_number(arena *a, const EVP_PKEY *key, const char *name,
                        size_t length) {
  BIGNUM *number = NULL;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_number, number);
  size_t size = (size_t)BN_num_bytes(number);
  size = size < length ? length : size;
  uint8_t *result = arena_alloc(a, size);
  if (BN_bn2binpad(number, result, (int)size) < 0)
    arena_fail(a, ARENA_NO_MEMORY);
  return (bytes){result, size};
}

static void set_number(object_builder *jwk, const char *name, bytes number) {
  buffer text = buffer_in(jwk->arena);
  base64url_encode(&text, number);
  object_set(jwk, slice_from(name), value_text(buffer_slice(&text)));
}

value tpm_make_jwk(arena *a, const EVP_PKEY *key) {
  object_builder jwk = object_in(a);
  if (EVP_PKEY_is_a(key, "RSA")) {
    object_set(&jwk, SLICE("kty"), value_text(SLICE("RSA")));
    set_number(&jwk, "n", key_number(a, key, OSSL_PKEY_PARAM_RSA_N, 0));
    set_number(&jwk, "e", key_number(a, key, OSSL_PKEY_PARAM_RSA_E, 0));
  } else {
    object_set(&jwk, SLICE("kty"), value_text(SLICE("EC")));
    object_set(&jwk, SLICE("crv"), value_text(SLICE("P-256")));
    set_number(&jwk, "x", key_number(a, key, OSSL_PKEY_PARAM_EC_PUB_X, 32));
    set_number(&jwk, "y", key_number(a, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32));
  }
  return object_value(&jwk);
}

/* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, sign. */
enum { SIGNING_ATTRIBUTES = 0x00040072 };

bytes tpm_make_public(arena *a, const EVP_PKEY *key) {
  buffer area = buffer_in(a);
  bytes modulus = key_number(a, key, OSSL_PKEY_PARAM_RSA_N, 0);
  const bytes no_policy = {NULL, 0};
  tpm_put(&area, TPM_ALG_RSA, 2);
  tpm_put(&area, TPM_ALG_SHA256, 2);
  tpm_put(&area, SIGNING_ATTRIBUTES, 4);
  tpm_put_sized(&area, no_policy);
  tpm_put(&area, TPM_ALG_NULL, 2); /* symmetric */
  tpm_put(&area, TPM_ALG_NULL, 2); /* scheme */
  tpm_put(&area, modulus.length * 8, 2);
  tpm_put(&area, 0, 4); /* exponent 65537 */
  tpm_put_sized(&area, modulus);
  return bytes_from_slice(buffer_slice(&area));
}

/* --- signatures ----------------------------------------------------------- */

static bool sign_attest(tpm_device *d, bytes attest, bytes *signature,
                        evidence_error *error) {
  jws_algorithm scheme = d->recipe->scheme;
  buffer out = buffer_in(d->arena);
  bytes raw;
  if (!private_key_sign(d->arena, &d->aik_key, scheme, attest, &raw))
    return evidence_fail(d->arena, error, EVIDENCE_CRYPTO, 0,
                         "the quote cannot be signed");
  bool is_ec = scheme == JWS_ES256;
  tpm_put(&out,
          is_ec                 ? TPM_ALG_ECDSA
          : scheme == JWS_PS256 ? TPM_ALG_RSAPSS
                                : TPM_ALG_RSASSA,
          2);
  tpm_put(&out, TPM_ALG_SHA256, 2);
  if (is_ec) {
    tpm_put_sized(&out, (bytes){raw.data, raw.length / 2});
    tpm_put_sized(&out, (bytes){raw.data + raw.length / 2, raw.length / 2});
  } else {
    tpm_put_sized(&out, raw);
  }
  *signature = bytes_from_slice(buffer_slice(&out));
  return true;
}

/* Everything of a TPMS_ATTEST before what is attested. */
static void put_head(buffer *attest, uint16_t type, bytes extra_data) {
  static const char signer[] = "\0\013maapol test AIK, not a real name";
  tpm_put(attest, 0xff544347, 4);
  tpm_put(attest, type, 2);
  tpm_put_sized(attest, (bytes){(const uint8_t *)signer, 34});
  tpm_put_sized(attest, extra_data);
  tpm_put(attest, 123456789, 8);          /* clock */
  tpm_put(attest, 17, 4);                 /* resets */
  tpm_put(attest, 0, 4);                  /* restarts */
  tpm_put(attest, 1, 1);                  /* safe */
  tpm_put(attest, 0x2026011800120000, 8); /* firmware */
}

/* --- quotes --------------------------------------------------------------- */

size_t tpm_recipe_banks(const tpm_recipe *recipe, uint16_t banks[2]) {
  size_t count = 0;
  if (recipe->has_sha1)
    banks[count++] = TPM_ALG_SHA1;
  if (recipe->has_sha256)
    banks[count++] = TPM_ALG_SHA256;
  return count;
}

static void put_selection(buffer *out, const tpm_recipe *recipe) {
  uint16_t banks[2];
  size_t count = tpm_recipe_banks(recipe, banks);
  tpm_put(out, count, 4);
  for (size_t i = 0; i < count; i++) {
    tpm_put(out, banks[i], 2);
    tpm_put(out, 3, 1);
    for (size_t b = 0; b < 3; b++)
      buffer_char(out, (char)(recipe->pcr_mask >> (8 * b)));
  }
}

bool tpm_device_pcrs(tpm_device *d, uint16_t bank, tcg_pcrs *pcrs,
                     evidence_error *error) {
  tcg_log log;
  ima_log ima;
  event_logs logs = {&log, d->ima.length ? &ima : NULL};
  return tcg_log_read(d->arena, d->log, &log, error) &&
         (!logs.ima || ima_log_read(d->arena, d->ima, &ima, error)) &&
         (event_logs_replay(&logs, bank, IMA_HASHED, pcrs) ||
          evidence_fail(d->arena, error, EVIDENCE_CRYPTO, 0,
                        "the logs cannot be replayed"));
}

/* The quoted PCRs, bank by bank. */
static bool quoted_pcrs(tpm_device *d, buffer *out, evidence_error *error) {
  uint16_t banks[2];
  size_t count = tpm_recipe_banks(d->recipe, banks);
  tcg_pcrs pcrs;
  for (size_t i = 0; i < count; i++) {
    if (!tpm_device_pcrs(d, banks[i], &pcrs, error))
      return false;
    for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
      if (d->recipe->pcr_mask >> pcr & 1)
        buffer_add(out,
                   slice_from_bytes((bytes){pcrs.values[pcr], pcrs.length}));
  }
  return true;
}

bool tpm_device_quote(tpm_device *d, bytes extra_data, bytes *quote,
                      bytes *signature, evidence_error *error) {
  if (d->outer)
    return outer_tpm_quote(d->outer, d->recipe, extra_data, quote, signature,
                           error);
  buffer attest = buffer_in(d->arena), pcrs = buffer_in(d->arena);
  uint8_t hash[SHA256_BYTES];
  if (!quoted_pcrs(d, &pcrs, error))
    return false;
  put_head(&attest, TPM_ATTEST_QUOTE, extra_data);
  put_selection(&attest, d->recipe);
  digest_sha256(d->arena, bytes_from_slice(buffer_slice(&pcrs)), hash);
  tpm_put_sized(&attest, (bytes){hash, sizeof hash});
  *quote = bytes_from_slice(buffer_slice(&attest));
  return sign_attest(d, *quote, signature, error);
}

bool tpm_device_certify(tpm_device *d, bytes public_area, bytes extra_data,
                        bytes *attest, bytes *signature,
                        evidence_error *error) {
  buffer out = buffer_in(d->arena);
  tpm_public key;
  bytes name;
  if (d->outer)
    return evidence_fail(d->arena, error, EVIDENCE_VALUE, 0,
                         "with source=swtpm, a key that the TPM certifies is "
                         "not made: key-binding=quote is wanted");
  if (!tpm_public_read(d->arena, public_area, &key, error))
    return false;
  if (!tpm_public_name(d->arena, &key, &name))
    return evidence_fail(d->arena, error, EVIDENCE_CRYPTO, 0,
                         "the key's name cannot be computed");
  put_head(&out, TPM_ATTEST_CERTIFY, extra_data);
  tpm_put_sized(&out, name);
  tpm_put_sized(&out, name); /* qualified: under no parent here */
  *attest = bytes_from_slice(buffer_slice(&out));
  return sign_attest(d, *attest, signature, error);
}
