/* SPDX-License-Identifier: Apache-2.0 */
/* examples/snp must say what its evidence says, and its policy must judge it
 * so. The tests run from the root of the tree. */
#include "base/file.h"
#include "evidence/decode.h"
#include "tests/unit/evidence_fixture.h"
#include "token/attest.h"

enum { NOW = 1750000000 };

static slice example(arena *a, const char *name) {
  buffer path = buffer_in(a);
  slice text = SLICE_EMPTY;
  const char *reason = "";
  buffer_printf(&path, "examples/snp/%s", name);
  cr_assert_eq(file_read(a, buffer_slice(&path).data, LIMIT_REQUEST_BYTES,
                         &text, &reason),
               FILE_OK, "%s: %s", name, reason);
  return text;
}

static slice json_text(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

Test(snp_examples, give_the_claims_beside_them) {
  static const char *const files[] = {"evidence.json", "report.bin",
                                      "request.json"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  value claims;
  json_error problem;
  cr_assert(json_read(&a, example(&a, "claims.json"), 0, &claims, &problem));
  bytes runtime = bytes_from_slice(example(&a, "runtime.json"));
  bytes init = bytes_from_slice(example(&a, "init.rego"));
  for (size_t i = 0; i < COUNT_OF(files); i++) {
    evidence_input input;
    evidence_error error;
    cr_assert(evidence_decode(&a, example(&a, files[i]), &input, &error));
    cr_expect_eq(input.type, ATTESTATION_SEV_SNP_VM, "%s", files[i]);
    evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, input.raw);
    cr_expect(slice_equal(json_text(&a, &e.claims), json_text(&a, &claims)),
              "%s", files[i]);
    cr_expect_eq(evidence_check_runtime_data(&e, runtime), BINDING_HOLDS);
    cr_expect_eq(evidence_check_init_data(&e, init), BINDING_HOLDS);
  }
  arena_free(&a);
}

/* What the service would answer; roots: whether the test root is trusted. */
static attest_outcome outcome(arena *a, const char *request_file, bool roots) {
  attest_request request;
  attest_result *result = ARENA_NEW(a, attest_result);
  notes remarks = notes_in(a);
  service_error error;
  verify_options verify = {
      .level = VERIFY_SIGNATURE, .now = NOW, .roots = roots_builtin(a)};
  const char *reason;
  if (roots)
    cr_assert(roots_add_directory(a, &verify.roots, "examples/snp", &reason));
  cr_assert(attest_request_read(a, ATTESTATION_SEV_SNP_VM,
                                example(a, request_file), &request, &remarks,
                                &error));
  attest_options options = {.policy = example(a, "policy.maapolicy"),
                            .issuer = SLICE("https://example.invalid"),
                            .now = NOW,
                            .verify = &verify};
  attest(a, &request, &options, result);
  return result->outcome;
}

Test(snp_examples, are_judged_as_they_say) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  cr_expect_eq(outcome(&a, "request.json", true), ATTEST_PERMITTED);
  cr_expect_eq(outcome(&a, "request-debug.json", true), ATTEST_REFUSED);
  cr_expect_eq(outcome(&a, "request.json", false), ATTEST_REFUSED);
  arena_free(&a);
}
