/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/format_scan.h"

#include <string.h>

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

/* Passes white space; counts its line breaks up to two. */
static uint8_t pass_blanks(format_scanner *s) {
  int newlines = 0;
  for (;; s->cursor++) {
    char c = *s->cursor;
    if (c == '\n' || (c == '\r' && s->cursor[1] != '\n'))
      newlines += newlines < 2;
    else if (c != ' ' && c != '\t' && c != '\r')
      return (uint8_t)newlines;
  }
}

static bool line_ends_at(const char *p) {
  while (*p == ' ' || *p == '\t')
    p++;
  return *p == '\n' || *p == '\r' || !*p;
}

static format_kind line_comment(format_scanner *s, format_token *t) {
  while (s->cursor < s->end && *s->cursor != '\n' && *s->cursor != '\r')
    s->cursor++;
  t->ends_line = true;
  return FORMAT_LINE_COMMENT;
}

static format_kind block_comment(format_scanner *s, format_token *t) {
  s->cursor += 2;
  while (s->cursor < s->end && !(s->cursor[0] == '*' && s->cursor[1] == '/')) {
    t->ends_line |= *s->cursor == '\n' || *s->cursor == '\r';
    s->cursor++;
  }
  s->cursor += 2;
  t->ends_line |= line_ends_at(s->cursor);
  return FORMAT_BLOCK_COMMENT;
}

static void string(format_scanner *s) {
  for (s->cursor++; s->cursor < s->end && *s->cursor != '"'; s->cursor++)
    s->cursor += *s->cursor == '\\';
  s->cursor++;
}

static format_kind one(format_scanner *s, format_kind kind, size_t length) {
  s->cursor += length;
  return kind;
}

static format_kind scan_kind(format_scanner *s, format_token *t) {
  char c = s->cursor[0], next = s->cursor[1];
  switch (c) {
  case '[':
  case '(':
    return one(s, FORMAT_OPEN, 1);
  case ']':
  case ')':
    return one(s, FORMAT_CLOSE, 1);
  case ',':
    return one(s, FORMAT_COMMA, 1);
  case ';':
    return one(s, FORMAT_SEMICOLON, 1);
  case '{':
    return one(s, FORMAT_LEFT_BRACE, 1);
  case '}':
    return one(s, FORMAT_RIGHT_BRACE, 1);
  case '&':
    return one(s, FORMAT_AND, 2);
  case '/':
    return next == '/' ? line_comment(s, t) : block_comment(s, t);
  case '"':
    string(s);
    return FORMAT_WORD;
  case '=':
    if (next == '>')
      return one(s, FORMAT_ARROW, 2);
    break;
  default:
    break;
  }
  if (!is_word(c))
    return one(s, FORMAT_WORD, next == '=' ? 2 : 1);
  while (is_word(*s->cursor))
    s->cursor++;
  return FORMAT_WORD;
}

static uint32_t width_of(const char *p, const char *end) {
  uint32_t width = 0;
  for (; p < end; p++)
    width += ((unsigned char)*p & 0xC0) != 0x80;
  return width;
}

format_token format_scan(format_scanner *s) {
  format_token t = {.newlines = pass_blanks(s)};
  t.begin = t.end = (uint32_t)(s->cursor - s->begin);
  if (s->cursor >= s->end)
    return t; /* FORMAT_END */
  const char *from = s->cursor;
  t.kind = (uint8_t)scan_kind(s, &t);
  if (s->cursor > s->end)
    s->cursor = s->end;
  t.end = (uint32_t)(s->cursor - s->begin);
  t.width = width_of(from, s->cursor);
  return t;
}
