/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/private_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdatomic.h>

#include "sign/public_key.h"

static void free_key(void *key) { EVP_PKEY_free(key); }

/* Preparing contexts costs a fifth of an ECDSA signature, so the last ones of
 * each algorithm are kept. A thread takes them out while it signs. */
struct private_key_contexts {
  _Atomic(EVP_PKEY_CTX *) spare[JWS_UNKNOWN];
  _Atomic(EVP_MD_CTX *) hashing[JWS_UNKNOWN];
};

static void free_contexts(void *object) {
  private_key_contexts *contexts = object;
  for (size_t i = 0; i < JWS_UNKNOWN; i++) {
    EVP_PKEY_CTX_free(atomic_exchange(&contexts->spare[i], NULL));
    EVP_MD_CTX_free(atomic_exchange(&contexts->hashing[i], NULL));
  }
}

/* --- kinds of keys -------------------------------------------------------- */

static private_key_status unsuited(const char **reason, const char *why) {
  *reason = why;
  return PRIVATE_KEY_UNSUITED;
}

/* The algorithm of an EC key's curve, which OpenSSL calls either name. */
static jws_algorithm algorithm_of_curve(const EVP_PKEY *pair) {
  char group[32];
  size_t length;
  if (EVP_PKEY_get_group_name(pair, group, sizeof group, &length) != 1)
    return JWS_UNKNOWN;
  for (jws_algorithm i = JWS_ES256; i <= JWS_ES512; i++) {
    const jws_algorithm_facts *f = jws_algorithm_of(i);
    if (strcmp(group, f->group) == 0 || strcmp(group, f->curve) == 0)
      return i;
  }
  return JWS_UNKNOWN;
}

static private_key_status take_rsa(private_key *result, const char **reason) {
  result->type = JWS_KEY_RSA;
  result->algorithm = JWS_RS256;
  if (result->bits < RSA_BITS_MIN)
    return unsuited(reason, "an RSA key has 2048 bits at least");
  if (result->bits > RSA_BITS_MAX)
    return unsuited(reason, "an RSA key has 8192 bits at most");
  return PRIVATE_KEY_OK;
}

static private_key_status take_ec(private_key *result, const char **reason) {
  result->type = JWS_KEY_EC;
  result->algorithm = algorithm_of_curve(result->pair);
  if (result->algorithm == JWS_UNKNOWN)
    return unsuited(reason, "EC keys are on P-256, P-384 or P-521");
  return PRIVATE_KEY_OK;
}

private_key_status private_key_take(arena *a, EVP_PKEY *pair,
                                    private_key *result,
                                    const char **reason) {
  arena_defer(a, free_key, pair);
  private_key_contexts *contexts = ARENA_NEW(a, private_key_contexts);
  arena_defer(a, free_contexts, contexts);
  *result = (private_key){
      .contexts = contexts, .pair = pair, .bits = EVP_PKEY_get_bits(pair)};
  private_key_status status =
      unsuited(reason, "only RSA and EC keys sign policies");
  if (EVP_PKEY_is_a(pair, "RSA"))
    status = take_rsa(result, reason);
  else if (EVP_PKEY_is_a(pair, "EC"))
    status = take_ec(result, reason);
  ERR_clear_error();
  return status;
}

private_key_status private_key_make(arena *a, jws_algorithm algorithm,
                                    int bits, private_key *result) {
  const char *reason;
  const jws_algorithm_facts *facts = jws_algorithm_of(algorithm);
  EVP_PKEY *pair = NULL;
  if (bits == 0)
    bits = RSA_BITS_MIN;
  if (facts->key_type == JWS_KEY_NONE ||
      (facts->key_type == JWS_KEY_RSA &&
       (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)))
    return PRIVATE_KEY_UNSUITED;
  if (facts->key_type == JWS_KEY_RSA)
    pair = EVP_RSA_gen((unsigned)bits);
  else
    pair = EVP_EC_gen(facts->curve);
  if (!pair)
    arena_fail(a, ARENA_NO_MEMORY);
  return private_key_take(a, pair, result, &reason);
}

