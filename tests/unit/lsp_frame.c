/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/frame.h"

#include "tests/unit/unit.h"

/* All that is found in the input when it comes in pieces: messages in
 * brackets, `!` for a bad header, `>` for one that is too large. */
static slice split(arena *a, slice input, size_t piece) {
  frames f;
  buffer out = buffer_in(a);
  frames_init(&f);
  f.memory.guard = a->guard;
  for (size_t i = 0; i < input.length; i += piece) {
    size_t n = input.length - i < piece ? input.length - i : piece;
    slice message;
    frame_status status;
    frames_add(&f, (slice){input.data + i, n});
    while ((status = frames_next(&f, &message)) != FRAME_NONE)
      if (status == FRAME_MESSAGE)
        buffer_printf(&out, "[%.*s]", SLICE_ARGS(message));
      else
        buffer_char(&out, status == FRAME_BAD ? '!' : '>');
  }
  frames_free(&f);
  return buffer_slice(&out);
}

static const struct {
  const char *input, *wanted;
} rows[] = {
    {"Content-Length: 2\r\n\r\nab", "[ab]"},
    {"Content-Length: 0\r\n\r\n", "[]"},
    {"content-length:2\n\nab", "[ab]"},
    {"A: b\r\nContent-Length: 1\r\nC: d\r\n\r\nx", "[x]"},
    {"Content-Length: 2\r\n\r\nabContent-Length: 1\r\n\r\nc", "[ab][c]"},
    {"Content-Length: 2\r\n\r\na", ""},
    {"Content-Length: x\r\n\r\nContent-Length: 1\r\n\r\nc", "![c]"},
    {"A: b\r\n\r\n{}Content-Length: 1\r\n\r\nc", "![c]"},
    {"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "!"},
    {"Content-Length: 67108865\r\n\r\nabc", ">"},
    {"Content-Length: \r\n\r\n", "!"},
    {"Content-Length: 1\n\naContent-Length: 1\r\n\r\nb", "[a][b]"},
    /* A length that is too short, and one that is too long, of JSON. */
    {"Content-Length: 1\r\n\r\n{\"a\":1}Content-Length: 1\r\n\r\nb",
     "[{][b]"},
    {"Content-Length: 4\r\n\r\n{}Content-Length: 7\r\n\r\n{\"a\":1}"
     "Content-Length: 1\r\n\r\nc",
     "[{}Co]![c]"},
    {"Content-Length: -1\r\n\r\n{\"a\":\"b:c\"}content-length : 1\r\n\r\nc",
     "![c]"},
};

Test(lsp_frame, whole_and_in_pieces) {
  TEST_ARENA(a, 1 << 20);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    for (size_t piece = 1; piece < 60; piece++) {
      slice found = split(&a, slice_from(rows[i].input), piece);
      cr_expect(slice_is(found, rows[i].wanted), "row %zu by %zu: %.*s", i,
                piece, SLICE_ARGS(found));
    }
  arena_free(&a);
}

Test(lsp_frame, garbage_is_passed_over) {
  TEST_ARENA(a, 1 << 22);
  buffer b = buffer_in(&a);
  for (int i = 0; i < 10000; i++)
    buffer_char(&b, 'x');
  buffer_text(&b, "\nContent-Length: 2\r\n\r\nab");
  for (size_t piece = 1000; piece < 12000; piece += 999) {
    slice found = split(&a, buffer_slice(&b), piece);
    cr_expect(found.length > 4 && found.data[0] == '!');
    cr_expect(slice_is((slice){found.data + found.length - 4, 4}, "[ab]"));
  }
  arena_free(&a);
}
