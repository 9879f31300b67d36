/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/witness.h"

/* Rules that make claims for rules that make claims: each may be looked at
 * again for each way to get there. */
enum { DEPTH_MAX = 16, RULES_MAX = 10000 };

static const witness_claim any_claim = {.kind = LITERAL_NONE,
                                        .booleans = 3,
                                        .low = INT64_MIN,
                                        .high = INT64_MAX,
                                        .same_as = -1};

static slice symbol_text(const witness *w, int64_t symbol) {
  return symbols_text(&w->program->symbols, (uint32_t)symbol);
}

/* --- narrowing ------------------------------------------------------------ */

static const uint8_t inverse[] = {
    [OPERATOR_EQUAL] = OPERATOR_NOT_EQUAL,
    [OPERATOR_NOT_EQUAL] = OPERATOR_EQUAL,
    [OPERATOR_LESS] = OPERATOR_GREATER_EQUAL,
    [OPERATOR_LESS_EQUAL] = OPERATOR_GREATER,
    [OPERATOR_GREATER] = OPERATOR_LESS_EQUAL,
    [OPERATOR_GREATER_EQUAL] = OPERATOR_LESS,
};

static bool exclude_integer(witness_claim *c, int64_t n) {
  if (n == c->low && n == c->high)
    return false;
  if (n == c->low)
    c->low++;
  else if (n == c->high)
    c->high--;
  else if (c->excluded_count == WITNESS_EXCLUDED_MAX)
    return false;
  else
    c->excluded_integers[c->excluded_count++] = n;
  return true;
}

static bool apply_integer(witness_claim *c, uint8_t relation, int64_t n) {
  if ((relation == OPERATOR_LESS && n == INT64_MIN) ||
      (relation == OPERATOR_GREATER && n == INT64_MAX))
    return false;
  int64_t most = relation == OPERATOR_LESS ? n - 1 : n;
  int64_t least = relation == OPERATOR_GREATER ? n + 1 : n;
  if (relation == OPERATOR_NOT_EQUAL)
    return exclude_integer(c, n);
  if (relation != OPERATOR_LESS && relation != OPERATOR_LESS_EQUAL)
    c->low = least > c->low ? least : c->low;
  if (relation != OPERATOR_GREATER && relation != OPERATOR_GREATER_EQUAL)
    c->high = most < c->high ? most : c->high;
  return c->low <= c->high;
}

static bool apply_string(witness_claim *c, uint8_t relation, slice text) {
  if (relation == OPERATOR_EQUAL) {
    for (uint32_t i = 0; i < c->excluded_count; i++)
      if (slice_equal(c->excluded_texts[i], text))
        return false;
    bool fits = !c->is_fixed || slice_equal(c->text, text);
    c->is_fixed = true;
    c->text = text;
    return fits;
  }
  if (relation != OPERATOR_NOT_EQUAL ||
      (c->is_fixed && slice_equal(c->text, text)) ||
      c->excluded_count == WITNESS_EXCLUDED_MAX)
    return false;
  c->excluded_texts[c->excluded_count++] = text;
  return true;
}

static bool apply_value(const witness *w, witness_claim *c,
                        const program_test *t, bool holds) {
  if (c->same_as >= 0 || t->literal == LITERAL_NONE)
    return false;
  if (c->kind == LITERAL_NONE)
    c->kind = t->literal;
  if (c->kind != t->literal)
    return !holds; /* nothing holds of another type */
  uint8_t relation = holds ? t->relation : inverse[t->relation];
  if (t->literal == LITERAL_INTEGER)
    return apply_integer(c, relation, t->key);
  if (t->literal == LITERAL_STRING)
    return apply_string(c, relation, symbol_text(w, t->key));
  if (relation > OPERATOR_NOT_EQUAL)
    return false;
  bool wanted = (t->key != 0) == (relation == OPERATOR_EQUAL);
  c->booleans &= wanted ? 2 : 1;
  return c->booleans != 0;
}

static bool apply_issuer(const witness *w, witness_claim *c,
                         const program_test *t, bool holds) {
  if (t->literal != LITERAL_STRING || t->relation > OPERATOR_NOT_EQUAL)
    return false;
  slice wanted = symbol_text(w, t->key);
  slice issuer = c->issuer.length ? c->issuer : ISSUER_SERVICE;
  bool equal = holds == (t->relation == OPERATOR_EQUAL);
  if (slice_equal(issuer, wanted) == equal)
    return true;
  if (!equal || c->issuer.length)
    return false;
  c->issuer = wanted;
  return slice_equal(wanted, ISSUER_CUSTOM);
}

