/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying whole tokens beside OpenSSL alone, which hashes as much and then
 * does what `openssl speed` measures: it verifies the signature of a digest
 * with a context that is there already. */
#include "tests/bench/token.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "sign/digest.h"
#include "sign/jws_make.h"
#include "tests/bench/bench.h"
#include "token/verify.h"

enum { CLAIM_BYTES = 1000, ARENA_BYTES = 16 << 20 };

typedef struct verifying {
  arena run;
  jwk key;
  jwk_set keys;
  token_verify_options options;
  slice token;
  EVP_PKEY_CTX *bare;
  bytes signature; /* as OpenSSL wants it */
  EVP_MD_CTX *hashing;
  slice input; /* what the token's signature is over */
  uint8_t digest[SHA256_BYTES];
} verifying;

static void verify_token(void *context) {
  verifying *v = context;
  token_verification result;
  arena_reset(&v->run);
  if (!token_verify(&v->run, v->token, &v->options, &result))
    abort();
}

static void verify_digest(void *context) {
  verifying *v = context;
  if (EVP_DigestInit_ex(v->hashing, NULL, NULL) != 1 ||
      EVP_DigestUpdate(v->hashing, v->input.data, v->input.length) != 1 ||
      EVP_DigestFinal_ex(v->hashing, v->digest, NULL) != 1)
    abort();
  if (EVP_PKEY_verify(v->bare, v->signature.data, v->signature.length,
                      v->digest, sizeof v->digest) != 1)
    abort();
}

/* A signature of the digest alone, by the same key. */
static void prepare_bare(arena *a, verifying *v, const private_key *key) {
  EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new_from_pkey(NULL, key->pair, NULL);
  uint8_t *signature = arena_alloc(a, 512);
  size_t length = 512;
  v->bare = EVP_PKEY_CTX_new_from_pkey(NULL, key->pair, NULL);
  if (!signer || EVP_PKEY_sign_init(signer) != 1 ||
      EVP_PKEY_sign(signer, signature, &length, v->digest,
                    sizeof v->digest) != 1 ||
      !v->bare || EVP_PKEY_verify_init(v->bare) != 1)
    abort();
  v->signature = (bytes){signature, length};
  EVP_PKEY_CTX_free(signer);
}

/* As an attestation token: times, an issuer and a kilobyte of claims. */
static slice payload_of(arena *a) {
  buffer out = buffer_in(a);
  buffer_text(&out, "{\"exp\":1700003600,\"iat\":1700000000,"
                    "\"iss\":\"https://t.attest.azure.net\"");
  for (int i = 0; out.length < CLAIM_BYTES; i++)
    buffer_printf(&out, ",\"x-ms-claim-%d\":\"0123456789abcdef\"", i);
  buffer_char(&out, '}');
  return buffer_slice(&out);
}

static void prepare(arena *a, verifying *v, jws_algorithm algorithm) {
  private_key key;
  const char *reason;
  buffer header = buffer_in(a);
  buffer_printf(&header, "{\"alg\":\"%s\"}", jws_algorithm_name(algorithm));
  if (private_key_make(a, algorithm, 0, &key) != PRIVATE_KEY_OK ||
      !jws_make(a, &key, algorithm, buffer_slice(&header), payload_of(a),
                &v->token))
    abort();
  v->key = (jwk){.algorithm = JWS_UNKNOWN};
  v->key.key = public_key_from_spki(a, private_key_public_der(a, &key),
                                    &reason);
  v->keys = (jwk_set){&v->key, 1};
  v->options = (token_verify_options){
      .now = 1700000000, .keys = &v->keys, .no_steps = true};
  v->input = (slice){v->token.data,
                     (size_t)(strrchr(v->token.data, '.') - v->token.data)};
  digest_sha256(a, bytes_from_slice(v->input), v->digest);
  v->hashing = EVP_MD_CTX_new();
  if (!v->hashing ||
      EVP_DigestInit_ex(v->hashing, EVP_sha256(), NULL) != 1)
    abort();
  prepare_bare(a, v, &key);
}

static void bench_algorithm(arena *a, jws_algorithm algorithm) {
  verifying v = {.signature = {NULL, 0}};
  char what[64];
  jmp_buf failure;
  arena_init(&v.run, ARENA_BYTES);
  if (ARENA_GUARD(&v.run, failure))
    abort();
  prepare(a, &v, algorithm);
  double seconds[2];
  bench_pair(verify_digest, verify_token, &v, seconds);
  double bare = 1 / seconds[0], whole = 1 / seconds[1];
  snprintf(what, sizeof what, "verify %s, tokens of 2 kB, beside OpenSSL",
           jws_algorithm_name(algorithm));
  bench_at_least(what, whole, bare, "/s", 0.9 * bare);
  EVP_PKEY_CTX_free(v.bare);
  EVP_MD_CTX_free(v.hashing);
  arena_free(&v.run);
}

void bench_token(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, ARENA_BYTES);
  if (ARENA_GUARD(&a, failure))
    abort();
  bench_algorithm(&a, JWS_RS256);
  bench_algorithm(&a, JWS_ES256);
  arena_free(&a);
}
