/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic evidence from a TPM 2.0 outside of this program, whoever started
 * it (evidence/make.h, tpm_channel). Commands are those of the TPM 2.0 Library,
 * part 3. */
#ifndef EVIDENCE_OUTER_TPM_H
#define EVIDENCE_OUTER_TPM_H

#include "evidence/tpm_make.h"

typedef struct outer_tpm outer_tpm;

/* Makes an attestation key of the recipe's scheme in a TPM that has just been
 * started. NULL: *error says why. */
outer_tpm *outer_tpm_open(arena *a, const tpm_channel *channel,
                          const tpm_recipe *recipe, evidence_error *error);

/* The attestation key's TPMT_PUBLIC, as TPM2_CreatePrimary gave it. */
bytes outer_tpm_aik(const outer_tpm *t);

/* Measures every event of a crypto-agile log, and of one of IMA unless that is
 * empty, into the TPM's PCRs. */
bool outer_tpm_measure(outer_tpm *t, bytes log, bytes ima,
                       evidence_error *error);

/* TPM2_Quote over the PCRs that the recipe chooses: TPMS_ATTEST and
 * TPMT_SIGNATURE. */
bool outer_tpm_quote(outer_tpm *t, const tpm_recipe *recipe, bytes extra_data,
                     bytes *quote, bytes *signature, evidence_error *error);

#endif
