/* SPDX-License-Identifier: Apache-2.0 */
/* Whether AMD revoked the authority above a signing key: AMD 57230, "VCEK
 * Certificate and KDS Interface", section "Certificate revocation list". An ARK
 * signs one list for each product, of VCEK and of VLEK. */
#include <openssl/x509.h>

#include "evidence/collateral.h"
#include "evidence/snp_report.h"

static const char what[] = "AMD revocation list";

/* Lists of other products may lie beside. */
static bool is_of(X509_CRL *list, const X509 *ark) {
  return X509_NAME_cmp(X509_CRL_get_issuer(list),
                       X509_get_subject_name(ark)) == 0;
}

/* Every list of this ARK must hold: of two, the older one may be the one that
 * somebody put there. */
static bool check_lists(verifier *v, const certificate_chain *path,
                        size_t *checked) {
  const collateral *given = v->options->collateral;
  X509 *ark = path->items[2];
  for (size_t i = 0; i < given->amd_crl_count; i++) {
    const amd_crl *file = &given->amd_crls[i];
    X509_CRL *list = crl_read(v->arena, file->data);
    if (!list)
      return verify_step(v, false, what, file->name,
                         "not a revocation list in PEM or DER");
    if (!is_of(list, ark))
      continue;
    if (!crl_verify(v, file->data, ark, path->items, 2, what))
      return false;
    *checked += 1;
  }
  return true;
}

bool snp_verify_revocation(verifier *v, const certificate_chain *path) {
  size_t checked = 0;
  if (path->count != 3)
    return verify_step(v, false, "certificate chain", NULL,
                       "leaf, intermediate and root are wanted for "
                       "revocation");
  if (!v->options->collateral) {
    verify_skipped(v, what, "no collateral is given");
    return false;
  }
  if (!check_lists(v, path, &checked))
    return false;
  const char *ark = certificate_subject(v->arena, path->items[2]).data;
  if (checked == 0)
    verify_skipped(v, what, verify_text(v, "there is none of %s", ark));
  return checked > 0;
}
