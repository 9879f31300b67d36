/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a synthetic SNP report, before it is signed. */
#ifndef EVIDENCE_SNP_MAKE_H
#define EVIDENCE_SNP_MAKE_H

#include "evidence/collateral_make.h"
#include "evidence/make.h"
#include "evidence/snp_report.h"

typedef enum snp_form {
  SNP_FORM_JSON, /* the service's, with certificates and endorsement */
  SNP_FORM_RAW,
  SNP_FORM_HCL
} snp_form;

typedef struct snp_recipe {
  uint8_t report[SNP_REPORT_BYTES];
  snp_form form;
  evidence_data runtime_data, init_data;
  collateral_recipe collateral;
  bool has_certified_tcb;
  uint8_t certified_tcb[8]; /* what the certificate says, if it shall lie */
  bool omits_tcb;           /* the certificate says nothing of it */
  slice feed;               /* of the UVM endorsement; empty: there is none */
  slice uvm_svn;
  slice uvm_issuer;      /* empty: the root's own */
  slice uvm_usage;       /* OID of the signer; empty: the feed's */
  bytes uvm_measurement; /* empty: the report's */
  int64_t uvm_time;      /* when the endorsement was signed */
} snp_recipe;

/* A release VM on a plausible Milan processor. */
void snp_recipe_start(arena *a, snp_recipe *recipe);

/* Applies "FIELD=VALUE". */
bool snp_recipe_set(arena *a, snp_recipe *recipe, slice setting,
                    evidence_error *error);

/* Rows for the table of kinds. */
bool snp_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
              evidence_error *error);
const char *const *snp_make_fields(arena *a);

#endif
