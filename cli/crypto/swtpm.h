/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM 2.0 in software: the program swtpm, found by PATH and started for this
 * once, in a directory of its own. It gets one end of a pair of sockets that
 * has no address: neither this program nor anybody else connects to anything.
 * No shell is involved. */
#ifndef CLI_CRYPTO_SWTPM_H
#define CLI_CRYPTO_SWTPM_H

#include "evidence/make.h"

/* Starts swtpm. It is ended, and its directory removed, with the arena. False:
 * *error says why (a tpm_starter). */
bool swtpm_start(arena *a, tpm_channel *result, evidence_error *error);

#endif
