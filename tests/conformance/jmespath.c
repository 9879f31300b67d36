/* SPDX-License-Identifier: Apache-2.0 */
/* The compliance suite of JMESPath in $MAAPOL_DATA/suites/jmespath.test: every
 * case's result or kind of error. A case that is a benchmark has neither; it
 * must parse. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "eval/jmespath.h"

typedef struct runner {
  arena *arena;
  const char *file;
  unsigned passed, failed;
} runner;

static const char *json_text(arena *a, const value *v) {
  buffer out = buffer_in(a);
  json_write(&out, v);
  return buffer_slice(&out).data;
}

static void fail(runner *t, slice expression, const char *expected,
                 const char *got) {
  t->failed++;
  printf("FAILED %s: %.*s\n  expected %s\n  got %s\n", t->file,
         SLICE_ARGS(expression), expected, got);
}

/* What came of a query: a result, or the kind of its error. */
typedef struct outcome {
  bool has_result;
  value result;
  const char *error;
} outcome;

static outcome evaluate(runner *t, slice expression, const value *given) {
  jmespath_error error;
  outcome o = {.has_result = false};
  const jmespath_query *query = jmespath_compile(t->arena, expression, &error);
  o.has_result =
      query && jmespath_search(query, t->arena, given, &o.result, &error);
  if (!o.has_result) {
    o.error = jmespath_error_name(error.kind);
    if (error.where.end > expression.length || !error.message[0])
      o.error = "an error without place or message";
  }
  return o;
}

static void run_case(runner *t, const value *given, const value *one_case) {
  const value *expression = value_member(one_case, SLICE("expression"));
  const value *result = value_member(one_case, SLICE("result"));
  const value *error = value_member(one_case, SLICE("error"));
  slice text = value_string(expression);
  outcome o = evaluate(t, text, given);
  const char *got = o.has_result ? json_text(t->arena, &o.result) : o.error;
  bool good = o.has_result;
  const char *expected = "a result";
  if (result) {
    good = o.has_result && value_equal(t->arena, &o.result, result);
    expected = json_text(t->arena, result);
  } else if (error) {
    good = o.error && slice_is(value_string(error), o.error);
    expected = json_text(t->arena, error);
  }
  if (good)
    t->passed++;
  else
    fail(t, text, expected, got);
}

static void run_file(runner *t, const char *path) {
  slice text;
  const char *reason;
  value suites;
  json_error error;
  if (file_read(t->arena, path, LIMIT_JSON_BYTES, &text, &reason) != FILE_OK) {
    fail(t, slice_from(path), "a file", reason);
    return;
  }
  if (!json_read(t->arena, text, 0, &suites, &error)) {
    fail(t, slice_from(path), "JSON", error.message);
    return;
  }
  for (uint32_t i = 0; i < suites.count; i++) {
    const value *given = value_member(&suites.items[i], SLICE("given"));
    const value *cases = value_member(&suites.items[i], SLICE("cases"));
    for (uint32_t j = 0; j < cases->count; j++)
      run_case(t, given, &cases->items[j]);
  }
}

static void run_folder(runner *t, const char *folder) {
  DIR *directory = opendir(folder);
  if (!directory) {
    printf("skipped: there is no %s (MAAPOL_DATA)\n", folder);
    return;
  }
  for (struct dirent *entry; (entry = readdir(directory));) {
    size_t length = strlen(entry->d_name);
    if (length < 5 || strcmp(entry->d_name + length - 5, ".json") != 0)
      continue;
    buffer path = buffer_in(t->arena);
    buffer_printf(&path, "%s/%s", folder, entry->d_name);
    t->file = arena_string(t->arena, slice_from(entry->d_name));
    run_file(t, buffer_slice(&path).data);
  }
  closedir(directory);
}

int main(void) {
  const char *data = getenv("MAAPOL_DATA");
  arena a;
  jmp_buf failure;
  runner t = {.arena = &a};
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n0 passed, 1 failed\n");
    arena_free(&a);
    return 1;
  }
  buffer folder = buffer_in(&a);
  buffer_printf(&folder, "%s/suites/jmespath.test/tests",
                data ? data : "../shared/data");
  run_folder(&t, buffer_slice(&folder).data);
  printf("%u passed, %u failed\n", t.passed, t.failed);
  arena_free(&a);
  return t.failed != 0;
}
