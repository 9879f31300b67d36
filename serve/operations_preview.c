/* SPDX-License-Identifier: Apache-2.0 */
/* /operations of 2018-09-01-preview: the type stands in ?tee=, answers are
 * bare strings. Source: the API's description of that version. */
#include "serve/policies.h"
#include "serve/router.h"
#include "sign/policy_hash.h"

static void set_text(object_builder *o, const char *name, slice text) {
  object_set(o, slice_from(name), value_text(text));
}

static attestation_type tee(call *c) {
  c->type_name = call_argument(c, "tee");
  return call_type(c);
}

void operation_preview_policy_get(call *c) {
  attestation_type type = tee(c);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return;
  object_builder claims = object_in(c->arena), body = object_in(c->arena);
  set_text(&claims, "x-ms-policy", policy_token_in_force(c, type));
  slice token = call_sign_claims(c, &claims);
  if (!token.length)
    return;
  set_text(&body, "policy", token);
  value v = object_value(&body);
  answer_json(c, &v);
}

void operation_preview_policy_set(call *c) {
  attestation_type type = tee(c);
  upload u;
  stored_policy *made;
  if (type != ATTESTATION_TYPE_UNKNOWN && policy_is_changeable(c) &&
      policy_read_upload(c, &u, &made))
    policy_put_in_force(c, type, made); /* 200 without a body */
}

void operation_preview_policy_reset(call *c) {
  attestation_type type = tee(c);
  if (type != ATTESTATION_TYPE_UNKNOWN)
    policy_reset(c, type);
}

static void answer_claims(call *c, object_builder *claims) {
  slice token = call_sign_claims(c, claims);
  if (token.length)
    answer_string(c, token);
}

void operation_preview_policy_prepare(call *c) {
  attestation_type type = tee(c);
  upload u;
  stored_policy *made;
  if (type == ATTESTATION_TYPE_UNKNOWN || !policy_is_changeable(c) ||
      !policy_read_upload(c, &u, &made))
    return;
  object_builder claims = object_in(c->arena);
  set_text(&claims, "x-ms-policy-hash",
           policy_hash(c->arena, made->policy->text));
  set_text(&claims, "x-ms-policy-token-hash",
           policy_token_hash(c->arena, u.token));
  answer_claims(c, &claims);
}

void operation_preview_certificates_get(call *c) {
  object_builder claims = object_in(c->arena);
  object_set(&claims, SLICE("x-ms-policy-certificates"), certificate_list(c));
  answer_claims(c, &claims);
}

static void change_certificates(call *c, bool is_add) {
  object_builder claims = object_in(c->arena);
  if (certificate_change_claims(c, is_add, &claims))
    answer_claims(c, &claims);
}

void operation_preview_certificates_add(call *c) {
  change_certificates(c, true);
}

void operation_preview_certificates_remove(call *c) {
  change_certificates(c, false);
}
