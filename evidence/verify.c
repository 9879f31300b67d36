/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/verify.h"

#include "evidence/kinds.h"

static void add_step(verifier *v, step_result result, const char *what,
                     const char *with, const char *why) {
  verification_step *step = ARENA_NEW(v->arena, verification_step);
  *step = (verification_step){
      .result = result, .what = what, .with = with, .why = why};
  *v->end = step;
  v->end = &step->next;
}

bool verify_step(verifier *v, bool passed, const char *what, const char *with,
                 const char *why) {
  add_step(v, passed ? STEP_PASSED : STEP_FAILED, what, with, why);
  return passed;
}

void verify_skipped(verifier *v, const char *what, const char *why) {
  add_step(v, STEP_SKIPPED, what, NULL, why);
}

void verify_is_full(verifier *v) { v->is_full = true; }

bool verify_needs_words(const verifier *v, bool passed) {
  return !passed || !v->options || !v->options->no_words;
}

const char *verify_subject(verifier *v, bool passed, const X509 *certificate) {
  return verify_needs_words(v, passed)
             ? certificate_subject(v->arena, certificate).data
             : NULL;
}

const char *verify_text(verifier *v, const char *format, ...) {
  va_list arguments;
  buffer text = buffer_in(v->arena);
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  return buffer_slice(&text).data;
}

/* The first step of that result, or NULL. */
static const verification_step *find(const verifier *v, step_result result) {
  const verification_step *s = v->first;
  while (s && s->result != result)
    s = s->next;
  return s;
}

static const char *reason_of(verifier *v, const verification_step *step) {
  if (!step->why)
    return step->what;
  return verify_text(v, "%s: %s", step->what, step->why);
}

/* What no step failed for can still be short of what was asked. */
static verification_status status_of(verifier *v, const char **reason) {
  const verification_step *failed = find(v, STEP_FAILED);
  const verification_step *skipped = find(v, STEP_SKIPPED);
  *reason = NULL;
  if (failed) {
    *reason = reason_of(v, failed);
    return VERIFICATION_FAILED;
  }
  if (skipped)
    *reason = reason_of(v, skipped);
  else if (!v->first)
    *reason = "this version cannot verify evidence of this type";
  else if (v->options->level == VERIFY_FULL && !v->is_full)
    *reason = "revocation and TCB status were not checked";
  if (*reason)
    return VERIFICATION_NOT_DONE;
  return v->options->level == VERIFY_FULL ? VERIFICATION_FULL
                                          : VERIFICATION_SIGNATURE;
}

static value with_claim(arena *a, const value *object, slice name, value v) {
  object_builder claims = object_in(a);
  for (uint32_t i = 0; i < object->count; i++)
    object_set(&claims, member_name(&object->members[i]),
               object->members[i].value);
  object_set(&claims, name, v);
  return object_value(&claims);
}

/* Of what verification found out itself nothing is replaced. */
static value with_compliance(arena *a, const value *object,
                             const char *status) {
  slice name = SLICE("x-ms-compliance-status");
  if (value_member(object, name))
    return *object;
  return with_claim(a, object, name, value_text(slice_from(status)));
}

/* Of an Azure VM it is among the claims of its hardware. */
static void add_compliance(arena *a, evidence *e, const char *status) {
  slice isolation = SLICE("x-ms-isolation-tee");
  const value *hardware = value_member(&e->claims, isolation);
  if (!status)
    return;
  if (e->type == ATTESTATION_SEV_SNP_VM || e->type == ATTESTATION_TDX_VM)
    e->claims = with_compliance(a, &e->claims, status);
  else if (e->type == ATTESTATION_AZURE_GUEST && hardware)
    e->claims = with_claim(a, &e->claims, isolation,
                           with_compliance(a, hardware, status));
}

void evidence_verify(arena *a, evidence *e, const verify_options *options) {
  e->verification =
      (evidence_verification){.status = VERIFICATION_NOT_DONE,
                              .reason = "its signatures were not checked"};
  if (options->level == VERIFY_NONE) {
    add_compliance(a, e, options->compliance);
    return;
  }
  verifier v = {.arena = a, .evidence = e, .options = options};
  v.end = &v.first;
  const evidence_kind *kind = evidence_kind_of(e->type);
  if (kind && kind->verify)
    kind->verify(&v);
  e->verification.status = status_of(&v, &e->verification.reason);
  e->verification.steps = v.first;
  e->verification.tcb_status = v.tcb_status;
  e->verification.root = v.root;
  if (!evidence_is_verified(&e->verification))
    return;
  if (kind && kind->add_verified_claims)
    kind->add_verified_claims(a, e);
  add_compliance(a, e, options->compliance);
}
