/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions: which claims each selects. Most are of the simple shape and
 * ask only whether there is such a claim; they allocate nothing. */
#include "eval/engine.h"

/* Claims that a condition may select: the chain of its type, or all. */
typedef struct candidates {
  const engine *engine;
  bool all;
  uint32_t next; /* 1 + index; 0: none left */
} candidates;

static inline candidates candidates_of(const engine *e,
                                       const program_condition *c) {
  bool all = c->type == SYMBOL_NONE;
  uint32_t first = all ? e->count != 0 : e->types[c->type].head;
  return (candidates){e, all, first};
}

static inline bool next_candidate(candidates *c, uint32_t *index) {
  if (!c->next)
    return false;
  *index = c->next - 1;
  c->next = c->all ? (c->next < c->engine->count ? c->next + 1 : 0)
                   : c->engine->items[*index].next;
  return true;
}

static inline bool satisfies(uint64_t tag, int64_t key,
                             const program_simple *s) {
  return ((tag ^ s->tag) & s->mask) == 0 && (!s->has_key || key == s->key);
}

static inline bool holds_simple(const bound_type *types,
                                const bound_claim *items,
                                const program_simple *s) {
  const bound_type *first = &types[s->type];
  if (satisfies(first->tag, first->key, s))
    return true;
  for (uint32_t i = first->next; i; i = items[i - 1].next)
    if (satisfies(items[i - 1].tag, items[i - 1].key, s))
      return true;
  return false;
}

static bool compare_integers(int64_t a, uint8_t relation, int64_t b) {
  switch (relation) {
  case OPERATOR_LESS:
    return a < b;
  case OPERATOR_LESS_EQUAL:
    return a <= b;
  case OPERATOR_GREATER:
    return a > b;
  case OPERATOR_GREATER_EQUAL:
    return a >= b;
  default:
    return false;
  }
}

/* Strings and booleans are equal or not; integers are also ordered. Values
 * of different types satisfy no test, `!=` included. */
static bool compare_keys(uint8_t kind, int64_t key, const program_test *t) {
  if (kind != t->literal)
    return false;
  if (t->relation == OPERATOR_EQUAL)
    return key == t->key;
  if (t->relation == OPERATOR_NOT_EQUAL)
    return key != t->key;
  return kind == CLAIM_INTEGER && compare_integers(key, t->relation, t->key);
}

bool engine_literal_test(const engine *e, uint32_t index,
                         const program_test *t) {
  const bound_claim *b = &e->items[index];
  switch ((property_kind)t->property) {
  case PROPERTY_VALUE:
    return compare_keys(b->kind, b->key, t);
  case PROPERTY_TYPE:
    return compare_keys(CLAIM_STRING, b->type, t);
  case PROPERTY_ISSUER:
    return compare_keys(CLAIM_STRING, b->issuer, t);
  case PROPERTY_VALUE_TYPE:
    return compare_keys(CLAIM_STRING, SYMBOL_BOOLEAN + b->kind, t);
  case PROPERTY_COUNT:
    break;
  }
  return false;
}

static bool passes_literals(engine *e, const program_condition *c,
                            uint32_t index) {
  for (uint32_t i = 0; i < c->literal_tests; i++)
    if (!engine_literal_test(e, index, &e->program->tests[c->first_test + i]))
      return false;
  return true;
}

/* What tests ask of a set, gathered once: kinds of its members, and the range
 * of its integers, since `<` some member is `<` the largest. */
typedef struct set_summary {
  const value_set *set;
  bool has_kind[CLAIM_STRING + 1];
  int64_t least, most;
} set_summary;

static set_summary summarize(const value_set *set) {
  set_summary s = {.set = set, .least = INT64_MAX, .most = INT64_MIN};
  for (size_t i = 0; i < set->count; i++) {
    const set_value *v = &set->items[i];
    s.has_kind[v->kind] = true;
    if (v->kind != CLAIM_INTEGER)
      continue;
    s.least = v->integer < s.least ? v->integer : s.least;
    s.most = v->integer > s.most ? v->integer : s.most;
  }
  return s;
}

