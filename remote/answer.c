/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/answer.h"

/* --- tokens --------------------------------------------------------------- */

static const value *text_member(const value *object, slice name) {
  const value *v = value_member(object, name);
  return v && v->kind == VALUE_STRING ? v : NULL;
}

bool reply_token(arena *a, slice body, slice *token, bool *is_data) {
  value v;
  json_error error;
  *is_data = false;
  if (!json_read(a, body, JSON_LAST_NAME_WINS, &v, &error))
    return false;
  const value *found = v.kind == VALUE_STRING ? &v : NULL;
  if (v.kind == VALUE_OBJECT) {
    found = text_member(&v, SLICE("token"));
    if (!found)
      found = text_member(&v, SLICE("policy"));
    if (!found) {
      found = text_member(&v, SLICE("data"));
      *is_data = found != NULL;
    }
  }
  if (!found || !found->count)
    return false;
  *token = value_string(found);
  return true;
}

bool reply_is_empty_token(slice token) {
  const char *dot = token.length ? memchr(token.data, '.', token.length)
                                 : NULL;
  return dot && (size_t)(dot - token.data) + 1 < token.length && dot[1] == '.';
}

/* --- errors --------------------------------------------------------------- */

bool reply_error_read(arena *a, slice body, reply_error *result) {
  value v;
  json_error error;
  *result = (reply_error){0};
  if (!json_read(a, body, JSON_LAST_NAME_WINS, &v, &error))
    return false;
  const value *inner = value_member(&v, SLICE("error"));
  if (!inner || inner->kind != VALUE_OBJECT)
    return false;
  const value *code = text_member(inner, SLICE("code"));
  const value *text = text_member(inner, SLICE("message"));
  if (code)
    result->code = value_string(code);
  if (text)
    result->text = value_string(text);
  return code || text;
}

static const char *find(slice text, const char *what) {
  size_t n = strlen(what);
  for (size_t i = 0; i + n <= text.length; i++)
    if (memcmp(text.data + i, what, n) == 0)
      return text.data + i + n;
  return NULL;
}

/* The number in quotes behind a word. */
static bool quoted_number(slice text, const char *word, unsigned *number) {
  enum { DIGITS_MAX = 9 };
  const char *end = text.data + text.length, *at = find(text, word);
  size_t digits = 0;
  unsigned n = 0;
  while (at && at < end && (*at == ' ' || *at == ':' || *at == '\''))
    at++;
  for (; at && at < end && *at >= '0' && *at <= '9' && digits <= DIGITS_MAX;
       at++, digits++)
    n = n * 10 + (unsigned)(*at - '0');
  *number = n;
  return digits > 0 && digits <= DIGITS_MAX;
}

bool reply_place(slice message, unsigned *line, unsigned *column) {
  return message.length && quoted_number(message, "Line", line) && *line > 0 &&
         quoted_number(message, "Column", column);
}

slice reply_reason(slice message) {
  if (!message.length)
    return SLICE_EMPTY;
  const char *end = message.data + message.length;
  const char *at = find(message, "Msg:[");
  if (at) {
    slice rest = slice_between(at, end);
    unsigned depth = 1;
    for (size_t i = 0; i < rest.length; i++) {
      depth += rest.data[i] == '[';
      depth -= rest.data[i] == ']';
      if (!depth)
        return (slice){rest.data, i};
    }
    return rest;
  }
  for (size_t i = 0; i < message.length; i++)
    if (message.data[i] == '\r' || message.data[i] == '\n')
      return (slice){message.data, i};
  return message;
}
