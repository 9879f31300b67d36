/* SPDX-License-Identifier: Apache-2.0 */
/* examples/azureguest must say what its evidence says, and its policy must
 * judge it as its page tells. The tests run from the root of the tree. */
#include "base/file.h"
#include "tests/unit/evidence_fixture.h"
#include "token/attest.h"

#define FOLDER "examples/azureguest"

enum { NOW = 1750000000 };

static slice example(arena *a, const char *name) {
  buffer path = buffer_in(a);
  slice text = SLICE_EMPTY;
  const char *reason = "";
  buffer_printf(&path, FOLDER "/%s", name);
  cr_assert_eq(file_read(a, buffer_slice(&path).data, LIMIT_REQUEST_BYTES,
                         &text, &reason),
               FILE_OK, "%s: %s", name, reason);
  return text;
}

Test(guest_examples, give_the_claims_beside_them) {
  static const char *const files[] = {"attestation-info.json", "request.json"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  value claims;
  json_error problem;
  cr_assert(json_read(&a, example(&a, "claims.json"), 0, &claims, &problem));
  for (size_t i = 0; i < COUNT_OF(files); i++) {
    evidence_input input;
    evidence_error error;
    cr_assert(evidence_decode(&a, example(&a, files[i]), &input, &error));
    cr_expect_eq(input.type, ATTESTATION_AZURE_GUEST, "%s", files[i]);
    evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, input.raw);
    cr_expect(value_equal(&a, &e.claims, &claims), "%s", files[i]);
  }
  arena_free(&a);
}

static verify_options options_with(arena *a, bool roots) {
  verify_options verify = {
      .level = VERIFY_SIGNATURE, .now = NOW, .roots = roots_builtin(a)};
  const char *reason;
  if (roots)
    cr_assert(roots_add_directory(a, &verify.roots, FOLDER, &reason));
  return verify;
}

/* What the service would answer; roots: whether the test root is trusted. */
static attest_outcome outcome(arena *a, const attest_request *request,
                              bool roots) {
  attest_result *result = ARENA_NEW(a, attest_result);
  verify_options verify = options_with(a, roots);
  attest_options options = {.policy = example(a, "policy.maapolicy"),
                            .issuer = SLICE("https://example.invalid"),
                            .now = NOW,
                            .verify = &verify};
  attest(a, request, &options, result);
  cr_expect_eq(evidence_is_verified(&result->verification), roots);
  return result->outcome;
}

static attest_outcome request_outcome(arena *a, const char *file, bool roots) {
  attest_request request;
  notes remarks = notes_in(a);
  service_error error;
  cr_assert(attest_request_read(a, ATTESTATION_AZURE_GUEST, example(a, file),
                                &request, &remarks, &error),
            "%s", file);
  return outcome(a, &request, roots);
}

Test(guest_examples, are_judged_as_they_say) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  cr_expect_eq(request_outcome(&a, "request.json", true), ATTEST_PERMITTED);
  cr_expect_eq(request_outcome(&a, "request-no-secure-boot.json", true),
               ATTEST_REFUSED);
  cr_expect_eq(request_outcome(&a, "request.json", false), ATTEST_REFUSED);
  attest_request request = {
      .type = ATTESTATION_AZURE_GUEST,
      .evidence = bytes_from_slice(example(&a, "trusted-launch.json"))};
  cr_expect_eq(outcome(&a, &request, true), ATTEST_REFUSED);
  arena_free(&a);
}

/* Data beside the evidence is bound to nothing. */
Test(guest_examples, runtime_data_of_a_request_is_refused) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  attest_request request = {
      .type = ATTESTATION_AZURE_GUEST,
      .evidence = bytes_from_slice(example(&a, "attestation-info.json")),
      .runtime = {DATA_JSON, bytes_from_slice(SLICE("{}"))}};
  cr_expect_eq(outcome(&a, &request, true), ATTEST_REFUSED);
  arena_free(&a);
}
