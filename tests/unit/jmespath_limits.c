/* SPDX-License-Identifier: Apache-2.0 */
/* Queries and inputs made to take time, memory or stack: each ends soon, with
 * a result or an error that says which limit it met. */
#include "grammar/jmespath_limits.h"
#include "base/limits.h"
#include "base/memory.h"
#include "eval/jmespath.h"
#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)1 << 30)

static slice repeat(arena *a, const char *head, const char *part, size_t count,
                    const char *tail) {
  buffer text = buffer_in(a);
  buffer_text(&text, head);
  for (size_t i = 0; i < count; i++)
    buffer_text(&text, part);
  buffer_text(&text, tail);
  return buffer_slice(&text);
}

static const jmespath_query *compiled(arena *a, slice text) {
  jmespath_error error;
  const jmespath_query *query = jmespath_compile(a, text, &error);
  cr_assert_not_null(query, "%s", error.message);
  return query;
}

static value given(arena *a, slice text) {
  value v;
  json_error error;
  cr_assert(json_read(a, text, 0, &v, &error), "%s", error.message);
  return v;
}

static void expect_result(arena *a, slice query, slice input) {
  jmespath_error error = {0};
  value result, v = given(a, input);
  cr_expect(jmespath_search(compiled(a, query), a, &v, &result, &error),
            "%.40s: %s", query.data, error.message);
}

static void expect_limit(arena *a, slice query, slice input,
                         const char *which) {
  jmespath_error error = {0};
  slice text;
  value v = given(a, input);
  cr_expect_not(jmespath_search_text(compiled(a, query), a, &v, &text, &error));
  cr_expect_eq(error.kind, JMESPATH_LIMIT, "%.40s", query.data);
  cr_expect(error.message && strstr(error.message, which), "%.40s: %s",
            query.data, error.message);
}

/* --- the query ------------------------------------------------------------ */

Test(jmespath_limits, holds_the_length_of_a_query) {
  TEST_ARENA(a, LIMIT_BYTES);
  jmespath_error error;
  slice text = repeat(&a, "a", " ", LIMIT_QUERY_BYTES - 1, "");
  cr_expect_not_null(jmespath_compile(&a, text, &error));
  text = repeat(&a, "a", " ", LIMIT_QUERY_BYTES, "");
  cr_expect_null(jmespath_compile(&a, text, &error));
  cr_expect_eq(error.kind, JMESPATH_LIMIT);
  arena_free(&a);
}

typedef struct nesting {
  const char *open, *close; /* one level */
} nesting;

Test(jmespath_limits, nests_up_to_the_limit_and_no_further) {
  static const nesting rows[] = {
      {"(", ")"},
      {"[", "]"},
      {"!", ""},
      {"!(", ")"},
      {"[?", "]"},
      {"{a:", "}"},
      {"type(", ")"},
      {"@|@||@&&@==@.not_null(@,", ")"},
      {"@|@||@&&@==@.{b:@,a:", "}"},
      {"@|@||@&&@==@.map(&@|", ",@)"},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    jmespath_error error = {0};
    size_t most = LIMIT_QUERY_DEPTH;
    for (size_t depth = most; depth <= most + 1; depth++) {
      slice open = repeat(&a, "", rows[i].open, depth, "@");
      slice text = repeat(&a, open.data, rows[i].close, depth, "");
      const jmespath_query *query = jmespath_compile(&a, text, &error);
      cr_expect_eq(query != NULL, depth == most, "%s: %s", rows[i].open,
                   error.message);
      if (!query)
        cr_expect_eq(error.kind, JMESPATH_LIMIT, "%s", error.message);
    }
    slice endless = repeat(&a, "", rows[i].open, 10000, "");
    cr_expect_null(jmespath_compile(&a, endless, &error));
    cr_expect_eq(error.kind, JMESPATH_LIMIT, "%s", error.message);
  }
  arena_free(&a);
}

/* Long is not deep: such lists are generated. */
Test(jmespath_limits, takes_long_flat_queries, .timeout = 20) {
  static const char *const rows[] = {".a", "||a", "&&a", "|a",   "[0]",
                                     "[]", "[*]", ".*",  "[?a]", "[1:]"};
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    size_t count = (LIMIT_QUERY_BYTES - 1) / strlen(rows[i]);
    slice text = repeat(&a, "a", rows[i], count, "");
    expect_result(&a, text, SLICE("{\"a\":{\"a\":[[[1]]]}}"));
    expect_result(&a, text, SLICE("[]"));
  }
  arena_free(&a);
}

