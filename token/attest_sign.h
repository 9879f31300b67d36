/* SPDX-License-Identifier: Apache-2.0 */
/* The signed token of an attestation: for tests of relying parties. */
#ifndef TOKEN_ATTEST_SIGN_H
#define TOKEN_ATTEST_SIGN_H

#include "sign/private_key.h"
#include "token/attest.h"

/* Signs the token of a permitted attestation. Header as the service has it:
 * alg, jku (the issuer's /certs), kid, typ. False for any other outcome, for
 * evidence that is not verified, and where the key's holder refuses; *reason
 * (static) says which. */
bool attest_sign(arena *a, const attest_result *result, const private_key *key,
                 jws_algorithm algorithm, slice *token, const char **reason);

/* The kid that the service gives its own key: base64, padded, of the SHA-256
 * of the key's PEM (SubjectPublicKeyInfo, with its last newline) and a NUL.
 * Source: recorded keys. */
slice attest_key_id(arena *a, const private_key *key);

#endif
