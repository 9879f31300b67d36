/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on their way between rules: L207, L208; and past a deny: L217. */
#include "compiler/claim_catalogue.h"
#include "compiler/lint_logic.h"

enum { LOOK_MOST = 64 };

/* Conditions by the type that they ask for; those of any type under
 * SYMBOL_NONE. Rising. */
typedef struct readers {
  uint32_t *begin, *conditions;
  uint32_t *rules; /* of each condition of the program */
} readers;

static readers make_readers(const logic *l) {
  const program *p = l->program;
  uint32_t types = p->symbols.count + 1u;
  readers r = {ARENA_ARRAY(l->arena, types + 1u, uint32_t),
               ARENA_ARRAY(l->arena, p->condition_count, uint32_t),
               ARENA_ARRAY(l->arena, p->condition_count, uint32_t)};
  memset(r.begin, 0, (types + 1u) * sizeof *r.begin);
  for (uint32_t i = 0; i < p->condition_count; i++)
    r.begin[l->regions[i].type.only + 1]++;
  for (uint32_t s = 0; s < types; s++)
    r.begin[s + 1] += r.begin[s];
  uint32_t *next = ARENA_ARRAY(l->arena, types, uint32_t);
  memcpy(next, r.begin, types * sizeof *next);
  for (uint32_t i = 0; i < p->condition_count; i++)
    r.conditions[next[l->regions[i].type.only]++] = i;
  for (uint32_t i = 0; i < p->rule_count; i++)
    for (uint32_t k = 0; k < p->rules[i].condition_count; k++)
      r.rules[p->rules[i].first_condition + k] = i;
  return r;
}

/* What the rule adds, as a region. */
static claim_region made_region(const logic *l, uint32_t index) {
  const program *p = l->program;
  const program_rule *rule = &p->rules[index];
  claim_region made = {.kinds = KIND_BITS,
                       .booleans = 3,
                       .least = INT64_MIN,
                       .most = INT64_MAX};
  made.type.only = logic_made_type(l, index);
  made.issuer.only = SYMBOL_POLICY;
  if (rule->value == PROGRAM_NONE ||
      p->exprs[rule->value].kind != PROGRAM_LITERAL)
    return made;
  const program_expr *given = &p->exprs[rule->value];
  made.kinds = (uint8_t)KIND_BIT(given->literal);
  if (given->literal == LITERAL_STRING)
    made.text.only = given->symbol;
  else if (given->literal == LITERAL_INTEGER)
    made.least = made.most = given->integer;
  else
    made.booleans = (uint8_t)(1u << given->integer);
  return made;
}

/* Whether a condition behind the rule may see what it adds, among those that
 * ask for that type. After LOOK_MOST in vain it may. */
static bool is_read_under(const logic *l, const readers *r, uint32_t symbol,
                          uint32_t rule, const claim_region *made) {
  int looks = 0;
  for (uint32_t i = r->begin[symbol + 1]; i-- > r->begin[symbol];) {
    uint32_t c = r->conditions[i];
    if (r->rules[c] <= rule)
      return false;
    if (++looks > LOOK_MOST || regions_meet(&l->regions[c], made))
      return true;
  }
  return false;
}

static void lint_unread(const logic *l, const readers *r, uint32_t index) {
  claim_region made = made_region(l, index);
  if (made.type.only == SYMBOL_NONE ||
      is_read_under(l, r, made.type.only, index, &made) ||
      is_read_under(l, r, SYMBOL_NONE, index, &made))
    return;
  diagnostics *out = l->linter->findings;
  slice type = symbols_text(&l->program->symbols, made.type.only);
  diagnostic *d = diagnose(out, CODE_L207, logic_rule_place(l, index),
                           "no rule behind this one reads the claim \"%.*s\" "
                           "that it adds",
                           SLICE_ARGS(type));
  diagnostic_help(out, d, "add is for later rules of the policy; issue puts a "
                          "claim into the token");
}

/* L208. */

/* The first rule that makes claims of the type, if it stands behind this one;
 * else PROGRAM_NONE. A rule that adds what it found missing is no reader. */
static uint32_t first_maker(const logic *l, uint32_t type, uint32_t rule) {
  const rule_index *m = &l->makers;
  if (index_between(m, SYMBOL_NONE, 0, rule) ||
      m->begin[type] == m->begin[type + 1])
    return PROGRAM_NONE;
  uint32_t first = m->rules[m->begin[type]];
  return first > rule ? first : PROGRAM_NONE;
}

static void lint_early(const logic *l, uint32_t index, uint32_t condition) {
  const claim_region *r = &l->regions[condition];
  bool is_policys = r->issuer.only == SYMBOL_POLICY;
  if (r->is_empty || r->type.only == SYMBOL_NONE ||
      !text_set_holds(&r->issuer, SYMBOL_POLICY) ||
      (!is_policys && logic_name_of(l, r->type.only)->is_known))
    return;
  uint32_t maker = first_maker(l, r->type.only, index);
  if (maker == PROGRAM_NONE)
    return;
  diagnostics *out = l->linter->findings;
  slice type = symbols_text(&l->program->symbols, r->type.only);
  bool is_later = l->program->rules[maker].section !=
                  l->program->rules[index].section;
  diagnostic *d = diagnose(
      out, CODE_L208, logic_condition(l, index, condition)->where,
      "\"%.*s\" is read before a rule adds it", SLICE_ARGS(type));
  diagnostic_label_at(out, d, logic_rule_place(l, maker), "added only here");
  diagnostic_help(out, d, is_later
                              ? "add it in authorizationrules, above this rule"
                              : "rules run from top to bottom: move the rule "
                                "that adds it up");
}

