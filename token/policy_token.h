/* SPDX-License-Identifier: Apache-2.0 */
/* The token around a policy: what the service stores and hashes, and who
 * signed it. */
#ifndef TOKEN_POLICY_TOKEN_H
#define TOKEN_POLICY_TOKEN_H

#include "base/value.h"

/* The policy token (JWS compact, byte for byte) in what a client uploads or
 * the service answers: bare, in double quotes, or in the claim x-ms-policy of
 * an answer's token. Empty if given is policy text or anything else. */
slice policy_token_find(arena *a, slice given);

/* Claim x-ms-policy-signer of a policy token: {"kty":"RSA","x5c":[..]}, as the
 * token of an isolated instance shows it. The chain is taken from x5c, or from
 * jwk.x5c where the Python client puts it. Null for a token without a
 * certificate. The signature is not looked at. */
value policy_token_signer(arena *a, slice token);

#endif
