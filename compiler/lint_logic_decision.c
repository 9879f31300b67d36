/* SPDX-License-Identifier: Apache-2.0 */
/* The decision as a whole: L201, L202, L210. Is there a claim set that is
 * permitted, is there one that is not? A set is looked for in which the
 * conditions of some rules fail: of each, one condition must. Rules of one
 * condition leave no choice and are taken first; of the others all choices are
 * tried, BRANCHES_MOST rules of them. No set found, with all trials made, is a
 * proof; anything else is none. */
#include "base/limits.h"
#include "compiler/lint_logic.h"

enum { BRANCHES_MOST = 12 };

/* A claim set as far as it is known. */
typedef struct demands {
  const logic *l;
  const claim_region **present; /* each holds a claim */
  const claim_region **absent;  /* each holds none */
  size_t present_count, absent_count;
  uint32_t *choices; /* rules of several conditions, one of which must fail */
  size_t choice_count;
  size_t steps; /* that are left */
} demands;

static demands make_demands(const logic *l) {
  size_t most = l->program->condition_count + 1u;
  return (demands){
      .l = l,
      .present = ARENA_ARRAY(l->arena, most, const claim_region *),
      .absent = ARENA_ARRAY(l->arena, most, const claim_region *),
      .choices = ARENA_ARRAY(l->arena, BRANCHES_MOST, uint32_t),
      /* in the size of the policy, so that time is linear */
      .steps = LIMIT_LOGIC_STEPS + 16u * (size_t)l->program->condition_count};
}

static bool spend(demands *d) {
  size_t cost = (d->present_count + 1) * (d->absent_count + 1);
  bool is_enough = cost <= d->steps;
  d->steps -= is_enough ? cost : d->steps;
  return is_enough;
}

/* False: proven that no claim set is so. */
static bool is_possible(demands *d) {
  if (!spend(d))
    return true;
  for (size_t i = 0; i < d->present_count; i++)
    if (region_covered(d->present[i], d->absent, d->absent_count,
                       d->l->arena))
      return false;
  return true;
}

/* No rule of authorizationrules makes a claim that the condition could see:
 * it says the same whenever it is asked. */
static bool is_steady(const logic *l, uint32_t condition) {
  const program *p = l->program;
  return !logic_made_between(
      l, &l->regions[condition], p->section_begin[SECTION_AUTHORIZATION],
      p->section_begin[SECTION_AUTHORIZATION + 1]);
}

static bool is_plain(const program_condition *c) {
  return c->literal_tests == c->test_count;
}

static void demand(demands *d, uint32_t condition, bool holds) {
  const claim_region *r = &d->l->regions[condition];
  if (holds != d->l->program->conditions[condition].negated)
    d->present[d->present_count++] = r;
  else
    d->absent[d->absent_count++] = r;
}

/* The rule must not run. Leaving a rule out makes more sets possible, so
 * nothing wrong comes of it. */
static void demand_failure(demands *d, uint32_t index) {
  const logic *l = d->l;
  const program_rule *rule = &l->program->rules[index];
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    uint32_t c = rule->first_condition + i;
    if (!is_plain(&l->program->conditions[c]) || !is_steady(l, c))
      return;
  }
  if (rule->condition_count == 1)
    demand(d, rule->first_condition, false);
  else if (d->choice_count < BRANCHES_MOST &&
           !(l->flags[index] & RULE_IS_LARGE))
    d->choices[d->choice_count++] = index;
}

/* Tries every way in which the rules of several conditions can fail: an
 * odometer, whose wheels are the rules. */
static bool search(demands *d) {
  uint32_t wheel[BRANCHES_MOST] = {0};
  size_t present[BRANCHES_MOST + 1], absent[BRANCHES_MOST + 1], at = 0;
  for (;;) {
    present[at] = d->present_count;
    absent[at] = d->absent_count;
    if (is_possible(d)) {
      if (at == d->choice_count)
        return true;
      wheel[at] = 0;
      at++;
    }
    for (;; at--) { /* on to the next choice, or back */
      if (at == 0)
        return false;
      d->present_count = present[at - 1];
      d->absent_count = absent[at - 1];
      const program_rule *rule =
          &d->l->program->rules[d->choices[at - 1]];
      if (wheel[at - 1] < rule->condition_count) {
        demand(d, rule->first_condition + wheel[at - 1]++, false);
        break;
      }
    }
  }
}

