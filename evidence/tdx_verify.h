/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of TDX quotes: as of SGX quotes, with another quoting enclave,
 * and the TDX module's identity besides. */
#ifndef EVIDENCE_TDX_VERIFY_H
#define EVIDENCE_TDX_VERIFY_H

#include "evidence/collateral.h"
#include "evidence/sgx_verify.h"
#include "evidence/tdx_quote.h"

extern const quoting_enclave tdx_quoting_enclave;

/* Judges the TDX module that made the report of v->evidence by the body of TCB
 * info whose signature holds: signer, attributes and, from the module's second
 * generation on, its own level (Intel, "API for TDX PCS", version 4,
 * tdxModule and tdxModuleIdentities). Adds steps. False: one failed. */
bool tdx_verify_module(verifier *v, const value *tcb_info, tcb_level *module);

/* Row of the table of kinds. */
void tdx_verify(verifier *v);

#endif
