/* SPDX-License-Identifier: Apache-2.0 */
/* Whether regions together hold all of another. Where the bounds and texts of
 * all of them fall in the same way, they hold a claim or not alike, so one
 * claim of each such cell is tried. */
#include "base/limits.h"
#include "compiler/logic.h"

typedef struct candidates {
  arena *arena;
  uint32_t *types, *issuers;
  size_t type_count, issuer_count, type_capacity, issuer_capacity;
  claim_point *values; /* kind and key count */
  size_t value_count, value_capacity;
} candidates;

static void add_symbol(candidates *c, uint32_t **items, size_t *count,
                       size_t *capacity, uint32_t symbol) {
  for (size_t i = 0; i < *count; i++)
    if ((*items)[i] == symbol)
      return;
  *items = arena_grow(c->arena, *items, *count, capacity, sizeof **items);
  (*items)[(*count)++] = symbol;
}

static void add_value(candidates *c, literal_kind kind, int64_t key) {
  for (size_t i = 0; i < c->value_count; i++)
    if (c->values[i].kind == kind && c->values[i].key == key)
      return;
  c->values = arena_grow(c->arena, c->values, c->value_count,
                         &c->value_capacity, sizeof *c->values);
  c->values[c->value_count++] = (claim_point){.kind = (uint8_t)kind,
                                              .key = key};
}

/* A text of each cell: those named, and one that nobody names. */

static void add_texts(candidates *c, uint32_t **items, size_t *count,
                      size_t *capacity, const text_set *set) {
  add_symbol(c, items, count, capacity, set->only);
  for (uint32_t i = 0; i < set->except_count; i++)
    add_symbol(c, items, count, capacity, set->except[i]);
}

/* The first integer of each cell: cells begin at a bound, at a hole, and
 * behind them. */
static void add_integers(candidates *c, const claim_region *r) {
  add_value(c, LITERAL_INTEGER, r->least);
  if (r->most < INT64_MAX)
    add_value(c, LITERAL_INTEGER, r->most + 1);
  for (uint32_t i = 0; i < r->except_count; i++) {
    add_value(c, LITERAL_INTEGER, r->except[i]);
    add_value(c, LITERAL_INTEGER, r->except[i] + 1); /* it is below most */
  }
}

static void add_values(candidates *c, const claim_region *r) {
  add_value(c, LITERAL_STRING, r->text.only);
  for (uint32_t i = 0; i < r->text.except_count; i++)
    add_value(c, LITERAL_STRING, r->text.except[i]);
  if (r->kinds & KIND_BIT(LITERAL_INTEGER))
    add_integers(c, r);
}

static void add_region(candidates *c, const claim_region *r) {
  add_texts(c, &c->types, &c->type_count, &c->type_capacity, &r->type);
  add_texts(c, &c->issuers, &c->issuer_count, &c->issuer_capacity,
            &r->issuer);
  add_values(c, r);
}

static bool held_by_any(const claim_region *const *others, size_t count,
                        const claim_point *point) {
  for (size_t i = 0; i < count; i++)
    if (region_holds(others[i], point))
      return true;
  return false;
}

/* Whether each candidate of the region is held by another region. */
static bool all_held(const candidates *c, const claim_region *r,
                     const claim_region *const *others, size_t count) {
  for (size_t t = 0; t < c->type_count; t++)
    for (size_t i = 0; i < c->issuer_count; i++)
      for (size_t v = 0; v < c->value_count; v++) {
        claim_point point = {c->types[t], c->issuers[i], c->values[v].kind,
                             c->values[v].key};
        if (region_holds(r, &point) && !held_by_any(others, count, &point))
          return false;
      }
  return true;
}

/* The making of candidates is bounded as well as their trial. */
static bool names_few(const claim_region *r, const claim_region *const *others,
                      size_t count) {
  enum { NAMES_MOST = 256 };
  size_t names = 0;
  for (size_t i = 0; i <= count; i++) {
    const claim_region *o = i < count ? others[i] : r;
    names += (size_t)o->type.except_count + o->issuer.except_count +
             o->text.except_count + o->except_count + 1;
    if (names > NAMES_MOST)
      return false;
  }
  return true;
}

static candidates make_candidates(const claim_region *r,
                                  const claim_region *const *others,
                                  size_t count, arena *a) {
  candidates c = {.arena = a};
  add_region(&c, r);
  add_symbol(&c, &c.types, &c.type_count, &c.type_capacity, SYMBOL_NONE);
  add_symbol(&c, &c.issuers, &c.issuer_count, &c.issuer_capacity,
             SYMBOL_NONE);
  add_value(&c, LITERAL_STRING, SYMBOL_NONE);
  add_value(&c, LITERAL_BOOLEAN, 0);
  add_value(&c, LITERAL_BOOLEAN, 1);
  for (size_t i = 0; i < count; i++)
    add_region(&c, others[i]);
  return c;
}

bool region_covered(const claim_region *r, const claim_region *const *others,
                    size_t count, arena *a) {
  if (r->is_empty)
    return true;
  size_t met = 0;
  for (size_t i = 0; i < count; i++) {
    if (region_within(r, others[i]))
      return true;
    met += regions_meet(r, others[i]);
  }
  if (met < 2)
    return false; /* one alone does not hold all, as was just seen */
  const claim_region **near = ARENA_ARRAY(a, met, const claim_region *);
  met = 0;
  for (size_t i = 0; i < count; i++)
    if (regions_meet(r, others[i]))
      near[met++] = others[i];
  if (!names_few(r, near, met))
    return false;
  candidates c = make_candidates(r, near, met, a);
  return c.type_count * c.issuer_count * c.value_count <=
             LIMIT_LOGIC_STEPS / (met + 1) &&
         all_held(&c, r, near, met);
}
