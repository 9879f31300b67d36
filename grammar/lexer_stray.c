/* SPDX-License-Identifier: Apache-2.0 */
/* Characters that begin no token: each kind has its own words, and as little
 * as possible is lost behind it. */
#include "base/limits.h"
#include "base/text.h"
#include "grammar/lexer.h"
#include "grammar/lexer_quotes.h"
#include "grammar/parse.h"
#include "grammar/parser.h"
#include "grammar/policy.tab.h"

enum { GO_ON = -1 };

static const struct {
  uint32_t code_point;
  const char *name;
} odd_spaces[] = {
    {0x0B, "vertical tab"},
    {0x0C, "form feed"},
    {0x85, "next line"},
    {0xA0, "no-break space"},
    {0xAD, "soft hyphen"},
    {0x1680, "Ogham space"},
    {0x180E, "Mongolian vowel separator"},
    {0x2000, "en quad"},
    {0x2001, "em quad"},
    {0x2002, "en space"},
    {0x2003, "em space"},
    {0x2004, "three-per-em space"},
    {0x2005, "four-per-em space"},
    {0x2006, "six-per-em space"},
    {0x2007, "figure space"},
    {0x2008, "punctuation space"},
    {0x2009, "thin space"},
    {0x200A, "hair space"},
    {0x200B, "zero-width space"},
    {0x200C, "zero-width non-joiner"},
    {0x200D, "zero-width joiner"},
    {0x200E, "left-to-right mark"},
    {0x200F, "right-to-left mark"},
    {0x2028, "line separator"},
    {0x2029, "paragraph separator"},
    {0x202F, "narrow no-break space"},
    {0x205F, "medium mathematical space"},
    {0x2060, "word joiner"},
    {0x3000, "ideographic space"},
    {0xFEFF, "byte-order mark (zero-width no-break space)"},
};

static const char *odd_space_name(uint32_t code_point) {
  for (size_t i = 0; i < sizeof odd_spaces / sizeof *odd_spaces; i++)
    if (odd_spaces[i].code_point == code_point)
      return odd_spaces[i].name;
  return NULL;
}

static slice rest_of(const lexer *l) {
  return slice_between((const char *)l->token, (const char *)l->end);
}

static span token_span(const lexer *l) {
  return lexer_span(l, l->token, l->cursor);
}

static int control(lexer *l) {
  unsigned char c = *l->token;
  while (l->cursor < l->end && *l->cursor == c) /* a run is one mistake */
    l->cursor++;
  const char *space = odd_space_name(c);
  if (space)
    diagnose(l->findings, CODE_P001, token_span(l),
             "a %s (U+%04X) is no white space of the language", space, c);
  else
    diagnose(l->findings, CODE_P014, token_span(l),
             "the control character U+%04X%s", c, c ? "" : " (NUL)");
  return GO_ON;
}

static int not_utf8(lexer *l) {
  while (l->cursor < l->end && *l->cursor >= 0x80 &&
         !utf8_length(slice_between((const char *)l->cursor,
                                    (const char *)l->end),
                      NULL))
    l->cursor++;
  diagnostic *d = diagnose(l->findings, CODE_P013, token_span(l),
                           "the byte 0x%02X is not UTF-8", *l->token);
  diagnostic_help(l->findings, d, "save the file as UTF-8");
  return GO_ON;
}

/* The rest of a word with letters of other scripts: one mistake. */
static void pass_word(lexer *l) {
  while (l->cursor < l->end) {
    unsigned char c = *l->cursor;
    uint32_t code_point;
    size_t length = utf8_length(
        slice_between((const char *)l->cursor, (const char *)l->end),
        &code_point);
    bool is_letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                     (c >= 'a' && c <= 'z') || c == '_';
    if (c >= 0x80)
      is_letter = length && !quote_length(l->cursor, l->end) &&
                  !odd_space_name(code_point);
    if (!is_letter)
      return;
    l->cursor += length;
  }
}

