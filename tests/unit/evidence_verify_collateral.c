/* SPDX-License-Identifier: Apache-2.0 */
/* Full verification: collateral, revocation, TCB status. */
#include <openssl/x509.h>

#include "base/file.h"
#include "sign/ec_key.h"
#include "tests/unit/evidence_verify_fixture.h"

static void start(verify_fixture *f, arena *a) {
  verify_fixture_start(f, a, ATTESTATION_SGX_ENCLAVE, NULL);
  verify_fixture_add_collateral(f);
}

Test(evidence_collateral, makes_verification_full) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_FULL, "%s",
               e.verification.reason);
  cr_expect_str_eq(e.verification.tcb_status, "UpToDate");
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Text that Intel might have signed, but not for this quote at this time. */
static const struct {
  bool is_qe;
  const char *from, *to, *failed;
} documents[] = {
    {false, "2025-06-19T", "2025-07-02T", "TCB info dates"},
    {false, "2025-07-19T", "2025-06-30T", "TCB info dates"},
    {false, "2025-07-19T10:56:11Z", "tomorrow", "TCB info dates"},
    {false, "\"SGX\"", "\"TDX\"", "TCB info"},
    {false, "\"version\":3", "\"version\":4", "TCB info"},
    {false, "00906ED50000", "00906ED50001", "TCB info platform"},
    {false, "00906ED50000", "00906ED5", "TCB info platform"},
    {false, "\"0000\"", "\"0001\"", "TCB info platform"},
    {false, "\"pcesvn\":14", "\"pcesvn\":15", "TCB level"},
    {false, "\"pcesvn\":14", "\"pcesvn\":-1", "TCB level"},
    {false, "{\"svn\":20}", "{\"svn\":21}", "TCB level"},
    {false, "{\"svn\":20}", "{}", "TCB level"},
    {false, "{\"svn\":0}]", "{\"svn\":1}]", "TCB level"},
    {false, ",{\"svn\":0}]", "]", "TCB level"},
    {false, "\"tcbStatus\":\"UpToDate\"", "\"tcbStatus\":1", "TCB level"},
    {false, "UpToDate", "OutOfDate", "TCB status"},
    {false, "UpToDate", "Revoked", "TCB status"},
    {false, "UpToDate", "Fine", "TCB status"},
    {true, "2025-06-19T", "2025-07-02T", "QE identity dates"},
    {true, "2025-07-19T", "2025-06-30T", "QE identity dates"},
    {true, "\"QE\"", "\"TD_QE\"", "QE identity"},
    {true, "\"version\":2", "\"version\":1", "QE identity"},
    {true, "8C4F", "8C4E", "QE report against its identity"},
    {true, "\"isvprodid\":1", "\"isvprodid\":2",
     "QE report against its identity"},
    {true, "\"1100", "\"1300", "QE report against its identity"},
    {true, "\"00000000\"", "\"00000001\"", "QE report against its identity"},
    {true, "\"FBFF", "\"FFFF", "QE report against its identity"},
    {true, "\"isvsvn\":9", "\"isvsvn\":10", "TCB status"},
    {true, "UpToDate", "Revoked", "TCB status"},
};

/* A status of the quoting enclave that Intel never gives must not stand in
 * for that of the platform. */
