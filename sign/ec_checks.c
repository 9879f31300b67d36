/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/ec_checks.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "sign/ec_key.h"
#include "sign/public_key.h"

/* An issuer's, a machine's and its attestation key, of a dozen machines. */
enum { PLACES = 40 };

typedef struct place {
  const EVP_PKEY *key; /* the context's */
  EVP_PKEY_CTX *context;
} place;

struct ec_checks {
  place places[PLACES];
  size_t next; /* the oldest, once all are taken */
  EVP_MD_CTX *hashing;
};

static void release(void *object) {
  ec_checks *checks = object;
  for (size_t i = 0; i < PLACES; i++)
    EVP_PKEY_CTX_free(checks->places[i].context);
  EVP_MD_CTX_free(checks->hashing);
}

static bool prepare_hashing(EVP_MD_CTX *hashing) {
  return hashing && EVP_DigestInit_ex(hashing, EVP_sha256(), NULL) == 1;
}

ec_checks *ec_checks_new(arena *a) {
  ec_checks *checks = ARENA_NEW(a, ec_checks);
  arena_defer(a, release, checks);
  checks->hashing = EVP_MD_CTX_new();
  if (!prepare_hashing(checks->hashing))
    arena_fail(a, ARENA_NO_MEMORY);
  return checks;
}

static EVP_PKEY_CTX *new_context(EVP_PKEY *key) {
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
  if (context && EVP_PKEY_verify_init(context) == 1 &&
      EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1)
    return context;
  EVP_PKEY_CTX_free(context);
  return NULL;
}

/* NULL if the key is none of P-256. */
static EVP_PKEY_CTX *context_of(ec_checks *checks, EVP_PKEY *key) {
  for (size_t i = 0; i < PLACES; i++)
    if (checks->places[i].key == key)
      return checks->places[i].context;
  EVP_PKEY_CTX *context = ec_key_is_p256(key) ? new_context(key) : NULL;
  if (!context)
    return NULL;
  place *p = &checks->places[checks->next];
  EVP_PKEY_CTX_free(p->context);
  *p = (place){key, context};
  checks->next = (checks->next + 1) % PLACES;
  return context;
}

static bool hash_data(ec_checks *checks, bytes data,
                      uint8_t hash[SHA256_BYTES]) {
  return EVP_DigestInit_ex(checks->hashing, NULL, NULL) == 1 &&
         EVP_DigestUpdate(checks->hashing, data.data, data.length) == 1 &&
         EVP_DigestFinal_ex(checks->hashing, hash, NULL) == 1;
}

static bool verify(ec_checks *checks, EVP_PKEY *key,
                   const uint8_t hash[SHA256_BYTES], bytes der) {
  EVP_PKEY_CTX *context = key ? context_of(checks, key) : NULL;
  bool holds = context && der.length &&
               EVP_PKEY_verify(context, der.data, der.length, hash,
                               SHA256_BYTES) == 1;
  if (!holds)
    ERR_clear_error();
  return holds;
}

bool ec_checks_verify(ec_checks *checks, EVP_PKEY *key, bytes data,
                      bytes signature) {
  uint8_t der[ECDSA_DER_MAX], hash[SHA256_BYTES];
  if (!checks)
    return ec_verify(key, data, signature);
  if (signature.length != EC_SIGNATURE_BYTES || !hash_data(checks, data, hash))
    return false;
  size_t length =
      ecdsa_der_from_raw(signature.data, EC_SIGNATURE_BYTES / 2, der);
  return verify(checks, key, hash, (bytes){der, length});
}

bool ec_checks_verify_hash(ec_checks *checks, EVP_PKEY *key,
                           const uint8_t hash[SHA256_BYTES], bytes der) {
  return verify(checks, key, hash, der);
}
