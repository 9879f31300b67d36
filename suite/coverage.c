/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/coverage.h"

/* Rules that make claims for rules that make claims. */
enum { MAKERS_DEPTH = 2, IMPLIED_RULES_MAX = 1000 };

/* --- conditions that always hold ------------------------------------------ */

static bool has_test(const program *p, const program_condition *c,
                     const program_test *wanted) {
  for (uint32_t i = 0; i < c->literal_tests; i++) {
    const program_test *t = &p->tests[c->first_test + i];
    if (t->property == wanted->property && t->relation == wanted->relation &&
        t->literal == wanted->literal && t->key == wanted->key)
      return true;
  }
  return false;
}

/* A claim that satisfies `strong` satisfies `weak`. */
static bool implies(const program *p, const program_condition *strong,
                    const program_condition *weak) {
  if (strong->negated || (weak->type && strong->type != weak->type))
    return false;
  for (uint32_t i = 0; i < weak->literal_tests; i++)
    if (!has_test(p, strong, &p->tests[weak->first_test + i]))
      return false;
  return true;
}

static bool rule_implies(const program *p, uint32_t rule,
                         const program_condition *c, int depth);

static bool is_of_policy(const program *p, const program_condition *c) {
  static const program_test issuer = {.property = PROPERTY_ISSUER,
                                      .relation = OPERATOR_EQUAL,
                                      .literal = LITERAL_STRING,
                                      .key = SYMBOL_POLICY};
  return c->type && !c->negated && has_test(p, c, &issuer);
}

/* A claim that only rules make: each rule that can make it asks for c. */
static bool makers_imply(const program *p, uint32_t rule,
                         const program_condition *made,
                         const program_condition *c, int depth) {
  if (!is_of_policy(p, made) || depth == MAKERS_DEPTH)
    return false;
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION]; i < rule; i++) {
    const program_rule *r = &p->rules[i];
    if (r->action != ACTION_ADD)
      continue;
    if (r->type == PROGRAM_NONE ||
        p->exprs[r->type].kind != PROGRAM_LITERAL)
      return false; /* it may make claims of any type */
    if (p->exprs[r->type].symbol == made->type &&
        !rule_implies(p, i, c, depth + 1))
      return false;
  }
  return true;
}

static bool rule_implies(const program *p, uint32_t rule,
                         const program_condition *c, int depth) {
  const program_rule *r = &p->rules[rule];
  for (uint32_t i = 0; i < r->condition_count; i++) {
    const program_condition *own = &p->conditions[r->first_condition + i];
    if (implies(p, own, c) || makers_imply(p, rule, own, c, depth))
      return true;
  }
  return false;
}

/* Claims are added and never taken away: what a permit rule found is there. */
static bool is_implied(const program *p, const program_condition *c) {
  if (c->negated || c->literal_tests < c->test_count)
    return false;
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
       i < p->section_begin[SECTION_AUTHORIZATION + 1]; i++)
    if (p->rules[i].action == ACTION_PERMIT &&
        !rule_implies(p, i, c, 0))
      return false;
  return true;
}

/* Every condition is held against every rule: not for generated policies. */
static void find_implied(coverage *c) {
  const program *p = c->program;
  if (p->rule_count > IMPLIED_RULES_MAX)
    return;
  for (uint32_t r = p->section_begin[SECTION_ISSUANCE]; r < p->rule_count;
       r++)
    for (uint32_t i = 0; i < p->rules[r].condition_count; i++) {
      uint32_t index = p->rules[r].first_condition + i;
      c->implied[index] = is_implied(p, &p->conditions[index]);
    }
}

void coverage_init(coverage *c, const program *p, arena *a) {
  *c = (coverage){.program = p};
  c->fired = arena_zalloc(a, (p->rule_count + 1) * sizeof *c->fired);
  c->prevented =
      arena_zalloc(a, (p->condition_count + 1) * sizeof *c->prevented);
  c->implied = arena_zalloc(a, p->condition_count + 1u);
  find_implied(c);
}

/* --- decisive for no ------------------------------------------------------ */

static bool expr_uses(const program *p, uint32_t index, uint32_t slot) {
  const program_expr *e = &p->exprs[index];
  if (e->kind == PROGRAM_PROPERTY)
    return e->slot == slot;
  for (uint32_t i = 0; e->kind == PROGRAM_CALL && i < e->argument_count; i++)
    if (expr_uses(p, p->arguments[e->first_argument + i], slot))
      return true; /* LIMIT_CALL_DEPTH bounds the recursion */
  return false;
}

static bool condition_uses(const program *p, const program_condition *c,
                           uint32_t slot) {
  if (slot == PROGRAM_NONE)
    return false;
  for (uint32_t i = c->literal_tests; i < c->test_count; i++)
    if (expr_uses(p, p->tests[c->first_test + i].expr, slot))
      return true;
  return false;
}