Test(evidence_collateral, no_status_hides_another) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  f.collateral.tcb_info = fixture_tcb_info(&f, "UpToDate", "OutOfDate");
  f.collateral.qe_identity =
      fixture_qe_identity(&f, "UpToDate", "SWHardeningNeeded");
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_FAILED);
  cr_expect_str_eq(failed_step(&e.verification), "TCB status");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_collateral, must_be_of_this_platform_at_this_time) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  collateral good = f.collateral;
  for (size_t i = 0; i < COUNT_OF(documents); i++) {
    f.collateral = good;
    if (documents[i].is_qe)
      f.collateral.qe_identity =
          fixture_qe_identity(&f, documents[i].from, documents[i].to);
    else
      f.collateral.tcb_info =
          fixture_tcb_info(&f, documents[i].from, documents[i].to);
    evidence e = verified_evidence(&f, f.made.raw);
    cr_expect_eq(e.verification.status, VERIFICATION_FAILED, "row %zu", i);
    cr_expect_str_eq(failed_step(&e.verification), documents[i].failed,
                     "row %zu: %s", i, e.verification.reason);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_collateral, accepts_the_statuses_that_are_named) {
  static const char *const old[] = {"OutOfDate", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  f.options.accepted_tcb = old;
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_str_eq(failed_step(&e.verification), "TCB status");
  f.collateral.tcb_info = fixture_tcb_info(&f, "UpToDate", "OutOfDate");
  e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_FULL);
  cr_expect_str_eq(e.verification.tcb_status, "OutOfDate");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_collateral, joins_platform_and_quoting_enclave) {
  static const char *const rows[][3] = {
      {"UpToDate", "UpToDate", "UpToDate"},
      {"UpToDate", "OutOfDate", "OutOfDate"},
      {"SWHardeningNeeded", "UpToDate", "SWHardeningNeeded"},
      {"SWHardeningNeeded", "OutOfDate", "OutOfDate"},
      {"ConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"},
      {"ConfigurationAndSWHardeningNeeded", "OutOfDate",
       "OutOfDateConfigurationNeeded"},
      {"OutOfDate", "UpToDate", "OutOfDate"},
      {"UpToDate", "Revoked", "Revoked"},
      {"Revoked", "UpToDate", "Revoked"},
      {"Revoked", "OutOfDate", "Revoked"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(tcb_status_join(rows[i][0], rows[i][1]), rows[i][2],
                     "row %zu", i);
}

Test(evidence_collateral, is_signed_byte_by_byte, .timeout = 100) {
  TEST_ARENA(a, (size_t)2 << 30);
  verify_fixture f;
  start(&f, &a);
  slice *files[] = {&f.collateral.tcb_info, &f.collateral.qe_identity};
  for (size_t n = 0; n < COUNT_OF(files); n++) {
    slice good = *files[n];
    uint8_t *text = copied(&a, bytes_from_slice(good));
    *files[n] = (slice){(const char *)text, good.length};
    for (size_t i = 0; i < good.length; i += 3) {
      if (text[i] == ' ' || text[i] == '\n')
        continue;
      text[i] ^= 0x01;
      evidence e = verified_evidence(&f, f.made.raw);
      cr_expect_neq(e.verification.status, VERIFICATION_FULL, "byte %zu", i);
      text[i] ^= 0x01;
    }
    *files[n] = good;
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_collateral, that_is_missing_is_not_verified) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  collateral good = f.collateral;
  for (int i = 0; i < 5; i++) {
    f.collateral = good;
    switch (i) {
    case 0: f.collateral.tcb_info = SLICE_EMPTY; break;
    case 1: f.collateral.qe_identity = SLICE_EMPTY; break;
    case 2: f.collateral.tcb_signing_chain = SLICE_EMPTY; break;
    case 3: f.collateral.pck_crl.length = 0; break;
    default: f.collateral.root_ca_crl.length = 0; break;
    }
    evidence e = verified_evidence(&f, f.made.raw);
    cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE, "row %d", i);
    cr_expect(strstr(e.verification.reason, "missing"));
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- who signs ------------------------------------------------------------ */

static void expect_signer(verify_fixture *f, X509 *signer, X509 *issuer,
                          const char *failed) {
  f->collateral.tcb_signing_chain = fixture_chain(f, signer, issuer);
  evidence e = verified_evidence(f, f->made.raw);
  cr_expect_str_eq(failed_step(&e.verification), failed, "%s",
                   e.verification.reason);
}

Test(evidence_collateral, is_signed_by_a_certificate_for_that_alone) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  EVP_PKEY *other = ec_key_make(&a);
  X509 *under_ca =
      fixture_certify(&f, f.pki.ca, f.pki.ca_key,
                      "maapol test SGX TCB Signing", f.signer_key);
  X509 *platform = fixture_certify(&f, f.pki.root, f.pki.root_key,
                                   "maapol test SGX PCK Certificate",
                                   f.signer_key);
  X509 *another = fixture_certify(&f, f.pki.root, f.pki.root_key,
                                  "maapol test SGX TCB Signing", other);
  X509 *stranger = fixture_certify(&f, f.pki.root, other,
                                   "maapol test SGX TCB Signing",
                                   f.signer_key);
  expect_signer(&f, f.signer, f.pki.root, "");
  expect_signer(&f, under_ca, f.pki.ca, "TCB signing certificate");
  expect_signer(&f, platform, f.pki.root, "TCB signing certificate");
  expect_signer(&f, another, f.pki.root, "TCB info signature");
  expect_signer(&f, stranger, f.pki.root, "TCB signing chain");
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- revocation ----------------------------------------------------------- */

static bytes in_hex(arena *a, bytes data, const char *end) {
  buffer text = buffer_in(a);
  buffer_hex(&text, data);
  buffer_add(&text, slice_from(end));
  return bytes_from_slice(buffer_slice(&text));
}

Test(evidence_collateral, knows_what_is_revoked) {
  static const char from[] = "20250601000000Z", to[] = "20250801000000Z";
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  evidence e = verified_evidence(&f, f.made.raw);
  certificate_chain leaf;
  const char *reason;
  buffer path = buffer_in(&a);
  slice text;
  buffer_printf(&path, "%s/pck.pem", f.directory);
  cr_assert_eq(file_read(&a, buffer_slice(&path).data, 1 << 20, &text, &reason),
               FILE_OK);
  cr_assert(
      certificate_chain_read(&a, bytes_from_slice(text), &leaf, &reason));
  X509 *root = f.pki.root, *ca = f.pki.ca;
  EVP_PKEY *root_key = f.pki.root_key, *ca_key = f.pki.ca_key;
  bytes pck = f.collateral.pck_crl, under_root = f.collateral.root_ca_crl;
  static const uint8_t garbage[] = {0x30, 0x01, 0x00};
  const struct {
    bytes pck, root;
    const char *failed;
  } rows[] = {
      {pck, fixture_crl(&f, root, root_key, from, to, ca), "root CA CRL"},
      {pck, fixture_crl(&f, root, root_key, from, to, f.signer),
       "root CA CRL"},
      {fixture_crl(&f, ca, ca_key, from, to, leaf.items[0]), under_root,
       "PCK CRL"},
      {fixture_crl(&f, ca, ca_key, from, to, ca), under_root, ""},
      {fixture_crl(&f, ca, ca_key, from, "20250630000000Z", NULL), under_root,
       "PCK CRL dates"},
      {fixture_crl(&f, ca, ca_key, "20250702000000Z", to, NULL), under_root,
       "PCK CRL dates"},
      {fixture_crl(&f, ca, root_key, from, to, NULL), under_root,
       "PCK CRL signature"},
      {under_root, under_root, "PCK CRL signature"},
      {{garbage, sizeof garbage}, under_root, "PCK CRL"},
      {in_hex(&a, pck, "\r\n"), in_hex(&a, under_root, ""), ""},
      {in_hex(&a, fixture_crl(&f, ca, ca_key, from, to, leaf.items[0]), "\n"),
       under_root, "PCK CRL"},
      {in_hex(&a, pck, "0"), under_root, "PCK CRL"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.collateral.pck_crl = rows[i].pck;
    f.collateral.root_ca_crl = rows[i].root;
    e = verified_evidence(&f, f.made.raw);
    cr_expect_str_eq(failed_step(&e.verification), rows[i].failed, "row %zu",
                     i);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- version 2 of TCB info ------------------------------------------------ */

Test(evidence_collateral, reads_tcb_info_of_version_2) {
  static const unsigned svn[] = {20, 20, 11, 7, 255, 128, 14};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  for (unsigned more = 0; more < 2; more++) {
    buffer v3 = buffer_in(&a), v2 = buffer_in(&a);
    buffer_text(&v3, "\"sgxtcbcomponents\":[");
    for (unsigned i = 0; i < 16; i++) {
      unsigned wanted = i < COUNT_OF(svn) ? svn[i] : 0;
      buffer_printf(&v3, "%s{\"svn\":%u}", i ? "," : "", wanted);
      buffer_printf(&v2, "%s\"sgxtcbcomp%02usvn\":%u", i ? "," : "", i + 1,
                    wanted + (i == 15 ? more : 0));
    }
    buffer_text(&v3, "]");
    f.collateral.tcb_info = fixture_tcb_info(&f, buffer_slice(&v3).data,
                                             buffer_slice(&v2).data);
    evidence e = verified_evidence(&f, f.made.raw);
    cr_expect_str_eq(failed_step(&e.verification), more ? "TCB level" : "",
                     "%s", e.verification.reason);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- hashes --------------------------------------------------------------- */

Test(evidence_collateral, adds_the_hashes_that_there_is_text_for) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a);
  evidence e = verified_evidence(&f, f.made.raw);
  collateral one = {.tcb_info = SLICE("{}\n")};
  collateral_add_hashes(&a, &e, &one);
  const value *hashes =
      value_member(&e.token_claims, SLICE("x-ms-sgx-collateral"));
  cr_expect_eq(hashes->count, 2);
  /* printf '{}\0' | sha256sum */
  cr_expect(slice_is(value_string(value_member(hashes, SLICE("tcbinfohash"))),
                     "68e9e86b6926cc2b37df96b5e61bb8cabdab276272bb73f6767e42"
                     "0c3ead0663"));
  collateral_add_hashes(&a, &e, &f.collateral);
  hashes = value_member(&e.token_claims, SLICE("maa-attestationcollateral"));
  cr_expect_eq(hashes->count, 7);
  verify_fixture_end(&f);
  arena_free(&a);
}
