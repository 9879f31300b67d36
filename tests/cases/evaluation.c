/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of decisions: claims in, decision, issued claims, properties out. */
#include <stdio.h>
#include <stdlib.h>

#include "base/value.h"
#include "compiler/policy.h"
#include "eval/claims.h"
#include "eval/evaluate.h"
#include "tests/cases/case.h"

static slice json_text(arena *a, value v) {
  buffer b = buffer_in(a);
  json_write(&b, &v);
  return buffer_slice(&b);
}

static void compare_json(context *c, const char *what, slice expected,
                         value got) {
  value wanted;
  json_error error;
  if (!json_read(c->arena, expected, 0, &wanted, &error)) {
    problem(c, "%s in the case: %s", what, error.message);
    return;
  }
  slice a = json_text(c->arena, wanted), b = json_text(c->arena, got);
  if (!slice_equal(a, b))
    problem(c, "%s: expected %.*s\n    got %.*s", what, SLICE_ARGS(a),
            SLICE_ARGS(b));
}

/* The ways to a decision. All must agree. */
typedef enum route { ROUTE_PLAIN, ROUTE_TRACED, ROUTE_BOUND } route;

static const char *const route_names[] = {"plain", "traced", "bound"};

typedef struct outcome {
  route route;
  evaluation configuration, rules;
  const evaluation *last; /* that decided */
} outcome;

static void evaluate_by(const program *p, const claim_list *claims, arena *a,
                        outcome *o) {
  unsigned flags = o->route == ROUTE_TRACED ? EVALUATE_TRACE : 0;
  o->last = &o->configuration;
  if (!evaluate_configuration(p, a, flags, &o->configuration))
    return;
  o->last = &o->rules;
  if (o->route != ROUTE_BOUND) {
    evaluate(p, claims, a, flags, &o->rules);
    return;
  }
  /* Twice, since bound claims serve many decisions. */
  const bound_claims *bound = claims_bind(p, claims, a);
  evaluate_bound(p, bound, a, flags, &o->rules);
  o->rules = (evaluation){0};
  evaluate_bound(p, bound, a, flags, &o->rules);
}

static void set_properties(object_builder *all, const evaluation *e) {
  for (size_t i = 0; i < e->properties.count; i++) {
    slice type = e->properties.items[i].type;
    object_set(all, type, claim_json(evaluation_property(e, type)));
  }
}

/* Of a deny and an error, nothing is issued and no property set. */
static value outcome_properties(context *c, const outcome *o) {
  object_builder all = object_in(c->arena);
  if (o->last == &o->rules && o->last->decision == DECISION_PERMIT)
    set_properties(&all, &o->configuration);
  set_properties(&all, o->last);
  return object_value(&all);
}

static const char *decision_name(decision d) {
  static const char *const names[] = {"deny", "permit", "error"};
  return names[d];
}

static void compare_reason(context *c, const directive *run,
                           const evaluation *e) {
  bool by_rule = e->reason == REASON_DENY_RULE ||
                 e->reason == REASON_RULE_FAILED;
  if ((e->decision == DECISION_PERMIT) != (e->reason == REASON_NONE) ||
      (e->decision == DECISION_ERROR) != (e->reason == REASON_RULE_FAILED))
    problem(c, "reason %d does not fit the decision", (int)e->reason);
  const directive *rule = find_directive(run, "rule");
  if (!rule)
    return;
  buffer got = buffer_in(c->arena);
  if (by_rule)
    buffer_printf(&got, "%lu", (unsigned long)e->rule + 1);
  else
    buffer_text(&got, "none");
  if (!slice_equal(rule->text, buffer_slice(&got)))
    problem(c, "rule: expected %.*s, got %.*s", SLICE_ARGS(rule->text),
            SLICE_ARGS(got));
}

static void compare_error(context *c, const directive *run,
                          const evaluation *e) {
  slice part = directive_or(run, "error", SLICE_EMPTY);
  if (!e->message)
    problem(c, "an error without message");
  else if (!contains(slice_from(e->message), part))
    problem(c, "error: expected ..%.*s.., got %s", SLICE_ARGS(part),
            e->message);
  if (e->where.begin >= e->where.end || e->where.end > c->text.length)
    problem(c, "error: bytes %lu to %lu are no place in the text",
            (unsigned long)e->where.begin, (unsigned long)e->where.end);
}

static void compare_notes(context *c, const directive *run,
                          const evaluation *e) {
  const directive *wanted = find_directive(run, "note");
  const evaluation_note *n = e->notes;
  while (wanted && n && !contains(slice_from(n->text), wanted->text))
    n = n->next;
  if (wanted && !n)
    problem(c, "note: none says %.*s", SLICE_ARGS(wanted->text));
  if (!wanted && n)
    problem(c, "note: unexpected: %s", n->text);
}

