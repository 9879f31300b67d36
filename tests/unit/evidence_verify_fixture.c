/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence_verify_fixture.h"

#include <dirent.h>
#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "evidence/certificate.h"
#include "evidence/sgx_quote.h"
#include "sign/ec_key.h"

/* The defaults of synthetic quotes: evidence/sgx_make.c. */
static const char tcb_text[] =
    "{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2025-06-19T10:56:11Z\","
    "\"nextUpdate\":\"2025-07-19T10:56:11Z\",\"fmspc\":\"00906ED50000\","
    "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,"
    "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":20},{\"svn\":20},"
    "{\"svn\":11},{\"svn\":7},{\"svn\":255},{\"svn\":128},{\"svn\":14},"
    "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},"
    "{\"svn\":0},{\"svn\":0},{\"svn\":0}],\"pcesvn\":14},\"tcbDate\":"
    "\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}";

static const char qe_text[] =
    "{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-06-19T10:01:18Z\","
    "\"nextUpdate\":\"2025-07-19T10:01:18Z\",\"tcbEvaluationDataNumber\":17,"
    "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
    "\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":"
    "\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"8C4F5775D796503E9613"
    "7F77C68A829A0056AC8DED70140B081B094490C57BFF\",\"isvprodid\":1,"
    "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":9},\"tcbDate\":"
    "\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"isvsvn\":"
    "1},\"tcbDate\":\"2018-08-15T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]}";

void verify_fixture_start(verify_fixture *f, arena *a, attestation_type type,
                          const char *const *settings) {
  slice list[16];
  evidence_error error = {0};
  *f = (verify_fixture){.arena = a, .directory = "/tmp/maapol-verify-XXXXXX"};
  cr_assert_not_null(mkdtemp(f->directory));
  evidence_recipe recipe = {.type = type,
                            .pki_directory = f->directory,
                            .settings = list};
  for (; settings && *settings; settings++)
    list[recipe.setting_count++] = slice_from(*settings);
  cr_assert(evidence_make(a, &recipe, &f->made, &error), "%s", error.message);
  cr_assert(test_pki_open(a, f->directory, &f->pki, &error), "%s",
            error.message);
  static const char *root_name[] = {"root-ca.pem"};
  f->options = (verify_options){
      .level = VERIFY_SIGNATURE,
      .now = FIXTURE_NOW,
      .roots = {.items = &f->pki.root, .names = root_name, .count = 1}};
}

void verify_fixture_end(verify_fixture *f) {
  DIR *directory = opendir(f->directory);
  for (struct dirent *d; directory && (d = readdir(directory)) != NULL;)
    unlinkat(dirfd(directory), d->d_name, 0);
  closedir(directory);
  rmdir(f->directory);
}

evidence verified_evidence(const verify_fixture *f, bytes raw) {
  evidence e = parsed_evidence(f->arena, f->made.type, raw);
  evidence_verify(f->arena, &e, &f->options);
  return e;
}

const char *failed_step(const evidence_verification *v) {
  for (const verification_step *s = v->steps; s; s = s->next)
    if (s->result == STEP_FAILED)
      return s->what;
  return "";
}

/* --- documents ------------------------------------------------------------ */

static slice replaced(arena *a, const char *text, const char *from,
                      const char *to) {
  buffer out = buffer_in(a);
  const char *at = from ? strstr(text, from) : NULL;
  cr_assert(!from || at, "no %s in the text", from);
  if (!at)
    return slice_from(text);
  buffer_add(&out, slice_between(text, at));
  buffer_text(&out, to);
  buffer_text(&out, at + strlen(from));
  return buffer_slice(&out);
}

static slice signed_text(verify_fixture *f, const char *name, slice inner) {
  uint8_t signature[EC_SIGNATURE_BYTES];
  buffer out = buffer_in(f->arena);
  cr_assert(ec_sign(f->signer_key, bytes_from_slice(inner), signature));
  buffer_printf(&out, "{ \"%s\" : ", name);
  buffer_add(&out, inner);
  buffer_text(&out, ", \"signature\":\"");
  buffer_hex(&out, (bytes){signature, sizeof signature});
  buffer_text(&out, "\"}\n");
  return buffer_slice(&out);
}

