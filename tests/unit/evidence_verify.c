/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of SGX quotes and Open Enclave reports by signatures, and the
 * rules that hold for every kind. */
#include <openssl/x509.h>

#include "evidence/kinds.h"
#include "evidence/oe_report.h"
#include "evidence/sgx_verify.h"
#include "sign/ec_key.h"
#include "tests/unit/evidence_verify_fixture.h"

static const attestation_type types[] = {ATTESTATION_SGX_ENCLAVE,
                                         ATTESTATION_OPEN_ENCLAVE};

Test(evidence_verify, holds_under_the_root_that_signed) {
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    TEST_ARENA(a, EVIDENCE_ARENA);
    verify_fixture f;
    verify_fixture_start(&f, &a, types[i], NULL);
    evidence e = verified_evidence(&f, f.made.raw);
    cr_expect_eq(e.verification.status, VERIFICATION_SIGNATURE, "%s",
                 e.verification.reason);
    cr_expect_null(e.verification.reason);
    cr_expect_str_eq(e.verification.root, "root-ca.pem");
    cr_expect_null(e.verification.tcb_status);
    verify_fixture_end(&f);
    arena_free(&a);
  }
}

static void expect_same(const char *left, const char *right) {
  cr_expect_str_eq(left ? left : "", right ? right : "");
}

/* Only the words of what holds are left out: no verdict, no reason, no step. */
static void compare_without_words(verify_fixture *f, bytes raw) {
  evidence told = verified_evidence(f, raw);
  f->options.no_words = true;
  evidence e = verified_evidence(f, raw);
  f->options.no_words = false;
  cr_expect_eq(e.verification.status, told.verification.status);
  expect_same(e.verification.reason, told.verification.reason);
  expect_same(e.verification.root, told.verification.root);
  const verification_step *s = e.verification.steps;
  const verification_step *t = told.verification.steps;
  for (; s && t; s = s->next, t = t->next) {
    cr_expect_eq(s->result, t->result);
    cr_expect_str_eq(s->what, t->what);
    if (s->result != STEP_PASSED) {
      expect_same(s->with, t->with);
      expect_same(s->why, t->why);
    }
  }
  cr_expect(!s && !t);
}

Test(evidence_verify, needs_no_words_to_decide) {
  static const int64_t times[] = {FIXTURE_NOW, 0, INT64_C(2600000000)};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *changed = copied(&a, f.made.raw);
  for (size_t i = 0; i < COUNT_OF(times); i++) {
    f.options.now = times[i];
    compare_without_words(&f, f.made.raw);
  }
  f.options.now = FIXTURE_NOW;
  for (size_t i = 48; i < f.made.raw.length; i += 97) {
    evidence e;
    evidence_error error;
    bytes raw = {changed, f.made.raw.length};
    changed[i] ^= 1;
    if (evidence_parse(&a, ATTESTATION_SGX_ENCLAVE, raw, &e, &error))
      compare_without_words(&f, raw);
    changed[i] ^= 1;
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_verify, does_not_hold_otherwise) {
  static const struct {
    const char *setting; /* or NULL */
    bool only_builtin;   /* roots */
    int64_t now;
    verify_level level;
    const char *failed;
    verification_status expected;
  } rows[] = {
      {NULL, false, FIXTURE_NOW, VERIFY_NONE, "", VERIFICATION_NOT_DONE},
      {NULL, true, FIXTURE_NOW, VERIFY_SIGNATURE, "PCK certificate chain",
       VERIFICATION_FAILED},
      {NULL, false, 0, VERIFY_SIGNATURE, "PCK certificate chain",
       VERIFICATION_FAILED},
      {NULL, false, INT64_C(2600000000), VERIFY_SIGNATURE,
       "PCK certificate chain", VERIFICATION_FAILED},
      {NULL, false, FIXTURE_NOW, VERIFY_FULL, "", VERIFICATION_NOT_DONE},
      {"qe-mrsigner=00112233445566778899aabbccddeeff"
       "00112233445566778899aabbccddeeff",
       false, FIXTURE_NOW, VERIFY_SIGNATURE, "quoting enclave",
       VERIFICATION_FAILED},
      {"qe-product-id=2", false, FIXTURE_NOW, VERIFY_SIGNATURE,
       "quoting enclave", VERIFICATION_FAILED},
      {"qe-attributes=0x17", false, FIXTURE_NOW, VERIFY_SIGNATURE,
       "quoting enclave", VERIFICATION_FAILED},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    TEST_ARENA(a, EVIDENCE_ARENA);
    verify_fixture f;
    const char *settings[] = {rows[i].setting, NULL};
    verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, settings);
    f.options.now = rows[i].now;
    f.options.level = rows[i].level;
    if (rows[i].only_builtin)
      f.options.roots = roots_builtin(&a);
    evidence e = verified_evidence(&f, f.made.raw);
    cr_expect_eq(e.verification.status, rows[i].expected, "row %zu: %s", i,
                 e.verification.reason);
    cr_expect_not(evidence_is_verified(&e.verification));
    cr_expect_not_null(e.verification.reason);
    cr_expect_str_eq(failed_step(&e.verification), rows[i].failed, "row %zu",
                     i);
    verify_fixture_end(&f);
    arena_free(&a);
  }
}

