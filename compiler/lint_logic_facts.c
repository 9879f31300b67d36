/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of each rule before rules are compared. */
#include "base/limits.h"
#include "compiler/claim_catalogue.h"
#include "compiler/lint_logic.h"

/* Words. */

span logic_rule_place(const logic *l, uint32_t rule) {
  return l->program->places[rule].where;
}

uint32_t logic_rule_number(const logic *l, uint32_t rule) {
  return l->program->places[rule].number;
}

const ast_condition *logic_condition(const logic *l, uint32_t rule,
                                     uint32_t condition) {
  const ast_condition *c = l->program->places[rule].rule->conditions;
  uint32_t i = l->program->rules[rule].first_condition;
  for (; i < condition; i++)
    c = c->next;
  return c;
}

static bool is_literal(const ast_expr *e) {
  return e->kind == EXPR_STRING || e->kind == EXPR_INTEGER ||
         e->kind == EXPR_BOOLEAN;
}

/* The first `type == ".."` is the condition's type and not among its tests. */
const ast_test *logic_test(const logic *l, uint32_t rule, uint32_t condition,
                           uint32_t test) {
  const ast_test *t = logic_condition(l, rule, condition)->tests;
  bool has_type = false;
  for (;; t = t->next) {
    bool is_type = !has_type && t->relation == OPERATOR_EQUAL &&
                   t->expr->kind == EXPR_STRING &&
                   slice_is(ast_text(l->program->ast, t->property), "type");
    has_type |= is_type;
    if (!is_type && is_literal(t->expr) && test-- == 0)
      return t;
  }
}

/* What rules make. */

uint32_t logic_binding(const program *p, const program_rule *rule,
                       uint32_t slot) {
  uint32_t i = rule->first_condition;
  while (p->conditions[i].slot != slot)
    i++;
  return i;
}

bool rule_makes_claims(const program_rule *rule) {
  return rule->action == ACTION_ADD || rule->action == ACTION_ISSUE;
}

uint32_t logic_made_type(const logic *l, uint32_t index) {
  const program_rule *rule = &l->program->rules[index];
  if (rule->claim_slot != PROGRAM_NONE) {
    uint32_t c = logic_binding(l->program, rule, rule->claim_slot);
    return l->regions[c].type.only;
  }
  const program_expr *type = &l->program->exprs[rule->type];
  return type->kind == PROGRAM_LITERAL ? type->symbol : SYMBOL_NONE;
}

static bool sets_property(const program_rule *rule) {
  return rule->action == ACTION_ISSUEPROPERTY;
}

static rule_index make_index(const logic *l,
                             bool (*is_in)(const program_rule *)) {
  const program *p = l->program;
  uint32_t types = p->symbols.count + 1, total = 0;
  rule_index index = {ARENA_ARRAY(l->arena, types + 1u, uint32_t), NULL};
  memset(index.begin, 0, (types + 1u) * sizeof *index.begin);
  for (uint32_t i = 0; i < p->rule_count; i++)
    if (is_in(&p->rules[i])) {
      index.begin[logic_made_type(l, i) + 1]++;
      total++;
    }
  for (uint32_t s = 0; s < types; s++)
    index.begin[s + 1] += index.begin[s];
  index.rules = ARENA_ARRAY(l->arena, total, uint32_t);
  uint32_t *next = ARENA_ARRAY(l->arena, types, uint32_t);
  memcpy(next, index.begin, types * sizeof *next);
  for (uint32_t i = 0; i < p->rule_count; i++)
    if (is_in(&p->rules[i]))
      index.rules[next[logic_made_type(l, i)]++] = i;
  return index;
}

bool index_between(const rule_index *index, uint32_t symbol, uint32_t from,
                   uint32_t to) {
  uint32_t low = index->begin[symbol], high = index->begin[symbol + 1];
  uint32_t end = high;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (index->rules[middle] < from)
      low = middle + 1;
    else
      high = middle;
  }
  return low < end && index->rules[low] < to;
}

bool logic_made_between(const logic *l, const claim_region *r, uint32_t from,
                        uint32_t to) {
  if (from >= to || r->is_empty || !text_set_holds(&r->issuer, SYMBOL_POLICY))
    return false;
  if (r->type.only == SYMBOL_NONE)
    return l->made_before[to] != l->made_before[from];
  return index_between(&l->makers, r->type.only, from, to) ||
         index_between(&l->makers, SYMBOL_NONE, from, to);
}

