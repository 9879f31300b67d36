/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral that is made with synthetic evidence, read back from its files. */
#include "tests/unit/evidence_verify_fixture.h"

static const attestation_type intel_types[] = {
    ATTESTATION_SGX_ENCLAVE, ATTESTATION_OPEN_ENCLAVE, ATTESTATION_TDX_VM};

/* Makes evidence of a type with its collateral, which goes where the authority
 * is. Verifies it fully, against what collateral_read finds there. */
static evidence fully_verified(verify_fixture *f, attestation_type type,
                               const char *const *settings, int64_t now) {
  slice list[8];
  const char *reason = NULL;
  evidence_error error = {0};
  evidence_recipe recipe = {.type = type,
                            .pki_directory = f->directory,
                            .settings = list,
                            .collateral_directory = f->directory};
  for (; *settings; settings++)
    list[recipe.setting_count++] = slice_from(*settings);
  cr_assert(evidence_make(f->arena, &recipe, &f->made, &error), "%s",
            error.message);
  cr_assert(collateral_read(f->arena, f->directory, &f->collateral, &reason),
            "%s", reason);
  f->options.collateral = &f->collateral;
  f->options.level = VERIFY_FULL;
  f->options.now = now;
  return verified_evidence(f, f->made.raw);
}

typedef struct collateral_row {
  const char *settings[3];
  verification_status status;
  const char *tcb_status; /* NULL: not evaluated */
  const char *failed;     /* a step, or "" */
} collateral_row;

static const collateral_row rows[] = {
    {{NULL}, VERIFICATION_FULL, "UpToDate", ""},
    {{"tcb-status=SWHardeningNeeded"},
     VERIFICATION_FULL,
     "SWHardeningNeeded",
     ""},
    {{"tcb-status=OutOfDate"}, VERIFICATION_FAILED, "OutOfDate", "TCB status"},
    {{"tcb-status=Revoked"}, VERIFICATION_FAILED, "Revoked", "TCB status"},
    {{"qe-status=OutOfDate"}, VERIFICATION_FAILED, "OutOfDate", "TCB status"},
    {{"fmspc=0123456789ab", "pck-pce-svn=65535"},
     VERIFICATION_FULL,
     "UpToDate",
     ""},
    {{"qe-svn=0"}, VERIFICATION_FULL, "UpToDate", ""},
    {{"revoked=pck"}, VERIFICATION_FAILED, NULL, "PCK CRL"},
    {{"revoked=processor-ca"}, VERIFICATION_FAILED, NULL, "root CA CRL"},
    {{"revoked=tcb-signing"}, VERIFICATION_FAILED, NULL, "root CA CRL"},
    {{"revoked=pck", "revoked=none"}, VERIFICATION_FULL, "UpToDate", ""},
    {{"collateral-until=2025-06-30T23:59:59Z"},
     VERIFICATION_FAILED,
     NULL,
     "root CA CRL dates"},
    {{"collateral-issued=2025-07-01T00:00:01Z"},
     VERIFICATION_FAILED,
     NULL,
     "root CA CRL dates"},
};

static void expect_row(verify_fixture *f, attestation_type type, size_t i) {
  evidence e = fully_verified(f, type, rows[i].settings, FIXTURE_NOW);
  const evidence_verification *v = &e.verification;
  cr_expect_eq(v->status, rows[i].status, "type %d, row %zu: %s", (int)type, i,
               v->reason ? v->reason : "");
  cr_expect_str_eq(v->tcb_status ? v->tcb_status : "",
                   rows[i].tcb_status ? rows[i].tcb_status : "", "row %zu", i);
  cr_expect_str_eq(failed_step(v), rows[i].failed, "row %zu", i);
}

