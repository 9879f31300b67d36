/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of the policy language. The text ends with a NUL, so no bounds are
 * checked on the way; a NUL before the end is a stray byte. Strings with
 * anything but plain ASCII go to lexer_string.c, whatever is no token to
 * lexer_stray.c. */
#include "grammar/lexer.h"

#include "base/limits.h"
#include "base/text.h"
#include "grammar/parse.h"
#include "grammar/parser.h"
#include "grammar/policy.tab.h"

void lexer_init(lexer *l, arena *a, slice text, diagnostics *findings) {
  *l = (lexer){.arena = a, .findings = findings};
  l->begin = l->cursor = (const unsigned char *)text.data;
  l->end = l->begin + text.length;
}

/* A NUL does not end a comment; it has no place in one either. */
static void nul_in_comment(lexer *l, bool is_block) {
  for (; l->cursor < l->end; l->cursor++) {
    unsigned char c = *l->cursor;
    if (!c)
      diagnose(l->findings, CODE_P014, lexer_span(l, l->cursor, l->cursor + 1),
               "a comment holds the control character U+0000 (NUL)");
    else if (is_block ? c == '*' && l->cursor[1] == '/'
                      : c == '\n' || c == '\r')
      break;
  }
  l->cursor += is_block && l->cursor < l->end ? 2 : 0;
}

static void keep_comment(lexer *l, bool is_block) {
  if (!is_block && l->cursor < l->end && !*l->cursor)
    nul_in_comment(l, false);
  l->comments = arena_grow(l->arena, l->comments, l->comment_count,
                           &l->comment_capacity, sizeof *l->comments);
  span where = lexer_span(l, l->token, l->cursor);
  l->comments[l->comment_count++] = (ast_comment){where, is_block};
  slice text = {(const char *)l->token, (size_t)(l->cursor - l->token)};
  size_t bad = utf8_error(text);
  if (bad < text.length) {
    span at = {where.begin + (uint32_t)bad, where.begin + (uint32_t)bad + 1};
    diagnose(l->findings, CODE_P013, at,
             "a comment holds the byte 0x%02X, which is not UTF-8",
             (unsigned char)text.data[bad]);
  }
}

/* Passes over blanks and comments without keeping them. */
static const unsigned char *peek(const lexer *l) {
  const unsigned char *p = l->cursor;
  for (;;) {
    if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
      p++;
    } else if (p[0] == '/' && p[1] == '/') {
      while (*p && *p != '\n' && *p != '\r')
        p++;
    } else if (p[0] == '/' && p[1] == '*') {
      for (p += 2; *p && !(p[0] == '*' && p[1] == '/'); p++)
        ;
      p += *p ? 2 : 0;
    } else {
      return p;
    }
  }
}

static bool is_version_word(const lexer *l, size_t length) {
  static const char word[] = "version";
  if (length != sizeof word - 1)
    return false;
  for (size_t i = 0; i < length; i++)
    if ((l->token[i] | 0x20) != (unsigned char)word[i])
      return false;
  return true;
}

/* `and` and `or` between conditions, in any case. */
static int joining_word(lexer *l, size_t length) {
  slice text = {(const char *)l->token, length};
  bool is_and = slice_equal_ignore_case(text, SLICE("and"));
  if (!is_and && !slice_equal_ignore_case(text, SLICE("or")))
    return TOKEN_IDENT;
  diagnostic *d = diagnose(l->findings, CODE_P001,
                           lexer_span(l, l->token, l->cursor),
                           is_and ? "conditions are joined by `&&`"
                                  : "the language has no `or`");
  if (is_and)
    return TOKEN_AND;
  diagnostic_help(l->findings, d, "write one rule for each alternative");
  return TOKEN_INVALID;
}

/* A word before `{` or `={` names a section, whatever it is: so a section
 * that lacks its end does not swallow the next. */
