/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/position.h"
#include "tests/unit/unit.h"

/* The same place in each encoding: UTF-16, UTF-8, UTF-32. */
static const struct row {
  const char *text;
  uint32_t offset, line, character[3];
} rows[] = {
    {"", 0, 0, {0, 0, 0}},
    {"ab", 2, 0, {2, 2, 2}},
    {"a\nb", 2, 1, {0, 0, 0}},
    {"a\r\nb", 3, 1, {0, 0, 0}},
    {"a\rb", 3, 1, {1, 1, 1}},
    {"\xc3\xa9x", 2, 0, {1, 2, 1}},         /* e with acute */
    {"\xe2\x82\xacx", 3, 0, {1, 3, 1}},     /* euro sign */
    {"\xf0\x9d\x84\x9ex", 4, 0, {2, 4, 1}}, /* beyond 16 bits */
    {"a\n", 2, 1, {0, 0, 0}},
};

Test(lsp_position, both_ways) {
  TEST_ARENA(a, 1 << 20);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    for (int e = 0; e < 3; e++) {
      line_index lines;
      line_index_make(&lines, &a, slice_from(rows[i].text));
      editor_place p =
          position_of(&lines, rows[i].offset, (position_encoding)e);
      cr_expect(p.line == rows[i].line &&
                    p.character == rows[i].character[e],
                "row %zu, encoding %d: %u:%u", i, e, p.line, p.character);
      uint32_t back = position_offset(&lines, p, (position_encoding)e);
      cr_expect(back == rows[i].offset, "row %zu, encoding %d: %u", i, e,
                back);
    }
  arena_free(&a);
}

Test(lsp_position, what_is_no_place_is_the_nearest_before) {
  TEST_ARENA(a, 1 << 20);
  line_index lines;
  line_index_make(&lines, &a, SLICE("a\xf0\x9d\x84\x9e\r\nb"));
  static const struct {
    editor_place place;
    position_encoding encoding;
    uint32_t offset;
  } odd[] = {{{0, 2}, POSITION_UTF16, 1}, /* between surrogates */
             {{0, 3}, POSITION_UTF8, 1},
             {{0, 99}, POSITION_UTF8, 5}, /* before CR LF */
             {{1, 99}, POSITION_UTF32, 8},
             {{2, 0}, POSITION_UTF16, 8},
             {{99, 99}, POSITION_UTF16, 8}};
  for (size_t i = 0; i < COUNT_OF(odd); i++)
    cr_expect(position_offset(&lines, odd[i].place, odd[i].encoding) ==
                  odd[i].offset,
              "row %zu", i);
  arena_free(&a);
}

Test(lsp_position, remembered) {
  TEST_ARENA(a, 1 << 20);
  slice text = SLICE("a\xf0\x9d\x84\x9e" "b\r\nc\xc3\xa9" "d\n\n");
  line_index lines;
  line_index_make(&lines, &a, text);
  for (int e = 0; e < 3; e++)
    for (uint32_t from = 0; from <= text.length; from++)
      for (uint32_t to = 0; to <= text.length; to++) {
        if ((text.data[from] & 0xC0) == 0x80 || (text.data[to] & 0xC0) == 0x80)
          continue;
        position_memo memo = {.text = NULL};
        position_near(&lines, from, (position_encoding)e, &memo);
        editor_place near =
            position_near(&lines, to, (position_encoding)e, &memo);
        editor_place p = position_of(&lines, to, (position_encoding)e);
        cr_expect(near.line == p.line && near.character == p.character,
                  "%u then %u in encoding %d", from, to, e);
      }
  arena_free(&a);
}

Test(lsp_position, names) {
  position_encoding e = POSITION_UTF32;
  cr_expect(position_encoding_from_name(SLICE("utf-8"), &e));
  cr_expect(e == POSITION_UTF8);
  cr_expect(!position_encoding_from_name(SLICE("utf-7"), &e));
  cr_expect(e == POSITION_UTF8);
}