/* `==`: some member is equal. `!=`: there are members of the same type and
 * none is equal. Ordering: some member satisfies it. */
static bool compare_set(const set_value *v, uint8_t relation,
                        const set_summary *s) {
  if (!s->has_kind[v->kind])
    return false;
  if (relation == OPERATOR_EQUAL)
    return set_contains(s->set, v);
  if (relation == OPERATOR_NOT_EQUAL)
    return !set_contains(s->set, v);
  bool is_less = relation == OPERATOR_LESS || relation == OPERATOR_LESS_EQUAL;
  return v->kind == CLAIM_INTEGER &&
         compare_integers(v->integer, relation, is_less ? s->most : s->least);
}

/* A right-hand side that is not a literal is evaluated once, and only while
 * a claim is left. */
static bool filter_by_expressions(engine *e, const program_condition *c,
                                  uint32_t *selected, uint32_t *count) {
  for (uint32_t i = c->literal_tests; i < c->test_count && *count; i++) {
    const program_test *t = &e->program->tests[c->first_test + i];
    value_set right;
    if (!engine_expression(e, t->expr, &right))
      return false;
    set_summary summary = summarize(&right);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < *count; k++) {
      set_value v =
          engine_property(e, selected[k], (property_kind)t->property);
      if (compare_set(&v, t->relation, &summary))
        selected[kept++] = selected[k];
    }
    if (!kept)
      e->failed_test = i;
    *count = kept;
  }
  return true;
}

bool engine_select(engine *e, const program_condition *c,
                   selection *result) {
  uint32_t count = 0, index;
  candidates left = candidates_of(e, c);
  while (next_candidate(&left, &index))
    count += passes_literals(e, c, index);
  *result = (selection){NULL, 0};
  if (!count)
    return true;
  uint32_t *selected = ARENA_ARRAY(e->arena, count, uint32_t);
  count = 0;
  left = candidates_of(e, c);
  while (next_candidate(&left, &index))
    if (passes_literals(e, c, index))
      selected[count++] = index;
  if (!filter_by_expressions(e, c, selected, &count))
    return false;
  *result = (selection){selected, count};
  return true;
}

/* Nothing but literal tests and no identifier: is there one claim? */
static bool exists(engine *e, const program_condition *c) {
  candidates left = candidates_of(e, c);
  uint32_t index;
  while (next_candidate(&left, &index))
    if (passes_literals(e, c, index))
      return true;
  return false;
}

static bool holds_general(engine *e, const program_condition *c,
                          bool *holds) {
  e->failed_test = PROGRAM_NONE;
  if (c->slot == PROGRAM_NONE && c->literal_tests == c->test_count) {
    *holds = exists(e, c) != c->negated;
    return true;
  }
  selection found;
  if (!engine_select(e, c, &found))
    return false;
  *holds = (found.count != 0) != c->negated;
  if (c->slot != PROGRAM_NONE)
    e->slots[c->slot] = found;
  return true;
}

uint32_t skip_rules(const program *p, const bound_type *types,
                    const bound_claim *items, uint32_t rule, uint32_t end) {
  for (; rule < end; rule++) {
    const program_simple *s = &p->simples[p->rules[rule].first_condition];
    const program_simple *last = s + p->rules[rule].leading_simple;
    while (s < last && holds_simple(types, items, s))
      s++;
    if (s == last)
      break;
  }
  return rule;
}

bool engine_conditions(engine *e, const program_rule *rule, bool *holds) {
  const program_condition *c = &e->program->conditions[rule->first_condition];
  const program_simple *s = &e->program->simples[rule->first_condition];
  uint32_t from = e->skipped ? rule->leading_simple : 0;
  *holds = true;
  for (uint32_t i = from; i < rule->condition_count; i++) {
    if (c[i].is_simple)
      *holds = holds_simple(e->types, e->items, &s[i]);
    else if (!holds_general(e, &c[i], holds))
      return false;
    if (!*holds) {
      e->condition = i;
      return true;
    }
  }
  return true;
}
