/* SPDX-License-Identifier: Apache-2.0 */
/* What clients send in more than one form: bodies and form fields. */
#include "serve/call.h"
#include "serve/form.h"
#include "tests/unit/unit.h"

enum { ARENA_BYTES = 1 << 20 };

Test(serve_forms, takes_a_body_bare_or_quoted) {
  static const char *const rows[][2] = {
      {"a.b.c", "a.b.c"},
      {"\"a.b.c\"", "a.b.c"},
      {" \r\n\t\"a.b.c\"\n", "a.b.c"},
      {"a.b.c\n", "a.b.c"},
      {"\"\"a\"\"", "\"a\""}, /* one pair */
      {"\"a.b.c", "\"a.b.c"},
      {"a.b.c\"", "a.b.c\""},
      {"\"", "\""},
      {"\"\"", ""},
      {" \n ", ""},
      {"", ""},
      {"\"a\" ", "a"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    http_request request = {.body = slice_from(rows[i][0])};
    call c = {.request = &request};
    slice found = call_text_body(&c);
    cr_expect(slice_is(found, rows[i][1]), "%s: %.*s", rows[i][0],
              SLICE_ARGS(found));
  }
}

Test(serve_forms, reads_fields) {
  static const struct {
    const char *form, *name, *text;
  } rows[] = {
      {"a=1&b=2", "a", "1"},
      {"a=1&b=2", "b", "2"},
      {"a=1&b=2", "c", ""},
      {"ab=1", "a", ""},
      {"a=1", "ab", ""},
      {"a=1&a=2", "a", "1"},
      {"a", "a", ""},
      {"a=", "a", ""},
      {"", "a", ""},
      {"&&a=1&", "a", "1"},
      {"=1", "", "1"},
      {"a=b=c", "a", "b=c"},
      {"a=x+y%20z", "a", "x y z"},
      {"a=%2b%2B%26%3d", "a", "++&="},
      {"b=%4&a=1&a=%4", "a", "1"},
      {"A=1", "a", ""},
  };
  TEST_ARENA(a, ARENA_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice found;
    cr_expect(form_field(&a, slice_from(rows[i].form), rows[i].name, &found),
              "%s", rows[i].form);
    cr_expect(slice_is(found, rows[i].text), "%s of %s: %.*s", rows[i].name,
              rows[i].form, SLICE_ARGS(found));
  }
  arena_free(&a);
}

/* As browsers read them (URL Standard, section 1.3). */
Test(serve_forms, percent_signs_alone_stand_for_themselves) {
  static const char *const rows[][2] = {
      {"a=100%", "100%"},
      {"a=%4", "%4"},
      {"a=%zz", "%zz"},
      {"b=1&a=%4z%41", "%4zA"},
  };
  TEST_ARENA(a, ARENA_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice found;
    cr_expect_not(form_field(&a, slice_from(rows[i][0]), "a", &found));
    cr_expect(slice_is(found, rows[i][1]), "%s: %.*s", rows[i][0],
              SLICE_ARGS(found));
  }
  arena_free(&a);
}
