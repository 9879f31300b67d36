/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of TPM evidence, and signatures by a TPM's key. */
#ifndef EVIDENCE_TPM_KEYS_H
#define EVIDENCE_TPM_KEYS_H

#include "base/value.h"
#include "evidence/tpm_structs.h"
#include "sign/public_key.h"

/* The key of a JWK object (RFC 7517): {"kty":"RSA","n","e"} of 2048 bits at
 * least, or {"kty":"EC","crv","x","y"}. NULL: *reason says why, in one line. */
public_key *tpm_key_from_jwk(arena *a, const value *jwk, const char **reason);

/* The key of a TPMT_PUBLIC. */
public_key *tpm_key_from_public(arena *a, const tpm_public *public,
                                const char **reason);

/* Whether the TPMT_SIGNATURE is the key's over the message. *scheme tells the
 * algorithm, or why it cannot be asked (SHA-1 is refused). */
bool tpm_signature_holds(arena *a, public_key *key,
                         const tpm_signature *signature, bytes message,
                         const char **scheme);

#endif
