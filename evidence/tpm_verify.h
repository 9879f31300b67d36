/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the verification of TPM evidence. Each adds its steps and is false
 * after one that failed. */
#ifndef EVIDENCE_TPM_VERIFY_H
#define EVIDENCE_TPM_VERIFY_H

#include "evidence/tpm_keys.h"
#include "evidence/tpm_request.h"

/* The AIK's certificate is of this key and leads to a root, as far as
 * require_valid_aik_cert demands it. */
bool tpm_verify_aik(verifier *v, const tpm_state *state, const public_key *aik);

/* Quote and PCRs of a state: the signature, the extra data (NULL data: any),
 * the PCR digest, required_pcr_mask, the logs. */
bool tpm_verify_state(verifier *v, const tpm_state *state, public_key *aik,
                      bytes extra_data);

/* The report of the enclave: signed by the secure kernel's key that the
 * measured log names, and made for this message. */
bool vbs_verify(verifier *v, const tpm_request *request);

/* "current_attestation: WHAT", in the arena. */
const char *tpm_step_name(verifier *v, const tpm_state *state,
                          const char *what);

#endif
