/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader. Written text and numbers: json_write.c, json_number.c. */
#include "base/limits.h"
#include "base/memory.h"
#include "base/value.h"
#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)1 << 30)

static bool reads(arena *a, slice text, unsigned flags, value *v,
                  json_error *error) {
  /* A copy of its own, so that reading beyond its end is found. */
  char *copy = memory_alloc(text.length ? text.length : 1);
  cr_assert_not_null(copy);
  memcpy(copy, text.data, text.length);
  arena_defer(a, memory_free, copy);
  return json_read(a, (slice){copy, text.length}, flags, v, error);
}

static const char *text_of(arena *a, const value *v) {
  buffer out = buffer_in(a);
  json_write(&out, v);
  return buffer_slice(&out).data;
}

typedef struct reading {
  const char *text;
  const char *expected; /* as it is written again */
} reading;

static void check_readings(const reading *rows, size_t count) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < count; i++) {
    value v;
    json_error error;
    cr_expect(reads(&a, slice_from(rows[i].text), 0, &v, &error), "%s: %s",
              rows[i].text, error.message);
    cr_expect_str_eq(text_of(&a, &v), rows[i].expected);
  }
  arena_free(&a);
}

Test(json, reads_every_kind_of_value) {
  static const reading rows[] = {
      {"null", "null"},
      {"true", "true"},
      {"false", "false"},
      {"0", "0"},
      {"-12", "-12"},
      {"1.5", "1.5"},
      {"\"\"", "\"\""},
      {"[]", "[]"},
      {"{}", "{}"},
      {" [ ] ", "[]"},
      {"\t\r\n { } \n", "{}"},
      {"[1,true,null,\"x\",[],{}]", "[1,true,null,\"x\",[],{}]"},
      {"{\"a\":{\"b\":[{\"c\":1}]}}", "{\"a\":{\"b\":[{\"c\":1}]}}"},
      {"[ 1 , 2 ]", "[1,2]"},
      {"{ \"a\" : 1 , \"b\" : [ ] }", "{\"a\":1,\"b\":[]}"},
      {"[[],[[]],[]]", "[[],[[]],[]]"},
      {"{\"\":{\"\":{}}}", "{\"\":{\"\":{}}}"},
      {"\"/\"", "\"/\""},
  };
  check_readings(rows, COUNT_OF(rows));
}

Test(json, reads_escapes) {
  static const reading rows[] = {
      {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
      {"\"\\u0041\\u00e4\\u20AC\"", "\"A\xc3\xa4\xe2\x82\xac\""},
      {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
      {"\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\""},
      {"\"\\u0000\"", "\"\\u0000\""},
      {"\"\\u007f\"", "\"\x7f\""},
      {"\"\\uFFFF\"", "\"\xef\xbf\xbf\""},
      {"\"c:\\\\windows\\\\\"", "\"c:\\\\windows\\\\\""},
      {"{\"\\u0061\":1}", "{\"a\":1}"},
      {"\"\\\\\"", "\"\\\\\""},
  };
  check_readings(rows, COUNT_OF(rows));
}

/* The places of 16-byte and 8-byte steps, with every kind of byte that ends
 * one, and texts that end anywhere. */
Test(json, reads_strings_of_every_length) {
  static const reading inserts[] = {
      {"", ""}, {"\\n", "\\n"}, {"\xc3\xa4", "\xc3\xa4"}, {"\\\"", "\\\""}};
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(inserts); i++)
    for (size_t length = 0; length < 70; length++)
      for (size_t at = 0; at <= length; at++) {
        buffer text = buffer_in(&a), expected = buffer_in(&a);
        buffer_printf(&text, "\"%.*s%s%.*s\"", (int)at,
                      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
                      "UVWXYZ!#$%&'()*",
                      inserts[i].text, (int)(length - at),
                      "zyxwvutsrqponmlkjihgfedcba9876543210ZYXWVUTSRQPONMLKJIHG"
                      "FEDCBA!#$%&'()*");
        buffer_printf(&expected, "%s", buffer_slice(&text).data);
        value v;
        json_error error;
        cr_assert(reads(&a, buffer_slice(&text), 0, &v, &error));
        cr_assert_str_eq(text_of(&a, &v), buffer_slice(&expected).data);
        slice cut = buffer_slice(&text);
        cut.length--;
        cr_assert_not(reads(&a, cut, 0, &v, &error));
        cr_assert_eq(error.offset, 0u);
      }
  arena_free(&a);
}

Test(json, shares_strings_without_escapes_with_the_text) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice text = SLICE("[\"plain\",\"esc\\n\"]");
  value v;
  json_error error;
  cr_assert(json_read(&a, text, 0, &v, &error));
  cr_expect_eq(v.items[0].string, text.data + 2);
  cr_expect(v.items[1].string < text.data ||
            v.items[1].string >= text.data + text.length);
  arena_free(&a);
}

