/* SPDX-License-Identifier: Apache-2.0 */
/* What an evaluation says, as users of the library see it. */
#include "api/api.h"

/* --- made with the result, so that nobody changes it later ---------------- */

static void set_text(arena *a, slice from, const char **text, size_t *length) {
  *text = arena_string(a, from); /* claims point into JSON and policies */
  *length = from.length;
}

static const maapol_claim *claims_of(arena *a, const claim_list *list) {
  static const maapol_claim_kind kinds[] = {
      [CLAIM_BOOLEAN] = MAAPOL_CLAIM_BOOLEAN,
      [CLAIM_INTEGER] = MAAPOL_CLAIM_INTEGER,
      [CLAIM_STRING] = MAAPOL_CLAIM_STRING,
  };
  const maapol_claim *first = NULL, **end = &first;
  for (size_t i = 0; i < list->count; i++) {
    const claim *c = &list->items[i];
    maapol_claim *made = ARENA_NEW(a, maapol_claim);
    set_text(a, c->type, &made->type, &made->type_length);
    set_text(a, c->issuer, &made->issuer, &made->issuer_length);
    made->kind = kinds[c->kind];
    made->is_read_only = c->read_only;
    made->integer = c->integer;
    if (c->kind == CLAIM_STRING)
      set_text(a, c->text, &made->string, &made->string_length);
    *end = made;
    end = &made->next;
  }
  return first;
}

static const maapol_rule *rule_of(const report *r, uint32_t rule) {
  if (rule == PROGRAM_NONE)
    return NULL;
  maapol_rule *made = ARENA_NEW(r->arena, maapol_rule);
  made->number = r->program->places[rule].number;
  made->section = report_section_name(r->program->rules[rule].section);
  made->where = api_range(&r->lines, r->program->places[rule].where);
  made->text = arena_string(r->arena, report_rule_text(r, rule));
  return made;
}

static const maapol_trace *trace_of(const report *r, const trace_entry *list) {
  const maapol_trace *first = NULL, **end = &first;
  for (; list; list = list->next) {
    maapol_trace *made = ARENA_NEW(r->arena, maapol_trace);
    made->rule = rule_of(r, list->rule);
    made->fired = list->fired;
    made->condition = list->fired ? 0 : list->condition + 1;
    made->text = list->text;
    *end = made;
    end = &made->next;
  }
  return first;
}

static const maapol_note *notes_of(const report *r,
                                   const evaluation_note *list) {
  const maapol_note *first = NULL, **end = &first;
  for (; list; list = list->next) {
    maapol_note *made = ARENA_NEW(r->arena, maapol_note);
    made->rule = rule_of(r, list->rule);
    made->text = list->text;
    *end = made;
    end = &made->next;
  }
  return first;
}

static const maapol_evaluation_error *error_of(const report *r,
                                               const evaluation *e) {
  if (e->decision != DECISION_ERROR)
    return NULL;
  maapol_evaluation_error *made = ARENA_NEW(r->arena, maapol_evaluation_error);
  made->code = "PolicyEvaluationError";
  made->message = e->message;
  made->where = api_range(&r->lines, e->where);
  return made;
}

void api_result_describe(maapol_result *result, arena *a) {
  const evaluation *e = &result->evaluation;
  report r = {.arena = a, .program = result->program, .lines = result->lines};
  result->reason = report_reason(&r, e);
  result->rule = rule_of(&r, report_deciding_rule(&r, e));
  result->error = error_of(&r, e);
  result->issued = claims_of(a, &e->issued);
  result->properties = claims_of(a, &e->properties);
  result->trace = trace_of(&r, e->trace);
  result->notes = notes_of(&r, e->notes);
}

/* --- asking --------------------------------------------------------------- */

const char *maapol_result_reason(const maapol_result *r) {
  return r ? r->reason : NULL;
}

const maapol_rule *maapol_result_rule(const maapol_result *r) {
  return r ? r->rule : NULL;
}

const maapol_evaluation_error *maapol_result_error(const maapol_result *r) {
  return r ? r->error : NULL;
}

const maapol_claim *maapol_result_issued(const maapol_result *r) {
  return r ? r->issued : NULL;
}

const maapol_claim *maapol_result_properties(const maapol_result *r) {
  return r ? r->properties : NULL;
}

const maapol_claim *maapol_result_property(const maapol_result *r,
                                           const char *name) {
  const maapol_claim *found = NULL;
  if (!r || !name)
    return NULL;
  for (const maapol_claim *c = r->properties; c; c = c->next)
    if (slice_is((slice){c->type, c->type_length}, name))
      found = c;
  return found;
}

const maapol_trace *maapol_result_trace(const maapol_result *r) {
  return r ? r->trace : NULL;
}

const maapol_note *maapol_result_notes(const maapol_result *r) {
  return r ? r->notes : NULL;
}

/* --- as JSON -------------------------------------------------------------- */

static void write_issued(buffer *out, const void *object, const void *more) {
  const maapol_result *r = object;
  (void)more;
  value v = claims_json(out->arena, &r->evaluation.issued);
  json_write(out, &v);
}

static void write_properties(buffer *out, const void *object,
                             const void *more) {
  const maapol_result *r = object;
  (void)more;
  value v = report_properties(out->arena, &r->evaluation.properties);
  json_write(out, &v);
}

static void write_claims(buffer *out, const void *object, const void *more) {
  const maapol_result *r = object;
  (void)more;
  value v = claims_json(out->arena, &r->evaluation.claims);
  json_write(out, &v);
}

static void write_report(buffer *out, const void *object, const void *more) {
  const maapol_result *r = object;
  (void)more;
  report whole = {
      .arena = out->arena, .program = r->program, .lines = r->lines};
  object_builder o = object_in(out->arena);
  report_evaluation(&whole, &r->evaluation, &o);
  value v = object_value(&o);
  json_write(out, &v);
}

maapol_status maapol_result_issued_json(const maapol_result *r, char **json) {
  return api_write(write_issued, r, NULL, json);
}

maapol_status maapol_result_properties_json(const maapol_result *r,
                                            char **json) {
  return api_write(write_properties, r, NULL, json);
}

maapol_status maapol_result_claims_json(const maapol_result *r, char **json) {
  return api_write(write_claims, r, NULL, json);
}

maapol_status maapol_result_report_json(const maapol_result *r, char **json) {
  return api_write(write_report, r, NULL, json);
}
