/* SPDX-License-Identifier: Apache-2.0 */
/* What both generations of the API do with policies and certificates. Each
 * function that returns false has refused. */
#ifndef SERVE_POLICIES_H
#define SERVE_POLICIES_H

#include "serve/upload.h"

/* The token that is stored, or the default's; for Tpm without a policy the
 * empty token. */
slice policy_token_in_force(call *c, attestation_type type);

/* Whether the instance lets policies be changed at all. */
bool policy_is_changeable(call *c);

/* Reads, checks and compiles an uploaded policy; *made is released with the
 * arena unless instance_set_policy took it. */
bool policy_read_upload(call *c, upload *u, stored_policy **made);

/* Puts it in force. */
bool policy_put_in_force(call *c, attestation_type type, stored_policy *made);

bool policy_reset(call *c, attestation_type type);

/* {"keys":[..]} */
value certificate_list(call *c);

/* Adds or removes the policy signer of the request; adds to `claims` what the
 * answer says of it. False: the call is refused. */
bool certificate_change_claims(call *c, bool is_add, object_builder *claims);

#endif