typedef struct mistake {
  const char *text;
  size_t offset;
  const char *message; /* a part of it */
} mistake;

static void check_mistakes(const mistake *rows, size_t count) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < count; i++) {
    value v;
    json_error error = {0};
    cr_expect_not(reads(&a, slice_from(rows[i].text), 0, &v, &error), "%s",
                  rows[i].text);
    if (!error.message)
      continue;
    cr_expect_eq(error.offset, rows[i].offset, "%s: at %zu", rows[i].text,
                 error.offset);
    cr_expect_not_null(strstr(error.message, rows[i].message), "%s: %s",
                       rows[i].text, error.message);
  }
  arena_free(&a);
}

Test(json, refuses_what_is_not_json) {
  static const mistake rows[] = {
      {"", 0, "ends where a value"},
      {"  ", 2, "ends where a value"},
      {"[1,", 3, "ends where a value"},
      {"[", 1, "ends where a value"},
      {"[1", 2, "ends inside an array"},
      {"{\"a\":1", 6, "ends inside an object"},
      {"{", 1, "ends where a name"},
      {"{\"a\":1,", 7, "ends where a name"},
      {"{\"a\"", 4, "\":\""},
      {"{\"a\":", 5, "ends where a value"},
      {"[1,]", 3, "before the closing bracket"},
      {"[,1]", 1, "before the comma"},
      {"{\"a\":1,}", 7, "comma stands before the closing"},
      {"{\"a\":}", 5, "before the closing bracket"},
      {"{\"a\" 1}", 5, "\":\""},
      {"{a:1}", 1, "double quotes"},
      {"{1:1}", 1, "double quotes"},
      {"{,}", 1, "double quotes"},
      {"[1 2]", 3, "after an item"},
      {"[1}", 2, "after an item"},
      {"{\"a\":1]", 6, "after a member"},
      {"{\"a\":1 \"b\":2}", 7, "after a member"},
      {"]", 0, "closing bracket"},
      {"[] []", 3, "goes on"},
      {"1 2", 2, "goes on"},
      {"nullx", 4, "goes on"},
      {"'a'", 0, "double quotes"},
      {"tru", 0, "no value starts so"},
      {"True", 0, "no value starts so"},
      {"NaN", 0, "NaN"},
      {"Infinity", 0, "NaN"},
      {"// c\n1", 0, "comments"},
      {"[1,/* c */2]", 3, "comments"},
      {"\xEF\xBB\xBF{}", 0, "byte-order mark"},
      {"\xC2\xA0{}", 0, "no value starts so"},
      {"\f1", 0, "no value starts so"},
      {"1\v", 1, "goes on"},
  };
  check_mistakes(rows, COUNT_OF(rows));
}

