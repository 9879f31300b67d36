/* SPDX-License-Identifier: Apache-2.0 */
/* Values know no places: for the one message about a suite, its text is
 * walked again. */
#include "suite/suite.h"

static size_t skip_space(slice text, size_t at) {
  while (at < text.length && memchr(" \t\r\n", text.data[at], 4))
    at++;
  return at;
}

static size_t skip_string(slice text, size_t at) {
  for (at++; at < text.length && text.data[at] != '"'; at++)
    if (text.data[at] == '\\')
      at++;
  return at + 1;
}

/* Over a value: to the comma, colon or bracket behind it. */
static size_t skip_value(slice text, size_t at) {
  size_t depth = 0;
  while (at < text.length) {
    char c = text.data[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (!depth && memchr(",:]}", c, 4))
      break;
    depth += c == '[' || c == '{';
    depth -= c == ']' || c == '}';
    at++;
  }
  return at;
}

/* Over a member's name and colon. */
static size_t skip_name(slice text, size_t at) {
  at = skip_space(text, skip_string(text, at));
  return skip_space(text, at + 1);
}

size_t suite_locate(slice text, const uint32_t *steps, size_t count) {
  size_t at = skip_space(text, 0);
  for (size_t i = 0; i < count && at < text.length; i++) {
    bool is_object = text.data[at] == '{';
    at = skip_space(text, at + 1);
    for (uint32_t k = 0; k < steps[i] && at < text.length; k++) {
      at = skip_value(text, is_object ? skip_name(text, at) : at);
      at = skip_space(text, at + 1);
    }
    if (is_object && i + 1 < count)
      at = skip_name(text, at);
  }
  return at < text.length ? at : text.length;
}