static bool apply_value_type(const witness *w, witness_claim *c,
                             const program_test *t, bool holds) {
  if (t->literal != LITERAL_STRING || t->relation > OPERATOR_NOT_EQUAL)
    return false;
  bool equal = holds == (t->relation == OPERATOR_EQUAL);
  for (int kind = CLAIM_BOOLEAN; kind <= CLAIM_STRING; kind++) {
    bool named = slice_equal(claim_kind_name((claim_kind)kind),
                             symbol_text(w, t->key));
    if (named != equal || (c->kind != LITERAL_NONE && c->kind != kind))
      continue;
    c->kind = (uint8_t)kind;
    return true;
  }
  return false;
}

bool witness_apply(const witness *w, witness_claim *c, const program_test *t,
                   bool holds) {
  switch ((property_kind)t->property) {
  case PROPERTY_VALUE:
    return apply_value(w, c, t, holds);
  case PROPERTY_ISSUER:
    return apply_issuer(w, c, t, holds);
  case PROPERTY_VALUE_TYPE:
    return apply_value_type(w, c, t, holds);
  default: /* `type != ".."`: a type that no policy names will do */
    return holds && t->relation == OPERATOR_NOT_EQUAL && !c->type.length;
  }
}

/* --- the claims ----------------------------------------------------------- */

static bool is_excluded(const witness_claim *c, int64_t n) {
  for (uint32_t i = 0; c->kind == LITERAL_INTEGER && i < c->excluded_count;
       i++)
    if (c->excluded_integers[i] == n)
      return true;
  return false;
}

/* The boundary if there is one, else the number nearest to 1. */
static int64_t pick_integer(const witness_claim *c) {
  int64_t n = c->low != INT64_MIN    ? c->low
              : c->high != INT64_MAX ? c->high
                                     : 1;
  int64_t step = c->low != INT64_MIN || c->high == INT64_MAX ? 1 : -1;
  while (is_excluded(c, n) && n != INT64_MAX && n != INT64_MIN)
    n += step;
  return n;
}

static slice pick_text(const witness *w, const witness_claim *c) {
  if (c->is_fixed)
    return c->text;
  buffer text = buffer_in(w->arena);
  buffer_text(&text, "other");
  for (uint32_t i = 0; i < c->excluded_count; i++)
    if (slice_equal(c->excluded_texts[i], buffer_slice(&text))) {
      buffer_text(&text, "-1");
      i = UINT32_MAX; /* from the first again */
    }
  return buffer_slice(&text);
}

static claim make_claim(const witness *w, const witness_claim *c) {
  claim made = {.type = c->type.length ? c->type : SLICE("some-claim"),
                .issuer = c->issuer.length ? c->issuer : ISSUER_SERVICE,
                .kind = c->kind == LITERAL_NONE ? CLAIM_BOOLEAN : c->kind};
  const witness_claim *from = c;
  for (int i = 0; i < DEPTH_MAX && from->same_as >= 0; i++)
    from = &w->claims[from->same_as];
  made.kind = from->kind == LITERAL_NONE ? CLAIM_BOOLEAN : from->kind;
  if (made.kind == CLAIM_INTEGER)
    made.integer = pick_integer(from);
  else if (made.kind == CLAIM_STRING)
    made.text = pick_text(w, from);
  else
    made.integer = from->booleans & 2 ? 1 : 0;
  return made;
}

claim_list witness_claims(const witness *w) {
  claim_list list = claims_in(w->arena);
  for (uint32_t i = 0; i < w->count; i++) {
    claim c = make_claim(w, &w->claims[i]);
    claims_add(&list, &c);
  }
  return list;
}

/* --- what a condition asks for -------------------------------------------- */

static bool apply_tests(witness *w, witness_claim *c,
                        const program_condition *condition) {
  for (uint32_t i = 0; i < condition->literal_tests; i++)
    if (!witness_apply(w, c, &w->program->tests[condition->first_test + i],
                       true))
      return false;
  return true;
}

