/* SPDX-License-Identifier: Apache-2.0 */
#include "base/value.h"

#include "base/value_stack.h"
#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)256 << 20)

static value read_value(arena *a, const char *text) {
  value v;
  json_error error;
  cr_assert(json_read(a, slice_from(text), 0, &v, &error), "%s: %s", text,
            error.message);
  return v;
}

static bool is_text(arena *a, const value *v, const char *expected) {
  buffer out = buffer_in(a);
  json_write(&out, v);
  return slice_is(buffer_slice(&out), expected);
}

/* --- members -------------------------------------------------------------- */

/* Names of every length up to 40, that differ in one byte at every place. */
Test(value, finds_members_by_the_whole_name) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t length = 0; length <= 40; length++) {
    char name[41] = {0}, other[41] = {0};
    memset(name, 'n', length);
    object_builder o = object_in(&a);
    object_set(&o, (slice){name, length}, value_integer(7));
    value object = object_value(&o);
    const value *found = value_member(&object, (slice){name, length});
    cr_assert(found && found->integer == 7, "length %zu", length);
    cr_expect_null(value_member(&object, (slice){name, length + 1}));
    for (size_t i = 0; i < length; i++) {
      memcpy(other, name, length);
      other[i] = 'N';
      cr_expect_null(value_member(&object, (slice){other, length}));
    }
  }
  arena_free(&a);
}

Test(value, has_no_members_unless_it_is_an_object) {
  TEST_ARENA(a, LIMIT_BYTES);
  static const char *const rows[] = {"null", "1", "\"a\"", "[1]", "{}"};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v = read_value(&a, rows[i]);
    cr_expect_null(value_member(&v, SLICE("a")));
    cr_expect_null(value_member(&v, SLICE_EMPTY));
  }
  arena_free(&a);
}

/* --- names that stand twice ----------------------------------------------- */

/* Hash collisions by construction: equal length, first and last eight bytes. */
static slice colliding_name(arena *a, size_t i) {
  buffer name = buffer_in(a);
  buffer_printf(&name, "aaaaaaaa%08zuzzzzzzzz", i);
  return buffer_slice(&name);
}

static slice plain_name(arena *a, size_t i) {
  buffer name = buffer_in(a);
  buffer_printf(&name, "%zu", i * 7919);
  return buffer_slice(&name);
}

static member *make_members(arena *a, size_t count,
                            slice (*name_of)(arena *a, size_t i)) {
  member *members = ARENA_ARRAY(a, count, member);
  for (size_t i = 0; i < count; i++) {
    slice name = name_of(a, i);
    members[i] =
        (member){name.data, (uint32_t)name.length, value_integer((int64_t)i)};
  }
  return members;
}

static void check_duplicates(arena *a, size_t count,
                             slice (*name_of)(arena *a, size_t i)) {
  member *members = make_members(a, count, name_of);
  cr_assert_null(value_duplicate(a, members, count), "%zu members", count);
  if (count < 2)
    return;
  size_t first = count / 3, second = count - 1;
  members[second].name = members[first].name;
  members[second].name_length = members[first].name_length;
  const member *found = value_duplicate(a, members, count);
  cr_assert_eq(found, &members[second], "%zu members", count);
}

Test(value, finds_a_name_that_stands_twice) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t count = 0; count < 300; count++) {
    check_duplicates(&a, count, plain_name);
    check_duplicates(&a, count, colliding_name);
  }
  arena_free(&a);
}

/* Quadratic work would take minutes here. */
Test(value, is_quick_with_many_names, .timeout = 20) {
  TEST_ARENA(a, LIMIT_BYTES);
  check_duplicates(&a, 100000, plain_name);
  check_duplicates(&a, 100000, colliding_name);
  arena_free(&a);
}

/* --- builders ------------------------------------------------------------- */

Test(value, keeps_the_last_value_in_the_first_place) {
  TEST_ARENA(a, LIMIT_BYTES);
  object_builder o = object_in(&a);
  static const char *const names[] = {"b", "a", "b", "c", "a", "b"};
  for (int i = 0; i < 6; i++)
    object_set(&o, slice_from(names[i]), value_integer(i));
  value v = object_value(&o);
  cr_assert_eq(v.count, 3u);
  static const struct {
    const char *name;
    int64_t integer;
  } expected[] = {{"b", 5}, {"a", 4}, {"c", 3}};
  for (size_t i = 0; i < 3; i++) {
    cr_expect(slice_is(member_name(&v.members[i]), expected[i].name));
    cr_expect_eq(v.members[i].value.integer, expected[i].integer);
  }
  arena_free(&a);
}

