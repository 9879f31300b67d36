/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that are not plain ASCII between two `"`: escapes, line breaks,
 * UTF-8, typographic quotes, strings that never end. */
#include "base/limits.h"
#include "base/text.h"
#include "grammar/lexer.h"
#include "grammar/lexer_quotes.h"
#include "grammar/parser.h"
#include "grammar/policy.tab.h"

typedef struct scan {
  lexer *lexer;
  const unsigned char *open;    /* the opening quote */
  const unsigned char *content; /* behind it */
  const unsigned char *close;   /* the closing quote; NULL: never closed */
  size_t close_length;
  bool typographic_open, typographic_close;
  ast_expr *expr;
  buffer decoded;
  bool has_escapes, invalid;
  fix *unescape; /* of the P016 in this string */
} scan;

/* What may stand behind a string: used to tell a closing quote from one that
 * opens the next string because this one was never closed. */
static bool may_follow_string(const unsigned char *p) {
  while (*p == ' ' || *p == '\t')
    p++;
  return *p == ',' || *p == ']' || *p == ')' || *p == ';' || *p == '\n' ||
         *p == '\r' || *p == 0 || (p[0] == '&' && p[1] == '&') ||
         (p[0] == '/' && (p[1] == '/' || p[1] == '*')) ||
         (p[0] == '=' && p[1] == '>');
}

/* Nothing at all between the quote and a word: it closed another string. */
bool string_runs_on(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '"' || c == '_' || c == '$' ||
         c == '<' || c == '-';
}

/* A quote behind `,`, `(` or `=` rather opens a string. There is text before
 * it: the quote that was open. */
static bool opens_string(const unsigned char *quote) {
  const unsigned char *before = quote - 1;
  while (*before == ' ' || *before == '\t')
    before--;
  return *before == ',' || *before == '(' || *before == '=';
}

static bool is_line_break(unsigned char c) { return c == '\n' || c == '\r'; }

/* Sets close. A string may run over line breaks; but if what follows its end
 * cannot follow a string, it was not closed. */
static void find_close(scan *s) {
  const unsigned char *end = s->lexer->end, *pasted = NULL;
  size_t pasted_length = 0;
  bool broken = false;
  for (const unsigned char *p = s->content; p < end; p++) {
    size_t quote = quote_length(p, end);
    if (*p == '\\' && p + 1 < end) {
      p++;
    } else if (is_line_break(*p)) {
      broken = true;
      if (s->typographic_open || pasted)
        break;
    } else if (*p == '"' || (s->typographic_open && quote)) {
      s->close = p;
      s->close_length = *p == '"' ? 1 : quote;
      break;
    } else if (quote && !pasted && may_follow_string(p + quote)) {
      pasted = p;
      pasted_length = quote;
    }
  }
  bool fits = s->close && may_follow_string(s->close + s->close_length);
  if (pasted && (!fits || opens_string(s->close))) {
    s->close = pasted;
    s->close_length = pasted_length;
  } else if (s->close && !fits &&
             (broken || string_runs_on(s->close[s->close_length]))) {
    s->close = NULL;
  }
  s->typographic_close = s->close && *s->close != '"';
}

static span at(const scan *s, const unsigned char *p, size_t length) {
  return lexer_span(s->lexer, p, p + length);
}

static void keep(scan *s, const void *text, size_t length) {
  buffer_add(&s->decoded, (slice){text, length});
}

static bool four_hex(const unsigned char *p, const unsigned char *end,
                     uint32_t *value) {
  *value = 0;
  for (int i = 0; i < 4; i++) {
    unsigned char c = p + i < end ? p[i] : 0;
    unsigned digit = c >= '0' && c <= '9'                     ? c - 48u
                     : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20u) - 87
                                                              : 16;
    if (digit == 16)
      return false;
    *value = *value << 4 | digit;
  }
  return true;
}

static void bad_escape(scan *s, const unsigned char *p, size_t length,
                       const char *why) {
  diagnostic *d =
      diagnose(s->lexer->findings, CODE_P011, at(s, p, length),
               "`%.*s` is not an escape: %s", (int)length, (const char *)p,
               why);
  diagnostic_help(s->lexer->findings, d,
                  "write `\\\\` for a backslash; known are \\\" \\\\ \\/ "
                  "\\b \\f "
                  "\\n \\r \\t \\uXXXX");
  s->invalid = true;
}

/* \uXXXX at p; returns its length. */
static size_t unicode_escape(scan *s, const unsigned char *p) {
  uint32_t high, low;
  size_t length = 6;
  if (!four_hex(p + 2, s->close, &high)) {
    bad_escape(s, p, 2, "four hexadecimal digits must follow");
    return 2;
  }
  if (high == 0) {
    bad_escape(s, p, 6, "a string cannot hold NUL");
    return 6;
  }
  if (high >= 0xD800 && high <= 0xDFFF) {
    if (high >= 0xDC00 || p + 6 >= s->close || p[6] != '\\' || p[7] != 'u' ||
        !four_hex(p + 8, s->close, &low) || low < 0xDC00 || low > 0xDFFF) {
      bad_escape(s, p, 6, "it is half of a surrogate pair");
      return 6;
    }
    high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    length = 12;
  }
  char text[4];
  keep(s, text, utf8_encode(high, text));
  return length;
}