/* A claim that is there already, narrowed, or another one. */
bool witness_require(witness *w, const program_condition *c,
                     int32_t *claim_index) {
  slice type = c->type ? symbol_text(w, c->type) : SLICE_EMPTY;
  for (uint32_t i = 0; i < w->count; i++) {
    witness_claim narrowed = w->claims[i];
    if ((c->type && !slice_equal(narrowed.type, type)) ||
        !apply_tests(w, &narrowed, c))
      continue;
    w->claims[i] = narrowed;
    *claim_index = (int32_t)i;
    return true;
  }
  witness_claim made = any_claim;
  made.type = type;
  if (w->count == WITNESS_CLAIMS_MAX || !apply_tests(w, &made, c))
    return false;
  *claim_index = (int32_t)w->count;
  w->claims[w->count++] = made;
  return true;
}

bool witness_forge(const witness *w, const program_condition *c,
                   claim *forged) {
  witness_claim made = any_claim;
  made.type = c->type ? symbol_text(w, c->type) : SLICE_EMPTY;
  made.issuer = ISSUER_CUSTOM;
  for (uint32_t i = 0; i < c->literal_tests; i++) {
    const program_test *t = &w->program->tests[c->first_test + i];
    if (t->property != PROPERTY_ISSUER && !witness_apply(w, &made, t, true))
      return false;
  }
  *forged = make_claim(w, &made);
  return true;
}

static bool require_rule(witness *w, uint32_t rule, int32_t *claims,
                         int depth);

/* The condition of a rule that binds a slot. */
static int32_t binder(const program *p, const program_rule *r,
                      uint32_t slot) {
  for (uint32_t i = 0; i < r->condition_count; i++)
    if (p->conditions[r->first_condition + i].slot == slot)
      return (int32_t)i;
  return -1;
}

/* Value tests on what a rule makes of one of its own claims. */
static bool apply_to_source(witness *w, const program_condition *c,
                            int32_t source) {
  if (source < 0)
    return false;
  for (uint32_t i = 0; i < c->literal_tests; i++) {
    const program_test *t = &w->program->tests[c->first_test + i];
    if (t->property != PROPERTY_ISSUER &&
        !witness_apply(w, &w->claims[source], t, true))
      return false;
  }
  return true;
}

static bool literal_fits(witness *w, const program_condition *c,
                         const program_expr *given) {
  witness_claim made = any_claim;
  program_test same = {.property = PROPERTY_VALUE,
                       .relation = OPERATOR_EQUAL,
                       .literal = given->literal,
                       .key = given->literal == LITERAL_STRING
                                  ? (int64_t)given->symbol
                                  : given->integer};
  if (!witness_apply(w, &made, &same, true))
    return false;
  for (uint32_t i = 0; i < c->literal_tests; i++) {
    const program_test *t = &w->program->tests[c->first_test + i];
    if (t->property != PROPERTY_ISSUER && !witness_apply(w, &made, t, true))
      return false;
  }
  return true;
}

/* Makes an earlier rule add a claim that the condition takes. */
static bool require_from(witness *w, uint32_t maker,
                         const program_condition *c, int depth) {
  const program *p = w->program;
  const program_rule *r = &p->rules[maker];
  int32_t claims[WITNESS_CLAIMS_MAX];
  if (r->action != ACTION_ADD && r->action != ACTION_ISSUE)
    return false;
  if (r->condition_count > WITNESS_CLAIMS_MAX || r->type == PROGRAM_NONE ||
      p->exprs[r->type].kind != PROGRAM_LITERAL ||
      p->exprs[r->type].symbol != c->type)
    return false;
  const program_expr *given = &p->exprs[r->value];
  if (given->kind == PROGRAM_LITERAL)
    return literal_fits(w, c, given) &&
           require_rule(w, maker, claims, depth + 1);
  if (given->kind != PROGRAM_PROPERTY || given->property != PROPERTY_VALUE)
    return false;
  int32_t from = binder(p, r, given->slot);
  return from >= 0 && require_rule(w, maker, claims, depth + 1) &&
         apply_to_source(w, c, claims[from]);
}

static bool wants_policy_claim(const witness *w, const program_condition *c) {
  for (uint32_t i = 0; i < c->literal_tests; i++) {
    const program_test *t = &w->program->tests[c->first_test + i];
    if (t->property == PROPERTY_ISSUER && t->relation == OPERATOR_EQUAL &&
        t->literal == LITERAL_STRING && t->key == SYMBOL_POLICY)
      return true;
  }
  return false;
}

static bool require_made(witness *w, uint32_t rule,
                         const program_condition *c, int depth) {
  for (uint32_t maker = 0; maker < rule && depth < DEPTH_MAX; maker++) {
    witness before = *w;
    if (require_from(w, maker, c, depth))
      return true;
    *w = before;
  }
  return false;
}

