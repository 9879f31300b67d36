/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to an Azure VM: its token, which only the VM's TPM can open. */
#ifndef SERVE_SEAL_H
#define SERVE_SEAL_H

#include "evidence/guest_info.h"

/* Base64url of {"Jwt", "EncryptedInnerKey", "EncryptionParams",
 * "AuthenticationData"}: the token under AES-256-GCM with a fresh key, which is
 * encrypted to the guest's key (EncKeyPub) by the scheme that the key has:
 * RSAES (PKCS #1 v1.5; also where it has none) or OAEP. False: that key cannot
 * encrypt; *reason (static) says why. Source: the guest attestation client,
 * whose names and constants these are. */
bool seal_token(arena *a, const guest_evidence *guest, slice token,
                slice *sealed, const char **reason);

#endif