/* Header, report, signature, key, QE report, its signature, QE data. */
Test(evidence_verify, fails_for_every_byte_that_is_signed, .timeout = 100) {
  TEST_ARENA(a, (size_t)2 << 30);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = copied(&a, f.made.raw);
  size_t end = SGX_SIGNATURE_OFFSET + 64 + 64 + 384 + 64 + 2 + 32;
  for (size_t i = 0; i < end; i++) {
    evidence e;
    evidence_error error;
    raw[i] ^= 0x04;
    if (evidence_parse(&a, f.made.type, (bytes){raw, f.made.raw.length}, &e,
                       &error)) {
      evidence_verify(&a, &e, &f.options);
      cr_expect_not(evidence_is_verified(&e.verification), "byte %zu", i);
    }
    raw[i] ^= 0x04;
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* White space and bits that base64 ignores may change, nothing else of leaf
 * and intermediate; the root is that of the store. */
Test(evidence_verify, fails_for_every_change_of_a_certificate, .timeout = 100) {
  TEST_ARENA(a, (size_t)2 << 30);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = copied(&a, f.made.raw);
  bytes changed = {raw, f.made.raw.length};
  evidence e = parsed_evidence(&a, f.made.type, changed);
  const sgx_quote *quote = e.detail;
  bytes pem = quote->signature.certification_data;
  certificate_chain before, after;
  const char *reason;
  cr_assert(certificate_chain_read(&a, pem, &before, &reason));
  size_t begin = (size_t)(pem.data - raw), verified = 0;
  for (size_t i = begin; i < begin + pem.length; i += 5) {
    raw[i] ^= 0x01;
    e = verified_evidence(&f, changed);
    if (evidence_is_verified(&e.verification)) {
      verified++;
      cr_assert(certificate_chain_read(&a, pem, &after, &reason));
      for (size_t c = 0; c < 2; c++)
        cr_expect_eq(X509_cmp(before.items[c], after.items[c]), 0,
                     "byte %zu, certificate %zu", i, c);
    }
    raw[i] ^= 0x01;
  }
  cr_expect_lt(verified, pem.length / 5 / 2);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Signed by the platform, but not what Intel's quoting enclave makes. */
Test(evidence_verify, wants_zeros_behind_the_hash_of_the_key) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = copied(&a, f.made.raw);
  uint8_t *report = raw + SGX_SIGNATURE_OFFSET + 64 + 64;
  report[sgx_report_fields[SGX_REPORT_DATA].offset + 40] = 1;
  cr_assert(ec_sign(f.pki.pck_key, (bytes){report, SGX_REPORT_BYTES},
                    report + SGX_REPORT_BYTES));
  evidence e = verified_evidence(&f, (bytes){raw, f.made.raw.length});
  cr_expect_str_eq(failed_step(&e.verification), "attestation key");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_verify, does_not_verify_without_the_certificates) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = copied(&a, f.made.raw);
  raw[SGX_SIGNATURE_OFFSET + 64 + 64 + 384 + 64 + 2 + 32] = 3;
  evidence e = verified_evidence(&f, (bytes){raw, f.made.raw.length});
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect(strstr(e.verification.reason, "type 3"));
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- rules for every kind ------------------------------------------------- */

Test(evidence_verify, forgets_no_verdict_of_before) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_assert(evidence_is_verified(&e.verification));
  f.options.level = VERIFY_NONE;
  evidence_verify(&a, &e, &f.options);
  cr_expect_not(evidence_is_verified(&e.verification));
  cr_expect_null(e.verification.steps);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_verify, needs_a_verifier) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e = {.type = ATTESTATION_TYPE_UNKNOWN};
  verify_options options = {.level = VERIFY_SIGNATURE};
  evidence_verify(&a, &e, &options);
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect(strstr(e.verification.reason, "cannot verify"));
  arena_free(&a);
}

Test(evidence_verify, reports_every_step) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  evidence e = verified_evidence(&f, f.made.raw);
  value report = verification_report(&a, &e.verification);
  const value *steps = value_member(&report, SLICE("steps"));
  buffer text = buffer_in(&a);
  verification_write_steps(&text, &e.verification);
  size_t lines = 0;
  for (size_t i = 0; i < text.length; i++)
    lines += text.data[i] == '\n';
  cr_expect_eq(steps->count, lines);
  cr_expect_eq(lines, 8);
  for (uint32_t i = 0; i < steps->count; i++) {
    const value *result = value_member(&steps->items[i], SLICE("result"));
    cr_expect(slice_is(value_string(result), "passed"));
  }
  verify_fixture_end(&f);
  arena_free(&a);
}
