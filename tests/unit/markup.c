/* SPDX-License-Identifier: Apache-2.0 */
#include "base/markup.h"
#include "tests/unit/unit.h"

static const char *escaped(arena *a, slice text) {
  buffer out = buffer_in(a);
  markup_escape(&out, text);
  return buffer_slice(&out).data;
}

Test(markup, escapes_what_is_not_text) {
  static const struct {
    slice text;
    const char *expected;
  } rows[] = {
      {{"", 0}, ""},
      {{"<a b=\"'&'\">", 11},
       "&lt;a b=&quot;&#39;&amp;&#39;&quot;&gt;"},
      {{"]]>&lt;", 7}, "]]&gt;&amp;lt;"},
      {{"a\n\tb", 4}, "a\n\tb"},
      {{"a\r\n", 3}, "a\\x0D\n"},
      {{"\0\x01\x1B\x7F", 4}, "\\x00\\x01\\x1B\\x7F"},
      {{"\xC2\x85", 2}, "\\u0085"},
      {{"\xE2\x80\xAE\xE2\x81\xA6", 6}, "\\u202E\\u2066"},
      {{"\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD", 9},
       "\\uFFFE\\uFFFF\xEF\xBF\xBD"},
      {{"\xFF\xC3<\xC0\xBC", 5}, "\\xFF\\xC3&lt;\\xC0\\xBC"},
      {{"\xC3\xA4\xF0\x9F\x98\x80", 6}, "\xC3\xA4\xF0\x9F\x98\x80"},
  };
  TEST_ARENA(a, 1 << 20);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(escaped(&a, rows[i].text), rows[i].expected, "row %zu", i);
  arena_free(&a);
}
