/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of SGX quotes, and of the parts that quotes of TDX share with
 * them: Intel, "SGX DCAP ECDSA Orientation Guide", section "Quote
 * verification". */
#ifndef EVIDENCE_SGX_VERIFY_H
#define EVIDENCE_SGX_VERIFY_H

#include "evidence/certificate.h"
#include "evidence/pck_extension.h"
#include "evidence/sgx_quote.h"
#include "evidence/verify.h"

/* The quoting enclave that a kind of quote must come from. */
typedef struct quoting_enclave {
  const char *name;     /* "quoting enclave" */
  uint8_t mrsigner[32]; /* Intel's */
  uint16_t product_id;
} quoting_enclave;

extern const quoting_enclave sgx_quoting_enclave;

/* What holds once the signatures do. */
typedef struct sgx_platform {
  presented_chain chain;   /* as the quote carries it */
  certificate_chain path;  /* from the leaf to the root that is trusted */
  pck_extension pck;       /* of the leaf */
} sgx_platform;

/* Checks the quote's signature over signed_part, the quoting enclave's report
 * that binds the key, that report's signature, the PCK certificate's chain and
 * extension. False: a step failed or was skipped. */
bool sgx_verify_signature(verifier *v, bytes signed_part,
                          const sgx_signature *signature,
                          const quoting_enclave *enclave,
                          sgx_platform *platform);

/* Rows of the table of kinds. */
void sgx_quote_verify(verifier *v);
void oe_report_verify(verifier *v);

#endif