Test(value, replaces_among_many_names, .timeout = 20) {
  TEST_ARENA(a, LIMIT_BYTES);
  enum { COUNT = 50000 };
  object_builder o = object_in(&a);
  for (size_t i = 0; i < 2 * COUNT; i++)
    object_set(&o, plain_name(&a, i % COUNT), value_integer((int64_t)i));
  value v = object_value(&o);
  cr_assert_eq(v.count, (uint32_t)COUNT);
  for (size_t i = 0; i < COUNT; i++)
    cr_assert_eq(v.members[i].value.integer, (int64_t)(i + COUNT));
  arena_free(&a);
}

Test(value, does_not_change_an_object_given_out) {
  TEST_ARENA(a, LIMIT_BYTES);
  object_builder o = object_in(&a);
  object_set(&o, SLICE("a"), value_integer(1));
  value before = object_value(&o);
  for (size_t i = 0; i < 100; i++)
    object_set(&o, plain_name(&a, i), value_null());
  object_set(&o, SLICE("a"), value_integer(2));
  cr_expect(is_text(&a, &before, "{\"a\":1}"));
  arena_free(&a);
}

Test(value, builds_arrays) {
  TEST_ARENA(a, LIMIT_BYTES);
  array_builder b = array_in(&a);
  value empty = array_value(&b);
  cr_expect(is_text(&a, &empty, "[]"));
  for (int i = 0; i < 20; i++)
    array_add(&b, value_integer(i));
  value v = array_value(&b);
  cr_expect(
      is_text(&a, &v, "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]"));
  arena_free(&a);
}

Test(value, stack_gives_back_what_was_pushed) {
  TEST_ARENA(a, LIMIT_BYTES);
  enum { COUNT = 5000, FIRST = 4 };
  value first[FIRST];
  value_stack s;
  value_stack_init(&s, &a, first, FIRST);
  for (int64_t i = 0; i < COUNT; i++)
    value_stack_push(&s, value_integer(i));
  value above = value_stack_take(&s, COUNT - 2);
  cr_expect(is_text(&a, &above, "[4998,4999]"));
  value all = value_stack_take(&s, 0);
  cr_assert_eq(all.count, (uint32_t)COUNT - 2);
  for (int64_t i = 0; i < COUNT - 2; i++)
    cr_assert_eq(all.items[i].integer, i);
  value_stack_release(&s);
  value_stack_release(&s);
  arena_free(&a);
}

/* --- order ---------------------------------------------------------------- */

Test(value, sorts_names_bytewise) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v = read_value(
      &a, "{\"b\":1,\"\\uE000\":2,\"a\":3,\"\xF0\x9F\x98\x80\":4,\"\":5,"
          "\"ab\":6,\"B\":7,\"a\\u0000\":8}");
  const member *const *sorted = value_sorted(&a, &v);
  static const int64_t expected[] = {5, 7, 3, 8, 6, 1, 2, 4};
  cr_assert_not_null(sorted);
  for (size_t i = 0; i < v.count; i++)
    cr_expect_eq(sorted[i]->value.integer, expected[i], "place %zu", i);
  value in_order = read_value(&a, "{\"a\":1,\"b\":2}");
  cr_expect_null(value_sorted(&a, &in_order));
  arena_free(&a);
}

/* Few different bytes, so that names share beginnings of any length. */
static slice random_name(arena *a, size_t i) {
  static const char bytes_used[] = {0, 'a', 0x7f, (char)0x80, (char)0xff};
  uint64_t state = (i + 1) * 0x9E3779B97F4A7C15u;
  size_t length = (state >> 59) % 20;
  char *name = arena_alloc(a, length + 1);
  for (size_t at = 0; at < length; at++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    name[at] = bytes_used[(state >> 40) % 16 < 12 ? 1 : (state >> 50) % 5];
  }
  return (slice){name, length};
}