/* Whether there may be claims that this permit lets pass. */
static bool may_permit(const logic *l, demands *d, uint32_t index) {
  const program_rule *rule = &l->program->rules[index];
  size_t present = d->present_count, absent = d->absent_count;
  if (l->flags[index] & RULE_IS_LARGE)
    return true;
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    uint32_t c = rule->first_condition + i;
    if (is_plain(&l->program->conditions[c]) ||
        !l->program->conditions[c].negated)
      demand(d, c, true);
  }
  bool found = search(d);
  d->present_count = present;
  d->absent_count = absent;
  return found;
}

static demands demand_no(const logic *l, action_kind action) {
  const program *p = l->program;
  demands d = make_demands(l);
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
       i < p->section_begin[SECTION_AUTHORIZATION + 1]; i++)
    if (p->rules[i].action == action && !(l->flags[i] & RULE_IS_DEAD))
      demand_failure(&d, i);
  return d;
}

/* Whether the rule of that action is there; PROGRAM_NONE if none is. */
static uint32_t find_rule(const logic *l, action_kind action,
                          uint8_t without) {
  const program *p = l->program;
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
       i < p->section_begin[SECTION_AUTHORIZATION + 1]; i++)
    if (p->rules[i].action == action && !(l->flags[i] & without))
      return i;
  return PROGRAM_NONE;
}

static uint32_t find_always(const logic *l, action_kind action) {
  const program *p = l->program;
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
       i < p->section_begin[SECTION_AUTHORIZATION + 1]; i++)
    if (p->rules[i].action == action && (l->flags[i] & RULE_IS_ALWAYS))
      return i;
  return PROGRAM_NONE;
}

/* Places: the section, or what stands for it. */
static span section_place(const logic *l) {
  const ast_policy *tree = l->linter->ast;
  for (const ast_section *s = tree->sections; s; s = s->next)
    if (section_from_name(ast_text(tree, s->name)) == SECTION_AUTHORIZATION)
      return s->name;
  return tree->versions->where;
}

static bool has_section(const logic *l) {
  const ast_policy *tree = l->linter->ast;
  for (const ast_section *s = tree->sections; s; s = s->next)
    if (section_from_name(ast_text(tree, s->name)) == SECTION_AUTHORIZATION)
      return true;
  return false;
}

/* L201. */

static bool never_permits(const logic *l, const uint8_t *overruled) {
  const program *p = l->program;
  if (find_always(l, ACTION_DENY) != PROGRAM_NONE)
    return true;
  demands d = demand_no(l, ACTION_DENY);
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
       i < p->section_begin[SECTION_AUTHORIZATION + 1]; i++)
    if (p->rules[i].action == ACTION_PERMIT && !overruled[i] &&
        !(l->flags[i] & RULE_IS_DEAD) && may_permit(l, &d, i))
      return false;
  return true;
}

static void say_never(const logic *l, uint32_t permit) {
  diagnostics *out = l->linter->findings;
  uint32_t deny = find_always(l, ACTION_DENY);
  const char *why = !has_section(l)       ? "there are no authorizationrules"
                    : permit == PROGRAM_NONE ? "no rule has permit()"
                    : deny != PROGRAM_NONE   ? "a deny() always runs"
                                          : "no permit() can count";
  diagnostic *d = diagnose(out, CODE_L201, section_place(l),
                           "this policy permits nothing: %s", why);
  if (deny != PROGRAM_NONE)
    diagnostic_label_at(out, d, logic_rule_place(l, deny), "this one");
  else if (permit != PROGRAM_NONE)
    diagnostic_label_at(out, d, logic_rule_place(l, permit),
                        "the first that never counts");
  if (permit == PROGRAM_NONE)
    diagnostic_help(out, d, "attestation succeeds only if a rule of "
                            "authorizationrules runs permit()");
}