/* `value == c.value`: the same value as the claim that c stands for. */
static bool apply_joins(witness *w, const program_rule *r,
                        const program_condition *c, const int32_t *claims,
                        int32_t index) {
  const program *p = w->program;
  for (uint32_t i = c->literal_tests; i < c->test_count; i++) {
    const program_test *t = &p->tests[c->first_test + i];
    const program_expr *e = &p->exprs[t->expr];
    int32_t from = e->kind == PROGRAM_PROPERTY ? binder(p, r, e->slot) : -1;
    if (t->property != PROPERTY_VALUE || t->relation != OPERATOR_EQUAL ||
        e->kind != PROGRAM_PROPERTY || e->property != PROPERTY_VALUE ||
        from < 0 || claims[from] < 0 ||
        w->claims[index].kind != LITERAL_NONE)
      return false;
    if (claims[from] != index)
      w->claims[index].same_as = claims[from];
  }
  return true;
}

static bool require_rule(witness *w, uint32_t rule, int32_t *claims,
                         int depth) {
  const program_rule *r = &w->program->rules[rule];
  if (--*w->budget < 0)
    return false;
  for (uint32_t i = 0; i < r->condition_count; i++)
    claims[i] = -1;
  for (uint32_t i = 0; i < r->condition_count; i++) {
    const program_condition *c =
        &w->program->conditions[r->first_condition + i];
    if (c->negated)
      continue;
    if (wants_policy_claim(w, c) ? !require_made(w, rule, c, depth)
                                 : !witness_require(w, c, &claims[i]))
      return false;
    if (c->literal_tests < c->test_count &&
        (claims[i] < 0 || !apply_joins(w, r, c, claims, claims[i])))
      return false;
  }
  return true;
}

/* --- what is in the way --------------------------------------------------- */

/* Keeps every claim from satisfying the condition. */
static bool exclude(witness *w, const program_condition *c) {
  bool changed = false;
  for (uint32_t i = 0; i < w->count; i++) {
    witness_claim all = w->claims[i];
    if ((c->type && !slice_equal(all.type, symbol_text(w, c->type))) ||
        !apply_tests(w, &all, c))
      continue;
    bool done = false;
    for (uint32_t k = 0; k < c->literal_tests && !done; k++) {
      witness_claim other = w->claims[i];
      done = witness_apply(w, &other,
                           &w->program->tests[c->first_test + k], false);
      if (done)
        w->claims[i] = other;
    }
    if (!done)
      return false;
    changed = true;
  }
  return changed;
}

static bool prevent(witness *w, uint32_t rule) {
  const program_rule *r = &w->program->rules[rule];
  for (uint32_t i = 0; i < r->condition_count; i++) {
    const program_condition *c =
        &w->program->conditions[r->first_condition + i];
    int32_t unused;
    witness before = *w;
    if (c->negated ? witness_require(w, c, &unused) : exclude(w, c))
      return true;
    *w = before;
  }
  return false;
}

static const trace_entry *entry_of(const evaluation *e, uint32_t rule) {
  for (const trace_entry *t = e->trace; t; t = t->next)
    if (t->rule == rule)
      return t;
  return NULL;
}

/* Most functions fail on a boolean: a claim of any value becomes JSON. */
static bool make_json(witness *w) {
  bool changed = false;
  for (uint32_t i = 0; i < w->count; i++) {
    witness_claim *c = &w->claims[i];
    if (c->kind != LITERAL_NONE || c->same_as >= 0)
      continue;
    c->kind = LITERAL_STRING;
    c->is_fixed = changed = true;
    c->text = SLICE("{}");
  }
  return changed;
}

/* Removes the first obstacle to either rule; PROGRAM_NONE: there is none. */
static bool repair(witness *w, const evaluation *e, uint32_t rule,
                   uint32_t permit) {
  const program *p = w->program;
  if (e->decision == DECISION_ERROR)
    return make_json(w);
  if (e->reason == REASON_DENY_RULE && e->rule != rule)
    return prevent(w, e->rule);
  const uint32_t goals[] = {rule, permit};
  for (size_t i = 0; i < 2; i++) {
    const trace_entry *t =
        goals[i] == PROGRAM_NONE ? NULL : entry_of(e, goals[i]);
    if (!t || t->fired)
      continue;
    const program_condition *c =
        &p->conditions[p->rules[goals[i]].first_condition + t->condition];
    return c->negated && exclude(w, c);
  }
  return false;
}

