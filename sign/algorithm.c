/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/algorithm.h"

#include <assert.h>

static const jws_algorithm_facts facts[JWS_UNKNOWN] = {
    [JWS_NONE] = {.name = "none"},
    [JWS_RS256] = {"RS256", JWS_KEY_RSA, false, DIGEST_SHA256, 0, 0, 0},
    [JWS_RS384] = {"RS384", JWS_KEY_RSA, false, DIGEST_SHA384, 0, 0, 0},
    [JWS_RS512] = {"RS512", JWS_KEY_RSA, false, DIGEST_SHA512, 0, 0, 0},
    [JWS_PS256] = {"PS256", JWS_KEY_RSA, true, DIGEST_SHA256, 0, 0, 0},
    [JWS_PS384] = {"PS384", JWS_KEY_RSA, true, DIGEST_SHA384, 0, 0, 0},
    [JWS_PS512] = {"PS512", JWS_KEY_RSA, true, DIGEST_SHA512, 0, 0, 0},
    [JWS_ES256] = {"ES256", JWS_KEY_EC, false, DIGEST_SHA256, "P-256",
                   "prime256v1", 32},
    [JWS_ES384] = {"ES384", JWS_KEY_EC, false, DIGEST_SHA384, "P-384",
                   "secp384r1", 48},
    [JWS_ES512] = {"ES512", JWS_KEY_EC, false, DIGEST_SHA512, "P-521",
                   "secp521r1", 66},
};

const jws_algorithm_facts *jws_algorithm_of(jws_algorithm algorithm) {
  assert(algorithm < JWS_UNKNOWN);
  return &facts[algorithm];
}

const char *jws_algorithm_name(jws_algorithm algorithm) {
  return algorithm < JWS_UNKNOWN ? facts[algorithm].name : "unknown";
}

jws_algorithm jws_algorithm_from_name(slice name) {
  for (jws_algorithm i = 0; i < JWS_UNKNOWN; i++)
    if (slice_is(name, facts[i].name))
      return i;
  return JWS_UNKNOWN;
}

const char *jws_key_type_name(jws_key_type type) {
  return type == JWS_KEY_RSA ? "RSA" : type == JWS_KEY_EC ? "EC" : "none";
}