static int word(lexer *l) {
  size_t length = (size_t)(l->cursor - l->token);
  if (length > LIMIT_IDENTIFIER_BYTES)
    diagnose(l->findings, CODE_P018, lexer_span(l, l->token, l->cursor),
             "a name of %zu characters; %d are allowed", length,
             LIMIT_IDENTIFIER_BYTES);
  if (l->in_brackets || l->depth)
    return TOKEN_IDENT;
  const unsigned char *next = peek(l);
  if (*next == '{')
    return TOKEN_SECTION;
  if (l->last == ']' && *next != ':' && length <= 3)
    return joining_word(l, length);
  if (*next != '=' || next[1] == '>' || next[1] == '=')
    return is_version_word(l, length) && !l->seen_token ? TOKEN_VERSION
                                                        : TOKEN_IDENT;
  lexer ahead = {.cursor = next + 1};
  return *peek(&ahead) == '{'            ? TOKEN_SECTION
         : is_version_word(l, length) ? TOKEN_VERSION
                                         : TOKEN_IDENT;
}

/* text: an optional minus and digits of the base. */
static bool parse_integer(const unsigned char *p, const unsigned char *end,
                          unsigned base, int64_t *result) {
  bool negative = *p == '-';
  uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0), value = 0;
  for (p += negative; p < end; p++) {
    unsigned digit = *p <= '9' ? *p - 48u : (*p | 0x20u) - 'a' + 10;
    if (value > (limit - digit) / base)
      return false;
    value = value * base + digit;
  }
  *result = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

static ast_expr *new_expr(lexer *l, ast_expr_kind kind) {
  ast_expr *e = ARENA_NEW(l->arena, ast_expr);
  e->kind = (uint8_t)kind;
  e->where = lexer_span(l, l->token, l->cursor);
  return e;
}

static int integer(lexer *l, union policy_semantic *value, unsigned base) {
  const unsigned char *digits = l->token + (base == 16 ? 2 : 0);
  value->expr = new_expr(l, EXPR_INTEGER);
  if (!parse_integer(digits, l->cursor, base, &value->expr->integer)) {
    diagnose(l->findings, CODE_P012, value->expr->where,
             "%.*s does not fit in 64 bits",
             (int)(l->cursor - l->token > 80 ? 80 : l->cursor - l->token),
             (const char *)l->token);
    value->expr->kind = EXPR_INVALID;
  }
  return TOKEN_INTEGER;
}

static int boolean(lexer *l, union policy_semantic *value, bool b) {
  value->expr = new_expr(l, EXPR_BOOLEAN);
  value->expr->boolean = b;
  return b ? TOKEN_TRUE : TOKEN_FALSE;
}

static int plain_string(lexer *l, union policy_semantic *value) {
  value->expr = new_expr(l, EXPR_STRING);
  value->expr->string = slice_between((const char *)l->token + 1,
                                      (const char *)l->cursor - 1);
  lexer_check_length(l, value->expr);
  return TOKEN_STRING;
}

static int placeholder(lexer *l, union policy_semantic *value) {
  value->expr = new_expr(l, EXPR_INVALID);
  diagnostic *d = diagnose(
      l->findings, CODE_P015, value->expr->where,
      "the placeholder %.*s was not replaced", (int)(l->cursor - l->token),
      (const char *)l->token);
  diagnostic_help(l->findings, d,
                  "put the value here: a number, true or false, or a string in "
                  "double quotes");
  return TOKEN_PLACEHOLDER;
}

/* `1.0authorizationrules`: the number ends where the name of a section
 * begins. */
static bool runs_into_section(lexer *l) {
  const unsigned char *p = l->token;
  while (*p >= '0' && *p <= '9')
    p++;
  slice rest = slice_between((const char *)p, (const char *)l->cursor);
  for (const char *const *name = section_names; *name; name++)
    if (slice_equal_ignore_case(rest, slice_from(*name))) {
      l->cursor = p;
      return true;
    }
  return false;
}

static int bad_number(lexer *l, union policy_semantic *value) {
  if (runs_into_section(l))
    return integer(l, value, 10);
  diagnostic *d = diagnose(l->findings, CODE_P001,
                           lexer_span(l, l->token, l->cursor),
                           "`%.*s` is not a number",
                           (int)(l->cursor - l->token),
                           (const char *)l->token);
  diagnostic_help(l->findings, d,
                  "numbers are whole: 0, 42, -7 or 0x1F, without leading "
                  "zeros; text stands in double quotes");
  value->expr = new_expr(l, EXPR_INVALID);
  return TOKEN_INTEGER;
}