Test(json, refuses_bad_strings) {
  static const mistake rows[] = {
      {"\"a", 0, "ends inside this string"},
      {"[\"a\\\"]", 1, "ends inside this string"},
      {"\"\\", 0, "ends inside this string"},
      {"\"a\nb\"", 2, "control character"},
      {"\"a\x01\"", 2, "control character"},
      {"\"0123456789abcdef\x1f\"", 17, "control character"},
      {"\"\\x41\"", 1, "no escape"},
      {"\"\\U0041\"", 1, "no escape"},
      {"\"ab\\'\"", 3, "no escape"},
      {"\"\\\n\"", 2, "control character"},
      {"\"\\u12\"", 1, "four hex digits"},
      {"\"\\u12g4\"", 1, "four hex digits"},
      {"\"\\u+123\"", 1, "four hex digits"},
      {"\"\\ud800\"", 1, "surrogate"},
      {"\"\\udc00\"", 1, "surrogate"},
      {"\"\\ud800x\"", 1, "surrogate"},
      {"\"\\ud800\\u0041\"", 1, "surrogate"},
      {"\"\\ud800\\ud800\"", 1, "surrogate"},
      {"\"\\ud800\\n\"", 1, "surrogate"},
      {"\"\x80\"", 1, "UTF-8"},
      {"\"a\xff\"", 2, "UTF-8"},
      {"\"\xc0\x80\"", 1, "UTF-8"},         /* overlong */
      {"\"\xe0\x80\xaf\"", 1, "UTF-8"},     /* overlong */
      {"\"\xf0\x80\x80\xaf\"", 1, "UTF-8"}, /* overlong */
      {"\"\xed\xa0\x80\"", 1, "UTF-8"},     /* surrogate */
      {"\"\xf4\x90\x80\x80\"", 1, "UTF-8"}, /* beyond U+10FFFF */
      {"\"\xe2\x82\"", 1, "UTF-8"},
      {"\"0123456789abcde\xe2\x82\"", 16, "UTF-8"},
      {"\"\xe2", 1, "UTF-8"},
      {"{\"\xff\":1}", 2, "UTF-8"},
  };
  check_mistakes(rows, COUNT_OF(rows));
}

Test(json, refuses_nul_unless_asked) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v;
  json_error error;
  cr_expect_not(reads(&a, SLICE("1\0"), 0, &v, &error));
  cr_expect_eq(error.offset, 1u);
  cr_expect(reads(&a, SLICE("1\0"), JSON_TRAILING_NUL, &v, &error));
  cr_expect(reads(&a, SLICE("1"), JSON_TRAILING_NUL, &v, &error));
  cr_expect_not(reads(&a, SLICE("1\0\0"), JSON_TRAILING_NUL, &v, &error));
  cr_expect_not(reads(&a, SLICE("\0"), JSON_TRAILING_NUL, &v, &error));
  cr_expect_not(reads(&a, SLICE("\"a\0b\""), 0, &v, &error));
  cr_expect_not(json_read(&a, SLICE_EMPTY, JSON_TRAILING_NUL, &v, &error));
  arena_free(&a);
}

/* --- duplicate names ------------------------------------------------------ */

Test(json, names_the_member_that_stands_twice) {
  static const struct {
    const char *text, *name;
    size_t offset;
  } rows[] = {
      {"{\"a\":1,\"a\":2}", "a", 7},
      {"[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", "b", 19},
      {"{\"\":1,\"\":2}", "", 6},
      {"{\"a\":1,\"\\u0061\":2}", "a", 0}, /* of the object */
      {"{\"\\u0061\":1,\"a\":2}", "a", 12},
      {"{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,"
       "\"9\":0,\"4\":0}",
       "4", 55},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v;
    json_error error;
    cr_assert_not(reads(&a, slice_from(rows[i].text), 0, &v, &error));
    cr_expect(slice_is(error.name, rows[i].name), "row %zu", i);
    cr_expect_eq(error.offset, rows[i].offset, "row %zu: %zu", i, error.offset);
  }
  arena_free(&a);
}

Test(json, takes_the_last_of_a_name_if_asked) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v;
  json_error error;
  cr_assert(reads(&a, SLICE("{\"b\":1,\"a\":[{\"x\":1,\"x\":2}],\"b\":3}"),
                  JSON_LAST_NAME_WINS, &v, &error));
  cr_expect_str_eq(text_of(&a, &v), "{\"a\":[{\"x\":2}],\"b\":3}");
  arena_free(&a);
}

/* 100,000 names made to collide: seconds here, minutes if it were quadratic. */
Test(json, reads_many_names_quickly, .timeout = 30) {
  TEST_ARENA(a, LIMIT_BYTES);
  buffer text = buffer_in(&a);
  buffer_char(&text, '{');
  for (int i = 0; i < 100000; i++)
    buffer_printf(&text, "%s\"aaaaaaaa%06dzzzzzzzz\":%d", i ? "," : "", i, i);
  buffer_char(&text, '}');
  value v;
  json_error error;
  cr_assert(reads(&a, buffer_slice(&text), 0, &v, &error));
  cr_assert_eq(v.count, 100000u);
  cr_expect_eq(v.members[99999].value.integer, 99999);
  text.length--;
  buffer_text(&text, ",\"aaaaaaaa012345zzzzzzzz\":0}");
  cr_assert_not(reads(&a, buffer_slice(&text), 0, &v, &error));
  cr_expect(slice_is(error.name, "aaaaaaaa012345zzzzzzzz"));
  arena_free(&a);
}

