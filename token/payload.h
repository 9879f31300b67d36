/* SPDX-License-Identifier: Apache-2.0 */
/* What an attestation token says, and the token without a signature. */
#ifndef TOKEN_PAYLOAD_H
#define TOKEN_PAYLOAD_H

#include "eval/claims.h"
#include "token/notes.h"

enum { TOKEN_LIFETIME_SECONDS = 8 * 3600 }; /* of all 605 recorded tokens */

typedef struct payload_parts {
  const claim_list *issued; /* by the policy */
  value service;            /* an object: claims of the service */
  slice issuer;             /* a URL without a slash at its end */
  int64_t now;              /* seconds since the epoch */
  int64_t lifetime;         /* in seconds */
  slice nonce;
  bool has_nonce;
  slice policy_hash;
  value policy_signer; /* null if the policy in force is not signed */
} payload_parts;

/* The claims of a token: the service's own, the JWT's, and what the policy
 * issued, once at the top and once in x-ms-policy. A policy's claim never
 * takes the name of a service or JWT claim; it then stands in x-ms-policy
 * alone, and a remark says so. The jti is random.
 * Source: 605 recorded tokens (docs: "What the token holds"). */
value payload_build(arena *a, const payload_parts *parts, notes *remarks);

/* The token as the service gives it for a draft policy: alg "none", an empty
 * signature (RFC 7515 appendix A.5). kid may be empty. */
slice unsecured_token(arena *a, slice issuer, slice kid,
                      const value *payload);

#endif
