/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM 2.0 in software: the program swtpm, started for this once on a socket
 * of the file system in a directory of its own, and ended with the arena. Its
 * commands are those of the TPM 2.0 Library, part 3. No shell is involved. */
#ifndef EVIDENCE_SWTPM_H
#define EVIDENCE_SWTPM_H

#include "evidence/tpm_make.h"

typedef struct swtpm swtpm;

/* Starts the program (found by PATH) and its TPM, and makes an attestation key
 * of the recipe's scheme in it. NULL: *error says why. */
swtpm *swtpm_start(arena *a, const tpm_recipe *recipe, evidence_error *error);

/* The attestation key's TPMT_PUBLIC, as TPM2_CreatePrimary gave it. */
bytes swtpm_aik(const swtpm *t);

/* Measures every event of a crypto-agile log, and of one of IMA unless that is
 * empty, into the TPM's PCRs. */
bool swtpm_measure(swtpm *t, bytes log, bytes ima, evidence_error *error);

/* TPM2_Quote over the PCRs that the recipe chooses: TPMS_ATTEST and
 * TPMT_SIGNATURE. */
bool swtpm_quote(swtpm *t, const tpm_recipe *recipe, bytes extra_data,
                 bytes *quote, bytes *signature, evidence_error *error);

#endif
