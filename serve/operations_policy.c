/* SPDX-License-Identifier: Apache-2.0 */
/* /policies and /certificates of the stable API versions. */
#include "serve/policies.h"
#include "serve/router.h"
#include "sign/policy_hash.h"

static void set_text(object_builder *o, const char *name, slice text) {
  object_set(o, slice_from(name), value_text(text));
}

void operation_policy_get(call *c) {
  attestation_type type = call_type(c);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return;
  object_builder claims = object_in(c->arena);
  set_text(&claims, "x-ms-policy", policy_token_in_force(c, type));
  answer_token(c, &claims);
}

void operation_policy_set(call *c) {
  attestation_type type = call_type(c);
  upload u;
  stored_policy *made;
  if (type == ATTESTATION_TYPE_UNKNOWN || !policy_is_changeable(c) ||
      !policy_read_upload(c, &u, &made) || !policy_put_in_force(c, type, made))
    return;
  object_builder claims = object_in(c->arena);
  set_text(&claims, "x-ms-policy-result", SLICE("Updated"));
  set_text(&claims, "x-ms-policy-token-hash",
           policy_token_hash(c->arena, u.token));
  if (u.is_signed)
    object_set(&claims, SLICE("x-ms-policy-signer"), u.signer);
  answer_token(c, &claims);
}

void operation_policy_reset(call *c) {
  attestation_type type = call_type(c);
  if (type == ATTESTATION_TYPE_UNKNOWN || !policy_reset(c, type))
    return;
  object_builder claims = object_in(c->arena);
  set_text(&claims, "x-ms-policy-result", SLICE("Removed"));
  answer_token(c, &claims);
}

void operation_certificates_get(call *c) {
  object_builder claims = object_in(c->arena);
  object_set(&claims, SLICE("x-ms-policy-certificates"), certificate_list(c));
  answer_token(c, &claims);
}

static void change_certificates(call *c, bool is_add) {
  object_builder claims = object_in(c->arena);
  if (certificate_change_claims(c, is_add, &claims))
    answer_token(c, &claims);
}

void operation_certificates_add(call *c) { change_certificates(c, true); }

void operation_certificates_remove(call *c) { change_certificates(c, false); }
