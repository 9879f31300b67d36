/* SPDX-License-Identifier: Apache-2.0 */
/* Policies on the service: what is in force, and changing it with proof.
 *
 * A change is only called done when the service's signed answer names the hash
 * of what was sent, and reading the policy back gives the same bytes.
 */
#ifndef REMOTE_DEPLOYED_H
#define REMOTE_DEPLOYED_H

#include "compiler/program.h"
#include "remote/endpoint.h"

typedef struct deployed_policy {
  slice token;      /* byte for byte as it was uploaded; empty: none */
  slice text;       /* with a NUL behind it; empty: no policy is set */
  slice hash;       /* as x-ms-policy-hash; empty without a text */
  slice token_hash; /* as x-ms-policy-token-hash */
  value signer;     /* {"kty","x5c"} of a signed one; else null */
  bool is_default;  /* the text is the service's default of that type */
} deployed_policy;

/* Reads the policy in force. False: r->failure. */
bool deployed_get(endpoint *e, attestation_type type, deployed_policy *policy);

typedef struct policy_change {
  deployed_policy before, after;
  slice sent_hash;     /* of the token that was sent; empty for a reset */
  bool was_sent;       /* false: it was in force already */
  bool was_lost;       /* the answer did not come; reading back proved it */
  bool is_answer_proven; /* false with was_lost, and in the preview */
  value signer;        /* that the service named; null: none */
} policy_change;

/* Uploads a policy token unless it is in force already. before must be filled
 * in. A connection that breaks, or an answer that says nothing certain, is
 * followed by reading back, and by another try if nothing has changed. False:
 * r->failure says exactly what differs, or what is not known. */
bool deployed_set(endpoint *e, attestation_type type, slice token,
                  policy_change *change);

/* Resets to the service's default by a reset token; lost answers as above. */
bool deployed_reset(endpoint *e, attestation_type type, slice token,
                    policy_change *change);

#endif