static int not_ascii(lexer *l, union policy_semantic *value) {
  uint32_t code_point;
  size_t length = utf8_length(rest_of(l), &code_point);
  if (!length)
    return not_utf8(l);
  l->cursor = l->token + length;
  if (quote_length(l->token, l->end))
    return lexer_string(l, value, length);
  const char *space = odd_space_name(code_point);
  if (space) {
    diagnostic *d =
        diagnose(l->findings, CODE_P001, token_span(l),
                 "a %s (U+%04X) is no white space of the language", space,
                 code_point);
    diagnostic_help(l->findings, d, "replace it by a blank, or delete it");
    return GO_ON;
  }
  span where = token_span(l);
  pass_word(l);
  diagnose(l->findings, CODE_P001, where,
           "`%.*s` (U+%04X) can stand only in strings and comments",
           (int)length, (const char *)l->token, code_point);
  return TOKEN_INVALID;
}

/* The text is escaped here and there; said once, with a fix for all. */
static void report_escape(lexer *l, unsigned char next) {
  l->cursor += next > 0x20 && next < 0x7f;
  diagnostic *d = diagnose(l->findings, CODE_P016, token_span(l),
                           "`%.*s` outside of a string: the text is escaped",
                           (int)(l->cursor - l->token),
                           (const char *)l->token);
  diagnostic_help(l->findings, d,
                  "this looks like a policy copied out of JSON or Markdown; "
                  "take the backslashes out");
  l->escaped = d;
  l->unescape = diagnostic_fix(l->findings, d, FIX_UNSAFE,
                               "take the backslashes out");
  l->cursor = l->token + 1;
}

/* `\"x\"` is read as the string that it was. */
static int escaped_string(lexer *l, union policy_semantic *value) {
  for (const unsigned char *p = l->cursor + 1;
       p < l->end && *p != '\n' && *p != '\r'; p++)
    if (p[0] == '\\' && p[1] == '"') {
      fix_edit(l->findings, l->unescape, lexer_span(l, p, p + 1), SLICE_EMPTY);
      l->cursor = p + 2;
      value->expr = ARENA_NEW(l->arena, ast_expr);
      value->expr->where = token_span(l);
      return TOKEN_STRING;
    }
  l->cursor++;
  return GO_ON;
}

static int escaped(lexer *l, union policy_semantic *value) {
  unsigned char next = *l->cursor;
  if (!l->unescape)
    report_escape(l, next);
  if (++l->escape_count > LIMIT_FIX_EDITS) { /* nobody reads such a fix */
    l->escaped->fixes = NULL;
    l->unescape = &l->findings->spare_fix;
  }
  bool is_space = next == 'n' || next == 'r' || next == 't';
  l->cursor += is_space;
  fix_edit(l->findings, l->unescape, token_span(l),
           next == 'n' ? SLICE("\n") : is_space ? SLICE(" ") : SLICE_EMPTY);
  return next == '"' ? escaped_string(l, value) : GO_ON;
}

/* 'x' or `x`: one string in the wrong quotes. */
static int wrong_quotes(lexer *l, union policy_semantic *value) {
  unsigned char quote = *l->token;
  const unsigned char *p = l->cursor;
  while (p < l->end && *p != quote && *p != '\n' && *p != '\r')
    p++;
  l->cursor = p < l->end && *p == quote ? p + 1 : l->cursor;
  diagnostic *d = diagnose(l->findings, CODE_P001, token_span(l),
                           "strings stand in double quotes, not in %c", quote);
  diagnostic_help(l->findings, d, "write \"..\"");
  if (l->cursor == l->token + 1)
    return TOKEN_INVALID;
  value->expr = ARENA_NEW(l->arena, ast_expr);
  value->expr->where = token_span(l);
  return TOKEN_STRING;
}

static int open_comment(lexer *l) {
  diagnose(l->findings, CODE_P001, lexer_span(l, l->token, l->token + 2),
           "this comment is never closed; `*/` is missing");
  l->cursor = l->end;
  l->open_comment = true;
  return GO_ON;
}

