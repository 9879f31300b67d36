/* SPDX-License-Identifier: Apache-2.0 */
/* Places in JSON texts: whole, broken off and broken. */
#include "base/buffer.h"
#include "base/json_span.h"
#include "base/memory.h"
#include "tests/unit/unit.h"

Test(json_span, finds_the_very_text) {
  static const struct {
    const char *text, *name, *expected;
  } rows[] = {
      {"{\"a\":1}", "a", "1"},
      {" {\"a\" : [ 1, {\"b\":\"}\"} ] , \"b\":2}", "a",
       "[ 1, {\"b\":\"}\"} ]"},
      {"{\"x\":\"\\\",\\\"a\\\":7\",\"a\":{ }\n}", "a", "{ }"},
      {"{\"o\":{\"a\":1},\"a\" :\t-2.5e3\r\n}", "a", "-2.5e3"},
      {"{\"a\":\"\\\\\",\"b\":3}", "a", "\"\\\\\""},
      {"{\"a\":1,\"a\":2}", "a", "1"},
      {"{\"a\\\\\":1,\"a\":2}", "a", "2"},
      {"{\"ab\":1,\"\":2,\"a\":3}", "", "2"},
      {"{\"a\":[1,[2", "a", "[1,[2"},
      {"{\"a\":\"1, ", "a", "\"1,"},
      /* Not there. */
      {"{\"o\":{\"a\":1}}", "a", ""},
      {"{\"\\u0061\":1}", "a", ""},
      {"[{\"a\":1}]", "a", ""},
      {"[\"a\",1]", "a", ""},
      {"\"a\"", "a", ""},
      {"{a:1}", "a", ""},
      {"{1,\"a\":1}", "a", ""},
      {"{\"b\" 1,\"a\":1}", "a", ""},
      {"{\"b\":1 \"a\":1}", "a", ""},
      {"{\"b\":1} {\"a\":1}", "a", ""},
      {"{\"b\":1},\"a\":1", "a", ""},
      {"{\"a\"", "a", ""},
      {"{\"a", "a", ""},
      {"{\"a\\\"", "a", ""},
      {"{\"a\\", "a", ""},
      {"{", "a", ""},
      {"", "a", ""},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice found = json_span(slice_from(rows[i].text), rows[i].name);
    cr_expect(slice_is(found, rows[i].expected), "%s: \"%.*s\"", rows[i].text,
              SLICE_ARGS(found));
    cr_expect_eq(json_has_member(slice_from(rows[i].text), rows[i].name),
                 rows[i].expected[0] != 0, "%s", rows[i].text);
  }
}

/* A member may be there before its value is. */
Test(json_span, tells_a_member_without_a_value) {
  slice text = SLICE("{\"a\": , \"b\":");
  cr_expect(json_has_member(text, "a"));
  cr_expect_eq(json_span(text, "a").length, 0u);
  cr_expect(json_has_member(text, "b"));
  cr_expect_eq(json_span(text, "b").length, 0u);
}

