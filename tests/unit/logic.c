/* SPDX-License-Identifier: Apache-2.0 */
/* What is decided of conditions is what the evaluator does: every condition of
 * one or two tests from a small vocabulary, against every claim that those
 * tests can tell apart; and longer ones at random. */
#include "base/buffer.h"
#include "compiler/logic.h"
#include "compiler/policy.h"
#include "eval/evaluate.h"
#include "tests/unit/unit.h"

/* Every operator, every property, both ends of the integers. */
static const char *const vocabulary[] = {
    "type==\"a\"", "type!=\"a\"", "type!=\"b\"",
    "issuer==\"AttestationService\"", "issuer!=\"AttestationService\"",
    "issuer!=\"AttestationPolicy\"",
    "valueType==\"Boolean\"", "valueType==\"Integer\"",
    "valueType!=\"String\"", "valueType!=\"Integer\"", "valueType==\"Float\"",
    "value==true", "value!=true", "value!=false",
    "value==\"x\"", "value!=\"x\"", "value!=\"y\"",
    "value==1", "value!=0", "value!=1", "value!=2", "value<2", "value<=1",
    "value>0", "value>=1", "value>=0", "value<1",
    "value==-9223372036854775808", "value!=-9223372036854775808",
    "value<-9223372036854775808", "value>-9223372036854775808",
    "value!=9223372036854775807", "value>9223372036854775807",
    "value<9223372036854775807", "value>=9223372036854775807",
    "value<=-9223372036854775808"};

enum { WORDS = COUNT_OF(vocabulary), POINTS_MOST = 256 };

/* A bit for each claim of the domain: those that a condition selects. */
typedef struct selected {
  uint64_t words[POINTS_MOST / 64];
} selected;

typedef struct world {
  arena *arena;
  claim points[POINTS_MOST];
  size_t count;
  const program *program;
  const claim_region *regions;
  selected *by_condition;
} world;

static void make_points(world *w) {
  static const char *const types[] = {"a", "b", "z"};
  static const int64_t integers[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, 2, 3,
                                     INT64_MAX - 1, INT64_MAX};
  static const char *const strings[] = {"x", "y", "w"};
  const slice issuers[] = {ISSUER_SERVICE, ISSUER_POLICY, SLICE("o")};
  for (size_t t = 0; t < COUNT_OF(types); t++)
    for (size_t i = 0; i < COUNT_OF(issuers); i++) {
      claim c = {.type = slice_from(types[t]), .issuer = issuers[i]};
      for (int64_t b = 0; b < 2; b++) {
        c.kind = CLAIM_BOOLEAN;
        c.integer = b;
        w->points[w->count++] = c;
      }
      for (size_t n = 0; n < COUNT_OF(integers); n++) {
        c.kind = CLAIM_INTEGER;
        c.integer = integers[n];
        w->points[w->count++] = c;
      }
      for (size_t s = 0; s < COUNT_OF(strings); s++) {
        c.kind = CLAIM_STRING;
        c.integer = 0;
        c.text = slice_from(strings[s]);
        w->points[w->count++] = c;
      }
    }
}

/* What the evaluator selects: each condition is a rule of its own, each claim
 * a claim set of its own. */
static void ask_evaluator(world *w) {
  for (size_t i = 0; i < w->count; i++) {
    arena scratch;
    jmp_buf failure;
    arena_init(&scratch, (size_t)64 << 20);
    if (ARENA_GUARD(&scratch, failure))
      cr_assert_fail("out of memory");
    claim_list claims = claims_in(&scratch);
    claims_add(&claims, &w->points[i]);
    evaluation result;
    evaluate(w->program, &claims, &scratch, EVALUATE_TRACE, &result);
    for (const trace_entry *t = result.trace; t; t = t->next)
      if (t->fired)
        w->by_condition[t->rule].words[i / 64] |= UINT64_C(1) << i % 64;
    arena_free(&scratch);
  }
}

static void make_world(world *w, arena *a, slice text) {
  *w = (world){.arena = a};
  make_points(w);
  const policy *p = policy_compile(a, arena_copy(a, text));
  cr_assert(p->program, "%s", p->findings.first->message);
  w->program = p->program;
  w->regions = regions_of(p->program, a);
  w->by_condition = ARENA_ARRAY(a, p->program->rule_count, selected);
  memset(w->by_condition, 0, p->program->rule_count * sizeof(selected));
  ask_evaluator(w);
}

static bool is_empty(const selected *s) {
  uint64_t any = 0;
  for (size_t i = 0; i < COUNT_OF(s->words); i++)
    any |= s->words[i];
  return !any;
}

static bool is_within(const selected *a, const selected *b) {
  uint64_t outside = 0;
  for (size_t i = 0; i < COUNT_OF(a->words); i++)
    outside |= a->words[i] & ~b->words[i];
  return !outside;
}