Test(make_collateral, gives_the_verdict_that_is_asked_for) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t type = 0; type < COUNT_OF(intel_types); type++) {
    verify_fixture f;
    verify_fixture_start(&f, &a, intel_types[type], NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
      expect_row(&f, intel_types[type], i);
    verify_fixture_end(&f);
    arena_reset(&a);
  }
  arena_free(&a);
}

Test(make_collateral, has_a_lower_level_for_lower_platforms) {
  static const char *const none[] = {NULL};
  slice lower[] = {SLICE("pce-svn=1")};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  evidence_error error;
  evidence_made made;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  fully_verified(&f, ATTESTATION_SGX_ENCLAVE, none, FIXTURE_NOW);
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                            .pki_directory = f.directory,
                            .settings = lower,
                            .setting_count = 1};
  cr_assert(evidence_make(&a, &recipe, &made, &error));
  evidence e = verified_evidence(&f, made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_FAILED);
  cr_assert_not_null(e.verification.tcb_status);
  cr_expect_str_eq(e.verification.tcb_status, "OutOfDate");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(make_collateral, of_tdx_has_a_status_for_the_module) {
  static const char *const behind[] = {"module-status=OutOfDate", NULL};
  static const char *const first[] = {
      "tee-tcb-svn=05000300000000000000000000000000", "module-status=OutOfDate",
      NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_TDX_VM, NULL);
  evidence e = fully_verified(&f, ATTESTATION_TDX_VM, behind, FIXTURE_NOW);
  cr_expect_eq(e.verification.status, VERIFICATION_FAILED);
  /* The module of the first generation has no level of its own. */
  e = fully_verified(&f, ATTESTATION_TDX_VM, first, FIXTURE_NOW);
  cr_expect_eq(e.verification.status, VERIFICATION_FULL, "%s",
               e.verification.reason);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(make_collateral, completes_the_hashes_of_the_token) {
  static const char *const none[] = {NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  evidence e = fully_verified(&f, ATTESTATION_SGX_ENCLAVE, none, FIXTURE_NOW);
  collateral_add_hashes(&a, &e, &f.collateral);
  const value *hashes =
      value_member(&e.token_claims, SLICE("x-ms-sgx-collateral"));
  cr_assert_not_null(hashes);
  cr_expect_eq(hashes->count, 7u);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(make_collateral, refuses_fields_in_vain_and_wrong_values) {
  static const struct {
    attestation_type type;
    const char *setting, *message;
  } wrong[] = {
      {ATTESTATION_SGX_ENCLAVE, "tcb-status=OutOfDate", "no directory"},
      {ATTESTATION_TDX_VM, "revoked=pck", "no directory"},
      {ATTESTATION_SEV_SNP_VM, "revoked=sev-ca", "no directory"},
      {ATTESTATION_SGX_ENCLAVE, "tcb-status=Fine", "UpToDate, "},
      {ATTESTATION_SGX_ENCLAVE, "tcb-status=uptodate", "UpToDate, "},
      {ATTESTATION_SGX_ENCLAVE, "module-status=OutOfDate", "no field"},
      {ATTESTATION_SGX_ENCLAVE, "revoked=sev-ca",
       "none, pck, processor-ca or tcb-signing"},
      {ATTESTATION_SEV_SNP_VM, "revoked=pck", "none or sev-ca"},
      {ATTESTATION_SGX_ENCLAVE, "collateral-until=2026", "a time like"},
      {ATTESTATION_SGX_ENCLAVE, "tcb-evaluation-number=-1", "a number"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(wrong); i++) {
    evidence_made made;
    evidence_error error = {0};
    slice setting = slice_from(wrong[i].setting);
    evidence_recipe recipe = {
        .type = wrong[i].type, .settings = &setting, .setting_count = 1};
    cr_expect_not(evidence_make(&a, &recipe, &made, &error), "row %zu", i);
    cr_expect(error.message && strstr(error.message, wrong[i].message),
              "row %zu: %s", i, error.message);
    arena_reset(&a);
  }
  arena_free(&a);
}
