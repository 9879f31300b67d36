/* SPDX-License-Identifier: Apache-2.0 */
#include "base/value.h"
#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)256 << 20)

static value read_value(arena *a, const char *text) {
  value v;
  json_error error;
  cr_assert(json_read(a, slice_from(text), 0, &v, &error));
  return v;
}

static const char *compact(arena *a, const value *v) {
  buffer out = buffer_in(a);
  json_write(&out, v);
  return buffer_slice(&out).data;
}

Test(json_write, sorts_names_at_every_level) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v = read_value(
      &a, "{\"b\":[{\"z\":1,\"y\":{\"d\":1,\"c\":2}}],\"a\":1,\"\":0,\"B\":2}");
  cr_expect_str_eq(compact(&a, &v),
                   "{\"\":0,\"B\":2,\"a\":1,\"b\":[{\"y\":{\"c\":2,\"d\":1},"
                   "\"z\":1}]}");
  arena_free(&a);
}

Test(json_write, escapes_what_must_be_and_nothing_else) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (unsigned c = 0; c < 0x80; c++) {
    char byte = (char)c, expected[16];
    buffer out = buffer_in(&a);
    json_write_string(&out, (slice){&byte, 1});
    static const char named[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *at = c ? strchr(named, byte) : NULL;
    if (at)
      snprintf(expected, sizeof expected, "\"\\%c\"", letters[at - named]);
    else if (c < 0x20)
      snprintf(expected, sizeof expected, "\"\\u%04x\"", c);
    else
      snprintf(expected, sizeof expected, "\"%c\"", byte);
    cr_expect(slice_is(buffer_slice(&out), expected), "byte %u", c);
  }
  buffer out = buffer_in(&a);
  json_write_string(&out, SLICE("\xc3\xa4\xf0\x9f\x98\x80"));
  cr_expect(slice_is(buffer_slice(&out), "\"\xc3\xa4\xf0\x9f\x98\x80\""));
  arena_free(&a);
}

/* A byte to escape at every place of 16-byte steps. */
Test(json_write, escapes_at_every_place) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t length = 1; length < 50; length++)
    for (size_t at = 0; at < length; at++) {
      char text[50], expected[64] = "\"";
      memset(text, 'x', length);
      text[at] = '\n';
      memset(expected + 1, 'x', length + 1);
      memcpy(expected + 1 + at, "\\n", 2);
      memcpy(expected + length + 2, "\"", 2);
      buffer out = buffer_in(&a);
      json_write_string(&out, (slice){text, length});
      cr_assert(slice_is(buffer_slice(&out), expected));
    }
  arena_free(&a);
}

Test(json_write, indents_for_people) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v = read_value(&a, "{\"b\":[1,{\"c\":null}],\"a\":{},\"d\":[]}");
  buffer out = buffer_in(&a);
  json_write_pretty(&out, &v);
  cr_expect_str_eq(buffer_slice(&out).data, "{\n"
                                            "  \"a\": {},\n"
                                            "  \"b\": [\n"
                                            "    1,\n"
                                            "    {\n"
                                            "      \"c\": null\n"
                                            "    }\n"
                                            "  ],\n"
                                            "  \"d\": []\n"
                                            "}");
  arena_free(&a);
}

/* The writer has no depth of its own. */
Test(json_write, writes_what_nests_deeper_than_is_read) {
  TEST_ARENA(a, LIMIT_BYTES);
  enum { DEPTH = 100000 };
  value v = value_integer(1);
  for (int i = 0; i < DEPTH; i++) {
    value *inner = arena_alloc(&a, sizeof *inner);
    *inner = v;
    v = (value){.kind = VALUE_ARRAY, .count = 1, .items = inner};
  }
  slice text = slice_from(compact(&a, &v));
  cr_assert_eq(text.length, (size_t)2 * DEPTH + 1);
  cr_expect_eq(text.data[DEPTH - 1], '[');
  cr_expect_eq(text.data[DEPTH], '1');
  cr_expect_eq(text.data[DEPTH + 1], ']');
  arena_free(&a);
}

Test(json_write, stops_at_a_limit) {
  TEST_ARENA(a, LIMIT_BYTES);
  static const char text[] = "{\"a\":[1,2,\"xyz\",[[]]],\"b\":{\"c\":true}}";
  value v = read_value(&a, text);
  for (size_t limit = 0; limit < sizeof text + 5; limit++) {
    buffer out = buffer_in(&a);
    bool done = json_write_limited(&out, &v, limit);
    cr_expect_eq(done, limit >= sizeof text - 1, "limit %zu", limit);
    if (done)
      cr_expect(slice_is(buffer_slice(&out), text));
  }
  arena_free(&a);
}

/* A value that holds itself often is small in memory and endless in text. */
Test(json_write, stops_at_a_limit_soon) {
  TEST_ARENA(a, LIMIT_BYTES);
  value v = value_text(SLICE("text"));
  for (int i = 0; i < 60; i++) {
    value *items = ARENA_ARRAY(&a, 2, value);
    items[0] = items[1] = v;
    v = (value){.kind = VALUE_ARRAY, .count = 2, .items = items};
  }
  buffer out = buffer_in(&a);
  cr_expect_not(json_write_limited(&out, &v, 1000000));
  cr_expect_lt(out.length, 1001000u);
  arena_free(&a);
}
