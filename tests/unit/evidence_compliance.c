/* SPDX-License-Identifier: Apache-2.0 */
/* x-ms-compliance-status as a setting, and custom claims of Open Enclave. */
#include "tests/unit/evidence_verify_fixture.h"

static const char *const no_settings[] = {NULL};

static slice compliance_of(const evidence *e) {
  const value *v = value_member(&e->claims, SLICE("x-ms-compliance-status"));
  return v ? value_string(v) : SLICE("none");
}

Test(compliance, is_a_claim_of_verified_vms_alone) {
  static const struct {
    attestation_type type;
    const char *setting, *given, *wanted;
  } rows[] = {
      {ATTESTATION_SEV_SNP_VM, NULL, "azure-compliant-cvm",
       "azure-compliant-cvm"},
      {ATTESTATION_TDX_VM, NULL, "azure-compliant-cvm", "azure-compliant-cvm"},
      {ATTESTATION_SEV_SNP_VM, NULL, NULL, "none"},
      {ATTESTATION_TDX_VM, NULL, NULL, "none"},
      {ATTESTATION_SGX_ENCLAVE, NULL, "azure-compliant-cvm", "none"},
      /* What a verified endorsement says stays. */
      {ATTESTATION_SEV_SNP_VM, "uvm-feed=ContainerPlat-AMD-UVM",
       "azure-compliant-cvm", "azure-compliant-uvm"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[] = {rows[i].setting, NULL};
    verify_fixture f;
    verify_fixture_start(&f, &a, rows[i].type, settings);
    f.options.compliance = rows[i].given;
    evidence e = verified_evidence(&f, f.made.raw);
    cr_expect(evidence_is_verified(&e.verification), "row %zu: %s", i,
              e.verification.reason);
    cr_expect(slice_is(compliance_of(&e), rows[i].wanted), "row %zu: %.*s", i,
              SLICE_ARGS(compliance_of(&e)));
    f.options.roots.count = 0;
    e = verified_evidence(&f, f.made.raw);
    cr_expect(slice_is(compliance_of(&e), "none"), "row %zu", i);
    verify_fixture_end(&f);
    arena_reset(&a);
  }
  arena_free(&a);
}

/* To try a policy one need not verify. */
Test(compliance, can_be_said_without_verification) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_TDX_VM, no_settings);
  f.options.level = VERIFY_NONE;
  f.options.compliance = "azure-compliant-cvm";
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect(slice_is(compliance_of(&e), "azure-compliant-cvm"));
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(oe_claims, must_be_bound) {
  static const char *const settings[] = {"custom-claims=name=value", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_OPEN_ENCLAVE, settings);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_SIGNATURE, "%s",
               e.verification.reason);
  uint8_t *changed = copied(&a, f.made.raw);
  for (size_t i = 1; i <= strlen("name=value"); i++) {
    changed[f.made.raw.length - i] ^= 1;
    e = verified_evidence(&f, (bytes){changed, f.made.raw.length});
    cr_expect_eq(e.verification.status, VERIFICATION_FAILED);
    cr_expect_str_eq(failed_step(&e.verification), "custom claims");
    changed[f.made.raw.length - i] ^= 1;
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(oe_claims, are_no_bare_quotes) {
  slice setting = SLICE("custom-claims=x");
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made;
  evidence_error error;
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                            .settings = &setting,
                            .setting_count = 1};
  cr_expect_not(evidence_make(&a, &recipe, &made, &error));
  cr_expect_eq(error.code, EVIDENCE_VALUE);
  arena_free(&a);
}