static void compare_fired(context *c, const directive *run, const outcome *o) {
  const directive *wanted = find_directive(run, "fired");
  if (!wanted)
    return;
  const trace_entry *lists[] = {o->configuration.trace,
                                o->last == &o->rules ? o->rules.trace : NULL};
  buffer got = buffer_in(c->arena);
  for (size_t i = 0; i < 2; i++)
    for (const trace_entry *t = lists[i]; t; t = t->next)
      if (t->fired)
        buffer_printf(&got, "%s%lu", got.length ? " " : "",
                      (unsigned long)t->rule + 1);
  if (!slice_equal(wanted->text, buffer_slice(&got)))
    problem(c, "fired: expected %.*s, got %.*s", SLICE_ARGS(wanted->text),
            SLICE_ARGS(got));
}

static bool trace_holds(const trace_entry *t, unsigned long rule, slice part) {
  for (; t; t = t->next)
    if (t->rule + 1 == rule && t->text &&
        contains(slice_from(t->text), part))
      return true;
  return false;
}

static void compare_traces(context *c, const directive *run,
                           const outcome *o) {
  for (const directive *d = find_directive(run, "trace"); d;
       d = next_directive(d)) {
    slice part = d->text;
    unsigned long rule = strtoul(next_word(&part).data, NULL, 10);
    if (!trace_holds(o->configuration.trace, rule, trim(part)) &&
        !trace_holds(o->rules.trace, rule, trim(part)))
      problem(c, "trace of rule %lu: does not say %.*s", rule,
              SLICE_ARGS(trim(part)));
  }
}

static void compare_outcome(context *c, const directive *run,
                            const outcome *o) {
  const evaluation *e = o->last;
  size_t before = c->problems.length;
  const char *got = decision_name(e->decision);
  slice expected = directive_or(run, "expect", SLICE_EMPTY);
  if (!slice_is(expected, got))
    problem(c, "expected %.*s, got %s%s%s", SLICE_ARGS(expected), got,
            e->message ? ": " : "", e->message ? e->message : "");
  compare_reason(c, run, e);
  if (e->decision == DECISION_ERROR)
    compare_error(c, run, e);
  compare_json(c, "issued", directive_or(run, "issued", SLICE("{}")),
               claims_json(c->arena, &e->issued));
  compare_json(c, "properties",
               directive_or(run, "properties", SLICE("{}")),
               outcome_properties(c, o));
  compare_notes(c, run, e);
  if (o->route == ROUTE_TRACED) {
    compare_fired(c, run, o);
    compare_traces(c, run, o);
  }
  if (c->problems.length > before)
    problem(c, "(%s evaluation)", route_names[o->route]);
}

/* expect: unusable, of a claims file that must be refused. */
static void compare_refusal(context *c, const directive *run, bool was_read,
                            const claims_error *error) {
  bool unusable = slice_is(directive_or(run, "expect", SLICE_EMPTY),
                           "unusable");
  slice part = directive_or(run, "error", SLICE_EMPTY);
  if (was_read) {
    if (unusable)
      problem(c, "the claims were taken");
  } else if (!unusable)
    problem(c, "claims: %s", error->message);
  else if (!contains(slice_from(error->message), part))
    problem(c, "error: expected ..%.*s.., got %s", SLICE_ARGS(part),
            error->message);
}

static void run_case(context *c, const directive *run, const program *p) {
  claims_error error = {0};
  claim_list claims = claims_in(c->arena);
  slice text = arena_copy(c->arena, directive_or(run, "claims", SLICE("{}")));
  bool was_read = claims_read(&claims, text, &error);
  compare_refusal(c, run, was_read, &error);
  for (route r = ROUTE_PLAIN; was_read && r <= ROUTE_BOUND; r++) {
    outcome o = {.route = r};
    if (c->problems.length > 0) /* one way's problems say enough */
      break;
    evaluate_by(p, &claims, c->arena, &o);
    compare_outcome(c, run, &o);
  }
  finish_run(c, run->text);
}

void run_evaluation_file(context *c) {
  const policy *p = policy_compile(c->arena, c->text);
  if (!p->program) {
    const diagnostic *d = p->findings.first;
    while (d && d->severity != SEVERITY_ERROR)
      d = d->next;
    problem(c, "does not compile: %s", d ? d->message : "no finding");
    finish_run(c, SLICE("compile"));
    return;
  }
  for (const directive *d = c->header; d; d = d->next)
    if (slice_is(d->name, "case"))
      run_case(c, d, p->program);
}