Test(jmespath_limits, holds_the_number_of_comparisons_in_a_row) {
  TEST_ARENA(a, LIMIT_BYTES);
  jmespath_error error;
  slice text = repeat(&a, "@", "==@", LIMIT_QUERY_LEVELS, "");
  expect_result(&a, text, SLICE("1"));
  text = repeat(&a, "@", "==@", LIMIT_QUERY_LEVELS + 1, "");
  cr_expect_null(jmespath_compile(&a, text, &error));
  text = repeat(&a, "@", "==@", 80000, "");
  cr_expect_null(jmespath_compile(&a, text, &error));
  cr_expect_eq(error.kind, JMESPATH_LIMIT);
  arena_free(&a);
}

Test(jmespath_limits, holds_the_number_of_operands) {
  TEST_ARENA(a, LIMIT_BYTES);
  jmespath_error error;
  static const char *const heads[] = {"[@", "not_null(@"};
  static const char *const tails[] = {"]", ")"};
  for (size_t i = 0; i < 2; i++) {
    slice text = repeat(&a, heads[i], ",@", LIMIT_QUERY_OPERANDS - 1, tails[i]);
    expect_result(&a, text, SLICE("1"));
    text = repeat(&a, heads[i], ",@", LIMIT_QUERY_OPERANDS, tails[i]);
    cr_expect_null(jmespath_compile(&a, text, &error));
    cr_expect_eq(error.kind, JMESPATH_LIMIT);
  }
  arena_free(&a);
}

/* --- the result ----------------------------------------------------------- */

static unsigned depth_of(const value *v) {
  unsigned depth = 0;
  for (; v->kind == VALUE_ARRAY && v->count; v = v->items)
    depth++;
  return depth;
}

/* No result nests deeper than its reader can bear. */
Test(jmespath_limits, adds_few_levels) {
  static const char *const rows[] = {"|[@]", ".[@]", ".to_array([@])",
                                     "|map(&[@],[@])"};
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    jmespath_error error = {0};
    value v = given(&a, SLICE("1")), result;
    size_t count = 1;
    for (;; count++) {
      slice text = repeat(&a, "@", rows[i], count, "");
      const jmespath_query *query = jmespath_compile(&a, text, &error);
      if (!query)
        break;
      cr_assert(jmespath_search(query, &a, &v, &result, &error));
      cr_assert_leq(depth_of(&result), (unsigned)LIMIT_QUERY_GROWTH);
      cr_assert_geq(depth_of(&result), count);
    }
    cr_expect_eq(error.kind, JMESPATH_LIMIT);
    cr_expect_geq(count, (size_t)LIMIT_QUERY_GROWTH / 2);
  }
  arena_free(&a);
}

/* 2^60 values that share themselves. */
Test(jmespath_limits, does_not_write_or_compare_forever, .timeout = 20) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice doubled = repeat(&a, "@", "|[@,@]", 60, "");
  expect_result(&a, doubled, SLICE("1"));
  expect_limit(&a, doubled, SLICE("1"), "text");
  buffer text = buffer_in(&a);
  buffer_printf(&text, "%s|to_string(@)", doubled.data);
  expect_limit(&a, buffer_slice(&text), SLICE("1"), "bytes");
  text = buffer_in(&a);
  buffer_printf(&text, "(%s)==(%s)", doubled.data, doubled.data);
  expect_limit(&a, buffer_slice(&text), SLICE("1"), "steps");
  arena_free(&a);
}

/* --- time and memory ------------------------------------------------------ */

static slice numbers(arena *a, size_t count) {
  buffer text = buffer_in(a);
  for (size_t i = 0; i < count; i++)
    buffer_printf(&text, "%s%zu", i ? "," : "[", i * 7919 % count);
  buffer_char(&text, ']');
  return buffer_slice(&text);
}

Test(jmespath_limits, counts_the_steps_of_projections, .timeout = 60) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice few = numbers(&a, 4000), many = numbers(&a, 1000000);
  buffer text = buffer_in(&a);
  buffer_printf(&text, "[?contains(`%s`, @) && `false`]", few.data);
  expect_result(&a, buffer_slice(&text), few);
  expect_limit(&a, buffer_slice(&text), many, "steps");
  text = buffer_in(&a);
  buffer_printf(&text, "[*].not_null(`%s`)[*].not_null(`%s`)[]", few.data,
                few.data);
  expect_limit(&a, buffer_slice(&text), few, "limit");
  slice operands = repeat(&a, "[@", ",sort(@)", 1000, "]");
  expect_limit(&a, operands, many, "limit");
  expect_limit(&a, repeat(&a, "[@", ",@[*]", 1000, "]"), many, "steps");
  expect_limit(&a, repeat(&a, "[@", ",@[]", 1000, "]"), many, "steps");
  expect_limit(&a, repeat(&a, "[@", ",sum(@)", 1000, "]"), many, "steps");
  slice half = numbers(&a, 500000);
  expect_result(&a, SLICE("sort(@)[0]"), half);
  expect_result(&a, SLICE("sort_by(@, &@)[-1]"), half);
  expect_result(&a, SLICE("max_by(@, &@)"), many);
  expect_result(&a, SLICE("[?@ > `500`] | length(@)"), many);
  arena_free(&a);
}