/* `\|` comes from Markdown tables, where authors copy queries from. */
static void markdown_escape(scan *s, const unsigned char *p) {
  diagnostics *findings = s->lexer->findings;
  if (!s->unescape) {
    diagnostic *d =
        diagnose(findings, CODE_P016, at(s, p, 2),
                 "`\\%c` is an escape of Markdown, not of a policy", p[1]);
    s->unescape = diagnostic_fix(findings, d, FIX_UNSAFE,
                                 "take the backslashes out");
  }
  fix_edit(findings, s->unescape, at(s, p, 1), SLICE_EMPTY);
  keep(s, p + 1, 1);
  s->invalid = true;
}

static size_t escape(scan *s, const unsigned char *p) {
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  if (p + 1 >= s->close) {
    bad_escape(s, p, 1, "nothing follows");
    return 1;
  }
  const char *known = p[1] ? strchr(letters, p[1]) : NULL;
  if (known)
    keep(s, &meanings[known - letters], 1);
  else if (p[1] == 'u')
    return unicode_escape(s, p);
  else if (p[1] == '|')
    markdown_escape(s, p);
  else if (p[1] < 0x20 || p[1] > 0x7e)
    bad_escape(s, p, 1, "it stands before a character that needs none");
  else
    bad_escape(s, p, 2, "nothing is written so");
  return p[1] < 0x20 || p[1] > 0x7e ? 1 : 2;
}

static size_t odd_byte(scan *s, const unsigned char *p) {
  slice rest = slice_between((const char *)p, (const char *)s->close);
  size_t length = utf8_length(rest, NULL);
  if (length > 1) {
    keep(s, p, length);
    return length;
  }
  s->invalid = true;
  if (*p >= 0x80) {
    for (length = 1; p + length < s->close && p[length] >= 0x80; length++)
      if (utf8_length((slice){rest.data + length, rest.length - length}, NULL))
        break; /* a run of bad bytes is one mistake */
    diagnose(s->lexer->findings, CODE_P013, at(s, p, length),
             "a string holds the byte 0x%02X, which is not UTF-8", *p);
    return length;
  }
  diagnose(s->lexer->findings, CODE_P014, at(s, p, 1),
           "a string holds the control character U+%04X%s", *p,
           *p == '\t' ? " (tab); write \\t" : *p ? "" : " (NUL)");
  return 1;
}

static void decode(scan *s) {
  const unsigned char *p = s->content;
  buffer_reserve(&s->decoded, (size_t)(s->close - s->content) + 1);
  while (p < s->close) {
    if (*p == '\\') {
      s->has_escapes = true;
      p += escape(s, p);
    } else if ((*p < 0x20 && !is_line_break(*p)) || *p >= 0x7f) {
      p += odd_byte(s, p);
    } else {
      buffer_char(&s->decoded, (char)*p++);
    }
  }
}

void lexer_check_length(lexer *l, ast_expr *string) {
  if (string->string.length <= LIMIT_STRING_BYTES)
    return;
  diagnose(l->findings, CODE_P018, string->where,
           "a string of %zu bytes; %d are allowed", string->string.length,
           LIMIT_STRING_BYTES);
  string->kind = EXPR_INVALID;
}

static void report_typographic(scan *s) {
  diagnostics *findings = s->lexer->findings;
  diagnostic *d =
      diagnose(findings, CODE_P003, s->expr->where,
               "a typographic quote (%.*s) where a string has \"",
               (int)(s->typographic_open ? s->content - s->open
                                         : (long)s->close_length),
               (const char *)(s->typographic_open ? s->open : s->close));
  diagnostic_help(findings, d,
                  "word processors and web pages turn \" into such quotes");
  fix *f = diagnostic_fix(findings, d, FIX_SAFE, "write \"");
  if (s->typographic_open)
    fix_edit(findings, f, lexer_span(s->lexer, s->open, s->content),
             SLICE("\""));
  if (s->typographic_close)
    fix_edit(findings, f, at(s, s->close, s->close_length), SLICE("\""));
}

/* Reports P010 and goes on behind the line, but before a `;` at its end, so
 * that the parser gives up no more than this rule. */
static int never_closed(scan *s) {
  lexer *l = s->lexer;
  const unsigned char *p = s->content, *last = s->content;
  for (; p < l->end && !is_line_break(*p); p++)
    if (*p != ' ' && *p != '\t')
      last = p;
  l->cursor = last > s->content && *last == ';' ? last : p;
  diagnostic *d = diagnose(l->findings, CODE_P010,
                           lexer_span(l, s->open, s->content),
                           "this string is never closed");
  diagnostic_help(l->findings, d,
                  "put a \" behind its last character; a quote inside of it is "
                  "written \\\"");
  return TOKEN_INVALID;
}

int lexer_string(lexer *l, union policy_semantic *value, size_t length) {
  scan s = {.lexer = l,
            .open = l->cursor - length,
            .content = l->cursor,
            .decoded = buffer_in(l->arena)};
  s.typographic_open = *s.open != '"';
  find_close(&s);
  if (!s.close)
    return never_closed(&s);
  l->cursor = s.close + s.close_length;
  s.expr = ARENA_NEW(l->arena, ast_expr);
  s.expr->kind = EXPR_STRING;
  s.expr->where = lexer_span(l, l->token, l->cursor);
  if (s.typographic_open || s.typographic_close)
    report_typographic(&s);
  decode(&s);
  s.expr->string = buffer_slice(&s.decoded);
  lexer_check_length(l, s.expr);
  if (s.invalid)
    s.expr->kind = EXPR_INVALID;
  value->expr = s.expr;
  return TOKEN_STRING;
}
