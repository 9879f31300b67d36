/* SPDX-License-Identifier: Apache-2.0 */
/* AMD's revocation lists, issued by the test root in the ARK's place. */
#include "sign/ec_key.h"
#include "tests/unit/evidence_snp_fixture.h"
#include "tests/unit/evidence_verify_fixture.h"

#define FROM "20250601000000Z"
#define TO "20250801000000Z"

typedef struct revocation_fixture {
  verify_fixture f;
  X509 *ask, *other_root;
  EVP_PKEY *other_key;
  amd_crl lists[3];
} revocation_fixture;

static void start(revocation_fixture *r, arena *a) {
  static const char *const none[] = {NULL};
  evidence_error error;
  EVP_PKEY *key;
  test_pki other;
  verify_fixture_start(&r->f, a, ATTESTATION_SEV_SNP_VM, none);
  cr_assert(test_pki_authority(a, &r->f.pki, "sev-ca", "maapol test SEV CA",
                               &r->ask, &key, &error));
  cr_assert(test_pki_open(a, NULL, &other, &error));
  r->other_root = other.root;
  r->other_key = other.root_key;
  r->f.collateral = (collateral){.amd_crls = r->lists};
  r->f.options.collateral = &r->f.collateral;
  r->f.options.level = VERIFY_FULL;
}

static amd_crl list_of(revocation_fixture *r, X509 *issuer, EVP_PKEY *key,
                       const X509 *revoked) {
  return (amd_crl){"vcek_crl.der",
                   fixture_crl(&r->f, issuer, key, FROM, TO, revoked)};
}

static amd_crl good_list(revocation_fixture *r) {
  return list_of(r, r->f.pki.root, r->f.pki.root_key, NULL);
}

/* Verifies with the first `count` lists. */
static evidence_verification verified(revocation_fixture *r, size_t count) {
  r->f.collateral.amd_crl_count = count;
  return verified_evidence(&r->f, r->f.made.raw).verification;
}

Test(snp_revocation, makes_verification_full) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  revocation_fixture r;
  start(&r, &a);
  r.lists[0] = good_list(&r);
  evidence_verification v = verified(&r, 1);
  cr_expect_eq(v.status, VERIFICATION_FULL, "%s", v.reason);
  buffer text = buffer_in(&a);
  verification_write_result(&text, &v);
  cr_expect_null(strstr(buffer_slice(&text).data, "TCB status"));
  r.f.options.level = VERIFY_SIGNATURE;
  cr_expect_eq(verified(&r, 1).status, VERIFICATION_SIGNATURE);
  verify_fixture_end(&r.f);
  arena_free(&a);
}

Test(snp_revocation, is_wanted) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  revocation_fixture r;
  start(&r, &a);
  cr_expect_eq(verified(&r, 0).status, VERIFICATION_NOT_DONE);
  r.f.options.collateral = NULL;
  cr_expect_eq(verified(&r, 0).status, VERIFICATION_NOT_DONE);
  verify_fixture_end(&r.f);
  arena_free(&a);
}

Test(snp_revocation, refuses_what_is_revoked) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  revocation_fixture r;
  start(&r, &a);
  r.lists[0] = list_of(&r, r.f.pki.root, r.f.pki.root_key, r.ask);
  evidence_verification v = verified(&r, 1);
  cr_expect_eq(v.status, VERIFICATION_FAILED);
  cr_expect_not_null(strstr(v.reason, "is revoked"));
  /* A second list that does not name it takes nothing back. */
  r.lists[1] = r.lists[0];
  r.lists[0] = good_list(&r);
  cr_expect_eq(verified(&r, 2).status, VERIFICATION_FAILED);
  cr_expect_eq(verified(&r, 1).status, VERIFICATION_FULL);
  verify_fixture_end(&r.f);
  arena_free(&a);
}

Test(snp_revocation, refuses_lists_that_are_stale_or_not_the_arks) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  revocation_fixture r;
  start(&r, &a);
  r.lists[0] = good_list(&r);
  r.f.options.now = FIXTURE_NOW + 40 * 86400;
  cr_expect_not_null(strstr(verified(&r, 1).reason, "dates"));
  r.f.options.now = FIXTURE_NOW - 40 * 86400;
  cr_expect_not_null(strstr(verified(&r, 1).reason, "dates"));
  r.f.options.now = FIXTURE_NOW;
  /* The ARK's name, under another key: both test roots have one name. */
  r.lists[0] = list_of(&r, r.other_root, r.other_key, NULL);
  evidence_verification v = verified(&r, 1);
  cr_expect_eq(v.status, VERIFICATION_FAILED);
  cr_expect_not_null(strstr(v.reason, "signature"));
  verify_fixture_end(&r.f);
  arena_free(&a);
}

Test(snp_revocation, passes_over_lists_of_others_and_refuses_no_lists) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  revocation_fixture r;
  start(&r, &a);
  r.lists[0] = list_of(&r, r.ask, r.other_key, NULL);
  cr_expect_eq(verified(&r, 1).status, VERIFICATION_NOT_DONE);
  r.lists[1] = good_list(&r);
  cr_expect_eq(verified(&r, 2).status, VERIFICATION_FULL);
  r.lists[2] = (amd_crl){"crl", {(const uint8_t *)"no list", 7}};
  cr_expect_eq(verified(&r, 3).status, VERIFICATION_FAILED);
  verify_fixture_end(&r.f);
  arena_free(&a);
}

/* Names of AMD's files, and what is none of them. */
Test(snp_revocation, finds_its_files) {
  static const char *const names[] = {
      "crl",         "vcek_crl.der", "CRL-Genoa.PEM", "turin.crl",
      "pck_crl.der", "root_ca_crl.pem", "crl.txt",    "vcek.der"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  revocation_fixture r;
  start(&r, &a);
  evidence_error error;
  const char *reason;
  collateral found;
  amd_crl list = good_list(&r);
  for (size_t i = 0; i < COUNT_OF(names); i++)
    cr_assert(test_pki_write(&a, r.f.directory, names[i],
                             slice_from_bytes(list.data), &error));
  cr_assert(collateral_read(&a, r.f.directory, &found, &reason));
  cr_assert_eq(found.amd_crl_count, 4u);
  for (size_t i = 0; i < 4; i++)
    cr_expect_eq(found.amd_crls[i].data.length, list.data.length);
  cr_expect_str_eq(found.amd_crls[0].name, "CRL-Genoa.PEM");
  cr_expect_gt(found.pck_crl.length, 0u);
  verify_fixture_end(&r.f);
  arena_free(&a);
}