/* The program with one condition of a rule the other way around, and without
 * those of the rule that hang on it. The rule's conditions get places of their
 * own behind all others. */
static program *turned(const program *p, uint32_t rule, uint32_t index,
                       arena *a) {
  program *made = ARENA_NEW(a, program);
  *made = *p;
  const program_rule *r = &p->rules[rule];
  program_rule *rules = ARENA_ARRAY(a, p->rule_count, program_rule);
  size_t all = (size_t)p->condition_count + r->condition_count;
  program_condition *conditions = ARENA_ARRAY(a, all, program_condition);
  program_simple *simples = arena_zalloc(a, all * sizeof *simples);
  memcpy(rules, p->rules, p->rule_count * sizeof *rules);
  memcpy(conditions, p->conditions,
         p->condition_count * sizeof *conditions);
  memcpy(simples, p->simples, p->condition_count * sizeof *simples);
  uint32_t slot = p->conditions[r->first_condition + index].slot;
  uint32_t to = p->condition_count;
  for (uint32_t i = 0; i < r->condition_count; i++) {
    const program_condition *c = &p->conditions[r->first_condition + i];
    if (condition_uses(p, c, slot))
      continue;
    conditions[to] = *c;
    conditions[to].is_simple = false;
    conditions[to++].negated ^= i == index;
  }
  rules[rule].first_condition = p->condition_count;
  rules[rule].condition_count = to - p->condition_count;
  rules[rule].leading_simple = 0;
  made->rules = rules;
  made->conditions = conditions;
  made->simples = simples;
  made->condition_count = to;
  made->is_gate = false;
  return made;
}

static bool rule_fires(const program *p, uint32_t rule,
                       const claim_list *claims, arena *a) {
  evaluation e;
  if (p->rules[rule].section == SECTION_CONFIGURATION)
    evaluate_configuration(p, a, EVALUATE_TRACE, &e);
  else
    evaluate(p, claims, a, EVALUATE_TRACE, &e);
  for (const trace_entry *t = e.trace; t; t = t->next)
    if (t->rule == rule)
      return t->fired;
  /* A rule that fails has no entry; its conditions held. */
  return e.decision == DECISION_ERROR && e.rule == rule;
}

void coverage_add(coverage *c, const claim_list *claims, const evaluation *e,
                  arena *scratch) {
  for (const trace_entry *t = e->trace; t; t = t->next) {
    if (t->fired) {
      atomic_fetch_add(&c->fired[t->rule], 1);
      continue;
    }
    atomic_bool *done =
        &c->prevented[c->program->rules[t->rule].first_condition +
                      t->condition];
    if (!atomic_load(done) &&
        rule_fires(turned(c->program, t->rule, t->condition, scratch),
                   t->rule, claims, scratch))
      atomic_store(done, true);
  }
}

/* --- counts --------------------------------------------------------------- */

void coverage_count(coverage *c) {
  const program *p = c->program;
  c->rules = p->rule_count;
  c->conditions = c->rules_fired = c->conditions_decisive = 0;
  for (uint32_t r = 0; r < p->rule_count; r++) {
    bool fired = atomic_load(&c->fired[r]) != 0;
    c->rules_fired += fired;
    for (uint32_t i = 0; i < p->rules[r].condition_count; i++) {
      uint32_t index = p->rules[r].first_condition + i;
      c->conditions += !c->implied[index];
      c->conditions_decisive += fired && !c->implied[index] &&
                                atomic_load(&c->prevented[index]);
    }
  }
}

unsigned coverage_percent(const coverage *c) {
  uint64_t all = (uint64_t)c->rules + c->conditions;
  uint64_t covered = (uint64_t)c->rules_fired + c->conditions_decisive;
  return all ? (unsigned)(covered * 100 / all) : 100;
}

span coverage_condition_place(const program *p, uint32_t rule,
                              uint32_t index) {
  const ast_condition *c = p->places[rule].rule->conditions;
  while (index--)
    c = c->next;
  return c->where;
}

coverage_gap *coverage_gaps(const coverage *c, arena *a, size_t *count) {
  const program *p = c->program;
  coverage_gap *gaps = ARENA_ARRAY(
      a, (size_t)p->rule_count + p->condition_count, coverage_gap);
  *count = 0;
  for (uint32_t r = 0; r < p->rule_count; r++) {
    if (!atomic_load(&c->fired[r]))
      gaps[(*count)++] =
          (coverage_gap){GAP_RULE, r, 0, p->places[r].where};
    for (uint32_t i = 0; i < p->rules[r].condition_count; i++)
      if (!c->implied[p->rules[r].first_condition + i] &&
          !atomic_load(&c->prevented[p->rules[r].first_condition + i]))
        gaps[(*count)++] = (coverage_gap){
            GAP_CONDITION, r, i, coverage_condition_place(p, r, i)};
  }
  return gaps;
}
