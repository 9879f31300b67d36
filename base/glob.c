/* SPDX-License-Identifier: Apache-2.0 */
#include "base/glob.h"

static slice last_name(slice path) {
  size_t at = path.length;
  while (at && path.data[at - 1] != '/')
    at--;
  return (slice){path.data + at, path.length - at};
}

static bool is_star(slice pattern, size_t at) {
  return at < pattern.length && pattern.data[at] == '*';
}

/* row[n]: what was read of the pattern matches the first n bytes. After a star
 * it matches longer beginnings too, up to a '/' if it is a single one. */
static void pass_star(bool *row, slice path, bool passes_slash) {
  for (size_t n = 0; n < path.length; n++)
    if (row[n] && (passes_slash || path.data[n] != '/'))
      row[n + 1] = true;
}

static void pass_byte(bool *row, slice path, char wanted) {
  for (size_t n = path.length; n; n--) {
    char c = path.data[n - 1];
    row[n] = row[n - 1] && (wanted == '?' ? c != '/' : c == wanted);
  }
  row[0] = false;
}

/* "**" and "/": any names, or none at all. */
static void pass_names(bool *row, slice path) {
  bool within = false; /* something before here matched */
  for (size_t n = 0; n <= path.length; n++) {
    bool ends_name = n && path.data[n - 1] == '/';
    bool matched = row[n];
    row[n] = matched || (within && ends_name);
    within |= matched;
  }
}

static bool match(arena *a, slice pattern, slice path) {
  bool *row = arena_zalloc(a, path.length + 1);
  row[0] = true;
  for (size_t i = 0; i < pattern.length; i++) {
    if (!is_star(pattern, i)) {
      pass_byte(row, path, pattern.data[i]);
      continue;
    }
    bool is_double = is_star(pattern, i + 1);
    while (is_star(pattern, i + 1))
      i++;
    if (is_double && i + 1 < pattern.length && pattern.data[i + 1] == '/') {
      i++;
      pass_names(row, path);
    } else {
      pass_star(row, path, is_double);
    }
  }
  return row[path.length];
}

bool glob_matches(arena *a, slice pattern, slice path) {
  if (!pattern.length)
    return false;
  if (!memchr(pattern.data, '/', pattern.length))
    path = last_name(path);
  else if (*pattern.data == '/') /* at the top */
    pattern = (slice){pattern.data + 1, pattern.length - 1};
  return match(a, pattern, path);
}
