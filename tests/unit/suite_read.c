/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/root.h"
#include "suite/suite.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

static const suite_case *only_case(arena *a, const char *text, suite *s) {
  suite_error error;
  cr_assert(suite_read(a, "s", slice_from(text), s, &error), "%s",
            error.message);
  cr_assert_eq(s->case_count, 1u);
  return &s->cases[0];
}

Test(suite_read, gives_what_stands_there) {
  TEST_ARENA(a, 8 * MEBIBYTE);
  suite s;
  const suite_case *c = only_case(
      &a,
      "{\"policy\":\"p\",\"type\":\"tdxvm\",\"verify\":\"none\",\"tests\":[\n"
      "{\"name\":\"n\",\"quote\":\"q\",\"runtime-data\":\"d\",\n"
      "\"runtime-type\":\"json\",\"now\":\"1970-01-01T00:01:00Z\",\n"
      "\"expect\":{\"error\":\"X\"}}]}",
      &s);
  cr_expect_eq(s.type, ATTESTATION_TDX_VM);
  cr_expect(slice_is(s.policy.path, "p"));
  cr_expect_str_eq(c->name, "n");
  cr_expect_eq(c->line, 2u);
  cr_expect_eq(c->input, SUITE_QUOTE);
  cr_expect(slice_is(c->file.path, "q"));
  cr_expect_eq(c->runtime_data.line, 2u);
  cr_expect_eq(c->runtime_type, DATA_JSON);
  cr_expect_eq(c->verify, VERIFY_NONE);
  cr_expect(c->has_now);
  cr_expect_eq(c->now, 60);
  cr_expect_eq(c->expect.decision, DECISION_ERROR);
  arena_free(&a);
}

Test(suite_read, rows_share_an_input_unless_the_time_differs) {
  TEST_ARENA(a, 8 * MEBIBYTE);
  suite s;
  suite_error error;
  cr_assert(suite_read(
      &a, "s",
      SLICE("{\"policy\":\"p\",\"tests\":[{\"name\":\"n\",\"tpm\":\"t\","
            "\"expect\":{\"decision\":\"deny\"},"
            "\"rows\":[{},{\"now\":7},{}]}]}"),
      &s, &error));
  cr_assert_eq(s.case_count, 3u);
  cr_expect_eq(s.cases[0].base, s.cases[2].base);
  cr_expect_neq(s.cases[0].base, s.cases[1].base);
  cr_expect_eq(s.cases[1].now, 7);
  cr_expect_not(s.cases[2].has_now);
  arena_free(&a);
}

Test(suite_read, every_prefix_is_an_error_with_a_place) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  static const char text[] =
      "{\"policy\":\"p\",\"tests\":[\n{\"name\":\"n\",\"claims\":{\"a\":[1]},"
      "\"rows\":[{\"expect\":{\"decision\":\"deny\"}}]}]}";
  for (size_t i = 0; i + 1 < sizeof text; i++) {
    suite s;
    suite_error error;
    slice prefix = arena_copy(&a, (slice){text, i});
    cr_expect_not(suite_read(&a, "s", prefix, &s, &error), "%zu", i);
    cr_expect(error.message && error.line >= 1 && error.line <= 2, "%zu", i);
  }
  arena_free(&a);
}

Test(suite_root, relative_paths) {
  TEST_ARENA(a, MEBIBYTE);
  static const char *const rows[][3] = {
      {"/a/b", "/a/b/c", "c"},         {"/a/b", "/a/c/d", "../c/d"},
      {"/a/b", "/a/bc", "../bc"},      {"/", "/a", "a"},
      {"/a/b/c", "/x", "../../../x"},  {"/ab", "/a/x", "../a/x"},
      {"/a/b/c", "/a", "../.."},       {"/a/b", "/a", ".."},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(suite_relative(&a, rows[i][0], rows[i][1]), rows[i][2],
                     "%s from %s: %s", rows[i][1], rows[i][0],
                     suite_relative(&a, rows[i][0], rows[i][1]));
  arena_free(&a);
}