slice fixture_tcb_info(verify_fixture *f, const char *from, const char *to) {
  return signed_text(f, "tcbInfo", replaced(f->arena, tcb_text, from, to));
}

slice fixture_qe_identity(verify_fixture *f, const char *from,
                          const char *to) {
  return signed_text(f, "enclaveIdentity",
                     replaced(f->arena, qe_text, from, to));
}

/* --- revocation lists ----------------------------------------------------- */

static void revoke(X509_CRL *list, const X509 *certificate, const char *when) {
  X509_REVOKED *entry = X509_REVOKED_new();
  ASN1_TIME *time = ASN1_TIME_new();
  ASN1_TIME_set_string(time, when);
  X509_REVOKED_set_revocationDate(entry, time);
  ASN1_INTEGER *serial =
      ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
  X509_REVOKED_set_serialNumber(entry, serial);
  X509_CRL_add0_revoked(list, entry);
  ASN1_INTEGER_free(serial);
  ASN1_TIME_free(time);
}

bytes fixture_crl(verify_fixture *f, X509 *issuer, EVP_PKEY *key,
                  const char *from, const char *to, const X509 *revoked) {
  X509_CRL *list = X509_CRL_new();
  ASN1_TIME *begin = ASN1_TIME_new(), *end = ASN1_TIME_new();
  uint8_t *der = NULL;
  cr_assert(ASN1_TIME_set_string(begin, from) && ASN1_TIME_set_string(end, to));
  X509_CRL_set_version(list, 1);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer));
  X509_CRL_set1_lastUpdate(list, begin);
  X509_CRL_set1_nextUpdate(list, end);
  if (revoked)
    revoke(list, revoked, from);
  cr_assert(X509_CRL_sign(list, key, EVP_sha256()) > 0);
  int length = i2d_X509_CRL(list, &der);
  bytes copy = {copied(f->arena, (bytes){der, (size_t)length}),
                (size_t)length};
  OPENSSL_free(der);
  ASN1_TIME_free(begin);
  ASN1_TIME_free(end);
  X509_CRL_free(list);
  return copy;
}

/* --- certificates --------------------------------------------------------- */

X509 *fixture_certify(verify_fixture *f, X509 *issuer, EVP_PKEY *issuer_key,
                      const char *name, EVP_PKEY *key) {
  X509 *result = NULL;
  evidence_error error = {0};
  test_certificate what = {.issuer = issuer,
                           .issuer_key = issuer_key,
                           .name = name,
                           .key = key};
  cr_assert(test_pki_certify(f->arena, &what, &result, &error), "%s",
            error.message);
  return result;
}

slice fixture_chain(verify_fixture *f, X509 *leaf, X509 *issuer) {
  buffer out = buffer_in(f->arena);
  certificate_write(&out, leaf);
  certificate_write(&out, issuer);
  return buffer_slice(&out);
}

void verify_fixture_add_collateral(verify_fixture *f) {
  static const char from[] = "20250601000000Z", to[] = "20250801000000Z";
  f->signer_key = ec_key_make(f->arena);
  f->signer = fixture_certify(f, f->pki.root, f->pki.root_key,
                              "maapol test SGX TCB Signing", f->signer_key);
  f->collateral = (collateral){
      .tcb_info = fixture_tcb_info(f, NULL, NULL),
      .qe_identity = fixture_qe_identity(f, NULL, NULL),
      .tcb_signing_chain = fixture_chain(f, f->signer, f->pki.root),
      .pck_crl = fixture_crl(f, f->pki.ca, f->pki.ca_key, from, to, NULL),
      .root_ca_crl =
          fixture_crl(f, f->pki.root, f->pki.root_key, from, to, NULL)};
  f->options.collateral = &f->collateral;
  f->options.level = VERIFY_FULL;
}