static void pass_line(lexer *l) {
  while (l->cursor < l->end && *l->cursor != '\n' && *l->cursor != '\r')
    l->cursor++;
}

/* Comments of other languages: # and -- up to the end of the line. */
static int foreign_comment(lexer *l, size_t length) {
  pass_line(l);
  diagnose(l->findings, CODE_P001, lexer_span(l, l->token, l->token + length),
           "`%.*s` begins no comment here; comments begin with `//`",
           (int)length, (const char *)l->token);
  return GO_ON;
}

/* The arrow of other languages, read as the one that was meant. */
static int thin_arrow(lexer *l) {
  l->cursor++;
  diagnostic *d = diagnose(l->findings, CODE_P005, token_span(l),
                           "`->` is no arrow here: an action begins with `=>`");
  fix_edit(l->findings,
           diagnostic_fix(l->findings, d, FIX_SAFE, "write `=>`"),
           token_span(l), SLICE("=>"));
  return TOKEN_ARROW;
}

static bool begins_line(const lexer *l) {
  const unsigned char *p = l->token;
  while (p > l->begin && (p[-1] == ' ' || p[-1] == '\t'))
    p--;
  return p == l->begin || p[-1] == '\n' || p[-1] == '\r';
}

/* ```: a block of Markdown was copied with its fences. */
static int markdown_fence(lexer *l) {
  pass_line(l);
  diagnostic *d = diagnose(l->findings, CODE_P016, token_span(l),
                           "the fence of a Markdown code block");
  diagnostic_help(l->findings, d, "only what stands between is the policy");
  fix_edit(l->findings,
           diagnostic_fix(l->findings, d, FIX_UNSAFE, "delete this line"),
           token_span(l), SLICE_EMPTY);
  return GO_ON;
}

static int or_operator(lexer *l) {
  l->cursor += *l->cursor == '|';
  diagnostic *d = diagnose(l->findings, CODE_P001, token_span(l),
                           "the language has no `or`");
  diagnostic_help(l->findings, d, "write one rule for each alternative");
  return TOKEN_INVALID;
}

int lexer_stray(lexer *l, union policy_semantic *value) {
  unsigned char c = *l->token;
  if (c < 0x20 || c == 0x7f)
    return control(l);
  if (c >= 0x80)
    return not_ascii(l, value);
  if (c == '\\')
    return escaped(l, value);
  if (slice_starts_with(rest_of(l), "```") && begins_line(l))
    return markdown_fence(l);
  if (c == '\'' || c == '`')
    return wrong_quotes(l, value);
  if (c == '/' && *l->cursor == '*')
    return open_comment(l);
  if (c == '#')
    return foreign_comment(l, 1);
  if (c == '-' && *l->cursor == '-')
    return foreign_comment(l, 2);
  if (c == '-' && *l->cursor == '>')
    return thin_arrow(l);
  if (c == '|')
    return or_operator(l);
  if (c == '&') {
    diagnose(l->findings, CODE_P001, token_span(l),
             "`&` is no operator; conditions are joined by `&&`");
    return TOKEN_AND;
  }
  diagnose(l->findings, CODE_P001, token_span(l),
           "`%c` is no part of the language", c);
  return TOKEN_INVALID;
}

/* A known name and a brace: prose hardly says that. */
static bool begins_section(const unsigned char *p, const unsigned char *end) {
  slice rest = slice_between((const char *)p, (const char *)end);
  for (const char *const *name = section_names; *name; name++) {
    size_t n = strlen(*name);
    if (rest.length <= n || !slice_equal_ignore_case((slice){rest.data, n},
                                                     slice_from(*name)))
      continue;
    const unsigned char *next = p + n;
    while (next < end && strchr(" \t\r\n", *next) && *next)
      next++;
    if (next < end && *next == '{')
      return true;
  }
  return false;
}

void lexer_skip_prose(lexer *l) {
  while (l->cursor < l->end && !begins_section(l->cursor, l->end))
    l->cursor++;
}
