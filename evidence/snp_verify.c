/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a processor of AMD vouches for a report: AMD 57230, "VCEK
 * Certificate and KDS Interface", and 56860. */
#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/der.h"
#include "evidence/snp_report.h"

/* Extension CHIP_ID of a VCEK, and CSP_ID of a VLEK. */
#define CHIP_ID_OID "1.3.6.1.4.1.3704.1.4"
#define CSP_ID_OID "1.3.6.1.4.1.3704.1.5"

static void turn(uint8_t *to, bytes number) {
  for (size_t i = 0; i < EC384_NUMBER_BYTES; i++)
    to[i] = number.data[EC384_NUMBER_BYTES - 1 - i];
}

static bool fits(bytes number) {
  return bytes_are_zero((bytes){number.data + EC384_NUMBER_BYTES,
                                number.length - EC384_NUMBER_BYTES});
}

bool snp_signature(bytes report, uint8_t signature[EC384_SIGNATURE_BYTES]) {
  bytes r = snp_bytes(report, SNP_SIGNATURE_R);
  bytes s = snp_bytes(report, SNP_SIGNATURE_S);
  turn(signature, r);
  turn(signature + EC384_NUMBER_BYTES, s);
  return fits(r) && fits(s);
}

bool snp_certified_component(const X509 *leaf, snp_component which,
                             uint8_t *version) {
  bytes rest = certificate_extension(leaf, snp_components[which].oid), content;
  uint8_t tag;
  uint64_t number;
  if (!der_next(&rest, &tag, &content) || tag != DER_INTEGER ||
      rest.length > 0 || !der_number(content, &number) || number > UINT8_MAX)
    return false;
  *version = (uint8_t)number;
  return true;
}

/* --- certificates --------------------------------------------------------- */

/* The evidence's own chain, or the one that was given beside it. False after
 * a step that says what is missing. */
static bool find_chain(verifier *v, const snp_evidence *snp,
                       presented_chain *chain) {
  static const char what[] = "certificate chain";
  bytes pem = snp->certificates;
  if (pem.length == 0)
    pem = v->options->certificates;
  if (pem.length == 0) {
    verify_skipped(v, what,
                   "the report comes without its VCEK or VLEK certificate");
    return false;
  }
  const char *reason;
  return verify_read_chain(v, pem, false, chain, &reason) ||
         verify_step(v, false, what, NULL, reason);
}

static bool check_signature(verifier *v, bytes report, X509 *leaf,
                            const char *leaf_name) {
  uint8_t signature[EC384_SIGNATURE_BYTES];
  bytes signed_part = {report.data, SNP_SIGNED_BYTES};
  bool holds = snp_signature(report, signature) &&
               ec384_verify(X509_get0_pubkey(leaf), signed_part,
                            (bytes){signature, sizeof signature});
  return verify_step(v, holds, "report signature", leaf_name,
                     holds ? "ECDSA P-384 with SHA-384 over bytes 0 to 671"
                           : "it is not this key's over bytes 0 to 671");
}

/* The VLEK is the cloud provider's, for all of its chips. */
static bool check_signer(verifier *v, bytes report, const X509 *leaf,
                         const char *leaf_name) {
  static const char what[] = "signing key";
  bool has_provider = certificate_extension(leaf, CSP_ID_OID).length > 0;
  switch (snp_signing_key(report)) {
  case SNP_SIGNED_BY_VCEK:
    return verify_step(v, !has_provider, what, leaf_name,
                       has_provider ? "the report says VCEK, the certificate "
                                      "is of a VLEK"
                                    : "VCEK, as the report says");
  case SNP_SIGNED_BY_VLEK:
    return verify_step(v, has_provider, what, leaf_name,
                       has_provider ? "VLEK, as the report says"
                                    : "the report says VLEK, the certificate "
                                      "names no provider (CSP_ID)");
  default:
    return verify_step(v, false, what, leaf_name,
                       "the report says neither VCEK nor VLEK");
  }
}