static void count_makers(logic *l) {
  const program *p = l->program;
  l->made_before = ARENA_ARRAY(l->arena, p->rule_count + 1u, uint32_t);
  l->made_before[0] = 0;
  for (uint32_t i = 0; i < p->rule_count; i++)
    l->made_before[i + 1] =
        l->made_before[i] + rule_makes_claims(&p->rules[i]);
}

/* Flags. */

static bool expr_calls(const program *p, uint32_t expr) {
  return expr != PROGRAM_NONE && p->exprs[expr].kind == PROGRAM_CALL;
}

static bool conditions_call(const program *p, const program_rule *rule) {
  const program_condition *c = &p->conditions[rule->first_condition];
  for (uint32_t i = 0; i < rule->condition_count; i++)
    for (uint32_t t = c[i].literal_tests; t < c[i].test_count; t++)
      if (expr_calls(p, p->tests[c[i].first_test + t].expr))
        return true;
  return false;
}

/* What is read-only cannot be issued; a type must be one string. */
static bool action_can_fail(const program *p, const program_rule *rule) {
  if (rule->action <= ACTION_DENY)
    return false;
  if (rule->claim_slot != PROGRAM_NONE)
    return rule->action != ACTION_ADD;
  return p->exprs[rule->type].kind != PROGRAM_LITERAL ||
         expr_calls(p, rule->value) ||
         (rule->action != ACTION_ADD &&
          p->exprs[rule->value].kind != PROGRAM_LITERAL);
}

static uint8_t shape_flags(const program *p, const program_rule *rule) {
  uint8_t flags = 0;
  const program_condition *c = &p->conditions[rule->first_condition];
  if (conditions_call(p, rule))
    flags |= RULE_CALLS | RULE_CAN_FAIL;
  if (action_can_fail(p, rule))
    flags |= RULE_CAN_FAIL;
  for (uint32_t i = 0; i < rule->condition_count; i++)
    if (c[i].literal_tests != c[i].test_count)
      flags |= RULE_IS_OPAQUE;
  if (rule->condition_count > LIMIT_LOGIC_CONDITIONS)
    flags |= RULE_IS_LARGE;
  return flags;
}

static bool is_opaque(const program_condition *c) {
  return c->literal_tests != c->test_count;
}

const logic_name *logic_name_of(const logic *l, uint32_t symbol) {
  logic_name *n = &l->names[symbol];
  if (n->is_looked_up)
    return n;
  slice text = symbols_text(&l->program->symbols, symbol);
  if (l->linter->type)
    n->entry = claim_catalogue_find(text, l->linter->type);
  n->is_known =
      n->entry || claim_catalogue_find(text, ATTESTATION_TYPE_UNKNOWN);
  n->is_looked_up = true;
  return n;
}

/* The service alone, or with rules that made none so far, says it. Clients of
 * the other types send claims of their own. */
static bool is_said_once(const logic *l, const claim_region *r,
                         uint32_t rule) {
  attestation_type type = l->linter->type;
  if (!type || r->is_empty || r->type.only == SYMBOL_NONE)
    return false;
  const claim_entry *e = logic_name_of(l, r->type.only)->entry;
  if (!e || e->is_multi_valued || e->is_issued_by_policy ||
      e->seen == CLAIM_SEEN_IN_TOKEN)
    return false;
  if (r->issuer.only == SYMBOL_SERVICE)
    return true;
  return type != ATTESTATION_TPM && type != ATTESTATION_AZURE_GUEST &&
         !logic_made_between(l, r, 0, rule);
}

/* Negated conditions of the rule, for `region_covered`. */
static size_t negated_regions(const logic *l, const program_rule *rule,
                              const claim_region **found) {
  size_t count = 0;
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    uint32_t c = rule->first_condition + i;
    if (l->program->conditions[c].negated &&
        !is_opaque(&l->program->conditions[c]))
      found[count++] = &l->regions[c];
  }
  return count;
}

static bool dies(logic *l, uint32_t rule, uint32_t by, uint32_t with) {
  l->flags[rule] |= RULE_IS_DEAD;
  l->dead_by[rule] = by;
  l->dead_with[rule] = with;
  return true;
}

/* A condition that asks for what the negated ones forbid. */
static bool find_forbidden(logic *l, uint32_t index) {
  const program_rule *rule = &l->program->rules[index];
  const claim_region *forbidden[LIMIT_LOGIC_CONDITIONS];
  size_t count = negated_regions(l, rule, forbidden);
  for (uint32_t i = 0; count && i < rule->condition_count; i++) {
    uint32_t c = rule->first_condition + i;
    if (l->program->conditions[c].negated ||
        !region_covered(&l->regions[c], forbidden, count, l->arena))
      continue;
    size_t with = 0;
    while (with < count - 1 && !regions_meet(&l->regions[c], forbidden[with]))
      with++;
    return dies(l, index, c, (uint32_t)(forbidden[with] - l->regions));
  }
  return false;
}

