/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes by which relying parties pin a policy, and the unsigned token in
 * which clients send one. Formulas proven on recorded tokens of the service
 * (docs: "Policy hashes"). */
#ifndef SIGN_POLICY_HASH_H
#define SIGN_POLICY_HASH_H

#include "base/arena.h"

/* Claim x-ms-policy-hash: base64url(SHA-256(base64url(text))). The text's
 * bytes count, not its meaning; a signature around it does not enter. */
slice policy_hash(arena *a, slice policy_text);

/* Claim x-ms-policy-token-hash: base64url(SHA-256(token)), over the complete
 * token as sent, its dots included. */
slice policy_token_hash(arena *a, slice token);

/* The payload of a policy token: {"AttestationPolicy":"<base64url(text)>"}. */
slice policy_payload(arena *a, slice policy_text);

/* The token without a signature (RFC 7515 appendix A.5), byte for byte as the
 * JavaScript, C++ and Go clients send it: {"alg":"none"} and
 * {"AttestationPolicy":"<base64url(text)>"}. */
slice policy_unsecured_token(arena *a, slice policy_text);

#endif
