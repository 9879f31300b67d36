/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report.h"

#include "eval/claims_insert.h"

#include "grammar/parse.h"

report report_of(arena *a, const program *p) {
  report r = {.arena = a, .program = p};
  line_index_make(&r.lines, a, p->ast->text);
  return r;
}

const char *decision_name(decision d) {
  static const char *const names[] = {
      [DECISION_DENY] = "deny",
      [DECISION_PERMIT] = "permit",
      [DECISION_ERROR] = "error",
  };
  return names[d];
}

const char *report_section_name(section_kind section) {
  return section_names[section];
}

/* --- two evaluations as one ----------------------------------------------- */

static void join_properties(const claim_list *first, claim_list *second) {
  claim_list all = claims_in(second->arena);
  for (size_t i = 0; i < first->count; i++)
    claims_append(&all, &first->items[i]);
  for (size_t i = 0; i < second->count; i++)
    claims_append(&all, &second->items[i]);
  *second = all;
}

void evaluation_join(evaluation *configuration, evaluation *rest) {
  trace_entry **trace = &configuration->trace;
  while (*trace)
    trace = &(*trace)->next;
  *trace = rest->trace;
  rest->trace = configuration->trace;
  evaluation_note **notes = &configuration->notes;
  while (*notes)
    notes = &(*notes)->next;
  *notes = rest->notes;
  rest->notes = configuration->notes;
  condition_match **matches = &configuration->matches;
  while (*matches)
    matches = &(*matches)->next;
  *matches = rest->matches;
  rest->matches = configuration->matches;
  if (rest->decision == DECISION_PERMIT)
    join_properties(&configuration->properties, &rest->properties);
}

void evaluate_policy(const program *p, const claim_list *claims, arena *a,
                     unsigned flags, evaluation *result) {
  evaluation configuration;
  if (!evaluate_configuration(p, a, flags, &configuration)) {
    *result = configuration;
    return;
  }
  evaluate(p, claims, a, flags, result);
  evaluation_join(&configuration, result);
}

/* --- rules ---------------------------------------------------------------- */

static position place_of(const report *r, uint32_t rule) {
  return line_index_position(&r->lines,
                             r->program->places[rule].where.begin);
}

const char *report_rule_name(const report *r, uint32_t rule) {
  position at = place_of(r, rule);
  buffer name = buffer_in(r->arena);
  buffer_printf(&name, "rule %u in %s (%u:%u)",
                (unsigned)r->program->places[rule].number,
                report_section_name(r->program->rules[rule].section),
                (unsigned)at.line, (unsigned)at.column);
  return buffer_slice(&name).data;
}

slice report_rule_text(const report *r, uint32_t rule) {
  return ast_text(r->program->ast, r->program->places[rule].where);
}

static void set_text(object_builder *o, slice name, const char *text) {
  object_set(o, name, text ? value_text(slice_from(text)) : value_null());
}

value report_rule(const report *r, uint32_t rule) {
  if (rule == PROGRAM_NONE)
    return value_null();
  position at = place_of(r, rule);
  object_builder o = object_in(r->arena);
  object_set(&o, SLICE("number"),
             value_integer(r->program->places[rule].number));
  set_text(&o, SLICE("section"),
           report_section_name(r->program->rules[rule].section));
  object_set(&o, SLICE("line"), value_integer(at.line));
  object_set(&o, SLICE("column"), value_integer(at.column));
  object_set(&o, SLICE("text"), value_text(report_rule_text(r, rule)));
  return object_value(&o);
}

/* --- the decision --------------------------------------------------------- */

uint32_t report_deciding_rule(const report *r, const evaluation *e) {
  if (e->reason == REASON_DENY_RULE || e->reason == REASON_RULE_FAILED)
    return e->rule;
  if (e->decision != DECISION_PERMIT)
    return PROGRAM_NONE;
  for (const trace_entry *t = e->trace; t; t = t->next)
    if (t->fired && r->program->rules[t->rule].action == ACTION_PERMIT)
      return t->rule;
  return PROGRAM_NONE;
}

/* An evaluation error has a place of its own inside the rule. */
static const char *failure_text(const report *r, const evaluation *e) {
  position at = line_index_position(&r->lines, e->where.begin);
  buffer text = buffer_in(r->arena);
  buffer_printf(&text, "%s failed at %u:%u: %s", report_rule_name(r, e->rule),
                (unsigned)at.line, (unsigned)at.column, e->message);
  return buffer_slice(&text).data;
}

const char *report_reason(const report *r, const evaluation *e) {
  if (e->reason == REASON_RULE_FAILED)
    return failure_text(r, e);
  if (e->reason == REASON_NO_PERMIT)
    return "no permit() ran in authorizationrules";
  uint32_t rule = report_deciding_rule(r, e);
  bool denied = e->decision == DECISION_DENY;
  if (rule == PROGRAM_NONE)
    return denied ? "a deny() ran" : "a permit() ran";
  buffer text = buffer_in(r->arena);
  buffer_printf(&text, "%s %s", report_rule_name(r, rule),
                denied ? "denied" : "permitted");
  return buffer_slice(&text).data;
}

/* --- the parts of the report ---------------------------------------------- */

value report_properties(arena *a, const claim_list *properties) {
  object_builder o = object_in(a);
  for (size_t i = 0; i < properties->count; i++)
    object_set(&o, properties->items[i].type,
               claim_json(&properties->items[i]));
  return object_value(&o); /* of a name set twice, the last stays */
}

static value trace_value(const report *r, const trace_entry *t) {
  object_builder o = object_in(r->arena);
  object_set(&o, SLICE("rule"), report_rule(r, t->rule));
  object_set(&o, SLICE("fired"), value_boolean(t->fired));
  object_set(&o, SLICE("condition"),
             t->fired ? value_null() : value_integer(t->condition + 1));
  set_text(&o, SLICE("text"), t->text);
  return object_value(&o);
}

value report_trace(const report *r, const evaluation *e) {
  array_builder entries = array_in(r->arena);
  for (const trace_entry *t = e->trace; t; t = t->next)
    array_add(&entries, trace_value(r, t));
  return array_value(&entries);
}

static value notes_value(const report *r, const evaluation *e) {
  array_builder entries = array_in(r->arena);
  for (const evaluation_note *n = e->notes; n; n = n->next) {
    buffer text = buffer_in(r->arena);
    buffer_printf(&text, "%s: %s", report_rule_name(r, n->rule), n->text);
    array_add(&entries, value_text(buffer_slice(&text)));
  }
  return array_value(&entries);
}

static value error_value(const report *r, const evaluation *e) {
  if (e->decision != DECISION_ERROR)
    return value_null();
  object_builder o = object_in(r->arena);
  set_text(&o, SLICE("code"), "PolicyEvaluationError");
  set_text(&o, SLICE("message"), e->message);
  return object_value(&o);
}

void report_evaluation(const report *r, const evaluation *e,
                       object_builder *o) {
  set_text(o, SLICE("decision"), decision_name(e->decision));
  set_text(o, SLICE("reason"), report_reason(r, e));
  object_set(o, SLICE("rule"), report_rule(r, report_deciding_rule(r, e)));
  object_set(o, SLICE("error"), error_value(r, e));
  object_set(o, SLICE("issued"), claims_json(r->arena, &e->issued));
  object_set(o, SLICE("properties"),
             report_properties(r->arena, &e->properties));
  object_set(o, SLICE("claims"), claims_json(r->arena, &e->claims));
  object_set(o, SLICE("trace"), report_trace(r, e));
  object_set(o, SLICE("notes"), notes_value(r, e));
}
