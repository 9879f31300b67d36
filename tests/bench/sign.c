/* SPDX-License-Identifier: Apache-2.0 */
/* Making a JWS of a policy's size beside OpenSSL alone, which hashes as much
 * and then does what `openssl speed` measures: it signs a digest with a context
 * that is there already. */
#include "tests/bench/sign.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "sign/jws_make.h"
#include "tests/bench/bench.h"

enum { PAYLOAD_BYTES = 1500, SIGNATURE_MAX = 512, ARENA_BYTES = 16 << 20 };

typedef struct signing {
  arena run;
  private_key key;
  slice payload;
  EVP_PKEY_CTX *bare;
  EVP_MD_CTX *hashing;
  slice input; /* what the token's signature is over */
  uint8_t digest[SHA256_BYTES];
} signing;

static void make_token(void *context) {
  signing *s = context;
  slice token;
  arena_reset(&s->run);
  if (!jws_make(&s->run, &s->key, s->key.algorithm, SLICE("{\"alg\":\"x\"}"),
                s->payload, &token))
    abort();
}

static void sign_digest(void *context) {
  signing *s = context;
  uint8_t signature[SIGNATURE_MAX];
  size_t length = sizeof signature;
  if (EVP_DigestInit_ex(s->hashing, NULL, NULL) != 1 ||
      EVP_DigestUpdate(s->hashing, s->input.data, s->input.length) != 1 ||
      EVP_DigestFinal_ex(s->hashing, s->digest, NULL) != 1)
    abort();
  if (EVP_PKEY_sign(s->bare, signature, &length, s->digest,
                    sizeof s->digest) != 1)
    abort();
}

static void bench_algorithm(arena *a, jws_algorithm algorithm) {
  signing s = {.payload = {arena_zalloc(a, PAYLOAD_BYTES), PAYLOAD_BYTES}};
  char what[64];
  jmp_buf failure;
  arena_init(&s.run, ARENA_BYTES);
  if (ARENA_GUARD(&s.run, failure) ||
      private_key_make(a, algorithm, 0, &s.key) != PRIVATE_KEY_OK)
    abort();
  s.bare = EVP_PKEY_CTX_new_from_pkey(NULL, s.key.pair, NULL);
  s.input = jws_signing_input(a, SLICE("{\"alg\":\"x\"}"), s.payload);
  s.hashing = EVP_MD_CTX_new();
  if (!s.bare || EVP_PKEY_sign_init(s.bare) != 1 || !s.hashing ||
      EVP_DigestInit_ex(s.hashing, EVP_sha256(), NULL) != 1)
    abort();
  double seconds[2];
  bench_pair(sign_digest, make_token, &s, seconds);
  double bare = 1 / seconds[0], whole = 1 / seconds[1];
  snprintf(what, sizeof what, "sign %s, tokens of 2 kB, beside OpenSSL",
           jws_algorithm_name(algorithm));
  bench_at_least(what, whole, bare, "/s", 0.9 * bare);
  EVP_PKEY_CTX_free(s.bare);
  EVP_MD_CTX_free(s.hashing);
  arena_free(&s.run);
}

void bench_sign(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, ARENA_BYTES);
  if (ARENA_GUARD(&a, failure))
    abort();
  bench_algorithm(&a, JWS_RS256);
  bench_algorithm(&a, JWS_ES256);
  arena_free(&a);
}
