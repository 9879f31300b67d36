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

typedef enum policy_signature {
  POLICY_SIGNED_WRONGLY, /* the certificate's key did not make it */
  POLICY_UNSIGNED,       /* alg is none, or there is no certificate */
  POLICY_SIGNED
} policy_signature;

/* Claim x-ms-policy-signer of a policy token: {"kty":"RSA","x5c":[..]}, as the
 * token of an isolated instance shows it; null unless the token is signed by
 * the key of its first certificate. The chain is taken from x5c, or from
 * jwk.x5c where the Python client puts it; of alg only "none" counts, as for
 * the service. Whether anybody trusts the certificate is not looked at. */
policy_signature policy_token_signer(arena *a, slice token, value *signer);

#endif
