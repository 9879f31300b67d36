/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/logic.h"

#include <stdlib.h>

static text_set all_texts(void) { return (text_set){.only = SYMBOL_NONE}; }

/* Building: tests narrow what is left; holes are gathered as they come, and
 * sorted when all tests were seen. */
typedef struct region_builder {
  claim_region *region;
  uint32_t *types, *issuers, *texts; /* holes */
  int64_t *integers;
  uint32_t type_count, issuer_count, text_count, integer_count;
} region_builder;

static claim_region all_claims(void) {
  return (claim_region){.kinds = KIND_BITS,
                        .booleans = 3,
                        .type = all_texts(),
                        .issuer = all_texts(),
                        .text = all_texts(),
                        .least = INT64_MIN,
                        .most = INT64_MAX};
}

static void text_must_be(text_set *set, uint32_t symbol) {
  if (set->only != SYMBOL_NONE && set->only != symbol)
    set->is_empty = true;
  set->only = symbol;
}

static void test_text(text_set *set, uint32_t *holes, uint32_t *count,
                      const program_test *t) {
  bool is_text = t->literal == LITERAL_STRING; /* S016 has said so if not */
  if (is_text && t->relation == OPERATOR_EQUAL)
    text_must_be(set, (uint32_t)t->key);
  else if (is_text && t->relation == OPERATOR_NOT_EQUAL)
    holes[(*count)++] = (uint32_t)t->key;
  else
    set->is_empty = true; /* texts are not ordered */
}

static void test_kind(claim_region *r, const program_test *t) {
  uint8_t named = 0;
  if (t->key >= SYMBOL_BOOLEAN && t->key <= SYMBOL_STRING)
    named = (uint8_t)KIND_BIT(t->key - SYMBOL_BOOLEAN);
  if (t->literal != LITERAL_STRING || t->relation > OPERATOR_NOT_EQUAL)
    r->kinds = 0;
  else if (t->relation == OPERATOR_EQUAL)
    r->kinds &= named;
  else
    r->kinds &= (uint8_t)~named;
}

static void at_most(claim_region *r, int64_t most) {
  r->most = most < r->most ? most : r->most;
}

static void at_least(claim_region *r, int64_t least) {
  r->least = least > r->least ? least : r->least;
}

static void test_integer(region_builder *b, const program_test *t) {
  claim_region *r = b->region;
  int64_t key = t->key;
  bool is_beyond = (t->relation == OPERATOR_LESS && key == INT64_MIN) ||
                   (t->relation == OPERATOR_GREATER && key == INT64_MAX);
  if (is_beyond)
    r->kinds = 0;
  else if (t->relation == OPERATOR_EQUAL)
    at_least(r, key), at_most(r, key);
  else if (t->relation == OPERATOR_NOT_EQUAL)
    b->integers[b->integer_count++] = key;
  else if (t->relation == OPERATOR_LESS)
    at_most(r, key - 1);
  else if (t->relation == OPERATOR_LESS_EQUAL)
    at_most(r, key);
  else if (t->relation == OPERATOR_GREATER)
    at_least(r, key + 1);
  else
    at_least(r, key);
}

static void test_value(region_builder *b, const program_test *t) {
  claim_region *r = b->region;
  r->kinds &= (uint8_t)KIND_BIT(t->literal); /* another type never passes */
  if (t->literal == LITERAL_INTEGER) {
    test_integer(b, t);
  } else if (t->relation > OPERATOR_NOT_EQUAL) {
    r->kinds = 0;
  } else if (t->literal == LITERAL_STRING) {
    test_text(&r->text, b->texts, &b->text_count, t);
  } else {
    uint8_t equal = (uint8_t)(1u << t->key);
    r->booleans &= t->relation == OPERATOR_EQUAL ? equal : (uint8_t)~equal;
  }
}

static void apply_test(region_builder *b, const program_test *t) {
  switch ((property_kind)t->property) {
  case PROPERTY_TYPE:
    test_text(&b->region->type, b->types, &b->type_count, t);
    break;
  case PROPERTY_ISSUER:
    test_text(&b->region->issuer, b->issuers, &b->issuer_count, t);
    break;
  case PROPERTY_VALUE_TYPE:
    test_kind(b->region, t);
    break;
  case PROPERTY_VALUE:
    test_value(b, t);
    break;
  case PROPERTY_COUNT:
    break;
  }
}

/* The normal form: nothing is kept that no claim can show. */