bool private_key_suits(const private_key *key, jws_algorithm algorithm) {
  if (algorithm >= JWS_UNKNOWN || algorithm == JWS_NONE)
    return false;
  return key->type == JWS_KEY_RSA
             ? jws_algorithm_of(algorithm)->key_type == JWS_KEY_RSA
             : algorithm == key->algorithm;
}

/* --- signing -------------------------------------------------------------- */

static const EVP_MD *hash_of(jws_algorithm algorithm) {
  switch (jws_algorithm_of(algorithm)->digest) {
  case DIGEST_SHA384:
    return EVP_sha384();
  case DIGEST_SHA512:
    return EVP_sha512();
  default:
    return EVP_sha256();
  }
}

/* RFC 7518 section 3.5: the salt is as long as the digest. */
static bool use_pss(EVP_PKEY_CTX *context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) ==
             1;
}

static EVP_PKEY_CTX *new_context(const private_key *key,
                                 jws_algorithm algorithm) {
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pair, NULL);
  if (context && EVP_PKEY_sign_init(context) == 1 &&
      EVP_PKEY_CTX_set_signature_md(context, hash_of(algorithm)) == 1 &&
      (!jws_algorithm_of(algorithm)->is_pss || use_pss(context)))
    return context;
  EVP_PKEY_CTX_free(context);
  return NULL;
}

static EVP_MD_CTX *new_hashing(jws_algorithm algorithm) {
  EVP_MD_CTX *hashing = EVP_MD_CTX_new();
  if (hashing && EVP_DigestInit_ex(hashing, hash_of(algorithm), NULL) == 1)
    return hashing;
  EVP_MD_CTX_free(hashing);
  return NULL;
}

static bool hash_message(const private_key *key, jws_algorithm algorithm,
                         bytes message, uint8_t hashed[DIGEST_BYTES_MAX]) {
  EVP_MD_CTX *hashing =
      atomic_exchange(&key->contexts->hashing[algorithm], NULL);
  if (!hashing)
    hashing = new_hashing(algorithm);
  bool good = hashing && EVP_DigestInit_ex(hashing, NULL, NULL) == 1 &&
              EVP_DigestUpdate(hashing, message.data, message.length) == 1 &&
              EVP_DigestFinal_ex(hashing, hashed, NULL) == 1;
  if (good)
    hashing = atomic_exchange(&key->contexts->hashing[algorithm], hashing);
  EVP_MD_CTX_free(hashing);
  return good;
}

/* As OpenSSL gives it: of EC as DER. Nothing here allocates from an arena,
 * so that the context cannot be lost. */
static bool sign(const private_key *key, jws_algorithm algorithm,
                 bytes message, uint8_t *to, size_t *length) {
  digest_algorithm hash = jws_algorithm_of(algorithm)->digest;
  uint8_t hashed[DIGEST_BYTES_MAX];
  EVP_PKEY_CTX *context =
      atomic_exchange(&key->contexts->spare[algorithm], NULL);
  if (!context)
    context = new_context(key, algorithm);
  bool good =
      context && hash_message(key, algorithm, message, hashed) &&
      EVP_PKEY_sign(context, to, length, hashed, digest_length(hash)) == 1;
  if (good)
    context = atomic_exchange(&key->contexts->spare[algorithm], context);
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return good;
}

bool private_key_sign(arena *a, const private_key *key,
                      jws_algorithm algorithm, bytes message,
                      bytes *signature) {
  int most = EVP_PKEY_get_size(key->pair);
  if (!private_key_suits(key, algorithm) || most <= 0)
    return false;
  size_t length = (size_t)most;
  uint8_t *data = arena_alloc(a, length);
  if (!sign(key, algorithm, message, data, &length))
    return false;
  *signature = (bytes){data, length};
  return key->type != JWS_KEY_EC ||
         ecdsa_signature_from_der(a, *signature,
                                  jws_algorithm_of(algorithm)->number_bytes,
                                  signature);
}

bytes private_key_public_der(arena *a, const private_key *key) {
  int length = i2d_PUBKEY(key->pair, NULL);
  if (length <= 0)
    arena_fail(a, ARENA_NO_MEMORY);
  uint8_t *data = arena_alloc(a, (size_t)length), *end = data;
  if (i2d_PUBKEY(key->pair, &end) != length)
    arena_fail(a, ARENA_NO_MEMORY);
  return (bytes){data, (size_t)length};
}