/* Two conditions that one claim would have to satisfy, since there is one. */
static bool find_disjoint(logic *l, uint32_t index) {
  const program_rule *rule = &l->program->rules[index];
  const claim_region *r = &l->regions[rule->first_condition];
  const program_condition *c =
      &l->program->conditions[rule->first_condition];
  for (uint32_t i = 1; i < rule->condition_count; i++) {
    if (c[i].negated || !is_said_once(l, &r[i], index))
      continue;
    for (uint32_t k = 0; k < i; k++)
      if (!c[k].negated && r[k].type.only == r[i].type.only &&
          is_said_once(l, &r[k], index) && !regions_meet(&r[i], &r[k]))
        return dies(l, index, rule->first_condition + i,
                    rule->first_condition + k);
  }
  return false;
}

static bool find_empty(logic *l, uint32_t index) {
  const program_rule *rule = &l->program->rules[index];
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    uint32_t c = rule->first_condition + i;
    if (!l->program->conditions[c].negated && l->regions[c].is_empty)
      return dies(l, index, c, c);
  }
  return false;
}

static bool always_holds(const logic *l, const program_rule *rule) {
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    uint32_t c = rule->first_condition + i;
    if (!l->program->conditions[c].negated || !l->regions[c].is_empty)
      return false;
  }
  return true;
}

static void learn_rule(logic *l, uint32_t index) {
  const program_rule *rule = &l->program->rules[index];
  l->flags[index] = shape_flags(l->program, rule);
  if (always_holds(l, rule))
    l->flags[index] |= RULE_IS_ALWAYS;
  if (find_empty(l, index) || (l->flags[index] & RULE_IS_LARGE) ||
      rule->section == SECTION_CONFIGURATION)
    return;
  if (!find_forbidden(l, index))
    find_disjoint(l, index);
}

void logic_learn(logic *l, linter *from, arena *a) {
  const program *p = from->program;
  *l = (logic){.linter = from, .program = p, .arena = a};
  l->regions = regions_of(p, a);
  l->names = arena_zalloc(a, (p->symbols.count + 1) * sizeof *l->names);
  l->flags = ARENA_ARRAY(a, p->rule_count, uint8_t);
  l->dead_by = ARENA_ARRAY(a, p->rule_count, uint32_t);
  l->dead_with = ARENA_ARRAY(a, p->rule_count, uint32_t);
  l->makers = make_index(l, rule_makes_claims);
  l->setters = make_index(l, sets_property);
  count_makers(l);
  for (uint32_t i = 0; i < p->rule_count; i++)
    learn_rule(l, i);
}

/* Implication. */

/* Some claim that `a` asks for is one that condition c of `b` asks for. */
static bool asks_for_less(const logic *l, const program_rule *a, uint32_t c,
                          const claim_region **forbidden, size_t count) {
  for (uint32_t i = 0; i < a->condition_count; i++)
    if (!l->program->conditions[a->first_condition + i].negated &&
        region_within(&l->regions[a->first_condition + i], &l->regions[c]))
      return true;
  if (!count)
    return false;
  forbidden[count] = &l->regions[c];
  for (uint32_t i = 0; i < a->condition_count; i++)
    if (!l->program->conditions[a->first_condition + i].negated &&
        region_covered(&l->regions[a->first_condition + i], forbidden,
                       count + 1, l->arena))
      return true;
  return false;
}

bool logic_implies(const logic *l, uint32_t a, uint32_t b) {
  const program_rule *from = &l->program->rules[a], *to = &l->program->rules[b];
  const claim_region *forbidden[LIMIT_LOGIC_CONDITIONS + 1];
  if ((l->flags[b] & (RULE_IS_OPAQUE | RULE_IS_LARGE)) ||
      (l->flags[a] & RULE_IS_LARGE))
    return false;
  size_t count = negated_regions(l, from, forbidden);
  for (uint32_t i = 0; i < to->condition_count; i++) {
    uint32_t c = to->first_condition + i;
    bool negated = l->program->conditions[c].negated, holds;
    if (negated)
      holds = region_covered(&l->regions[c], forbidden, count, l->arena) &&
              (b < a || !logic_made_between(l, &l->regions[c], a, b));
    else
      holds = asks_for_less(l, from, c, forbidden, count) &&
              (b > a || !logic_made_between(l, &l->regions[c], b + 1, a));
    if (!holds)
      return false;
  }
  return true;
}