static int compare_symbols(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static int compare_integers(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static bool has_symbol(const uint32_t *items, uint32_t count, uint32_t key) {
  return count &&
         bsearch(&key, items, count, sizeof *items, compare_symbols);
}

static bool has_integer(const int64_t *items, uint32_t count, int64_t key) {
  return count &&
         bsearch(&key, items, count, sizeof *items, compare_integers);
}

static void settle_text(text_set *set, uint32_t *holes, uint32_t count) {
  uint32_t kept = 0;
  if (count > 1)
    qsort(holes, count, sizeof *holes, compare_symbols);
  if (set->only != SYMBOL_NONE) {
    set->is_empty |= has_symbol(holes, count, set->only);
    return;
  }
  for (uint32_t i = 0; i < count; i++)
    if (!i || holes[i] != holes[i - 1])
      holes[kept++] = holes[i];
  set->except = holes;
  set->except_count = kept;
}

/* Both ends lie in the set afterwards; false: it is empty. */
static bool settle_integers(claim_region *r, int64_t *holes, uint32_t count) {
  uint32_t kept = 0, first = 0;
  if (r->least > r->most)
    return false;
  if (count > 1)
    qsort(holes, count, sizeof *holes, compare_integers);
  for (uint32_t i = 0; i < count; i++)
    if (holes[i] >= r->least && holes[i] <= r->most &&
        (!kept || holes[i] != holes[kept - 1]))
      holes[kept++] = holes[i];
  while (first < kept && holes[first] == r->least) {
    if (r->least == r->most)
      return false;
    r->least++;
    first++;
  }
  while (kept > first && holes[kept - 1] == r->most) {
    r->most--; /* above least, which is no hole */
    kept--;
  }
  r->except = first ? holes + first : holes; /* which may be NULL */
  r->except_count = kept - first;
  return true;
}

static void settle(region_builder *b) {
  claim_region *r = b->region;
  settle_text(&r->type, b->types, b->type_count);
  settle_text(&r->issuer, b->issuers, b->issuer_count);
  settle_text(&r->text, b->texts, b->text_count);
  if (!r->booleans)
    r->kinds &= (uint8_t)~KIND_BIT(LITERAL_BOOLEAN);
  if (r->text.is_empty)
    r->kinds &= (uint8_t)~KIND_BIT(LITERAL_STRING);
  if (!settle_integers(r, b->integers, b->integer_count))
    r->kinds &= (uint8_t)~KIND_BIT(LITERAL_INTEGER);
  r->is_empty = !r->kinds || r->type.is_empty || r->issuer.is_empty;
}

/* Room for the holes that the tests can make: mostly none. */
static void make_room(region_builder *b, const program *p,
                      const program_condition *c, arena *a) {
  uint32_t counts[PROPERTY_COUNT] = {0}, integers = 0;
  for (uint32_t i = 0; i < c->literal_tests; i++) {
    const program_test *t = &p->tests[c->first_test + i];
    if (t->relation != OPERATOR_NOT_EQUAL)
      continue;
    counts[t->property] += t->literal == LITERAL_STRING;
    integers += t->literal == LITERAL_INTEGER;
  }
  if (counts[PROPERTY_TYPE])
    b->types = ARENA_ARRAY(a, counts[PROPERTY_TYPE], uint32_t);
  if (counts[PROPERTY_ISSUER])
    b->issuers = ARENA_ARRAY(a, counts[PROPERTY_ISSUER], uint32_t);
  if (counts[PROPERTY_VALUE])
    b->texts = ARENA_ARRAY(a, counts[PROPERTY_VALUE], uint32_t);
  if (integers)
    b->integers = ARENA_ARRAY(a, integers, int64_t);
}

static void make_region(claim_region *made, const program *p,
                        const program_condition *c, uint32_t skip, arena *a) {
  region_builder b = {.region = made};
  *made = all_claims();
  make_room(&b, p, c, a);
  if (c->type != SYMBOL_NONE)
    made->type.only = c->type;
  for (uint32_t i = 0; i < c->literal_tests; i++)
    if (i != skip)
      apply_test(&b, &p->tests[c->first_test + i]);
  settle(&b);
}

claim_region region_without(const program *p, const program_condition *c,
                            uint32_t skip, arena *a) {
  claim_region made;
  make_region(&made, p, c, skip, a);
  return made;
}

claim_region *regions_of(const program *p, arena *a) {
  claim_region *made = ARENA_ARRAY(a, p->condition_count, claim_region);
  for (uint32_t i = 0; i < p->condition_count; i++)
    make_region(&made[i], p, &p->conditions[i], PROGRAM_NONE, a);
  return made;
}

bool region_value(const claim_region *r, uint8_t *kind, int64_t *key) {
  *kind = r->kinds == KIND_BIT(LITERAL_BOOLEAN)   ? LITERAL_BOOLEAN
          : r->kinds == KIND_BIT(LITERAL_INTEGER) ? LITERAL_INTEGER
          : r->kinds == KIND_BIT(LITERAL_STRING)  ? LITERAL_STRING
                                                  : LITERAL_NONE;
  if (r->is_empty)
    return false;
  if (*kind == LITERAL_BOOLEAN) {
    *key = r->booleans == 2;
    return r->booleans != 3;
  }
  if (*kind == LITERAL_INTEGER) {
    *key = r->least;
    return r->least == r->most;
  }
  *key = r->text.only;
  return *kind == LITERAL_STRING && r->text.only != SYMBOL_NONE;
}

/* Membership, inclusion, intersection: factor by factor. */

bool text_set_holds(const text_set *set, uint32_t symbol) {
  if (set->only != SYMBOL_NONE)
    return symbol == set->only;
  return !has_symbol(set->except, set->except_count, symbol);
}

static bool integer_holds(const claim_region *r, int64_t v) {
  return v >= r->least && v <= r->most &&
         !has_integer(r->except, r->except_count, v);
}

bool region_holds(const claim_region *r, const claim_point *point) {
  if (r->is_empty || !(r->kinds & KIND_BIT(point->kind)) ||
      !text_set_holds(&r->type, point->type) ||
      !text_set_holds(&r->issuer, point->issuer))
    return false;
  if (point->kind == LITERAL_BOOLEAN)
    return r->booleans & (1u << point->key);
  if (point->kind == LITERAL_INTEGER)
    return integer_holds(r, point->key);
  return text_set_holds(&r->text, (uint32_t)point->key);
}

static bool text_within(const text_set *a, const text_set *b) {
  if (a->only != SYMBOL_NONE)
    return text_set_holds(b, a->only);
  if (b->only != SYMBOL_NONE)
    return false; /* there are more texts than any program names */
  for (uint32_t i = 0; i < b->except_count; i++)
    if (!has_symbol(a->except, a->except_count, b->except[i]))
      return false;
  return true;
}

static bool integers_within(const claim_region *a, const claim_region *b) {
  if (a->least < b->least || a->most > b->most)
    return false;
  for (uint32_t i = 0; i < b->except_count; i++)
    if (integer_holds(a, b->except[i]))
      return false;
  return true;
}

bool region_within(const claim_region *a, const claim_region *b) {
  if (a->is_empty)
    return true;
  if (b->is_empty || (a->kinds & ~b->kinds) ||
      !text_within(&a->type, &b->type) ||
      !text_within(&a->issuer, &b->issuer))
    return false;
  return (!(a->kinds & KIND_BIT(LITERAL_BOOLEAN)) ||
          !(a->booleans & ~b->booleans)) &&
         (!(a->kinds & KIND_BIT(LITERAL_INTEGER)) || integers_within(a, b)) &&
         (!(a->kinds & KIND_BIT(LITERAL_STRING)) ||
          text_within(&a->text, &b->text));
}

static bool texts_meet(const text_set *a, const text_set *b) {
  if (a->only != SYMBOL_NONE)
    return text_set_holds(b, a->only);
  return b->only == SYMBOL_NONE || text_set_holds(a, b->only);
}

/* Passes over holes only, so it ends after as many steps as there are. */
static bool integers_meet(const claim_region *a, const claim_region *b) {
  int64_t v = a->least > b->least ? a->least : b->least;
  int64_t most = a->most < b->most ? a->most : b->most;
  for (; v <= most; v++) {
    if (integer_holds(a, v) && integer_holds(b, v))
      return true;
    if (v == most)
      break; /* it may be the largest of all */
  }
  return false;
}

bool regions_meet(const claim_region *a, const claim_region *b) {
  uint8_t kinds = a->kinds & b->kinds;
  if (a->is_empty || b->is_empty || !texts_meet(&a->type, &b->type) ||
      !texts_meet(&a->issuer, &b->issuer))
    return false;
  return ((kinds & KIND_BIT(LITERAL_BOOLEAN)) && (a->booleans & b->booleans)) ||
         ((kinds & KIND_BIT(LITERAL_INTEGER)) && integers_meet(a, b)) ||
         ((kinds & KIND_BIT(LITERAL_STRING)) &&
          texts_meet(&a->text, &b->text));
}
