/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/json_span.h"

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_blanks(slice text, size_t at) {
  while (at < text.length && is_blank(text.data[at]))
    at++;
  return at;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(slice text, size_t at) {
  for (at++; at < text.length && text.data[at] != '"'; at++)
    if (text.data[at] == '\\')
      at++;
  return at < text.length ? at + 1 : text.length;
}

/* Behind the value that begins at `at`: where a comma or bracket of the object
 * around it stands. */
static size_t skip_value(slice text, size_t at) {
  size_t depth = 0;
  while (at < text.length) {
    char c = text.data[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']'))
      break;
    if (c == '{' || c == '[')
      depth++;
    else if (c == '}' || c == ']')
      depth--;
    at++;
  }
  return at;
}

typedef struct span_member {
  slice name, value;
} span_member;

/* The next member; false at the end, or where the text is no object. */
static bool next_member(slice text, size_t *at, span_member *result) {
  size_t name = skip_blanks(text, *at);
  if (name >= text.length || text.data[name] != '"')
    return false;
  size_t behind = skip_string(text, name);
  size_t colon = skip_blanks(text, behind);
  if (behind < name + 2 || colon >= text.length || text.data[colon] != ':')
    return false;
  size_t begin = skip_blanks(text, colon + 1);
  size_t end = skip_value(text, begin);
  *at = end < text.length && text.data[end] == ',' ? end + 1 : text.length;
  while (end > begin && is_blank(text.data[end - 1]))
    end--;
  result->name = (slice){text.data + name + 1, behind - name - 2};
  result->value = (slice){text.data + begin, end - begin};
  return true;
}

static bool find(slice text, const char *name, span_member *found) {
  size_t at = skip_blanks(text, 0);
  if (at >= text.length || text.data[at] != '{')
    return false;
  at++;
  while (next_member(text, &at, found))
    if (slice_is(found->name, name))
      return true;
  return false;
}

slice json_span(slice object, const char *name) {
  span_member found;
  return find(object, name, &found) ? found.value : SLICE_EMPTY;
}

bool json_has_member(slice text, const char *name) {
  span_member found;
  return find(text, name, &found);
}
