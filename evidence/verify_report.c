/* SPDX-License-Identifier: Apache-2.0 */
/* What came of verification, for people and programs. */
#include "base/render.h"
#include "evidence/verify.h"

const char *verification_name(verification_status status) {
  static const char *const names[] = {
      [VERIFICATION_NOT_DONE] = "not verified",
      [VERIFICATION_FAILED] = "failed",
      [VERIFICATION_SIGNATURE] = "signature",
      [VERIFICATION_FULL] = "full",
  };
  return names[status];
}

static void set_text(object_builder *o, const char *name, const char *text) {
  object_set(o, slice_from(name),
             text ? value_text(slice_from(text)) : value_null());
}

static const char *const result_names[] = {
    [STEP_FAILED] = "failed",
    [STEP_PASSED] = "passed",
    [STEP_SKIPPED] = "skipped",
};

static value step_value(arena *a, const verification_step *step) {
  object_builder o = object_in(a);
  set_text(&o, "result", result_names[step->result]);
  set_text(&o, "what", step->what);
  set_text(&o, "with", step->with);
  set_text(&o, "why", step->why);
  return object_value(&o);
}

value verification_report(arena *a, const evidence_verification *v) {
  object_builder o = object_in(a);
  array_builder steps = array_in(a);
  for (const verification_step *s = v->steps; s; s = s->next)
    array_add(&steps, step_value(a, s));
  set_text(&o, "status", verification_name(v->status));
  object_set(&o, SLICE("verified"), value_boolean(evidence_is_verified(v)));
  set_text(&o, "reason", v->reason);
  set_text(&o, "root", v->root);
  set_text(&o, "tcb-status", v->tcb_status);
  object_set(&o, SLICE("steps"), array_value(&steps));
  return object_value(&o);
}

void verification_write_steps(buffer *out, const evidence_verification *v) {
  for (const verification_step *s = v->steps; s; s = s->next) {
    buffer_printf(out, "%-8s ", result_names[s->result]);
    render_escaped(out, slice_from(s->what));
    if (s->with) {
      buffer_text(out, "; ");
      render_escaped(out, slice_from(s->with));
    }
    if (s->why) {
      buffer_text(out, ": ");
      render_escaped(out, slice_from(s->why));
    }
    buffer_char(out, '\n');
  }
}

void verification_write_result(buffer *out, const evidence_verification *v) {
  if (!evidence_is_verified(v)) {
    buffer_text(out, v->status == VERIFICATION_FAILED ? "verification failed: "
                                                      : "not verified: ");
    render_escaped(out, slice_from(v->reason));
    return;
  }
  /* AMD publishes no status of a TCB: there, revocation is all. */
  buffer_text(out, v->status != VERIFICATION_FULL ? "signatures verified"
                   : v->tcb_status
                       ? "signatures, revocation and TCB status verified"
                       : "signatures and revocation verified");
  if (v->root) {
    buffer_text(out, " up to ");
    render_escaped(out, slice_from(v->root));
  }
  if (v->tcb_status) {
    buffer_text(out, "; TCB status ");
    render_escaped(out, slice_from(v->tcb_status));
  }
}
