/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a token: shown, and verified in every tolerant way. Nothing
 * verifies but what was allowed without a signature. */
#include "base/text.h"
#include "tests/fuzz/fuzz.h"
#include "token/show.h"
#include "token/verify.h"

static const char keys_text[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void verify(arena *a, slice token, const token_verify_options *o) {
  token_verification v;
  bool verified = token_verify(a, token, o, &v);
  HOLDS(verified == v.is_verified);
  HOLDS(!verified || (o->allow_unsecured && v.token.algorithm == JWS_NONE));
  HOLDS(verified || (v.why.reason && v.why.code != REFUSAL_NONE));
  value report = token_verification_report(a, &v);
  buffer out = buffer_in(a);
  json_write(&out, &report);
  token_verification_write(&out, &v);
  HOLDS(utf8_error(buffer_slice(&out)) == out.length);
}

static void show(arena *a, slice token) {
  token_view view;
  token_refusal why;
  if (!token_view_read(a, token, &view, &why))
    return;
  value report = token_view_report(a, &view);
  buffer out = buffer_in(a);
  json_write(&out, &report);
  HOLDS(utf8_error(buffer_slice(&out)) == out.length);
  token_view_write(&out, &view);
}

static void check_token(arena *a, slice input) {
  jwk_set keys;
  const char *reason;
  HOLDS(jwk_set_read(a, SLICE(keys_text), &keys, &reason));
  token_verify_options strict = {.now = 1300819000, .keys = &keys};
  token_verify_options loose = {.now = 1300819000,
                                .leeway = 1000000,
                                .keys = &keys,
                                .allow_unsecured = true,
                                .is_policy_owners = true,
                                .rsa_bits_min = RSA_BITS_SMALLEST};
  slice token = token_unwrap(a, input);
  show(a, token);
  verify(a, token, &strict);
  verify(a, token, &loose);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_token);
}
