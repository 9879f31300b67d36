/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_span.h"

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *at, const char *end) {
  while (at < end && is_blank(*at))
    at++;
  return at;
}

/* Behind the string whose quote is at `at`; NULL if it does not end. */
static const char *skip_string(const char *at, const char *end) {
  for (at++; at < end && *at != '"'; at++)
    if (*at == '\\' && ++at == end)
      break;
  return at < end ? at + 1 : NULL;
}

/* Behind the value that begins at `at`: where a comma or bracket of what is
 * around it stands. */
static const char *skip_value(const char *at, const char *end) {
  size_t depth = 0;
  while (at < end) {
    if (*at == '"') {
      const char *behind = skip_string(at, end);
      at = behind ? behind : end;
      continue;
    }
    bool closes = *at == '}' || *at == ']';
    if (depth == 0 && (closes || *at == ','))
      break;
    depth += *at == '{' || *at == '[';
    depth -= closes;
    at++;
  }
  return at;
}

/* The value at `at`; the result is behind it. */
static const char *take_value(const char *at, const char *end, slice *value) {
  const char *begin = skip_blanks(at, end);
  const char *behind = skip_value(begin, end), *last = behind;
  while (last > begin && is_blank(last[-1]))
    last--;
  *value = slice_between(begin, last);
  return behind;
}

json_cursor json_enter(slice value) {
  if (value.length == 0)
    return (json_cursor){0};
  const char *end = value.data + value.length;
  const char *at = skip_blanks(value.data, end);
  if (at == end || (*at != '{' && *at != '['))
    return (json_cursor){.at = end, .end = end};
  return (json_cursor){at + 1, end, *at == '{'};
}

/* The name at `at` and its colon; NULL if they do not stand there. */
static const char *take_name(const char *at, const char *end, slice *name) {
  const char *behind = *at == '"' ? skip_string(at, end) : NULL;
  if (!behind)
    return NULL;
  *name = slice_between(at, behind);
  at = skip_blanks(behind, end);
  return at < end && *at == ':' ? at + 1 : NULL;
}

bool json_next(json_cursor *cursor, json_place *child) {
  const char *end = cursor->end;
  const char *at = skip_blanks(cursor->at, end);
  *child = (json_place){0};
  cursor->at = end;
  if (at == end || *at == ']' || *at == '}')
    return false;
  if (cursor->is_object) {
    at = take_name(at, end, &child->name);
    if (!at)
      return false;
  }
  at = take_value(at, end, &child->value);
  if (at < end && *at == ',')
    cursor->at = at + 1;
  return true;
}

static bool has_name(const json_place *child, const char *name) {
  slice found = child->name;
  return found.length >= 2 &&
         slice_is((slice){found.data + 1, found.length - 2}, name);
}

static bool find(slice value, const json_step *step, json_place *child) {
  json_cursor cursor = json_enter(value);
  for (size_t i = 0; json_next(&cursor, child); i++)
    if (step->name ? has_name(child, step->name) : i == step->number)
      return true;
  return false;
}

slice json_span(slice object, const char *name) {
  json_place found;
  return find(object, &(json_step){.name = name}, &found) ? found.value
                                                          : SLICE_EMPTY;
}

bool json_has_member(slice text, const char *name) {
  json_place found;
  return find(text, &(json_step){.name = name}, &found);
}

bool json_mentions(slice text, const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i + length + 2 <= text.length; i++)
    if (text.data[i] == '"' && text.data[i + length + 1] == '"' &&
        slice_equal_ignore_case((slice){text.data + i + 1, length},
                                (slice){name, length}))
      return true;
  return false;
}

bool json_find_place(slice text, const json_step *steps, size_t count,
                     json_place *result) {
  *result = (json_place){0};
  if (text.length)
    take_value(text.data, text.data + text.length, &result->value);
  for (size_t i = 0; i < count; i++) {
    json_place child;
    if (!find(result->value, &steps[i], &child))
      return false;
    *result = child;
  }
  return true;
}
