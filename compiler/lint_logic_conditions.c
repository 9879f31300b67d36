/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions by themselves: L203, L209, L214. */
#include "base/limits.h"
#include "compiler/lint_logic.h"

static span whole_test(const ast_test *t) {
  return (span){t->property.begin, t->expr->where.end};
}

/* --- L203: the rule never runs -------------------------------------------- */

/* Two tests of a condition that no claim passes; `which` and `with` count
 * literal tests, PROGRAM_NONE is the one of the type. */
static bool tests_contradict(const logic *l, const program_condition *c,
                             uint32_t which, uint32_t with) {
  program_test pair[2] = {l->program->tests[c->first_test + which]};
  program_condition both = {.literal_tests = 1};
  program part = {.tests = pair};
  if (with == PROGRAM_NONE)
    both.type = c->type;
  else
    pair[both.literal_tests++] = l->program->tests[c->first_test + with];
  return region_without(&part, &both, PROGRAM_NONE, l->arena).is_empty;
}

/* Whether the first `count` tests leave a claim. */
static bool leaves_some(const logic *l, const program_condition *c,
                        uint32_t count) {
  program_condition first = *c;
  first.literal_tests = count;
  return !region_without(l->program, &first, PROGRAM_NONE, l->arena).is_empty;
}

/* The test that leaves none: found by halves, since tests only take away. */
static uint32_t last_straw(const logic *l, const program_condition *c) {
  uint32_t low = 0, high = c->literal_tests;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (leaves_some(l, c, middle))
      low = middle;
    else
      high = middle;
  }
  return high - 1;
}

static span type_test_place(const logic *l, const ast_condition *c) {
  for (const ast_test *t = c->tests; t; t = t->next)
    if (t->relation == OPERATOR_EQUAL && t->expr->kind == EXPR_STRING &&
        slice_is(ast_text(l->program->ast, t->property), "type"))
      return whole_test(t);
  return c->where;
}

static void label_other_test(const logic *l, diagnostic *d, uint32_t rule,
                             uint32_t at, uint32_t which) {
  static const char text[] = "because of this one";
  const program_condition *c = &l->program->conditions[at];
  diagnostics *out = l->linter->findings;
  for (uint32_t i = 0; i < which; i++)
    if (tests_contradict(l, c, which, i)) {
      diagnostic_label_at(out, d, whole_test(logic_test(l, rule, at, i)),
                          text);
      return;
    }
  if (c->type != SYMBOL_NONE && tests_contradict(l, c, which, PROGRAM_NONE))
    diagnostic_label_at(
        out, d, type_test_place(l, logic_condition(l, rule, at)), text);
}

static void say_empty(const logic *l, uint32_t rule, uint32_t at) {
  uint32_t which = last_straw(l, &l->program->conditions[at]);
  diagnostic *d = diagnose(
      l->linter->findings, CODE_L203,
      whole_test(logic_test(l, rule, at, which)),
      "this rule is never run: no claim passes this test and the others of "
      "its condition");
  label_other_test(l, d, rule, at, which);
}

static void say_dead(const logic *l, uint32_t rule) {
  uint32_t by = l->dead_by[rule], with = l->dead_with[rule];
  diagnostics *out = l->linter->findings;
  if (by == with) {
    say_empty(l, rule, by);
    return;
  }
  bool negated = l->program->conditions[with].negated;
  diagnostic *d = diagnose(
      out, CODE_L203, logic_condition(l, rule, by)->where,
      negated ? "this rule is never run: what this condition asks for is what "
                "a negated one forbids"
              : "this rule is never run: there is one such claim, and it "
                "cannot satisfy both conditions");
  diagnostic_label_at(out, d, logic_condition(l, rule, with)->where,
                      negated ? "this one forbids it" : "the other condition");
}

/* --- L214: it says nothing ------------------------------------------------ */

static void say_constant(const logic *l, span where, const char *message,
                         span because) {
  diagnostics *out = l->linter->findings;
  diagnostic *d = diagnose(out, CODE_L214, where, "%s", message);
  if (!span_is_empty(because))
    diagnostic_label_at(out, d, because, "because of this one");
  diagnostic_help(out, d, "remove it, or write what was meant");
}

static bool same_region(const claim_region *a, const claim_region *b) {
  return region_within(a, b) && region_within(b, a);
}

enum { NO_TEST = -2, TYPE_TEST = -1 };

/* Another test of the property, which may make this one idle; NO_TEST if
 * there is none. */
static int64_t other_test(const program *p, const program_condition *c,
                          uint32_t which) {
  uint8_t property = p->tests[c->first_test + which].property;
  for (uint32_t i = 0; i < c->literal_tests; i++)
    if (i != which && p->tests[c->first_test + i].property == property)
      return i;
  return property == PROPERTY_TYPE && c->type != SYMBOL_NONE ? TYPE_TEST
                                                             : NO_TEST;
}

/* A test that those of the same property already imply. One a condition:
 * of two equal tests each makes the other idle. */