Test(json_span, mentions_a_name_in_any_case) {
  static const struct {
    const char *text;
    bool expected;
  } rows[] = {
      {"{\"Ab\":1}", true},  {"{\"x\":{\"aB\" :1}}", true},
      {"[\"AB\"]", true},    {"\"ab\"", true},
      {"\"\"ab\"", true},    {"{\"abc\":1}", false},
      {"{\"cab\":1}", false}, {"{ab:1}", false},
      {"\"ab", false},       {"ab\"", false},
      {"\"a", false},        {"", false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_eq(json_mentions(slice_from(rows[i].text), "ab"),
                 rows[i].expected, "%s", rows[i].text);
}

/* --- paths ---------------------------------------------------------------- */

#define NAME(text) {.name = (text)}
#define NUMBER(count) {.number = (count)}

typedef struct path_row {
  json_step steps[3];
  size_t count;
  bool is_there;
  const char *name, *value;
} path_row;

static const char nested[] =
    "\n {\"a\\\"{\": [1, {\"b\": \"]\"} , [2,[3]]], \"c\" : {\"d\": null,\n"
    "\"e\":\"\\\"}\"} }\n";

static void check_paths(slice text, const path_row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    json_place at;
    cr_expect_eq(json_find_place(text, rows[i].steps, rows[i].count, &at),
                 rows[i].is_there, "row %zu", i);
    cr_expect(slice_is(at.name, rows[i].name), "row %zu: %.*s", i,
              SLICE_ARGS(at.name));
    cr_expect(slice_is(at.value, rows[i].value), "row %zu: %.*s", i,
              SLICE_ARGS(at.value));
    cr_expect(at.value.data >= text.data &&
              at.value.data + at.value.length <= text.data + text.length);
  }
}

Test(json_place, finds_members_and_items) {
  static const path_row rows[] = {
      {{NUMBER(0)}, 1, true, "\"a\\\"{\"", "[1, {\"b\": \"]\"} , [2,[3]]]"},
      {{NUMBER(0), NUMBER(0)}, 2, true, "", "1"},
      {{NUMBER(0), NUMBER(1)}, 2, true, "", "{\"b\": \"]\"}"},
      {{NUMBER(0), NUMBER(1), NAME("b")}, 3, true, "\"b\"", "\"]\""},
      {{NAME("a\\\"{"), NUMBER(2), NUMBER(1)}, 3, true, "", "[3]"},
      {{NAME("c"), NUMBER(0)}, 2, true, "\"d\"", "null"},
      {{NUMBER(1), NAME("e")}, 2, true, "\"e\"", "\"\\\"}\""},
  };
  check_paths(slice_from(nested), rows, COUNT_OF(rows));
}

Test(json_place, gives_the_nearest_of_what_is_not_there) {
  static const path_row rows[] = {
      {{NAME("c"), NAME("f")}, 2, false, "\"c\"",
       "{\"d\": null,\n\"e\":\"\\\"}\"}"},
      {{NAME("c"), NUMBER(2)}, 2, false, "\"c\"",
       "{\"d\": null,\n\"e\":\"\\\"}\"}"},
      {{NUMBER(0), NUMBER(0), NUMBER(0)}, 3, false, "", "1"},
      {{NUMBER(0), NUMBER(2), NAME("2")}, 3, false, "", "[2,[3]]"},
  };
  check_paths(slice_from(nested), rows, COUNT_OF(rows));
}

Test(json_place, takes_no_steps_to_the_whole) {
  json_place at;
  cr_expect(json_find_place(slice_from(nested), NULL, 0, &at));
  cr_expect_eq(at.value.data, nested + 2);
  cr_expect_eq(at.value.length, strlen(nested) - 3);
  cr_expect(json_find_place(SLICE(" 1 "), NULL, 0, &at));
  cr_expect(slice_is(at.value, "1"));
  cr_expect(json_find_place(SLICE_EMPTY, NULL, 0, &at));
  cr_expect_eq(at.value.length, 0u);
  json_step step = NUMBER(0);
  cr_expect_not(json_find_place(SLICE_EMPTY, &step, 1, &at));
}

/* --- one after the other -------------------------------------------------- */

/* "name=value;" of each child. */
static const char *children(arena *a, slice text) {
  buffer out = buffer_in(a);
  json_place child;
  json_cursor cursor = json_enter(text);
  while (json_next(&cursor, &child))
    buffer_printf(&out, "%.*s=%.*s;", SLICE_ARGS(child.name),
                  SLICE_ARGS(child.value));
  cr_expect_not(json_next(&cursor, &child), "the end is the end");
  return buffer_slice(&out).data;
}

Test(json_cursor, walks_over_children) {
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"{}", ""},
      {"[ ]", ""},
      {" [1 , \"a,\\\"]\",[],{\"a\":2} ] ", "=1;=\"a,\\\"]\";=[];={\"a\":2};"},
      {"{\"a\":{},\n\"b\" : [{}] }", "\"a\"={};\"b\"=[{}];"},
      {"[1,,2", "=1;=;=2;"},
      {"[1,]", "=1;"},
      {"[1}, 2]", "=1;"},
      {"{\"a\":1,}", "\"a\"=1;"},
      {"{\"a\":1,\"b", "\"a\"=1;"},
      {"{\"a\":1,\"b\":", "\"a\"=1;\"b\"=;"},
      {"\"[1,2]\"", ""},
      {"12", ""},
      {"", ""},
  };
  TEST_ARENA(a, 1 << 20);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(children(&a, slice_from(rows[i].text)), rows[i].expected,
                     "%s", rows[i].text);
  arena_free(&a);
}

/* Every text that an editor sees while a suite is typed: nothing beyond its end
 * is read (the copy ends where the text does), and what is told lies in it. */
Test(json_place, takes_every_beginning_of_a_text) {
  static const json_step steps[] = {NAME("c"), NAME("e")};
  for (size_t length = 1; length < sizeof nested; length++) {
    char *copy = memory_alloc(length);
    cr_assert_not_null(copy);
    memcpy(copy, nested, length);
    json_place at;
    bool is_there = json_find_place((slice){copy, length}, steps, 2, &at);
    size_t begin = (size_t)(at.value.data - copy);
    cr_expect(begin + at.value.length <= length, "%zu", length);
    cr_expect_eq(is_there, length > (size_t)(strstr(nested, "\"e\"") - nested) +
                                        strlen("\"e\""));
    memory_free(copy);
  }
}
