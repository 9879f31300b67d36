/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the body of an attestation request, and as a policy token. What
 * can be read is attested: a token comes out exactly of a permit. */
#include "tests/fuzz/fuzz.h"
#include "token/attest.h"
#include "token/policy_token.h"

static void check_attest(arena *a, const attest_request *request) {
  attest_options options = {.issuer = SLICE("https://fuzz.invalid")};
  attest_result result;
  attest(a, request, &options, &result);
  bool permitted = result.outcome == ATTEST_PERMITTED;
  HOLDS(permitted == (result.token.length > 0));
  HOLDS(permitted == (result.payload.kind == VALUE_OBJECT));
  HOLDS(permitted == (result.error.failure == FAILURE_NONE));
  HOLDS(permitted || (result.error.code[0] && result.error.text));
  value report = attest_report(a, &result);
  HOLDS(value_member(&report, SLICE("decision")));
}

static void check_request(arena *a, slice body, attestation_type type) {
  attest_request request;
  notes remarks = notes_in(a);
  service_error error = {0};
  if (!attest_request_read(a, type, body, &request, &remarks, &error)) {
    HOLDS(error.failure != FAILURE_NONE && error.code[0] && error.text);
    return;
  }
  HOLDS(request.type == type);
  HOLDS(request.has_draft == (request.draft_policy.length > 0));
  HOLDS(!request.has_draft ||
        !request.draft_policy.data[request.draft_policy.length]);
  HOLDS(request.has_nonce || !request.nonce.length);
  check_attest(a, &request);
}

static void check_both(arena *a, slice input) {
  check_request(a, input, ATTESTATION_SGX_ENCLAVE);
  check_request(a, input, ATTESTATION_OPEN_ENCLAVE);
  slice token = policy_token_find(a, input);
  value signer;
  if (policy_token_signer(a, token, &signer) == POLICY_SIGNED)
    HOLDS(signer.kind == VALUE_OBJECT);
  else
    HOLDS(signer.kind == VALUE_NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_both);
}