/* The program with a rule that never runs: its conditions ask for some claim
 * and for none. Numbers of rules stay. */
static const program *without(const program *p, uint32_t rule, arena *a) {
  program *made = ARENA_NEW(a, program);
  *made = *p;
  size_t all = (size_t)p->condition_count + 2;
  program_rule *rules = ARENA_ARRAY(a, p->rule_count, program_rule);
  program_condition *conditions = ARENA_ARRAY(a, all, program_condition);
  program_simple *simples = arena_zalloc(a, all * sizeof *simples);
  memcpy(rules, p->rules, p->rule_count * sizeof *rules);
  memcpy(conditions, p->conditions,
         p->condition_count * sizeof *conditions);
  memcpy(simples, p->simples, p->condition_count * sizeof *simples);
  for (uint32_t i = 0; i < 2; i++)
    conditions[p->condition_count + i] =
        (program_condition){.negated = i == 1, .slot = PROGRAM_NONE};
  rules[rule].first_condition = p->condition_count;
  rules[rule].condition_count = 2;
  rules[rule].leading_simple = 0;
  made->rules = rules;
  made->conditions = conditions;
  made->simples = simples;
  made->condition_count = (uint32_t)all;
  made->is_gate = false;
  return made;
}

static bool ran(const evaluation *e, uint32_t rule) {
  const trace_entry *t = entry_of(e, rule);
  return t && t->fired;
}

/* What the claims come to, for the goal: of a deny rule that must be what
 * denies, first that it runs, then that without it there is a permit. */
static bool reaches(witness *w, const program *rest, uint32_t rule,
                    uint32_t permit, evaluation *e, bool *is_rest) {
  const program *p = w->program;
  *is_rest = false;
  claim_list list = witness_claims(w);
  evaluate(p, &list, w->arena, EVALUATE_TRACE, e);
  if (!ran(e, rule))
    return false;
  if (permit == PROGRAM_NONE)
    return true;
  *is_rest = rest != NULL;
  if (rest)
    evaluate(rest, &list, w->arena, EVALUATE_TRACE, e);
  return e->decision == DECISION_PERMIT;
}

static bool search(witness *w, uint32_t rule, uint32_t permit) {
  const program *p = w->program;
  const program_rule *r = &p->rules[rule];
  int32_t claims[WITNESS_CLAIMS_MAX];
  if (r->condition_count > WITNESS_CLAIMS_MAX ||
      (permit != PROGRAM_NONE &&
       p->rules[permit].condition_count > WITNESS_CLAIMS_MAX) ||
      !require_rule(w, rule, w->of_condition, 0) ||
      (permit != PROGRAM_NONE && permit != rule &&
       !require_rule(w, permit, claims, 0)))
    return false;
  const program *rest =
      r->action == ACTION_DENY ? without(p, rule, w->arena) : NULL;
  for (int i = 0; i < WITNESS_TRIES_MAX; i++) {
    evaluation e;
    bool is_rest;
    if (reaches(w, rest, rule, permit, &e, &is_rest))
      return true;
    if (!repair(w, &e, is_rest ? PROGRAM_NONE : rule, permit))
      return false;
  }
  return false;
}

bool witness_find(witness *w, const program *p, uint32_t rule,
                  bool with_permit, arena *a, const char **reason) {
  int32_t *claims = ARENA_ARRAY(a, WITNESS_CLAIMS_MAX, int32_t);
  int32_t *budget = ARENA_NEW(a, int32_t);
  *budget = RULES_MAX;
  uint32_t begin = p->section_begin[SECTION_AUTHORIZATION];
  uint32_t end = p->section_begin[SECTION_AUTHORIZATION + 1];
  *reason = "no claims were found that make it run";
  for (uint32_t i = begin; with_permit && i < end; i++) {
    if (p->rules[i].action != ACTION_PERMIT)
      continue;
    *w = (witness){.program = p,
                   .arena = a,
                   .of_condition = claims,
                   .budget = budget};
    uint32_t permit = p->rules[rule].action == ACTION_PERMIT ? rule : i;
    if (search(w, rule, permit))
      return true;
    if (permit == rule)
      return false;
  }
  *w = (witness){.program = p,
                   .arena = a,
                   .of_condition = claims,
                   .budget = budget};
  return !with_permit && search(w, rule, PROGRAM_NONE);
}
