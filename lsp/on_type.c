/* SPDX-License-Identifier: Apache-2.0 */
/* The indent of the line in which somebody types, as `maapol fmt` lays rules
 * out. No other line is touched, nor anything behind the indent. */
#include "lsp/server.h"

enum { INDENT = 2, INDENT_MAX = 64 };

typedef struct line_at {
  uint32_t begin, text; /* of the line, of what is not blank in it */
} line_at;

static line_at line_of(slice text, uint32_t offset) {
  line_at l = {.begin = offset};
  while (l.begin && text.data[l.begin - 1] != '\n' &&
         text.data[l.begin - 1] != '\r')
    l.begin--;
  l.text = l.begin;
  while (l.text < text.length &&
         (text.data[l.text] == ' ' || text.data[l.text] == '\t'))
    l.text++;
  return l;
}

/* What is open where a line begins. */
typedef struct openings {
  int braces, brackets; /* "{"; "(" and "[" */
  bool has_arrow;       /* of the rule */
  bool is_after_rule;   /* or at the begin of a section: no rule has begun */
  bool is_after_test;   /* the last mark is "]": an arrow may follow */
} openings;

static void pass(openings *o, slice mark) {
  if (slice_is(mark, "{"))
    o->braces++;
  else if (slice_is(mark, "}"))
    o->braces -= o->braces > 0;
  else if (slice_is(mark, "(") || slice_is(mark, "["))
    o->brackets++;
  else if (slice_is(mark, ")") || slice_is(mark, "]"))
    o->brackets -= o->brackets > 0;
  else if (slice_is(mark, "=>"))
    o->has_arrow = true;
  o->is_after_rule = slice_is(mark, "{") || slice_is(mark, "}") ||
                     slice_is(mark, ";");
  o->is_after_test = slice_is(mark, "]");
  if (o->is_after_rule) {
    o->has_arrow = false;
    o->brackets = 0; /* those of a rule with mistakes end with it */
  }
}

static int indent_of(const openings *o, slice first) {
  int depth = o->braces;
  bool is_closing = slice_is(first, ")") || slice_is(first, "]");
  if (slice_is(first, "}"))
    return INDENT * (depth ? depth - 1 : 0);
  if (o->is_after_rule || !o->braces)
    return INDENT * depth;
  bool is_arrow = slice_is(first, "=>") ||
                  (!first.length && o->is_after_test && !o->brackets);
  depth += o->has_arrow || is_arrow;
  depth += o->brackets - (is_closing && o->brackets);
  return INDENT * depth;
}

/* False: the line begins within a string or a comment. */
static bool look(const word_tokens *t, line_at l, openings *o, slice *first) {
  *o = (openings){.is_after_rule = true};
  *first = SLICE_EMPTY;
  for (size_t i = 0; i < t->count; i++) {
    span where = t->items[i].where;
    if (where.begin >= l.begin) {
      *first = where.begin == l.text ? token_text(t, i) : SLICE_EMPTY;
      return true;
    }
    if (where.end > l.begin)
      return false;
    if (t->items[i].kind != TOKEN_COMMENT)
      pass(o, token_text(t, i));
  }
  return true;
}

/* `;` or a brace, not in a string or comment. */
static bool is_mark_before(const word_tokens *t, uint32_t offset, slice ch) {
  for (size_t i = 0; i < t->count; i++)
    if (t->items[i].where.end == offset)
      return t->items[i].kind == TOKEN_MARK &&
             slice_equal(token_text(t, i), ch);
  return false;
}

value lsp_on_type(lsp_request *r) {
  openings open;
  slice first;
  const word_tokens *t = document_tokens(r->document);
  slice text = r->document->now->text;
  slice typed = lsp_text_member(r->params, "ch");
  bool is_line = slice_is(typed, "\n");
  if (!document_is_plain(r->document) ||
      (!is_line && !is_mark_before(t, r->offset, typed)))
    return value_null();
  line_at l = line_of(text, r->offset);
  if (!look(t, l, &open, &first))
    return value_null();
  int indent = indent_of(&open, first);
  buffer b = buffer_in(r->arena);
  buffer_printf(&b, "%*s", indent < INDENT_MAX ? indent : INDENT_MAX, "");
  array_builder list = array_in(r->arena);
  slice old = {text.data + l.begin, l.text - l.begin};
  if (!slice_equal(old, buffer_slice(&b)))
    array_add(&list, lsp_edit(r, (span){l.begin, l.text}, buffer_slice(&b)));
  return array_value(&list);
}