static void lint_idle_test(const logic *l, uint32_t rule, uint32_t at) {
  const program_condition *c = &l->program->conditions[at];
  if (c->literal_tests > LIMIT_LOGIC_CONDITIONS || l->regions[at].is_empty)
    return;
  for (uint32_t i = c->literal_tests; i-- > 0;) {
    int64_t other = other_test(l->program, c, i);
    if (other == NO_TEST)
      continue;
    claim_region without = region_without(l->program, c, i, l->arena);
    if (!same_region(&without, &l->regions[at]))
      continue;
    span because =
        other == TYPE_TEST
            ? type_test_place(l, logic_condition(l, rule, at))
            : whole_test(logic_test(l, rule, at, (uint32_t)other));
    say_constant(l, whole_test(logic_test(l, rule, at, i)),
                 "this test is always true beside the others", because);
    return;
  }
}

/* Whether the condition k of the rule makes condition i idle. */
static bool makes_idle(const logic *l, uint32_t k, uint32_t i) {
  const program_condition *c = l->program->conditions;
  if (k == i || c[k].negated != c[i].negated || l->regions[i].is_empty)
    return false;
  const claim_region *less = &l->regions[c[i].negated ? i : k];
  const claim_region *more = &l->regions[c[i].negated ? k : i];
  if (c[i].negated && c[k].literal_tests != c[k].test_count)
    return false; /* it forbids less than its region */
  return region_within(less, more) &&
         (k < i || !region_within(more, less));
}

static bool is_bare(const program_condition *c) {
  return c->slot == PROGRAM_NONE && c->literal_tests == c->test_count;
}

static void lint_idle_condition(const logic *l, uint32_t rule, uint32_t i) {
  const program_rule *r = &l->program->rules[rule];
  uint32_t first = r->first_condition;
  if (!is_bare(&l->program->conditions[i]))
    return;
  for (uint32_t k = first; k < first + r->condition_count; k++)
    if (makes_idle(l, k, i)) {
      say_constant(l, logic_condition(l, rule, i)->where,
                   "this condition always holds beside the others",
                   logic_condition(l, rule, k)->where);
      return;
    }
}

static void lint_constants(const logic *l, uint32_t rule) {
  const program_rule *r = &l->program->rules[rule];
  for (uint32_t k = 0; k < r->condition_count; k++) {
    uint32_t at = r->first_condition + k;
    if (l->program->conditions[at].negated && l->regions[at].is_empty)
      say_constant(l, logic_condition(l, rule, at)->where,
                   "this condition always holds: no claim passes its tests",
                   (span){0, 0});
    lint_idle_test(l, rule, at);
    if (!(l->flags[rule] & (RULE_IS_LARGE | RULE_IS_DEAD)))
      lint_idle_condition(l, rule, at);
  }
}

/* --- L209: a name that nobody uses ---------------------------------------- */

/* Marks every slot that the expression names. */
static void mark_slots(const program *p, uint32_t expr, bool *used) {
  if (expr == PROGRAM_NONE)
    return;
  const program_expr *e = &p->exprs[expr];
  if (e->kind == PROGRAM_PROPERTY)
    used[e->slot] = true;
  for (uint32_t i = 0; e->kind == PROGRAM_CALL && i < e->argument_count; i++)
    mark_slots(p, p->arguments[e->first_argument + i], used);
}

/* From the name to what stands behind the colon; empty if a comment stands
 * between. */
static span binding_text(slice text, span name) {
  uint32_t at = name.end;
  while (at < text.length && strchr(" \t\r\n", text.data[at]))
    at++;
  if (at >= text.length || text.data[at] != ':')
    return (span){name.begin, name.begin};
  at++;
  while (at < text.length && strchr(" \t\r\n", text.data[at]))
    at++;
  return (span){name.begin, at};
}

static void say_unused(const logic *l, const ast_condition *c) {
  diagnostics *out = l->linter->findings;
  slice text = l->linter->ast->text;
  diagnostic *d = diagnose(out, CODE_L209, c->name, "nothing uses `%.*s`",
                           SLICE_ARGS(ast_text(l->linter->ast, c->name)));
  span where = binding_text(text, c->name);
  if (!span_is_empty(where))
    fix_edit(out, diagnostic_fix(out, d, FIX_SAFE, "remove the identifier"),
             where, SLICE_EMPTY);
}

static void lint_names(const logic *l, uint32_t rule, bool *used) {
  const program *p = l->program;
  const program_rule *r = &p->rules[rule];
  memset(used, 0, p->slot_count * sizeof *used);
  for (uint32_t k = 0; k < r->condition_count; k++) {
    const program_condition *c = &p->conditions[r->first_condition + k];
    for (uint32_t t = c->literal_tests; t < c->test_count; t++)
      mark_slots(p, p->tests[c->first_test + t].expr, used);
  }
  mark_slots(p, r->type, used);
  mark_slots(p, r->value, used);
  if (r->claim_slot != PROGRAM_NONE)
    used[r->claim_slot] = true;
  const ast_condition *c = p->places[rule].rule->conditions;
  for (uint32_t k = 0; k < r->condition_count; k++, c = c->next) {
    uint32_t slot = p->conditions[r->first_condition + k].slot;
    if (slot != PROGRAM_NONE && !used[slot])
      say_unused(l, c);
  }
}

void lint_conditions(logic *l) {
  const program *p = l->program;
  bool *used = ARENA_ARRAY(l->arena, p->slot_count, bool);
  for (uint32_t i = 0; i < p->rule_count; i++) {
    if (l->flags[i] & RULE_IS_DEAD)
      say_dead(l, i);
    lint_constants(l, i);
    if (p->slot_count)
      lint_names(l, i, used);
  }
}
