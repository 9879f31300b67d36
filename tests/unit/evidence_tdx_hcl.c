/* SPDX-License-Identifier: Apache-2.0 */
/* HCL reports of TDX machines: a TDREPORT, which nobody elsewhere verifies. */
#include "evidence/kinds.h"
#include "evidence/td_report.h"
#include "tests/unit/evidence_fixture.h"

static evidence verified(arena *a, bytes raw, verify_level level) {
  evidence e = parsed_evidence(a, ATTESTATION_TDX_VM, raw);
  verify_options options = {
      .level = level, .now = 1751328000, .roots = roots_builtin(a)};
  evidence_verify(a, &e, &options);
  return e;
}

static bytes made_hcl(arena *a) {
  static const char *const settings[] = {"form=hcl", "debug=true", NULL};
  return made_evidence(a, ATTESTATION_TDX_VM, settings).raw;
}

Test(tdx_hcl, has_the_claims_of_a_quote) {
  static const char *const quote[] = {"debug=true", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence left = parsed_evidence(&a, ATTESTATION_TDX_VM, made_hcl(&a));
  bytes raw = made_evidence(&a, ATTESTATION_TDX_VM, quote).raw;
  evidence right = parsed_evidence(&a, ATTESTATION_TDX_VM, raw);
  for (uint32_t i = 0; i < right.claims.count; i++) {
    const member *m = &right.claims.members[i];
    const value *same = value_member(&left.claims, member_name(m));
    cr_assert_not_null(same, "%.*s", SLICE_ARGS(member_name(m)));
    cr_expect_eq(value_equal(&a, same, &m->value),
                 !slice_is(member_name(m), "tdx_report_data"), "%.*s",
                 SLICE_ARGS(member_name(m)));
  }
  cr_expect_not_null(value_member(&left.claims, SLICE("x-ms-runtime")));
  arena_free(&a);
}

Test(tdx_hcl, is_never_verified) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_hcl(&a);
  for (verify_level level = VERIFY_SIGNATURE; level <= VERIFY_FULL; level++) {
    evidence e = verified(&a, raw, level);
    cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
    cr_expect_not_null(strstr(e.verification.reason, "MAC"));
  }
  arena_free(&a);
}

/* What the parts with hashes say, and the runtime data. */
Test(tdx_hcl, fails_where_a_hash_does_not_hold) {
  static const struct {
    size_t from, to;
    const char *step;
  } parts[] = {
      {TD_TCB_INFO_OFFSET, TD_TCB_INFO_OFFSET + TD_TCB_INFO_BYTES,
       "TEE_TCB_INFO"},
      {TD_INFO_OFFSET, TD_INFO_OFFSET + TD_INFO_BYTES, "TDINFO_STRUCT"},
      {32, 128, "REPORTMACSTRUCT"},
      {128, 192, "runtime data"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  bytes raw = made_hcl(&a);
  uint8_t *changed = copied(&a, raw);
  for (size_t i = 0; i < COUNT_OF(parts); i++)
    for (size_t at = parts[i].from; at < parts[i].to; at++) {
      changed[HCL_HEADER_BYTES + at] ^= 0x10;
      evidence e = verified(&b, (bytes){changed, raw.length}, VERIFY_SIGNATURE);
      cr_expect_eq(e.verification.status, VERIFICATION_FAILED, "byte %zu", at);
      changed[HCL_HEADER_BYTES + at] ^= 0x10;
      arena_reset(&b);
    }
  changed[raw.length - 3] ^= 1; /* "true}}" */
  evidence e;
  evidence_error error;
  bool parsed = evidence_parse(&b, ATTESTATION_TDX_VM,
                               (bytes){changed, raw.length}, &e, &error);
  cr_expect(!parsed || verified(&b, (bytes){changed, raw.length},
                                VERIFY_SIGNATURE)
                               .verification.status == VERIFICATION_FAILED);
  arena_free(&b);
  arena_free(&a);
}

Test(tdx_hcl, brings_no_runtime_claim_that_is_not_bound) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_hcl(&a);
  uint8_t *changed = copied(&a, raw);
  changed[HCL_HEADER_BYTES + 128] ^= 1;
  evidence e =
      parsed_evidence(&a, ATTESTATION_TDX_VM, (bytes){changed, raw.length});
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-runtime")));
  arena_free(&a);
}

Test(tdx_hcl, is_told_from_other_kinds) {
  static const char *const snp[] = {"form=hcl", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e;
  evidence_error error;
  bytes tdx = made_hcl(&a);
  bytes other = made_evidence(&a, ATTESTATION_SEV_SNP_VM, snp).raw;
  cr_expect_eq(evidence_detect(tdx), ATTESTATION_TDX_VM);
  cr_expect_eq(evidence_detect(other), ATTESTATION_SEV_SNP_VM);
  cr_expect_not(evidence_parse(&a, ATTESTATION_SEV_SNP_VM, tdx, &e, &error));
  cr_expect_not_null(strstr(error.message, "TDX"));
  cr_expect_not(evidence_parse(&a, ATTESTATION_TDX_VM, other, &e, &error));
  cr_expect_not_null(strstr(error.message, "SEV-SNP"));
  uint8_t *changed = copied(&a, tdx);
  changed[HCL_HEADER_BYTES] = 0;
  cr_expect_not(evidence_parse(&a, ATTESTATION_TDX_VM,
                               (bytes){changed, tdx.length}, &e, &error));
  for (size_t length = 0; length < tdx.length; length++)
    cr_expect_not(evidence_parse(&a, ATTESTATION_TDX_VM,
                                 (bytes){tdx.data, length}, &e, &error),
                  "%zu bytes", length);
  arena_free(&a);
}

Test(tdx_hcl, shows_its_parts) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_hcl(&a);
  evidence e = parsed_evidence(&a, ATTESTATION_TDX_VM, raw);
  value dump = evidence_show(&a, &e);
  const value *fields = value_member(&dump, SLICE("fields"));
  const value *report = value_member(fields, SLICE("report"));
  const value *mrtd = value_member(report, SLICE("mrtd"));
  const value *offset = value_member(mrtd, SLICE("offset"));
  cr_expect_eq(offset->integer, HCL_HEADER_BYTES + TD_INFO_OFFSET + 16);
  cr_expect(value_equal(&a, value_member(mrtd, SLICE("value")),
                        value_member(&e.claims, SLICE("tdx_mrtd"))));
  cr_expect_not_null(value_member(fields, SLICE("hcl")));
  cr_expect_not_null(value_member(fields, SLICE("mac")));
  cr_expect_not_null(value_member(fields, SLICE("tcb-info")));
  arena_free(&a);
}
