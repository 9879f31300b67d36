/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/ec_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "sign/public_key.h"

enum { POINT_BYTES = 1 + EC_PUBLIC_BYTES }; /* 04 || x || y, SEC 1 2.3.3 */

typedef struct curve {
  const char *name, *other_name; /* OpenSSL reports either */
  size_t number_bytes;
  const EVP_MD *(*hash)(void);
} curve;

static const curve p256 = {"P-256", "prime256v1", 32, EVP_sha256};
static const curve p384 = {"P-384", "secp384r1", EC384_NUMBER_BYTES,
                           EVP_sha384};

static void free_key(void *key) { EVP_PKEY_free(key); }

static EVP_PKEY *make_key(arena *a, const curve *c) {
  EVP_PKEY *key = EVP_EC_gen(c->name);
  if (!key)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_key, key);
  return key;
}

static bool is_on(const EVP_PKEY *key, const curve *c) {
  char group[32];
  size_t length;
  return EVP_PKEY_is_a(key, "EC") &&
         EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
         (strcmp(group, c->name) == 0 || strcmp(group, c->other_name) == 0);
}

bool ec_key_is_p256(const EVP_PKEY *key) { return is_on(key, &p256); }

EVP_PKEY *ec_key_make(arena *a) { return make_key(a, &p256); }

EVP_PKEY *ec384_key_make(arena *a) { return make_key(a, &p384); }

EVP_PKEY *ec_key_from_point(arena *a, bytes point) {
  enum { HALF = EC_PUBLIC_BYTES / 2 };
  const char *reason;
  if (point.length != EC_PUBLIC_BYTES)
    return NULL;
  const public_key *key =
      public_key_from_point(a, slice_from(p256.name), (bytes){point.data, HALF},
                            (bytes){point.data + HALF, HALF}, &reason);
  return key ? public_key_handle(key) : NULL;
}

bool ec_key_point(const EVP_PKEY *key, uint8_t point[EC_PUBLIC_BYTES]) {
  uint8_t encoded[POINT_BYTES];
  size_t length = 0;
  if (!is_on(key, &p256) ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                      encoded, sizeof encoded, &length) != 1 ||
      length != sizeof encoded || encoded[0] != 4)
    return false;
  memcpy(point, encoded + 1, EC_PUBLIC_BYTES);
  return true;
}

static bool sign_on(const curve *c, EVP_PKEY *key, bytes data,
                    uint8_t *signature) {
  uint8_t der[ECDSA_DER_MAX];
  size_t length = sizeof der;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good =
      is_on(key, c) && context &&
      EVP_DigestSignInit(context, NULL, c->hash(), NULL, key) == 1 &&
      EVP_DigestSign(context, der, &length, data.data, data.length) == 1 &&
      ecdsa_raw_from_der((bytes){der, length}, c->number_bytes, signature);
  EVP_MD_CTX_free(context);
  return good;
}

bool ec_sign(EVP_PKEY *key, bytes data, uint8_t signature[EC_SIGNATURE_BYTES]) {
  return sign_on(&p256, key, data, signature);
}

bool ec384_sign(EVP_PKEY *key, bytes data,
                uint8_t signature[EC384_SIGNATURE_BYTES]) {
  return sign_on(&p384, key, data, signature);
}

static bool verify_on(const curve *c, EVP_PKEY *key, bytes data,
                      bytes signature) {
  uint8_t der[ECDSA_DER_MAX];
  if (signature.length != 2 * c->number_bytes || !is_on(key, c))
    return false;
  size_t length = ecdsa_der_from_raw(signature.data, c->number_bytes, der);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good =
      length && context &&
      EVP_DigestVerifyInit(context, NULL, c->hash(), NULL, key) == 1 &&
      EVP_DigestVerify(context, der, length, data.data, data.length) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  return good;
}

bool ec_verify(EVP_PKEY *key, bytes data, bytes signature) {
  return verify_on(&p256, key, data, signature);
}

bool ec384_verify(EVP_PKEY *key, bytes data, bytes signature) {
  return verify_on(&p384, key, data, signature);
}
