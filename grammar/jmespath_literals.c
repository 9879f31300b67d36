/* SPDX-License-Identifier: Apache-2.0 */
/* What the quoted tokens of JMESPath hold. */
#include "base/text.h"
#include "grammar/jmespath_parser.h"

static slice text_at(const jmespath_parser *p, uint32_t begin, uint32_t end) {
  return (slice){p->text.data + begin, end - begin};
}

/* The token without its quotes. */
static slice inside(const jmespath_parser *p, span where) {
  return text_at(p, where.begin + 1, where.end - 1);
}

/* A quoted name is a JSON string. */
bool jmespath_read_quoted(jmespath_parser *p, span where, slice *name) {
  value v;
  json_error error;
  slice text = text_at(p, where.begin, where.end);
  if (json_read(p->arena, text, 0, &v, &error)) {
    *name = value_string(&v);
    return true;
  }
  uint32_t at = where.begin + (uint32_t)error.offset;
  jmespath_fail(p, JMESPATH_SYNTAX, (span){at, at + 1}, NULL,
                "in a name in double quotes: %s", error.message);
  return false;
}

/* A copy in which the backslash before each `quote` is left out. Other pairs
 * stay as they are, a backslash before a backslash too. */
static slice without_escapes(arena *a, slice text, char quote) {
  char *copy = arena_alloc(a, text.length + 1), *to = copy;
  for (size_t i = 0; i < text.length; i++) {
    if (text.data[i] == '\\' && i + 1 < text.length) {
      if (text.data[i + 1] != quote)
        *to++ = text.data[i];
      i++;
    }
    *to++ = text.data[i];
  }
  *to = 0;
  return slice_between(copy, to);
}

static bool has_escaped(slice text, char quote) {
  for (size_t i = 0; i + 1 < text.length; i++) {
    if (text.data[i] != '\\')
      continue;
    if (text.data[i + 1] == quote)
      return true;
    i++;
  }
  return false;
}

static slice unescaped(arena *a, slice text, char quote) {
  return has_escaped(text, quote) ? without_escapes(a, text, quote) : text;
}

/* JEP-12: \' is a quote, any other backslash is itself. */
bool jmespath_read_raw(jmespath_parser *p, span where, value *literal) {
  *literal = value_text(unescaped(p->arena, inside(p, where), '\''));
  return true;
}

/* The message of a literal that is no JSON; a word is what people write who
 * know the older language, in which it was a string. */
static void fail_literal(jmespath_parser *p, span where, slice text,
                         const json_error *error, bool is_copy) {
  buffer help = buffer_in(p->arena);
  span place = where;
  if (!is_copy) {
    place.begin = where.begin + 1 + (uint32_t)error->offset;
    place.end = place.begin + 1;
  }
  if (text.length && strchr("\"{[", text.data[0]) == NULL)
    buffer_printf(&help, "a string is written '%.*s'", SLICE_ARGS(text));
  jmespath_fail(p, JMESPATH_SYNTAX, place,
                help.length ? buffer_slice(&help).data : NULL,
                "between backticks stands JSON: %s", error->message);
}

bool jmespath_read_literal(jmespath_parser *p, span where, value *literal) {
  slice text = inside(p, where);
  slice json = unescaped(p->arena, text, '`');
  json_error error;
  if (json_read(p->arena, json, 0, literal, &error))
    return true;
  fail_literal(p, where, text, &error, json.data != text.data);
  return false;
}

bool jmespath_read_number(jmespath_parser *p, span where, int64_t *number) {
  slice text = text_at(p, where.begin, where.end);
  bool is_negative = text.data[0] == '-';
  int64_t result = 0;
  bool fits = true;
  for (size_t i = is_negative; i < text.length && fits; i++) {
    result = result * 10 + (text.data[i] - '0');
    fits = result <= INT32_MAX; /* no array has more items */
  }
  if (!fits) {
    jmespath_fail(p, JMESPATH_SYNTAX, where, NULL, "an index so large");
    return false;
  }
  *number = is_negative ? -result : result;
  return true;
}

/* --- stray bytes ---------------------------------------------------------- */

typedef struct stray {
  uint32_t code_point;
  const char *message, *help;
} stray;

static const char typographic[] = "a typographic quotation mark";
static const char plain_quotes[] =
    "a string stands in ' ', a name in \" \", JSON between backticks";

static const stray strays[] = {
    {'=', "`=` is no operator", "to compare, write =="},
    {'-', "a `-` without a digit", "a name with - in it is written \"a-b\""},
    {'+', "JMESPath has no arithmetic", NULL},
    {'/', "JMESPath has no arithmetic", NULL},
    {'%', "JMESPath has no arithmetic", NULL},
    {'\\', "a backslash stands only inside quotes", NULL},
    {'$', "`$` does not begin a name",
     "a name with other characters is written \"$name\""},
    {'?', "`?` stands only behind `[`", "a filter is written [?..]"},
    {0x2018, typographic, plain_quotes},
    {0x2019, typographic, plain_quotes},
    {0x201C, typographic, plain_quotes},
    {0x201D, typographic, plain_quotes},
    {0xA0, "a no-break space", "write a plain blank"},
};

void jmespath_report_stray(jmespath_parser *p, span where) {
  uint32_t code_point = 0;
  slice rest = text_at(p, where.begin, (uint32_t)p->text.length);
  size_t length = utf8_length(rest, &code_point);
  if (length)
    where.end = where.begin + (uint32_t)length;
  for (size_t i = 0; i < sizeof strays / sizeof *strays; i++)
    if (strays[i].code_point == code_point) {
      jmespath_fail(p, JMESPATH_SYNTAX, where, strays[i].help, "%s",
                    strays[i].message);
      return;
    }
  if (code_point < 0x20 || code_point == 0x7F)
    jmespath_fail(p, JMESPATH_SYNTAX, where, NULL,
                  "a control character (U+%04X)", (unsigned)code_point);
  else
    jmespath_fail(p, JMESPATH_SYNTAX, where,
                  "a name with other characters stands in double quotes",
                  "`%.*s` has no meaning here", (int)length, rest.data);
}