/* A chip that masks its id puts zeros there; its VCEK names it all the same.
 * From Turin on the id has 8 bytes. */
static bool check_chip(verifier *v, bytes report, const X509 *leaf,
                       const char *leaf_name) {
  static const char what[] = "chip id";
  if (snp_signing_key(report) != SNP_SIGNED_BY_VCEK)
    return true;
  bytes id = snp_bytes(report, SNP_CHIP_ID);
  bytes certified = certificate_extension(leaf, CHIP_ID_OID);
  if (bytes_are_zero(id))
    return verify_step(v, true, what, leaf_name, "masked in the report");
  bool holds = certified.length > 0 && certified.length <= id.length &&
               bytes_equal(certified, (bytes){id.data, certified.length}) &&
               bytes_are_zero((bytes){id.data + certified.length,
                                      id.length - certified.length});
  return verify_step(v, holds, what, leaf_name,
                     holds ? "CHIP_ID is the certificate's"
                           : "CHIP_ID is another one than the certificate's");
}

static bool check_component(verifier *v, bytes report, const X509 *leaf,
                            snp_component which, const char *leaf_name) {
  const char *name = snp_components[which].name;
  bytes reported = snp_component_bytes(report, SNP_REPORTED_TCB, which);
  uint8_t certified = 0;
  bool is_certified = snp_certified_component(leaf, which, &certified);
  if (!reported.data && !is_certified)
    return true;
  if (!reported.data || !is_certified)
    return verify_step(v, false, "reported TCB", leaf_name,
                       verify_text(v, "%s: only the %s has it", name,
                                   is_certified ? "certificate" : "report"));
  bool holds = reported.data[0] == certified;
  return verify_step(v, holds, "reported TCB", leaf_name,
                     verify_text(v,
                                 "%s %u in REPORTED_TCB, %u in the "
                                 "certificate",
                                 name, reported.data[0], certified));
}

static bool check_tcb(verifier *v, bytes report, const X509 *leaf,
                      const char *leaf_name) {
  bool holds = true;
  for (int i = 0; i < SNP_COMPONENT_COUNT; i++)
    holds =
        check_component(v, report, leaf, (snp_component)i, leaf_name) && holds;
  return holds;
}

/* --- all ------------------------------------------------------------------ */

static bool check_runtime(verifier *v, const snp_evidence *snp) {
  if (!snp->hcl)
    return true;
  bool holds =
      hcl_runtime_is_bound(snp->hcl, snp_bytes(snp->report, SNP_REPORT_DATA));
  return verify_step(v, holds, "runtime data of the HCL report", NULL,
                     holds ? "REPORT_DATA is its hash"
                           : "REPORT_DATA is not its hash");
}

static bool check_report(verifier *v, const snp_evidence *snp,
                         const presented_chain *chain,
                         certificate_chain *path) {
  bytes report = snp->report;
  X509 *leaf = chain->certificates.items[0];
  const char *name = certificate_subject(v->arena, leaf).data;
  return verify_presented(v, chain, "certificate chain", path) &&
         check_signature(v, report, leaf, name) &&
         check_signer(v, report, leaf, name) &&
         check_chip(v, report, leaf, name) && check_tcb(v, report, leaf, name);
}

void snp_verify(verifier *v) {
  const snp_evidence *snp = v->evidence->detail;
  presented_chain chain;
  certificate_chain path;
  v->vendor = "AMD";
  if (!check_runtime(v, snp) || !find_chain(v, snp, &chain) ||
      !check_report(v, snp, &chain, &path))
    return;
  for (size_t i = 0; i < snp->endorsement_count; i++)
    if (!snp_verify_endorsement(v, snp->endorsements[i], snp->report))
      return;
  if (v->options->level == VERIFY_FULL && snp_verify_revocation(v, &path))
    verify_is_full(v);
}
