/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a synthetic quote, before it is signed. */
#ifndef EVIDENCE_SGX_MAKE_H
#define EVIDENCE_SGX_MAKE_H

#include "evidence/collateral_make.h"
#include "evidence/make.h"
#include "evidence/pck_extension.h"
#include "evidence/sgx_quote.h"

enum { SGX_AUTH_DATA_MAX = 1024 };

typedef struct sgx_recipe {
  const char *pki_directory; /* NULL: keys for this once */
  uint8_t header[SGX_HEADER_BYTES];
  uint8_t report[SGX_REPORT_BYTES];
  uint8_t qe_report[SGX_REPORT_BYTES];
  uint8_t auth_data[SGX_AUTH_DATA_MAX];
  size_t auth_data_length;
  pck_extension platform;
  evidence_data runtime_data, init_data;
  evidence_data custom_claims; /* of Open Enclave's newer header */
  collateral_recipe collateral;
} sgx_recipe;

/* A release enclave on a plausible platform. */
void sgx_recipe_start(arena *a, sgx_recipe *recipe);

/* Applies "FIELD=VALUE". */
bool sgx_recipe_set(arena *a, sgx_recipe *recipe, slice setting,
                    evidence_error *error);

/* The parts of a quote's signature. */
typedef struct sgx_signed {
  uint8_t signature[ECDSA_P256_BYTES], attestation_key[ECDSA_P256_BYTES];
  slice certification; /* from the QE's report to the end of the chain */
} sgx_signed;

/* Signs with a fresh attestation key, and that key with a QE of the recipe's
 * platform under its authority; writes the recipe's collateral. tdx_body: empty
 * for SGX. */
bool sgx_recipe_sign(arena *a, sgx_recipe *recipe, bytes signed_part,
                     bytes tdx_body, sgx_signed *result,
                     evidence_error *error);

/* Rows for the table of kinds. */
bool sgx_quote_make(arena *a, const evidence_recipe *recipe,
                    evidence_made *result, evidence_error *error);
bool oe_report_make(arena *a, const evidence_recipe *recipe,
                    evidence_made *result, evidence_error *error);
const char *const *sgx_make_fields(arena *a);

#endif
