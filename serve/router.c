/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/router.h"

const operation operations[OPERATION_COUNT] = {
#define OPERATION(name, method, path, versions, access, summary) \
  {#name, (method), (path), (versions), (access), (summary), operation_##name},
#include "serve/operations.h"
#undef OPERATION
};

static const struct {
  const char *name;
  unsigned bit;
} versions[] = {
    {"2018-09-01-preview", API_2018}, {"2018-09-01", API_2018},
    {"2020-10-01", API_2020},         {"2022-08-01", API_2022},
    {"2022-09-01-preview", API_2022}, {"2022-09-01", API_2022},
    {"2025-06-01", API_2025},         {"2026-03-11-preview", API_2026},
};

unsigned api_version_bit(slice version) {
  for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
    if (slice_equal_ignore_case(version, slice_from(versions[i].name)))
      return versions[i].bit;
  return 0;
}

slice route_clean_path(arena *a, slice path) {
  buffer clean = buffer_in(a);
  for (size_t i = 0; i < path.length; i++)
    if (path.data[i] != '/' || i + 1 == path.length ||
        path.data[i + 1] != '/')
      buffer_char(&clean, path.data[i]);
  if (clean.length > 1 && clean.data[clean.length - 1] == '/')
    clean.length--;
  return buffer_slice(&clean);
}

/* The rest of a segment that {..} stands for: neither slash nor colon. */
static size_t parameter_length(slice path, size_t at) {
  size_t end = at;
  while (end < path.length && path.data[end] != '/' && path.data[end] != ':')
    end++;
  return end - at;
}

static bool same_letter(char left, char right) {
  return slice_equal_ignore_case((slice){&left, 1}, (slice){&right, 1});
}

static bool matches(const char *pattern, slice path, slice *parameter) {
  size_t at = 0;
  *parameter = SLICE_EMPTY;
  for (const char *p = pattern; *p; p++) {
    if (*p == '{') {
      *parameter = (slice){path.data + at, parameter_length(path, at)};
      if (parameter->length == 0)
        return false;
      at += parameter->length;
      p = strchr(p, '}');
    } else if (at == path.length || !same_letter(*p, path.data[at++])) {
      return false;
    }
  }
  return at == path.length;
}

static bool same_method(slice method, const char *wanted) {
  return slice_is(method, wanted) ||
         (slice_is(method, "HEAD") && strcmp(wanted, "GET") == 0);
}

/* Which methods a path has; there are but few combinations. */
static const char *method_list(unsigned found) {
  static const char *const lists[] = {NULL,  "GET",       "PUT",  "GET, PUT",
                                      "POST", "GET, POST", "PUT, POST",
                                      "GET, PUT, POST"};
  return lists[found & 7];
}

static unsigned method_bit(const char *method) {
  if (strcmp(method, "GET") == 0)
    return 1;
  return strcmp(method, "PUT") == 0 ? 2 : 4;
}

route route_find(slice method, slice path) {
  route found = {0};
  unsigned others = 0;
  for (size_t i = 0; i < OPERATION_COUNT; i++) {
    slice parameter;
    if (!matches(operations[i].path, path, &parameter))
      continue;
    if (same_method(method, operations[i].method))
      return (route){&operations[i], parameter, NULL};
    others |= method_bit(operations[i].method);
  }
  found.allowed = method_list(others);
  return found;
}
