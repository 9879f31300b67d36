/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/shared/runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"

void check(runner *t, bool good, const char *format, ...) {
  if (good) {
    t->passed++;
    return;
  }
  t->failed++;
  va_list arguments;
  va_start(arguments, format);
  printf("FAILED %s: ", t->sample);
  vprintf(format, arguments);
  putchar('\n');
  va_end(arguments);
}

const char *join(arena *a, const char *folder, const char *name) {
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s/%s", folder, name);
  return buffer_slice(&path).data;
}

static bool read_path(runner *t, const char *path, slice *text) {
  const char *reason;
  return file_read(t->arena, path, LIMIT_REQUEST_BYTES, text, &reason) ==
         FILE_OK;
}

bool read_file(runner *t, const char *name, slice *text) {
  return read_path(t, join(t->arena, t->folder, name), text);
}

bool read_sample(runner *t, const char *name, slice *text) {
  return read_file(t, join(t->arena, t->sample, name), text);
}

static bool as_json(runner *t, slice text, value *result) {
  json_error error;
  return json_read(t->arena, text, JSON_LAST_NAME_WINS, result, &error);
}

bool read_json(runner *t, const char *name, value *result) {
  slice text;
  return read_file(t, name, &text) && as_json(t, text, result);
}

bool read_sample_json(runner *t, const char *name, value *result) {
  slice text;
  return read_sample(t, name, &text) && as_json(t, text, result);
}

const value *path_in(const value *object, const char *outer,
                     const char *name) {
  const value *inner =
      outer ? value_member(object, slice_from(outer)) : object;
  return inner ? value_member(inner, slice_from(name)) : NULL;
}

bool same_value(arena *a, const value *x, const value *y) {
  if (!x || !y)
    return false;
  buffer one = buffer_in(a), two = buffer_in(a);
  json_write(&one, x);
  json_write(&two, y);
  return slice_equal(buffer_slice(&one), buffer_slice(&two));
}

int run_conformance(const char *name, const char *below,
                    void (*run)(runner *t)) {
  const char *data = getenv("MAAPOL_DATA");
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_ARENA_BYTES);
  runner t = {.arena = &a, .sample = name};
  if (ARENA_GUARD(&a, failure)) {
    puts("out of memory");
    return 1;
  }
  t.folder = join(&a, data ? data : "../shared/data", "evidence");
  if (*below)
    t.folder = join(&a, t.folder, below);
  run(&t);
  if (t.passed + t.failed == 0)
    printf("SKIPPED %s: no samples in %s\n", name, t.folder);
  printf("%u passed, %u failed\n", t.passed, t.failed);
  arena_free(&a);
  return t.failed > 0;
}