/* L217. */

static const program_test *unequal_value(const logic *l, uint32_t condition,
                                         uint32_t *which) {
  const program_condition *c = &l->program->conditions[condition];
  for (*which = 0; *which < c->literal_tests; ++*which) {
    const program_test *t = &l->program->tests[c->first_test + *which];
    if (t->property == PROPERTY_VALUE && t->relation == OPERATOR_NOT_EQUAL)
      return t;
  }
  return NULL;
}

static bool names_value_type(const logic *l, uint32_t condition) {
  const program_condition *c = &l->program->conditions[condition];
  for (uint32_t i = 0; i < c->literal_tests; i++)
    if (l->program->tests[c->first_test + i].property == PROPERTY_VALUE_TYPE)
      return true;
  return false;
}

/* The service gives the claim values of that type and no other. */
static bool is_of_kind(const logic *l, const claim_region *r, uint8_t kind) {
  static const uint8_t kinds[] = {VALUE_BOOLEAN, VALUE_INTEGER, VALUE_STRING};
  slice name = symbols_text(&l->program->symbols, r->type.only);
  bool found = false;
  for (unsigned type = 1; type < ATTESTATION_TYPE_COUNT; type++) {
    const claim_entry *e = claim_catalogue_find(name, (attestation_type)type);
    if (!e || (l->linter->type && l->linter->type != type))
      continue;
    found = true;
    if (e->kind != kinds[kind])
      return false;
  }
  return found;
}

/* The same claims with values of the other types. */
static claim_region slipping(const claim_region *r) {
  claim_region other = *r;
  other.kinds = (uint8_t)(KIND_BITS & ~r->kinds);
  other.booleans = 3;
  other.text = (text_set){.only = SYMBOL_NONE};
  other.least = INT64_MIN;
  other.most = INT64_MAX;
  other.except_count = 0;
  return other;
}

/* Whether other deny rules catch what slips by: those of one condition that
 * ask for the same type or any. */
static bool is_caught(const logic *l, const readers *r,
                      const claim_region *slip) {
  const claim_region *caught[LOOK_MOST];
  uint32_t under[2] = {slip->type.only, SYMBOL_NONE};
  size_t count = 0;
  int looks = 0;
  for (int s = 0; s < 2; s++)
    for (uint32_t i = r->begin[under[s]]; i < r->begin[under[s] + 1]; i++) {
      if (++looks > LOOK_MOST)
        return true; /* too many to look at: no verdict */
      uint32_t c = r->conditions[i];
      const program_rule *rule = &l->program->rules[r->rules[c]];
      if (rule->action == ACTION_DENY && rule->condition_count == 1 &&
          !l->program->conditions[c].negated &&
          l->program->conditions[c].literal_tests ==
              l->program->conditions[c].test_count)
        caught[count++] = &l->regions[c];
    }
  return region_covered(slip, caught, count, l->arena);
}

static span test_place(const logic *l, uint32_t rule, uint32_t condition,
                       uint32_t which) {
  const ast_test *t = logic_test(l, rule, condition, which);
  return (span){t->property.begin, t->expr->where.end};
}

static void lint_slip(const logic *l, const readers *r, uint32_t rule,
                      uint32_t condition) {
  static const char *const others[] = {
      "an integer or a string", "a boolean or a string",
      "a boolean or an integer"};
  const claim_region *region = &l->regions[condition];
  uint32_t which;
  const program_test *t = unequal_value(l, condition, &which);
  if (!t || region->is_empty || region->type.only == SYMBOL_NONE ||
      names_value_type(l, condition) || is_of_kind(l, region, t->literal))
    return;
  claim_region slip = slipping(region);
  if (is_caught(l, r, &slip))
    return;
  diagnostics *out = l->linter->findings;
  diagnostic *d = diagnose(
      out, CODE_L217, test_place(l, rule, condition, which),
      "this deny lets pass a \"%.*s\" that is %s",
      SLICE_ARGS(symbols_text(&l->program->symbols, region->type.only)),
      others[t->literal]);
  diagnostic_help(out, d, "a value of another type passes no test, `!=` "
                          "neither: permit what is right instead, with `==`");
}

void lint_claim_flow(logic *l) {
  const program *p = l->program;
  readers r = make_readers(l);
  for (uint32_t i = 0; i < p->rule_count; i++) {
    const program_rule *rule = &p->rules[i];
    if (rule->section == SECTION_CONFIGURATION)
      continue;
    for (uint32_t k = 0; k < rule->condition_count; k++)
      lint_early(l, i, rule->first_condition + k);
    for (uint32_t k = 0; k < rule->condition_count; k++)
      if (rule->action == ACTION_DENY &&
          !p->conditions[rule->first_condition + k].negated)
        lint_slip(l, &r, i, rule->first_condition + k);
    if (rule->action == ACTION_ADD && !(l->flags[i] & RULE_IS_DEAD))
      lint_unread(l, &r, i);
  }
}
