/* SPDX-License-Identifier: Apache-2.0 */
/* Roots, and paths of certificates up to them. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "sign/digest.h"
#include "sign/ec_key.h"
#include "tests/unit/evidence_verify_fixture.h"

static verifier verifier_for(verify_fixture *f) {
  return (verifier){.arena = f->arena, .options = &f->options};
}

static bool holds(verify_fixture *f, X509 *const *list, size_t count,
                  verifier *v) {
  *v = verifier_for(f);
  v->end = &v->first;
  return verify_chain(v, list, count, "chain", NULL);
}

Test(evidence_chain, says_what_each_certificate_hangs_on) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verifier v;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  EVP_PKEY *key = ec_key_make(&a), *other = ec_key_make(&a);
  X509 *root = f.pki.root, *ca = f.pki.ca;
  X509 *leaf = fixture_certify(&f, ca, f.pki.ca_key, "leaf", key);
  X509 *forged = fixture_certify(&f, ca, other, "forged", key);
  X509 *below_leaf = fixture_certify(&f, leaf, key, "below", other);
  const struct {
    X509 *list[4];
    size_t count;
    step_result last;
  } rows[] = {
      {{leaf, ca, root}, 3, STEP_PASSED},
      {{leaf, ca}, 2, STEP_PASSED},
      {{leaf, root, forged, ca}, 4, STEP_PASSED}, /* in any order */
      {{root}, 1, STEP_PASSED},
      {{leaf}, 1, STEP_SKIPPED}, /* its issuer may exist */
      {{leaf, root}, 2, STEP_SKIPPED},
      {{forged, ca, root}, 3, STEP_FAILED},
      {{below_leaf, leaf, ca, root}, 4, STEP_FAILED},
      {{NULL}, 0, STEP_FAILED},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    bool good = holds(&f, rows[i].list, rows[i].count, &v);
    const verification_step *last = v.first;
    while (last->next)
      last = last->next;
    cr_expect_eq(good, rows[i].last == STEP_PASSED, "row %zu", i);
    cr_expect_eq(last->result, rows[i].last, "row %zu: %s", i, last->why);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* It may sign certificates by its key usage, but has no basic constraints. */
static X509 *make_half_authority(verify_fixture *f, const char *name,
                                 EVP_PKEY *key) {
  X509 *made = certificate_keep(f->arena, X509_new());
  X509_EXTENSION *usage =
      X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, "critical,keyCertSign");
  X509_set_version(made, X509_VERSION_3);
  X509_add_ext(made, usage, -1);
  X509_EXTENSION_free(usage);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(f->pki.root));
  ASN1_TIME_set_string(X509_getm_notBefore(made), "20200101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(made), "20400101000000Z");
  X509_set_pubkey(made, key);
  cr_assert(X509_sign(made, f->pki.root_key, EVP_sha256()) > 0);
  return made;
}

Test(evidence_chain, lets_only_authorities_issue) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verifier v;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  EVP_PKEY *key = ec_key_make(&a), *own = ec_key_make(&a);
  X509 *half = make_half_authority(&f, "half", key);
  X509 *leaf = make_half_authority(&f, "leaf", own);
  X509_set_issuer_name(leaf, X509_get_subject_name(half));
  cr_assert(X509_sign(leaf, key, EVP_sha256()) > 0);
  X509 *list[] = {leaf, half, f.pki.root};
  cr_expect_not(holds(&f, list, 3, &v));
  cr_expect(holds(&f, list + 1, 2, &v));
  verify_fixture_end(&f);
  arena_free(&a);
}

/* A root that was issued again, with the same key and other dates. */
Test(evidence_chain, trusts_each_issue_of_a_root) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verifier v;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  X509 *newer = certificate_keep(&a, X509_dup(f.pki.root));
  ASN1_INTEGER_set(X509_get_serialNumber(newer), 77);
  cr_assert(X509_sign(newer, f.pki.root_key, EVP_sha256()) > 0);
  X509 *list[] = {f.pki.ca, f.pki.root};
  X509 *both[] = {f.pki.root, newer};
  static const char *names[] = {"older.pem", "newer.pem"};
  f.options.roots = (trust_roots){.items = both, .names = names, .count = 2};
  cr_expect(holds(&f, list, 2, &v));
  cr_expect(holds(&f, list, 1, &v));
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_chain, counts_built_in_roots_of_one_vendor_alone) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verifier v;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  static const char *names[] = {"Intel SGX Root CA"};
  f.options.roots.names = names;
  X509 *list[] = {f.pki.ca, f.pki.root};
  static const struct {
    const char *vendor;
    size_t builtin;
    bool expected;
  } rows[] = {{NULL, 1, true}, {"Intel", 1, true}, {"AMD", 1, false},
              {"AMD", 0, true}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.options.roots.builtin_count = rows[i].builtin;
    v = verifier_for(&f);
    v.end = &v.first;
    v.vendor = rows[i].vendor;
    cr_expect_eq(verify_chain(&v, list, 2, "chain", NULL), rows[i].expected,
                 "row %zu", i);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* The key that Intel publishes, whatever certificate carries it. */
Test(evidence_chain, knows_intels_root_by_its_key) {
  static const char key_hash[] =
      "08cb5397a6281bbacc9c4232859b840f56868ed592d68c6eae4ce22ce23ea341";
  TEST_ARENA(a, EVIDENCE_ARENA);
  trust_roots roots = roots_builtin(&a);
  bool found = false;
  cr_expect_eq(roots.builtin_count, roots.count);
  for (size_t i = 0; i < roots.count; i++) {
    uint8_t point[EC_PUBLIC_BYTES], hash[SHA256_BYTES];
    cr_expect_eq(X509_verify(roots.items[i], X509_get0_pubkey(roots.items[i])),
                 1, "%s", roots.names[i]);
    if (strcmp(roots.names[i], "Intel SGX Root CA") != 0)
      continue;
    buffer hex = buffer_in(&a);
    cr_assert(ec_key_point(X509_get0_pubkey(roots.items[i]), point));
    digest_sha256(&a, (bytes){point, sizeof point}, hash);
    buffer_hex(&hex, (bytes){hash, sizeof hash});
    cr_expect(slice_is(buffer_slice(&hex), key_hash));
    found = true;
  }
  cr_expect(found);
  arena_free(&a);
}

Test(evidence_chain, reads_roots_from_a_directory) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  const char *reason = NULL;
  trust_roots roots = roots_builtin(&a);
  size_t before = roots.count;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, NULL);
  cr_assert(roots_add_directory(&a, &roots, f.directory, &reason));
  cr_expect_eq(roots.count, before + 3); /* no keys */
  cr_expect_eq(roots.builtin_count, before);
  cr_expect_str_eq(roots.names[before], "pck.pem");
  f.options.roots = roots;
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_str_eq(e.verification.root, "root-ca.pem");
  cr_expect_not(roots_add_directory(&a, &roots, "/dev/null/roots", &reason));
  cr_expect(strstr(reason, "/dev/null/roots"));
  buffer path = buffer_in(&a);
  buffer_printf(&path, "%s/broken.der", f.directory);
  FILE *file = fopen(buffer_slice(&path).data, "w");
  fputs("no certificate", file);
  fclose(file);
  cr_expect_not(roots_add_directory(&a, &roots, f.directory, &reason));
  cr_expect(strstr(reason, "broken.der"));
  verify_fixture_end(&f);
  arena_free(&a);
}
