/* SPDX-License-Identifier: Apache-2.0 */
#include "grammar/jmespath.tab.h"
#include "grammar/jmespath_limits.h"

/* Counts brackets and runs of `!`, which both make the tree deeper. */
static int deeper(jmespath_parser *p, int token, span where) {
  if (token == JMESPATH_TOKEN_NOT)
    p->nots++;
  else
    p->depth++;
  if (p->depth + p->nots <= LIMIT_QUERY_DEPTH)
    return token;
  jmespath_fail(p, JMESPATH_LIMIT, where, NULL,
                "the query nests deeper than %d levels", LIMIT_QUERY_DEPTH);
  return JMESPATH_TOKEN_INVALID;
}

static int shallower(jmespath_parser *p, int token) {
  if (p->depth)
    p->depth--;
  return token;
}

static int given(bool is_read, int token) {
  return is_read ? token : JMESPATH_TOKEN_INVALID;
}

static int unterminated(jmespath_parser *p, span where, const char *what) {
  jmespath_fail(p, JMESPATH_SYNTAX, (span){where.begin, where.begin + 1}, NULL,
                "%s that begins here does not end", what);
  return JMESPATH_TOKEN_INVALID;
}

/* re2c's default rule must end somewhere: a NUL is the end or a stray. */
int jmespath_next_token(jmespath_parser *p, union jmespath_semantic *out,
                        span *where) {
  const unsigned char *cursor = p->cursor, *marker, *token;
  unsigned nots = p->nots;
  p->nots = 0;

#define PLACE                                       \
  (p->cursor = cursor,                              \
   where->begin = (uint32_t)(token - p->begin),     \
   where->end = (uint32_t)(cursor - p->begin), *where)
#define TOKEN(name) return (void)PLACE, JMESPATH_TOKEN_##name
#define DEEPER(name) return (void)PLACE, \
    deeper(p, JMESPATH_TOKEN_##name, *where)
#define SHALLOWER(name) return (void)PLACE, shallower(p, JMESPATH_TOKEN_##name)

next:
  token = cursor;
  /*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:yyfill:enable = 0;

    name = [A-Za-z_][A-Za-z0-9_]*;
    pair = "\\" [^\x00];

    [ \t\r\n]+  { goto next; }

    name {
      (void)PLACE;
      out->name = slice_between((const char *)token, (const char *)cursor);
      return JMESPATH_TOKEN_NAME;
    }
    "-"? [0-9]+ {
      return given(jmespath_read_number(p, PLACE, &out->number),
                   JMESPATH_TOKEN_NUMBER);
    }
    ["] ([^"\\\x00] | pair)* ["] {
      return given(jmespath_read_quoted(p, PLACE, &out->name),
                   JMESPATH_TOKEN_QUOTED);
    }
    ['] ([^'\\\x00] | pair)* ['] {
      return given(jmespath_read_raw(p, PLACE, &out->literal),
                   JMESPATH_TOKEN_RAW);
    }
    [`] ([^`\\\x00] | pair)* [`] {
      return given(jmespath_read_literal(p, PLACE, &out->literal),
                   JMESPATH_TOKEN_LITERAL);
    }
    ["]   { return unterminated(p, PLACE, "the name"); }
    [']   { return unterminated(p, PLACE, "the string"); }
    [`]   { return unterminated(p, PLACE, "the literal"); }

    "||"  { TOKEN(OR); }
    "|"   { TOKEN(PIPE); }
    "&&"  { TOKEN(AND); }
    "&"   { TOKEN(REFERENCE); }
    "=="  { TOKEN(EQUAL); }
    "!="  { TOKEN(NOT_EQUAL); }
    "<="  { TOKEN(LESS_EQUAL); }
    "<"   { TOKEN(LESS); }
    ">="  { TOKEN(GREATER_EQUAL); }
    ">"   { TOKEN(GREATER); }
    "!"   { p->nots = nots; DEEPER(NOT); }
    "."   { TOKEN(DOT); }
    ","   { TOKEN(COMMA); }
    ":"   { TOKEN(COLON); }
    "*"   { TOKEN(STAR); }
    "@"   { TOKEN(CURRENT); }
    "[]"  { TOKEN(FLATTEN); }
    "[?"  { DEEPER(FILTER); }
    "["   { DEEPER(OPEN_BRACKET); }
    "]"   { SHALLOWER(CLOSE_BRACKET); }
    "{"   { DEEPER(OPEN_BRACE); }
    "}"   { SHALLOWER(CLOSE_BRACE); }
    "("   { DEEPER(OPEN_PARENTHESIS); }
    ")"   { SHALLOWER(CLOSE_PARENTHESIS); }

    "\x00" {
      if (token == p->end) {
        cursor = token; /* stays here, should the parser ask again */
        TOKEN(YYEOF);
      }
      jmespath_report_stray(p, PLACE);
      return JMESPATH_TOKEN_INVALID;
    }
    * {
      jmespath_report_stray(p, PLACE);
      return JMESPATH_TOKEN_INVALID;
    }
  */
}
