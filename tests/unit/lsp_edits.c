/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/edit_replay.h"
#include "tests/unit/unit.h"

static uint32_t generate(edit_source *s) {
  s->state = s->state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(s->state >> 33);
}

static void begin(edit_replay *r, arena *a, jmp_buf *guard, const char *text) {
  *r = (edit_replay){.all = documents_in(a), .arena = a, .guard = guard};
  r->document = documents_open(r->all, SLICE("a"), slice_from(text), guard);
  document_policy(r->document);
}

static void expect_same(edit_replay *r, const char *what, size_t number) {
  TEST_ARENA(a, (size_t)64 << 20);
  slice difference = edit_difference(&a, r->document, r->guard);
  cr_assert(!difference.length, "%s %zu: %.*s", what, number,
            SLICE_ARGS(difference));
  arena_free(&a);
}

/* After each of some thousand edits: what a fresh start knows. */
Test(lsp_edits, any_edits_end_as_a_fresh_start) {
  enum { DOCUMENTS = 24, EDITS = 120, LONGEST = 3000 };
  size_t followed = 0, forgotten = 0;
  for (size_t n = 0; n < DOCUMENTS; n++) {
    TEST_ARENA(a, (size_t)64 << 20);
    edit_replay r;
    edit_source s = {.next = generate, .state = n};
    begin(&r, &a, &a_failure, edit_start);
    if (n % 3 == 0)
      r.document->settings.type = ATTESTATION_SGX_ENCLAVE;
    if (n % 4 == 0)
      r.document->settings.levels.of[CODE_F404] = LEVEL_WARNING;
    for (size_t i = 0; i < EDITS; i++) {
      edit_somehow(&r, &s, LONGEST);
      followed += r.document->now->tree != NULL;
      forgotten += r.document->now->memory.used == 0;
      expect_same(&r, "edit", n * EDITS + i);
    }
    arena_free(&a);
  }
  cr_expect(followed > DOCUMENTS * EDITS / 10, "%zu", followed);
  cr_expect(forgotten > DOCUMENTS * EDITS / 20, "%zu", forgotten);
}

/* What is typed, character by character, is not read as a whole: else this
 * would be right, and slow. */
Test(lsp_edits, typing_reads_the_rule_only) {
  static const struct {
    const char *before, *typed;
  } rows[] = {
      {"value==true] => deny();", "\n  [type==\"a\"] => permit();"},
      {"authorizationrules\n{", "\n  c:[type==\"a\", value==c.b] => deny();"},
      {"value=\"a\\\"b\");", " // remark\n [type==\"\"] => permit();"},
      {"c:[type==\"two\"", ", value==1"},
      {"type=\"four", "teen"},
      {"type==\"o", "\\u00e9 "},
      {"    => permit()", " "},
      {"{\n  /* a", " b; c {} d"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    TEST_ARENA(a, (size_t)64 << 20);
    edit_replay r;
    begin(&r, &a, &a_failure, edit_start);
    const char *found = strstr(edit_start, rows[i].before);
    cr_assert(found, "%zu", i);
    uint32_t at = (uint32_t)(found - edit_start) +
                  (uint32_t)strlen(rows[i].before);
    for (const char *c = rows[i].typed; *c; c++, at++) {
      const ast_policy *tree = r.document->now->tree;
      document_edit(r.all, r.document, (span){at, at}, (slice){c, 1},
                    &a_failure);
      cr_expect(r.document->now->tree == tree, "row %zu at %s", i, c);
      expect_same(&r, "row", i);
    }
    arena_free(&a);
  }
}

/* A word alone before `}` is prose, and the text behind it passed over. */
Test(lsp_edits, a_word_before_the_brace_is_prose) {
  TEST_ARENA(a, (size_t)64 << 20);
  edit_replay r;
  begin(&r, &a, &a_failure, edit_start);
  const char *end = strstr(edit_start, "\n};\nissuancerules");
  uint32_t at = (uint32_t)(end - edit_start);
  document_edit(r.all, r.document, (span){at, at}, SLICE("permit"),
                &a_failure);
  expect_same(&r, "word", 0);
  arena_free(&a);
}

/* Of lines, at every place of a text with all kinds of ends. */
Test(lsp_edits, lines_are_those_of_the_text) {
  static const char text[] = "a\n\r\n\rb\r\r\nc\n\n";
  static const char *const typed[] = {"", "\n", "\r", "\r\n", "x", "\n\r"};
  for (uint32_t from = 0; from < sizeof text; from++)
    for (uint32_t to = from; to < sizeof text && to < from + 4; to++)
      for (size_t i = 0; i < COUNT_OF(typed); i++) {
        TEST_ARENA(a, (size_t)1 << 20);
        line_index edited, fresh;
        line_index_make(&edited, &a, slice_from(text));
        buffer b = buffer_in(&a);
        buffer_add(&b, (slice){text, from});
        buffer_text(&b, typed[i]);
        buffer_text(&b, text + to);
        slice now = buffer_slice(&b);
        line_index_edit(&edited, &a, now, (span){from, to},
                        (uint32_t)strlen(typed[i]));
        line_index_make(&fresh, &a, now);
        cr_assert_eq(edited.count, fresh.count, "%u-%u %zu", from, to, i);
        cr_assert(memcmp(edited.starts, fresh.starts,
                         fresh.count * sizeof *fresh.starts) == 0,
                  "%u-%u %zu", from, to, i);
        arena_free(&a);
      }
}