static void check_order(arena *a, size_t count,
                        slice (*name_of)(arena *a, size_t i)) {
  value v = {.kind = VALUE_OBJECT, .count = (uint32_t)count};
  v.members = make_members(a, count, name_of);
  const member *const *sorted = value_sorted(a, &v);
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    const member *m = sorted ? sorted[i] : &v.members[i];
    const member *before = sorted ? sorted[i ? i - 1 : 0] : m;
    sum += m->value.integer;
    int order = slice_compare(member_name(before), member_name(m));
    cr_assert_leq(order, 0);
    if (i && order == 0 && sorted) /* stable */
      cr_assert_lt(before->value.integer, m->value.integer);
  }
  cr_expect_eq(sum, (int64_t)(count * (count - 1) / 2));
}

Test(value, sorts_any_number_of_names) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t count = 1; count < 200; count++) {
    check_order(&a, count, plain_name);
    check_order(&a, count, colliding_name);
    check_order(&a, count, random_name);
  }
  check_order(&a, 10000, random_name);
  arena_free(&a);
}

/* --- equality ------------------------------------------------------------- */

Test(value, compares_by_content) {
  static const struct {
    const char *left, *right;
    bool equal;
  } rows[] = {
      {"null", "null", true},
      {"null", "false", false},
      {"true", "true", true},
      {"true", "false", false},
      {"1", "1.0", true},
      {"1", "1.5", false},
      {"1.5", "15e-1", true},
      {"1", "true", false},
      {"0", "null", false},
      {"\"1\"", "1", false},
      {"\"a\"", "\"\\u0061\"", true},
      {"\"a\"", "\"b\"", false},
      {"\"\"", "\"\"", true},
      {"\"\"", "[]", false},
      {"[]", "{}", false},
      {"[]", "[]", true},
      {"[1,[2]]", "[1,[2]]", true},
      {"[1,[2]]", "[1,[3]]", false},
      {"[1,2]", "[2,1]", false},
      {"[1]", "[1,1]", false},
      {"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
      {"{\"a\":1,\"b\":[2]}", "{\"b\":[3],\"a\":1}", false},
      {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
      {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
      {"9007199254740993", "9007199254740992", false},
      {"9223372036854775807", "9223372036854775808", false},
      {"9223372036854775807", "9.223372036854775807e18", true},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value left = read_value(&a, rows[i].left);
    value right = read_value(&a, rows[i].right);
    cr_expect_eq(value_equal(&a, &left, &right), rows[i].equal, "row %zu", i);
    cr_expect_eq(value_equal(&a, &right, &left), rows[i].equal, "row %zu", i);
  }
  arena_free(&a);
}

Test(value, stops_comparing_when_its_work_is_done) {
  TEST_ARENA(a, LIMIT_BYTES);
  value left = read_value(&a, "[[1],[2],[3],{\"a\":[4],\"b\":5}]");
  value right = read_value(&a, "[[1],[2],[3],{\"b\":5,\"a\":[4]}]");
  int64_t enough = 1000, short_of_it = 3;
  cr_expect(value_equal_within(&a, &left, &right, &enough));
  cr_expect_geq(enough, 0);
  cr_expect_not(value_equal_within(&a, &left, &right, &short_of_it));
  cr_expect_lt(short_of_it, 0);
  arena_free(&a);
}

/* Exact where a double cannot tell the integers apart. */
Test(value, orders_numbers_exactly) {
  static const struct {
    const char *left, *right;
    int order;
  } rows[] = {
      {"1", "2", -1},
      {"-1", "-2", 1},
      {"1", "1.5", -1},
      {"2", "1.5", 1},
      {"-1", "-1.5", 1},
      {"-2", "-1.5", -1},
      {"0", "1e-300", -1},
      {"0", "-1e-300", 1},
      {"1.5", "1.5", 0},
      {"0.1", "0.2", -1},
      {"9007199254740993", "9007199254740993", 0},
      {"9223372036854775807", "9223372036854775808", -1},
      {"9223372036854775806", "1e30", -1},
      {"-9223372036854775808", "-9223372036854775809", 0},
      {"-9223372036854775808", "-1e30", 1},
      {"-9223372036854775807", "-9223372036854775809", 1},
      {"1e30", "1e31", -1},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value left = read_value(&a, rows[i].left);
    value right = read_value(&a, rows[i].right);
    cr_expect_eq(value_compare_numbers(&left, &right), rows[i].order, "row %zu",
                 i);
    cr_expect_eq(value_compare_numbers(&right, &left), -rows[i].order,
                 "row %zu", i);
  }
  arena_free(&a);
}
