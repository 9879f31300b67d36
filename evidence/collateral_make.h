/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral for synthetic evidence: what Intel and AMD would publish if the
 * test authority were theirs, in the files that collateral_read reads. */
#ifndef EVIDENCE_COLLATERAL_MAKE_H
#define EVIDENCE_COLLATERAL_MAKE_H

#include "evidence/test_pki.h"

struct setting; /* evidence/settings.h */

typedef struct collateral_recipe {
  const char *directory; /* where it goes; NULL: nowhere */
  bool is_given;         /* a field below was set */
  slice tcb_status, qe_status, module_status;
  uint8_t evaluation_number[4]; /* little-endian */
  slice issued, until;          /* "2018-05-21T00:00:00Z" */
  slice revoked;                /* "none", "pck" .. */
} collateral_recipe;

/* Everything up to date, nothing revoked, valid as long as the authority. */
void collateral_recipe_start(collateral_recipe *recipe);

/* --- fields --------------------------------------------------------------- */

/* For the kinds' tables of fields; each wants s->text. */
bool collateral_set_status(const struct setting *s, collateral_recipe *recipe,
                           slice *status);
bool collateral_set_number(const struct setting *s, collateral_recipe *recipe);
bool collateral_set_date(const struct setting *s, collateral_recipe *recipe,
                         slice *date);

/* revocable: names that may be revoked besides "none"; NULL ends them. */
bool collateral_set_revoked(const struct setting *s, collateral_recipe *recipe,
                            const char *const *revocable);

/* --- files ---------------------------------------------------------------- */

/* What Intel's collateral is about. */
typedef struct collateral_subject {
  const pck_extension *platform;
  bytes qe_report; /* SGX_REPORT_BYTES */
  bytes tdx_body;  /* empty: SGX */
} collateral_subject;

/* The certificates of an Intel chain that a list may name. */
extern const char *const collateral_revocable_intel[];

/* Writes tcbinfo.json, qe_identity.json, tcb_signing_chain.pem, pck_crl.pem and
 * root_ca_crl.pem under pki, whose PCK certificate was issued. Without a
 * directory it writes nothing, and fails if a field was set in vain. False:
 * *error is filled in. */
bool collateral_make_intel(arena *a, const test_pki *pki,
                           const collateral_recipe *recipe,
                           const collateral_subject *subject,
                           evidence_error *error);

/* Writes the list of the test root, which is its ARK: FILE_NAME. It names
 * authority where the recipe says that it is revoked. */
bool collateral_make_amd(arena *a, const test_pki *pki,
                         const collateral_recipe *recipe, X509 *authority,
                         const char *file_name, evidence_error *error);

#endif
