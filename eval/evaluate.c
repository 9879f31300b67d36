/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/evaluate.h"

#include "eval/engine.h"

static evaluation undecided(arena *a) {
  return (evaluation){.decision = DECISION_DENY,
                      .reason = REASON_NO_PERMIT,
                      .rule = PROGRAM_NONE,
                      .issued = claims_in(a),
                      .properties = claims_in(a)};
}

static void start(engine *e, const program *p, arena *a, unsigned flags,
                  evaluation *result) {
  *result = undecided(a);
  *e = (engine){.program = p, .arena = a, .result = result, .flags = flags};
  e->trace_end = &result->trace;
  e->note_end = &result->notes;
  e->query_end = &result->queries;
  e->match_end = &result->matches;
  if (p->slot_count) {
    e->slots = ARENA_ARRAY(a, p->slot_count, selection);
    memset(e->slots, 0, p->slot_count * sizeof *e->slots);
  }
}

/* Runs a section to its end, to the first deny() or to an error. False:
 * evaluation is over. */
static bool run_section(engine *e, section_kind section) {
  const program *p = e->program;
  bool tracing = e->flags & EVALUATE_TRACE;
  bool matching = tracing && (e->flags & EVALUATE_MATCHES);
  e->skipped = !tracing;
  uint32_t end = p->section_begin[section + 1];
  for (uint32_t i = p->section_begin[section]; i < end; i++) {
    if (!tracing && (i = skip_rules(p, e->types, e->items, i, end)) == end)
      break;
    const program_rule *rule = &p->rules[i];
    bool holds;
    e->rule = i;
    bool went_well = engine_conditions(e, rule, &holds) &&
                     (!matching || engine_matches(e, holds)) &&
                     (!holds || engine_action(e, rule));
    if (tracing && went_well)
      trace_rule(e, holds);
    if (!went_well || (holds && rule->action == ACTION_DENY))
      return false;
  }
  return true;
}

/* The claims given, as a list that is full: it would copy before it grew. */
static claim_list incoming_list(const bound_claims *claims, arena *a) {
  return (claim_list){.arena = a,
                      .items = claims->claims->items,
                      .count = claims->count,
                      .capacity = claims->count};
}

/* A gate needs no engine: nothing is added, issued or allocated. */
static void decide_gate(const program *p, const bound_claims *claims,
                        evaluation *result) {
  uint32_t end = p->section_begin[SECTION_AUTHORIZATION + 1];
  uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
  for (; i < end; i++) {
    i = skip_rules(p, claims->types, claims->items, i, end);
    if (i == end)
      break;
    if (p->rules[i].action == ACTION_DENY) {
      result->decision = DECISION_DENY;
      result->reason = REASON_DENY_RULE;
      result->rule = i;
      return;
    }
    result->decision = DECISION_PERMIT;
    result->reason = REASON_NONE;
  }
}

/* Of deny and error nothing is issued. */
static void finish(engine *e, const bound_claims *claims) {
  evaluation *r = e->result;
  r->claims = e->own.items ? e->own_claims : incoming_list(claims, e->arena);
  if (r->decision == DECISION_PERMIT)
    return;
  r->issued = claims_in(e->arena);
  r->properties = claims_in(e->arena);
}

bool evaluate_configuration(const program *p, arena *a, unsigned flags,
                            evaluation *result) {
  engine e;
  start(&e, p, a, flags, result);
  uint32_t rules = p->section_begin[SECTION_CONFIGURATION + 1] -
                   p->section_begin[SECTION_CONFIGURATION];
  if (rules) {
    e.types = bound_no_types(p, a);
    run_section(&e, SECTION_CONFIGURATION);
  }
  if (result->decision == DECISION_ERROR)
    result->properties = claims_in(a);
  return result->decision != DECISION_ERROR;
}

void evaluate_bound(const program *p, const bound_claims *claims, arena *a,
                    unsigned flags, evaluation *result) {
  engine e;
  if (p->is_gate && !flags) {
    *result = undecided(a);
    result->claims = incoming_list(claims, a);
    decide_gate(p, claims, result);
    return;
  }
  start(&e, p, a, flags, result);
  e.claims = claims->claims->items;
  e.items = claims->items;
  e.types = claims->types;
  e.count = claims->count;
  if (run_section(&e, SECTION_AUTHORIZATION) &&
      result->decision == DECISION_PERMIT) {
    result->reason = REASON_NONE;
    run_section(&e, SECTION_ISSUANCE);
  }
  finish(&e, claims);
}

void evaluate(const program *p, const claim_list *incoming, arena *a,
              unsigned flags, evaluation *result) {
  evaluate_bound(p, claims_bind(p, incoming, a), a, flags, result);
}

const claim *evaluation_property(const evaluation *e, slice type) {
  const claim *found = NULL;
  for (size_t i = 0; i < e->properties.count; i++)
    if (slice_equal(e->properties.items[i].type, type))
      found = &e->properties.items[i];
  return found;
}
