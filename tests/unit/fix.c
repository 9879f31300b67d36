/* SPDX-License-Identifier: Apache-2.0 */
/* Fixes of rules that do not exist, so that they may be as bad as can be. */
#include "compiler/fix.h"

#include "base/limits.h"
#include "tests/unit/unit.h"

/* Every `from` in the text is to become `to`; every '!' is an error. */
typedef struct rule {
  const char *from, *to;
  fix_applicability applicability;
} rule;

static policy *empty_policy(arena *a, slice text) {
  policy *p = ARENA_NEW(a, policy);
  p->given = p->text = text;
  diagnostics_init(&p->findings, a);
  return p;
}

static void look(arena *a, policy *p, const rule *r) {
  size_t length = strlen(r->from);
  for (size_t i = 0; i + length <= p->text.length; i++) {
    if (memcmp(p->text.data + i, r->from, length) != 0)
      continue;
    span where = {(uint32_t)i, (uint32_t)(i + length)};
    diagnostic *d = diagnose(&p->findings, CODE_F401, where, "found");
    fix_edit(&p->findings,
             diagnostic_fix(&p->findings, d, r->applicability, "replace"),
             where, arena_copy(a, slice_from(r->to)));
  }
}

static policy *inspect(void *context, arena *a, slice text, size_t *errors) {
  policy *p = empty_policy(a, text);
  for (const rule *r = context; r->from; r++)
    look(a, p, r);
  *errors = 0;
  for (size_t i = 0; i < text.length; i++)
    *errors += text.data[i] == '!';
  diagnostics_sort(&p->findings);
  return p;
}

static fix_result run(arena *a, const char *text, rule *rules, bool unsafe) {
  fixer f = {inspect, rules, unsafe};
  return policy_fix(a, arena_copy(a, slice_from(text)), &f);
}

static void expect_text(const char *wanted, fix_result r) {
  cr_expect(slice_is(r.text, wanted), "%.*s, not %s", SLICE_ARGS(r.text),
            wanted);
}

Test(fix, all_of_a_text) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "bb", FIX_SAFE}, {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "xaxaxa", rules, false);
  expect_text("xbbxbbxbb", r);
  cr_expect(r.applied == 3 && r.is_stable && !r.refused);
  arena_free(&a);
}

Test(fix, unsafe_ones_only_when_asked_for) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "b", FIX_UNSAFE},
                  {"c", "d", FIX_SAFE},
                  {NULL, NULL, FIX_NONE}};
  expect_text("ad", run(&a, "ac", rules, false));
  expect_text("bd", run(&a, "ac", rules, true));
  arena_free(&a);
}

/* Of "ab" and "bc" in "abc" the first is applied, and then there is no "bc". */
Test(fix, of_two_that_overlap_the_first_is_applied) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"ab", "x", FIX_SAFE},
                  {"bc", "y", FIX_SAFE},
                  {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "abc bc", rules, false);
  expect_text("xc y", r);
  cr_expect(r.applied == 2);
  arena_free(&a);
}

Test(fix, one_may_make_room_for_the_next) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "b", FIX_SAFE},
                  {"b", "c", FIX_SAFE},
                  {"c", "", FIX_SAFE},
                  {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "[a]", rules, false);
  expect_text("[]", r);
  cr_expect(r.applied == 3 && r.is_stable);
  arena_free(&a);
}

Test(fix, one_that_adds_an_error_is_dropped_and_no_other) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "!", FIX_SAFE},
                  {"b", "c", FIX_SAFE},
                  {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "bbbabbbabb", rules, false);
  expect_text("cccacccacc", r);
  cr_expect(r.refused == 2);
  arena_free(&a);
}

/* Neither adds an error alone that the other does not take away. */
Test(fix, errors_may_change_places_but_not_grow) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"!", "x", FIX_SAFE},
                  {"a", "!", FIX_SAFE},
                  {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "!a", rules, false);
  size_t errors;
  inspect((rule[]){{NULL, NULL, FIX_NONE}}, &a, r.text, &errors);
  cr_expect(errors <= 1);
  arena_free(&a);
}

Test(fix, a_circle_ends) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "b", FIX_SAFE},
                  {"b", "a", FIX_SAFE},
                  {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "a", rules, false);
  cr_expect(!r.is_stable);
  cr_expect(r.applied == LIMIT_FIX_ROUNDS);
  arena_free(&a);
}

Test(fix, one_that_changes_nothing_is_none) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "a", FIX_SAFE}, {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "a", rules, false);
  cr_expect(!r.applied && r.is_stable);
  arena_free(&a);
}

Test(fix, growth_without_end_ends) {
  TEST_ARENA(a, 1 << 24);
  rule rules[] = {{"a", "aa", FIX_SAFE}, {NULL, NULL, FIX_NONE}};
  fix_result r = run(&a, "a", rules, false);
  cr_expect(!r.is_stable || r.refused);
  arena_free(&a);
}

/* What a rule must not give: edits that go back, or beyond the text. */
static policy *inspect_badly(void *context, arena *a, slice text,
                             size_t *errors) {
  static const span wheres[][2] = {
      {{2, 3}, {0, 1}},
      {{0, 2}, {1, 3}},
      {{0, 99}, {99, 99}},
      {{2, 1}, {3, 3}}};
  const size_t *which = context;
  policy *p = empty_policy(a, text);
  diagnostic *d =
      diagnose(&p->findings, CODE_F401, (span){0, 1}, "badly made");
  fix *f = diagnostic_fix(&p->findings, d, FIX_SAFE, "replace");
  for (int i = 0; i < 2; i++)
    fix_edit(&p->findings, f, wheres[*which][i], SLICE("x"));
  *errors = 0;
  return p;
}

Test(fix, edits_out_of_order_are_not_applied) {
  TEST_ARENA(a, 1 << 24);
  for (size_t i = 0; i < 4; i++) {
    fixer f = {inspect_badly, &i, true};
    fix_result r = policy_fix(&a, SLICE("abcd"), &f);
    expect_text("abcd", r);
    cr_expect(!r.applied && r.is_stable);
  }
  arena_free(&a);
}

/* There is room for the text, and none for what comes of it. */
Test(fix, memory_that_runs_out_is_released) {
  arena a;
  jmp_buf failure;
  char text[3001];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = 0;
  arena_init(&a, 5000);
  rule rules[] = {{"aa", "b", FIX_SAFE}, {NULL, NULL, FIX_NONE}};
  volatile bool failed = false;
  if (ARENA_GUARD(&a, failure))
    failed = true;
  else
    run(&a, text, rules, false);
  cr_expect(failed && a.failure == ARENA_LIMIT);
  arena_free(&a);
}