/* --- limits --------------------------------------------------------------- */

static slice nested(arena *a, size_t depth, const char *open,
                    const char *close) {
  buffer text = buffer_in(a);
  for (size_t i = 0; i < depth; i++)
    buffer_text(&text, open);
  buffer_text(&text, "1");
  for (size_t i = 0; i < depth; i++)
    buffer_text(&text, close);
  return buffer_slice(&text);
}

Test(json, nests_up_to_the_limit) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v;
  json_error error;
  slice text = nested(&a, LIMIT_JSON_DEPTH, "[", "]");
  cr_expect(reads(&a, text, 0, &v, &error));
  cr_expect(slice_is(text, text_of(&a, &v)));
  text = nested(&a, LIMIT_JSON_DEPTH + 1, "[", "]");
  cr_expect_not(reads(&a, text, 0, &v, &error));
  cr_expect_eq(error.offset, (size_t)LIMIT_JSON_DEPTH);
  text = nested(&a, LIMIT_JSON_DEPTH, "{\"a\":", "}");
  cr_expect(reads(&a, text, 0, &v, &error));
  text = nested(&a, LIMIT_JSON_DEPTH + 1, "{\"a\":", "}");
  cr_expect_not(reads(&a, text, 0, &v, &error));
  text = nested(&a, 1000000, "[", "");
  cr_expect_not(reads(&a, text, 0, &v, &error));
  arena_free(&a);
}

Test(json, refuses_a_text_beyond_the_limit) {
  TEST_ARENA(a, LIMIT_BYTES);
  size_t length = (size_t)LIMIT_JSON_BYTES + 1;
  char *text = arena_alloc(&a, length);
  memset(text, ' ', length);
  text[length - 2] = '1';
  value v;
  json_error error;
  cr_expect(json_read(&a, (slice){text, length - 1}, 0, &v, &error));
  cr_expect_not(json_read(&a, (slice){text, length}, 0, &v, &error));
  cr_expect_not_null(strstr(error.message, "limit"));
  arena_free(&a);
}

/* Larger than the stack inside the reader, in arrays and objects. */
Test(json, reads_large_arrays_and_objects) {
  TEST_ARENA(a, LIMIT_BYTES);
  enum { COUNT = 30000 };
  buffer text = buffer_in(&a);
  for (int i = 0; i < COUNT; i++)
    buffer_printf(&text, "%s{\"a\":%d,\"b\":[%d,%d]}", i ? "," : "[", i, i, i);
  buffer_char(&text, ']');
  value v;
  json_error error;
  cr_assert(reads(&a, buffer_slice(&text), 0, &v, &error));
  cr_assert_eq(v.count, (uint32_t)COUNT);
  for (int i = 0; i < COUNT; i++) {
    const value *b = value_member(&v.items[i], SLICE("b"));
    cr_assert(b && b->count == 2 && b->items[1].integer == i);
  }
  arena_free(&a);
}

/* Every allocation fails once; nothing leaks and nothing is half done. */
Test(json, survives_any_failed_allocation) {
  arena source;
  arena_init(&source, LIMIT_BYTES);
  jmp_buf never;
  if (ARENA_GUARD(&source, never))
    cr_assert_fail("out of memory");
  buffer text = buffer_in(&source);
  for (int i = 0; i < 3000; i++)
    buffer_printf(&text, "%s{\"a\":\"\\n\",\"b\":[%d]}", i ? "," : "[", i);
  buffer_char(&text, ']');
  slice json = buffer_slice(&text);
  volatile bool done = false;
  for (long allowed = 0; !done; allowed++) {
    arena a;
    jmp_buf failure;
    arena_init(&a, LIMIT_BYTES);
    memory_fail_after(allowed);
    if (!ARENA_GUARD(&a, failure)) {
      value v;
      json_error error;
      cr_assert(json_read(&a, json, 0, &v, &error));
      done = true;
    } else {
      cr_assert_eq(a.failure, ARENA_NO_MEMORY);
    }
    memory_fail_after(-1);
    arena_free(&a);
    cr_assert_lt(allowed, 1000);
  }
  arena_free(&source);
}
