/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of synthetic evidence of an Azure VM, in bytes. */
#ifndef EVIDENCE_GUEST_LOG_H
#define EVIDENCE_GUEST_LOG_H

#include "evidence/guest_make.h"

extern const char guest_certificate_pk[], guest_certificate_kek[],
    guest_certificate_db[];

/* A TPM2B_PUBLIC of an RSA key of 2,048 bits and exponent 65537; scheme:
 * TPM_ALG_RSASSA, TPM_ALG_RSAPSS or TPM_ALG_RSAES. */
bytes tpm2b_public_write(arena *a, uint32_t attributes, uint16_t scheme,
                         bytes modulus);

/* A TPMS_ATTEST of a quote of PCRs of the SHA-256 bank, whose values stand in
 * pcrs. */
bytes tpm_quote_write(arena *a, bytes signer, uint32_t mask,
                      const tcg_pcrs *pcrs);

/* A TPMS_ATTEST of a key of that name. */
bytes tpm_certify_write(arena *a, bytes signer, bytes name);

#endif
