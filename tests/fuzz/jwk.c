/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as keys: a JWK set, a JWK, PEM. A key that counts as usable can be
 * described and asked, and never verifies an empty signature. */
#include "sign/jwk.h"
#include "tests/fuzz/fuzz.h"

static void check_key(arena *a, const jwk *k) {
  static const bytes message = {(const uint8_t *)"m", 1};
  static const uint8_t zeros[512];
  if (!k->key) {
    HOLDS(k->reason);
    return;
  }
  HOLDS(public_key_bits(k->key) > 0 && public_key_description(a, k->key));
  HOLDS(public_key_equal(k->key, k->key));
  HOLDS(public_key_pem(a, k->key).length > 0);
  for (jws_algorithm i = JWS_NONE; i <= JWS_UNKNOWN; i++) {
    HOLDS(!public_key_verify(k->key, i, message, (bytes){NULL, 0}));
    HOLDS(!public_key_verify(k->key, i, message, (bytes){zeros, 64}));
  }
}

static void check_keys(arena *a, slice input) {
  jwk_set keys;
  const char *reason = NULL;
  if (!jwk_set_read(a, input, &keys, &reason)) {
    HOLDS(reason);
    return;
  }
  for (size_t i = 0; i < keys.count; i++)
    check_key(a, &keys.items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_keys);
}
