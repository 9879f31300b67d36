/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote/policy_upload.h"

#include "base/render.h"
#include "remote/signers.h"

/* --- reports -------------------------------------------------------------- */

slice policy_signer_text(session *s, const value *signer) {
  arena *a = s->cli->arena;
  const value *chain = value_member(signer, SLICE("x5c"));
  bool usable = chain && chain->kind == VALUE_ARRAY && chain->count &&
                chain->items[0].kind == VALUE_STRING;
  X509 *leaf =
      usable ? jwk_certificate(a, value_string(&chain->items[0])) : NULL;
  if (!leaf)
    return SLICE("none");
  buffer text = buffer_in(a);
  buffer_printf(&text, "%.*s (%.*s)",
                SLICE_ARGS(certificate_subject(a, leaf)),
                SLICE_ARGS(signer_thumbprint(a, leaf)));
  return buffer_slice(&text);
}

static value optional(slice text) {
  return text.length ? value_text(text) : value_null();
}

value policy_state(session *s, const deployed_policy *p) {
  object_builder o = object_in(s->cli->arena);
  object_set(&o, SLICE("default"), value_boolean(p->is_default));
  object_set(&o, SLICE("policyHash"), optional(p->hash));
  object_set(&o, SLICE("policyTokenHash"), optional(p->token_hash));
  object_set(&o, SLICE("signer"),
             p->signer.kind == VALUE_NULL
                 ? value_null()
                 : value_text(policy_signer_text(s, &p->signer)));
  return object_value(&o);
}

static value report_of(session *s, attestation_type type,
                       const policy_change *c, const char *result) {
  object_builder o = object_in(s->cli->arena);
  object_set(&o, SLICE("after"), policy_state(s, &c->after));
  object_set(&o, SLICE("answerLost"), value_boolean(c->was_lost));
  object_set(&o, SLICE("answerProven"), value_boolean(c->is_answer_proven));
  object_set(&o, SLICE("before"), policy_state(s, &c->before));
  object_set(&o, SLICE("endpoint"), value_text(session_issuer(s)));
  object_set(&o, SLICE("result"), value_text(slice_from(result)));
  object_set(&o, SLICE("type"),
             value_text(slice_from(attestation_type_name(type))));
  return object_value(&o);
}

static slice member_text(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE("none");
}

static bool member_true(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_BOOLEAN && v->boolean;
}

static void print_row(session *s, const char *label, slice text,
                      const char *more) {
  buffer shown = buffer_in(s->cli->arena);
  render_escaped(&shown, text);
  cli_print(s->cli, "  %-19s %.*s%s\n", label,
            SLICE_ARGS(buffer_slice(&shown)), more);
}

void policy_report_print(session *s, const value *report, bool as_json) {
  if (as_json) {
    session_print_json(s, report);
    return;
  }
  const value *after = value_member(report, SLICE("after"));
  const value *before = value_member(report, SLICE("before"));
  slice result = member_text(report, "result");
  bool was_reset = slice_is(result, "reset");
  bool was_there = slice_is(result, "already in force");
  bool lost = member_true(report, "answerLost");
  const char *proof = lost ? " (the answer was lost; read back)"
                      : was_there || member_true(report, "answerProven")
                          ? " and verified"
                          : " (read back; this api-version signs no answer)";
  cli_print(s->cli, "%.*s at %.*s: %.*s%s\n",
            SLICE_ARGS(member_text(report, "type")),
            SLICE_ARGS(member_text(report, "endpoint")), SLICE_ARGS(result),
            proof);
  print_row(s, "policy hash", member_text(after, "policyHash"),
            member_true(after, "default") ? " (the service's default)" : "");
  print_row(s, "policy token hash", member_text(after, "policyTokenHash"), "");
  if (!was_reset)
    print_row(s, "signer", member_text(after, "signer"), "");
  if (!was_there)
    print_row(s, "before", member_text(before, "policyTokenHash"),
              member_true(before, "default") ? " (the service's default)"
                                             : "");
}

/* --- changes -------------------------------------------------------------- */

static int failed(session *s, const audit *log, const char *path,
                  attestation_type type, const policy_change *c) {
  int status = path ? session_failed_policy(s, path) : session_failed(s);
  int written = audit_write(s, log, type, c, false, s->remote.failure.message);
  return written == CLI_OK ? status : written;
}

int policy_upload(session *s, audit *log, const char *path,
                  attestation_type type, slice token, value *report) {
  policy_change c = {0};
  cli_verbose(s->cli, "reading the policy in force");
  if (!deployed_get(&s->endpoint, type, &c.before))
    return session_failed(s);
  if (!slice_equal(c.before.token, token)) {
    int status = audit_keep(s, log, &c.before);
    if (status != CLI_OK)
      return status;
  }
  if (!deployed_set(&s->endpoint, type, token, &c))
    return failed(s, log, path, type, &c);
  *report = report_of(s, type, &c, c.was_sent ? "in force"
                                              : "already in force");
  return c.was_sent ? audit_write(s, log, type, &c, true, NULL) : CLI_OK;
}

int policy_upload_reset(session *s, audit *log, attestation_type type,
                        slice token, value *report) {
  policy_change c = {0};
  if (!deployed_get(&s->endpoint, type, &c.before))
    return session_failed(s);
  int status = audit_keep(s, log, &c.before);
  if (status != CLI_OK)
    return status;
  if (!deployed_reset(&s->endpoint, type, token, &c))
    return failed(s, log, NULL, type, &c);
  *report = report_of(s, type, &c, "reset");
  return audit_write(s, log, type, &c, true, NULL);
}
