/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a claims file. What was read and is written as JSON gives the
 * same number of claims when it is read again. */
#include "eval/claims.h"
#include "tests/fuzz/fuzz.h"

static void check_claims(arena *a, slice text) {
  claim_list claims = claims_in(a);
  claims_error error = {0};
  if (!claims_read(&claims, text, &error)) {
    HOLDS(error.message && error.offset <= text.length);
    return;
  }
  for (size_t i = 0; i < claims.count; i++) {
    HOLDS(claims.items[i].kind <= CLAIM_STRING);
    HOLDS(claims.items[i].type.length && claims.items[i].issuer.length);
  }
  value object = claims_json(a, &claims);
  buffer out = buffer_in(a);
  json_write(&out, &object);
  claim_list again = claims_in(a);
  HOLDS(claims_read(&again, buffer_slice(&out), &error));
  HOLDS(again.count <= claims.count); /* issuers and marks are not written */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_claims);
}