/* Outside of conditions the first parenthesis is the action's own. */
static int open_parenthesis(lexer *l) {
  if (++l->depth <= (l->in_brackets ? LIMIT_CALL_DEPTH : LIMIT_CALL_DEPTH + 1))
    return '(';
  if (!l->reported_depth)
    diagnose(l->findings, CODE_P018, lexer_span(l, l->token, l->cursor),
             "calls are nested deeper than %d", LIMIT_CALL_DEPTH);
  l->reported_depth = true;
  return TOKEN_INVALID;
}

int lexer_next(lexer *l, union policy_semantic *value, span *where) {
  const unsigned char *marker;
  int token;
  for (;;) {
    l->token = l->cursor;
    /*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = "l->cursor";
    re2c:define:YYMARKER = "marker";
    re2c:yyfill:enable = 0;

    letter = [A-Za-z_];
    digit  = [0-9];
    plain  = [\x20-\x7e] \ ["\\];

    [ \t\r\n]+                 { continue; }
    "//" [^\r\n\x00]*          { keep_comment(l, false); continue; }
    "/" "*" ([^*\x00] | "*"+ [^*/\x00])* "*"* "\x00"
                               { if (l->cursor > l->end) {
                                   l->cursor = l->token + 1;
                                   token = lexer_stray(l, value);
                                   continue;
                                 }
                                 l->cursor--;
                                 nul_in_comment(l, true);
                                 keep_comment(l, true); continue; }
    "/" "*" ([^*\x00] | "*"+ [^*/\x00])* "*"+ "/"
                               { keep_comment(l, true); continue; }
    "true"                     { token = boolean(l, value, true); break; }
    "false"                    { token = boolean(l, value, false); break; }
    letter (letter | digit)*   { token = word(l); break; }
    "0" | "-"? [1-9] digit*  
                               { token = integer(l, value, 10); break; }
    "0x" [0-9A-Fa-f]+          { token = integer(l, value, 16); break; }
    "-"? digit (letter | digit)*
                               { token = bad_number(l, value); break; }
    ["] plain* ["]             { if (string_runs_on(*l->cursor)) {
                                   l->cursor = l->token + 1;
                                   token = lexer_string(l, value, 1);
                                   break;
                                 }
                                 token = plain_string(l, value); break; }
    ["]                        { token = lexer_string(l, value, 1); break; }
    "<" letter (letter | digit | [ -])* ">"
                               { token = placeholder(l, value); break; }
    "$" "{"? letter (letter | digit)* "}"?
                               { token = placeholder(l, value); break; }
    "{{" [ ]* letter (letter | digit | [. -])* "}}"
                               { token = placeholder(l, value); break; }
    "&&"                       { token = TOKEN_AND; break; }
    "=>"                       { token = TOKEN_ARROW; break; }
    "=="                       { token = TOKEN_EQUAL; break; }
    "!="                       { token = TOKEN_NOT_EQUAL; break; }
    "<="                       { token = TOKEN_LESS_EQUAL; break; }
    ">="                       { token = TOKEN_GREATER_EQUAL; break; }
    "("                        { token = open_parenthesis(l); break; }
    ")"                        { l->depth -= l->depth > 0;
                                 token = ')'; break; }
    "["                        { l->in_brackets = true; token = '['; break; }
    "]"                        { l->in_brackets = false; token = ']'; break; }
    [{};]                      { token = l->cursor[-1];
                                 l->in_brackets = false; l->depth = 0;
                                 l->braces += token == '{';
                                 l->braces -= token == '}' && l->braces;
                                 break; }
    [,:.=!<>]                  { token = l->cursor[-1]; break; }
    *                          {
        if (l->token >= l->end) {
          l->cursor = l->token;
          token = TOKEN_YYEOF;
          break;
        }
        token = lexer_stray(l, value);
        if (token < 0)
          continue;
        break;
      }
    */
  }
  *where = lexer_span(l, l->token, l->cursor);
  l->seen_token = true;
  l->last = token;
  return token;
}
