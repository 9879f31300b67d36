/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions on TPM evidence: what configurationrules demand, what the token
 * holds. */
#include "tests/unit/evidence_verify_fixture.h"
#include "token/attest.h"

#define MASK(n) "=>issueproperty(type=\"required_pcr_mask\",value=" #n ");"
#define ANY_AIK "=>issueproperty(type=\"require_valid_aik_cert\",value=false);"
#define RULES(text) "version=1.2;configurationrules{" text "};"
#define PERMIT "authorizationrules{=>permit();};"

static attest_result decide(const verify_fixture *f, const char *text) {
  attest_request request = {.type = ATTESTATION_TPM, .evidence = f->made.raw};
  attest_options options = {.policy = slice_from(text),
                            .issuer = SLICE("https://i.invalid"),
                            .now = FIXTURE_NOW,
                            .verify = &f->options};
  attest_result result;
  attest(f->arena, &request, &options, &result);
  return result;
}

static void start(verify_fixture *f, arena *a, const char *const *settings) {
  const char *reason = "";
  verify_fixture_start(f, a, ATTESTATION_TPM, settings);
  f->options.roots = (trust_roots){0};
  cr_assert(roots_add_directory(a, &f->options.roots, f->directory, &reason));
}

static void expect(const char *setting, const char *text,
                   attest_outcome outcome, const char *words) {
  const char *const settings[] = {setting, NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  attest_result result = decide(&f, text);
  cr_expect_eq(result.outcome, outcome, "%s, %s: %s", setting, text,
               result.error.text);
  if (words)
    cr_expect(strstr(result.error.text, words), "%s", result.error.text);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(token_tpm, configuration_acts_before_verification) {
  expect("pcr-mask=0xffffff", "version=1.2;" PERMIT, ATTEST_PERMITTED, NULL);
  expect("pcr-mask=0x80", "version=1.2;" PERMIT, ATTEST_REFUSED,
         "required_pcr_mask is 0xffffff");
  expect("pcr-mask=0x80", RULES(MASK(128)) PERMIT, ATTEST_PERMITTED, NULL);
  expect("pcr-mask=0x80", RULES(MASK(0)) PERMIT, ATTEST_PERMITTED, NULL);
  expect("pcr-mask=0x80", RULES(MASK(129)) PERMIT, ATTEST_REFUSED,
         "0x000001 are not quoted");
  /* The last value counts. */
  expect("pcr-mask=0x80", RULES(MASK(128) MASK(129)) PERMIT, ATTEST_REFUSED,
         "not quoted");
  expect("aik-certificate=none", "version=1.2;" PERMIT, ATTEST_REFUSED,
         "AIK certificate");
  expect("aik-certificate=none", RULES(ANY_AIK) PERMIT, ATTEST_PERMITTED, NULL);
  expect("aik-certificate=none",
         RULES(ANY_AIK) "authorizationrules{[type==\"aikValidated\",value=="
                        "true]=>permit();};",
         ATTEST_REFUSED, "No Permit");
}

/* A client can send any name; it stands behind a prefix. */
Test(token_tpm, custom_claims_are_nobody_s_but_the_client_s) {
  expect("custom-claim=good:boolean:true",
         "version=1.2;authorizationrules{[type==\"good\"]=>permit();};",
         ATTEST_REFUSED, "No Permit");
  expect("custom-claim=good:boolean:true",
         "version=1.2;authorizationrules{[type==\"https://maapol.invalid/"
         "custom-claims/good\",value==true,issuer==\"CustomClaim\"]=>"
         "permit();};",
         ATTEST_PERMITTED, NULL);
  expect("custom-claim=good:boolean:true",
         "version=1.2;authorizationrules{[type==\"https://maapol.invalid/"
         "custom-claims/good\",issuer==\"AttestationService\"]=>permit();};",
         ATTEST_REFUSED, "No Permit");
}

static const value *claim_of(const attest_result *r, const char *name) {
  return value_member(&r->payload, slice_from(name));
}

Test(token_tpm, the_token_holds_what_the_policy_issues) {
  static const char *const settings[] = {"rp-data=hello", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, settings);
  attest_result day = decide(&f, "version=1.2;" PERMIT);
  attest_result r = decide(
      &f, "version=1.2;" PERMIT "issuancerules{c:[type==\"tpmVersion\"]=>"
          "issue(claim=c);=>issueproperty(type=\"report_validity_in_minutes\","
          "value=2);};");
  cr_assert_eq(r.outcome, ATTEST_PERMITTED);
  cr_expect_eq(claim_of(&day, "exp")->integer, FIXTURE_NOW + 86400);
  cr_expect_eq(claim_of(&r, "exp")->integer, FIXTURE_NOW + 120);
  cr_expect_eq(claim_of(&r, "tpmVersion")->integer, 2);
  cr_expect(slice_is(value_string(claim_of(&r, "nonce")), "aGVsbG8"));
  cr_expect(slice_is(value_string(claim_of(&r, "rp_data")), "aGVsbG8"));
  cr_expect(value_member(claim_of(&r, "cnf"), SLICE("jwk")));
  cr_expect_null(claim_of(&r, "secureBootEnabled"));
  cr_expect_null(claim_of(&r, "events"));
  cr_expect_null(claim_of(&day, "tpmVersion"));
  verify_fixture_end(&f);
  arena_free(&a);
}
