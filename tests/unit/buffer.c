/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <stdint.h>

#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)64 << 20)

Test(buffer, is_empty_and_terminated_at_first) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer b = buffer_in(&a);
  slice text = buffer_slice(&b);
  cr_expect_eq(text.length, 0u);
  cr_expect_eq(text.data[0], 0);
  arena_free(&a);
}

/* Sizes around every doubling, appended in different ways. */
Test(buffer, holds_what_was_appended) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  static char expected[70000];
  buffer b = buffer_in(&a);
  size_t length = 0;
  for (size_t piece = 0; length + piece + 1 < sizeof expected; piece++) {
    memset(expected + length, (int)('a' + piece % 26), piece);
    buffer_add(&b, (slice){expected + length, piece});
    length += piece;
    expected[length++] = '\n';
    buffer_char(&b, '\n');
    slice text = buffer_slice(&b);
    cr_assert_eq(text.data[text.length], 0);
    cr_assert(slice_equal(text, (slice){expected, length}), "%zu", piece);
  }
  arena_free(&a);
}

Test(buffer, appends_text_empty_slices_and_nul) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer b = buffer_in(&a);
  buffer_text(&b, "");
  buffer_add(&b, SLICE_EMPTY);
  buffer_text(&b, "one");
  buffer_add(&b, SLICE("\0two"));
  cr_expect(slice_equal(buffer_slice(&b), SLICE("one\0two")));
  arena_free(&a);
}

Test(buffer, prints_what_does_not_fit_yet) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (int width = 1; width < 30000; width = width * 2 + 1) {
    buffer b = buffer_in(&a);
    buffer_text(&b, "<");
    buffer_printf(&b, "%*d|%s", width, 7, "end");
    buffer_text(&b, ">");
    slice text = buffer_slice(&b);
    cr_assert_eq(text.length, (size_t)width + 6);
    cr_assert(slice_starts_with(text, width == 1 ? "<7|" : "< "));
    text.data += width;
    text.length -= (size_t)width;
    cr_assert(slice_is(text, "7|end>"), "width %d", width);
  }
  arena_free(&a);
}

Test(buffer, prints_nothing_for_an_empty_format) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer b = buffer_in(&a);
  buffer_printf(&b, "%s", "");
  cr_expect_eq(buffer_slice(&b).length, 0u);
  arena_free(&a);
}

Test(buffer, writes_hex_of_every_byte) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  static const struct {
    uint8_t data[4];
    size_t length;
    const char *expected;
  } rows[] = {
      {{0}, 0, ""},
      {{0x00}, 1, "00"},
      {{0x0f, 0xf0}, 2, "0ff0"},
      {{0xde, 0xad, 0xbe, 0xef}, 4, "deadbeef"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer b = buffer_in(&a);
    buffer_hex(&b, (bytes){rows[i].data, rows[i].length});
    cr_expect(slice_is(buffer_slice(&b), rows[i].expected), "row %zu", i);
  }
  arena_free(&a);
}

static bool reserve_fails(size_t more) {
  arena a;
  jmp_buf env;
  arena_init(&a, ARENA_LIMIT_BYTES);
  volatile bool failed = true;
  if (!ARENA_GUARD(&a, env)) {
    buffer b = buffer_in(&a);
    buffer_text(&b, "some");
    buffer_reserve(&b, more);
    failed = false;
  }
  failed = failed && a.failure == ARENA_LIMIT;
  arena_free(&a);
  return failed;
}

Test(buffer, refuses_a_size_that_wraps) {
  static const size_t rows[] = {SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2,
                                SIZE_MAX / 4, (size_t)65 << 20};
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(reserve_fails(rows[i]), "row %zu", i);
}