static bool do_meet(const selected *a, const selected *b) {
  uint64_t both = 0;
  for (size_t i = 0; i < COUNT_OF(a->words); i++)
    both |= a->words[i] & b->words[i];
  return both;
}

static const char *rule_text(const world *w, uint32_t rule) {
  return arena_string(w->arena, ast_text(w->program->ast,
                                         w->program->places[rule].where));
}

static void compare_pair(const world *w, uint32_t i, uint32_t k) {
  const selected *a = &w->by_condition[i], *b = &w->by_condition[k];
  if (region_within(&w->regions[i], &w->regions[k]) != is_within(a, b))
    cr_assert_fail("within: %s %s", rule_text(w, i), rule_text(w, k));
  if (regions_meet(&w->regions[i], &w->regions[k]) != do_meet(a, b))
    cr_assert_fail("meet: %s %s", rule_text(w, i), rule_text(w, k));
}

static slice all_pairs(arena *a) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version=1.0;authorizationrules{");
  for (size_t i = 0; i < WORDS; i++)
    for (size_t k = i; k < WORDS; k++)
      buffer_printf(&b, "[%s,%s]=>permit();", vocabulary[i], vocabulary[k]);
  buffer_text(&b, "};");
  return buffer_slice(&b);
}

Test(logic, decides_all_pairs_of_conditions_of_two_tests) {
  TEST_ARENA(a, (size_t)512 << 20);
  world *w = ARENA_NEW(&a, world);
  make_world(w, &a, all_pairs(&a));
  uint32_t count = w->program->condition_count;
  cr_assert_eq(count, WORDS * (WORDS + 1) / 2);
  for (uint32_t i = 0; i < count; i++) {
    if (w->regions[i].is_empty != is_empty(&w->by_condition[i]))
      cr_assert_fail("empty: %s", rule_text(w, i));
    for (uint32_t k = 0; k < count; k++)
      compare_pair(w, i, k);
  }
  arena_free(&a);
}

/* Longer conditions, and several of them together. */

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static slice random_conditions(arena *a, uint64_t *state, size_t count) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version=1.0;authorizationrules{");
  for (size_t i = 0; i < count; i++) {
    buffer_text(&b, "[");
    for (size_t n = next_random(state) % 5 + 1; n; n--)
      buffer_printf(&b, "%s%s", vocabulary[next_random(state) % WORDS],
                    n > 1 ? "," : "");
    buffer_text(&b, "]=>permit();");
  }
  buffer_text(&b, "};");
  return buffer_slice(&b);
}

static void compare_cover(const world *w, uint32_t i, uint64_t *state) {
  const claim_region *others[6];
  selected any = {{0}};
  size_t count = next_random(state) % 6 + 1;
  for (size_t n = 0; n < count; n++) {
    uint32_t k = (uint32_t)(next_random(state) % w->program->rule_count);
    others[n] = &w->regions[k];
    for (size_t word = 0; word < COUNT_OF(any.words); word++)
      any.words[word] |= w->by_condition[k].words[word];
  }
  bool covered = region_covered(&w->regions[i], others, count, w->arena);
  if (covered != is_within(&w->by_condition[i], &any))
    cr_assert_fail("covered by %zu: %s", count, rule_text(w, i));
}

Test(logic, decides_longer_conditions_and_unions) {
  TEST_ARENA(a, (size_t)1 << 30);
  enum { COUNT = 600 };
  uint64_t state = 88172645463325252u;
  world *w = ARENA_NEW(&a, world);
  make_world(w, &a, random_conditions(&a, &state, COUNT));
  size_t covered = 0;
  for (uint32_t i = 0; i < COUNT; i++) {
    for (uint32_t k = 0; k < COUNT; k++)
      compare_pair(w, i, k);
    for (int n = 0; n < 200; n++)
      compare_cover(w, i, &state);
    covered += !w->regions[i].is_empty;
  }
  cr_expect_gt(covered, 50u); /* there is something to decide */
  arena_free(&a);
}

/* A union of which no part suffices: each value of three claims a part. */
Test(logic, sees_that_parts_together_hold_all) {
  TEST_ARENA(a, (size_t)64 << 20);
  world *w = ARENA_NEW(&a, world);
  make_world(w, &a,
             SLICE("version=1.0;authorizationrules{"
                   "[type==\"a\", value>=0, value<3]=>permit();"
                   "[type==\"a\", value<1]=>permit();"
                   "[value>1]=>permit();"
                   "[value==1, issuer==\"AttestationPolicy\"]=>permit();"
                   "[value==1, issuer!=\"AttestationPolicy\"]=>permit();};"));
  const claim_region *parts[] = {&w->regions[1], &w->regions[2],
                                 &w->regions[3], &w->regions[4]};
  cr_expect(region_covered(&w->regions[0], parts, 4, &a));
  cr_expect_not(region_covered(&w->regions[0], parts, 3, &a));
  cr_expect_not(region_covered(&w->regions[0], parts + 1, 3, &a));
  arena_free(&a);
}