/* L202. */

static bool can_fail(const logic *l) {
  const program *p = l->program;
  for (uint32_t i = p->section_begin[SECTION_AUTHORIZATION];
       i < p->section_begin[SECTION_AUTHORIZATION + 1]; i++)
    if (l->flags[i] & RULE_CAN_FAIL)
      return true;
  return false;
}

static bool always_permits(const logic *l) {
  if (find_rule(l, ACTION_DENY, RULE_IS_DEAD) != PROGRAM_NONE || can_fail(l))
    return false;
  if (find_always(l, ACTION_PERMIT) != PROGRAM_NONE)
    return true;
  demands d = demand_no(l, ACTION_PERMIT);
  return !search(&d);
}

static void say_always(const logic *l) {
  diagnostics *out = l->linter->findings;
  uint32_t permit = find_always(l, ACTION_PERMIT);
  if (permit == PROGRAM_NONE)
    permit = find_rule(l, ACTION_PERMIT, RULE_IS_DEAD);
  diagnostic *d =
      diagnose(out, CODE_L202, logic_rule_place(l, permit),
               "this policy permits whatever the claims are");
  diagnostic_help(out, d, "only what the service itself verifies protects; "
                          "ask for what your workload must be");
}

/* L210. */

static bool contains(slice text, const char *word) {
  size_t length = strlen(word);
  for (size_t i = 0; i + length <= text.length; i++)
    if (slice_equal_ignore_case((slice){text.data + i, length},
                                slice_from(word)))
      return true;
  return false;
}

/* Names by which authors tell the good from the bad. */
static bool is_verdict_name(slice name) {
  static const char *const words[] = {
      "complian", "trusted", "trustworthy", "allowed",  "approved",
      "authoriz", "permit",  "accepted",    "verified", "attested",
      "decision", "verdict", "healthy",     "passed",   NULL};
  for (const char *const *w = words; *w; w++)
    if (contains(name, *w))
      return true;
  return false;
}

static bool issues_verdict(const logic *l, uint32_t index) {
  const program *p = l->program;
  const program_rule *rule = &p->rules[index];
  if (rule->action != ACTION_ISSUE || rule->type == PROGRAM_NONE ||
      (l->flags[index] & (RULE_IS_DEAD | RULE_IS_ALWAYS)))
    return false;
  const program_expr *type = &p->exprs[rule->type];
  const program_expr *given = &p->exprs[rule->value];
  return type->kind == PROGRAM_LITERAL && given->kind == PROGRAM_LITERAL &&
         given->literal != LITERAL_INTEGER &&
         is_verdict_name(symbols_text(&p->symbols, type->symbol));
}

static void lint_late_gate(const logic *l, span permit) {
  const program *p = l->program;
  for (uint32_t i = p->section_begin[SECTION_ISSUANCE];
       i < p->section_begin[SECTION_ISSUANCE + 1]; i++) {
    if (!issues_verdict(l, i))
      continue;
    diagnostics *out = l->linter->findings;
    slice type = symbols_text(&p->symbols, p->exprs[p->rules[i].type].symbol);
    diagnostic *d = diagnose(
        out, CODE_L210, logic_rule_place(l, i),
        "\"%.*s\" says what was found, but everyone gets a token",
        SLICE_ARGS(type));
    diagnostic_label_at(out, d, permit, "this permits everyone");
    diagnostic_help(out, d, "put the condition into authorizationrules, or "
                            "make sure that every reader of the token looks "
                            "at the claim");
    return; /* the first says it */
  }
}

void lint_decision(logic *l, const uint8_t *overruled) {
  uint32_t permit = find_rule(l, ACTION_PERMIT, 0);
  if (permit == PROGRAM_NONE || never_permits(l, overruled)) {
    l->linter->never_permits = true;
    say_never(l, permit);
    return;
  }
  if (!always_permits(l))
    return;
  say_always(l);
  uint32_t always = find_always(l, ACTION_PERMIT);
  lint_late_gate(l, logic_rule_place(l, always == PROGRAM_NONE ? permit
                                                               : always));
}
