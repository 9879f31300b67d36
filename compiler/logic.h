/* SPDX-License-Identifier: Apache-2.0 */
/* What conditions mean, decided exactly. The literal tests of a condition are
 * a conjunction over one claim: a region, the claims that pass them all. A
 * rule's guard asks that each of some regions holds a claim and that others,
 * the negated ones, hold none.
 *
 *   claim_region *r = regions_of(p, a);    // one for each condition
 *   if (r[i].is_empty)                      // no claim at all passes
 *   if (region_within(&r[i], &r[k]))        // whatever passes i passes k
 *
 * A region is a product: a set of types, one of issuers, one of values. So a
 * region lies within another exactly if each factor does. Types, issuers and
 * strings are one text, or all but some; integers an interval with holes.
 *
 * Outside of this fragment are tests against an identifier or a function.
 * For their condition the region is an upper bound: what it selects lies
 * within, but a claim within may not be selected. */
#ifndef COMPILER_LOGIC_H
#define COMPILER_LOGIC_H

#include "compiler/program.h"

/* One text, or (only == SYMBOL_NONE) all but some. */
typedef struct text_set {
  bool is_empty;
  uint32_t only;
  uint32_t except_count;
  const uint32_t *except; /* ascending, each once */
} text_set;

/* Bits of claim_region.kinds. */
#define KIND_BIT(kind) (1u << (kind))
#define KIND_BITS                                          \
  (KIND_BIT(LITERAL_BOOLEAN) | KIND_BIT(LITERAL_INTEGER) | \
   KIND_BIT(LITERAL_STRING))

typedef struct claim_region {
  bool is_empty;
  uint8_t kinds;    /* of values: KIND_BIT; of these the sets below count */
  uint8_t booleans; /* 1: false, 2: true */
  text_set type, issuer, text;
  int64_t least, most;  /* of integers; both are in the set */
  uint32_t except_count;
  const int64_t *except; /* between them; ascending, each once */
} claim_region;

/* A claim, as far as tests can see it. Texts that the program does not name
 * are all SYMBOL_NONE. */
typedef struct claim_point {
  uint32_t type, issuer;
  uint8_t kind; /* literal_kind */
  int64_t key;  /* 0 or 1, integer, or symbol */
} claim_point;

/* The regions of all conditions of the program, by their index; they live in
 * the arena. Time and memory are linear in the tests (but for sorting). */
claim_region *regions_of(const program *p, arena *a);

/* The region of one condition with one of its literal tests left out; `skip`
 * counts from the first test, PROGRAM_NONE leaves none out. */
claim_region region_without(const program *p, const program_condition *c,
                            uint32_t skip, arena *a);

/* The only value that claims of the region have; false if there are several
 * or none. */
bool region_value(const claim_region *r, uint8_t *kind, int64_t *key);

bool text_set_holds(const text_set *set, uint32_t symbol);
bool region_holds(const claim_region *r, const claim_point *point);
bool region_within(const claim_region *a, const claim_region *b);
bool regions_meet(const claim_region *a, const claim_region *b);

/* Whether every claim of the region lies in one of the others: true is proven,
 * by trying a claim for every way in which bounds and texts can fall. More
 * than LIMIT_LOGIC_STEPS such trials are not made: then it is false. */
bool region_covered(const claim_region *r, const claim_region *const *others,
                    size_t count, arena *a);

#endif