Test(jmespath_limits, counts_the_bytes_it_compares, .timeout = 60) {
  TEST_ARENA(a, LIMIT_BYTES);
  /* Every place of the text could begin the part, up to its last byte. */
  slice part = repeat(&a, "contains(@, '", "a", 100000, "b')");
  slice text = repeat(&a, "\"", "a", 4000000, "\"");
  expect_limit(&a, part, text, "steps");
  /* Long strings that differ at their ends, compared again and again. */
  buffer strings = buffer_in(&a);
  slice prefix = repeat(&a, "", "p", 10000, "");
  for (size_t i = 0; i < 1000; i++)
    buffer_printf(&strings, "%s\"%s%zu\"", i ? "," : "[", prefix.data, i);
  buffer_char(&strings, ']');
  expect_result(&a, SLICE("sort(@)[0]"), buffer_slice(&strings));
  slice again = repeat(&a, "[@", ",sort(@)[0]", 2000, "]");
  expect_limit(&a, again, buffer_slice(&strings), "steps");
  arena_free(&a);
}

Test(jmespath_limits, counts_the_text_it_makes, .timeout = 60) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice text = repeat(&a, "\"", "x", 1000000, "\"");
  slice twice = repeat(&a, "@", "|join('', [@, @])", 40, "");
  expect_limit(&a, twice, text, "bytes");
  expect_limit(&a, repeat(&a, "[@", ",reverse(@)", 100, "]"), text, "bytes");
  arena_free(&a);
}

Test(jmespath_limits, counts_the_values_it_makes, .timeout = 60) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice many = numbers(&a, 100000);
  expect_limit(&a, repeat(&a, "[@", ",reverse(@)", 100, "]"), many, "values");
  expect_limit(&a, repeat(&a, "[@", ",@[::2]", 100, "]"), many, "values");
  expect_limit(&a, repeat(&a, "[@", ",@[?@>=`0`]", 100, "]"), many, "values");
  expect_limit(&a,
               SLICE("[*].[@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,"
                     "@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@,@]"),
               many, "values");
  arena_free(&a);
}

/* A level of the input and one of the stack for each projection. */
Test(jmespath_limits, nests_projections_with_the_input, .timeout = 20) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice open = repeat(&a, "", "[", LIMIT_JSON_DEPTH, "1");
  slice deep = repeat(&a, open.data, "]", LIMIT_JSON_DEPTH, "");
  expect_result(&a, repeat(&a, "@", "[*]", 80000, ""), deep);
  expect_result(&a, repeat(&a, "@", "[?@]", 60000, ""), deep);
  /* Literals that nest, each inside a filter of the one before. */
  buffer text = buffer_in(&a);
  for (int i = 0; i + 1 < LIMIT_QUERY_DEPTH; i++) {
    buffer_printf(&text, "[?`%s`", deep.data);
    for (int j = 0; j + 1 < LIMIT_JSON_DEPTH; j++)
      buffer_text(&text, "[*]");
  }
  for (int i = 0; i + 1 < LIMIT_QUERY_DEPTH; i++)
    buffer_text(&text, "]");
  expect_limit(&a, buffer_slice(&text), SLICE("[1]"), "nested projections");
  arena_free(&a);
}

/* --- failing allocations -------------------------------------------------- */

/* Compiles and searches with that many allocations; true if they were enough.
 * Whatever fails, nothing leaks. */
static bool works_with(long allowed, slice text, const value *input) {
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_BYTES);
  memory_fail_after(allowed);
  volatile bool done = false;
  if (!ARENA_GUARD(&a, failure)) {
    jmespath_error error;
    slice result;
    const jmespath_query *query = jmespath_compile(&a, text, &error);
    cr_assert_not_null(query);
    cr_assert(jmespath_search_text(query, &a, input, &result, &error));
    done = true;
  } else {
    cr_assert_eq(a.failure, ARENA_NO_MEMORY);
  }
  memory_fail_after(-1);
  arena_free(&a);
  return done;
}

Test(jmespath_limits, survives_any_failed_allocation) {
  TEST_ARENA(a, LIMIT_BYTES);
  value input = given(&a, numbers(&a, 3000));
  slice text =
      SLICE("[[?@ >= `1`], sort_by(@, &to_string(@)), map(&[@], @)]"
            " | [join(', ', [0][*].to_string(@)), {a: [1], b: [2][]}]");
  long allowed = 0;
  while (!works_with(allowed, text, &input))
    cr_assert_lt(++allowed, 1000);
  cr_expect_gt(allowed, 10);
  arena_free(&a);
}
