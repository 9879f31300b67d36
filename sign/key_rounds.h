/* SPDX-License-Identifier: Apache-2.0 */
/* What the encryption of a key asks for: a file may be made so that it takes
 * years of hashing to find that the passphrase is wrong. Looked at before
 * OpenSSL begins.
 *
 *   if (!key_rounds_of_pem(text) || !key_rounds_of_der(text)) ..refuse
 */
#ifndef SIGN_KEY_ROUNDS_H
#define SIGN_KEY_ROUNDS_H

#include <openssl/pkcs12.h>

#include "base/slice.h"

/* Whether every EncryptedPrivateKeyInfo (RFC 5958 section 3) of a PEM file
 * stays within LIMIT_KEY_ROUNDS: the iterations of PBKDF2 and of PKCS #12's and
 * PKCS #5's older ways, N * r * p of scrypt (RFC 7914). What is none is not
 * judged here. */
bool key_rounds_of_pem(bytes text);

/* The same of one in DER. */
bool key_rounds_of_der(bytes der);

/* The same of a PKCS #12 file's integrity and of its parts as they lie there:
 * before a passphrase is known. */
bool key_rounds_of_pkcs12(const PKCS12 *store);

/* The same of what its encrypted parts hold. The passphrase is the store's
 * own, NULL for none: the integrity has been verified with it. */
bool key_rounds_in_pkcs12(const PKCS12 *store, const char *passphrase);

#endif
