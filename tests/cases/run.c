/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the cases below the folders or files given: policies that say in
 * comments at their top what must come of them. README.md has the directives.
 *
 *   run tests/cases
 *   run tests/cases/eval/sets/negated.maapolicy
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/cases/case.h"

static void run_file(context *c) {
  const char *reason;
  slice sidecar;
  if (file_read(c->arena, c->path, LIMIT_POLICY_BYTES, &c->text, &reason) !=
      FILE_OK) {
    problem(c, "%s", reason);
    finish_run(c, SLICE("read"));
    return;
  }
  run_layout(c);
  if (strstr(c->path, "/format/"))
    return; /* only its layout counts */
  bool beside = read_sibling(c, ".expect", &sidecar);
  if (!read_header(c, beside ? sidecar : c->text, beside))
    finish_run(c, SLICE("header"));
  else if (c->header && slice_is(c->header->name, "case"))
    run_evaluation_file(c);
  else
    run_check_file(c);
}

static void run_path(const char *path, size_t totals[2]) {
  arena a;
  jmp_buf failure;
  context c = {.arena = &a, .path = path, .problems = {.arena = &a}};
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    printf("FAIL %s: memory\n", path);
    totals[1]++;
  } else {
    run_file(&c);
    totals[0] += c.passed;
    totals[1] += c.failed;
  }
  arena_free(&a);
}

static void run_tree(arena *a, const char *path, size_t totals[2]);

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_case_name(const char *name) {
  static const char ending[] = ".maapolicy";
  size_t length = strlen(name), tail = sizeof ending - 1;
  return length > tail && strcmp(name + length - tail, ending) == 0;
}

static void run_folder(arena *a, const char *path, size_t totals[2]) {
  char **names = NULL;
  size_t count = 0, capacity = 0;
  DIR *folder = opendir(path);
  if (!folder)
    return;
  for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
    if (e->d_name[0] == '.')
      continue;
    buffer b = buffer_in(a);
    buffer_printf(&b, "%s/%s", path, e->d_name);
    names = arena_grow(a, names, count, &capacity, sizeof *names);
    names[count++] = arena_string(a, buffer_slice(&b));
  }
  closedir(folder);
  if (count)
    qsort(names, count, sizeof *names, compare_names);
  for (size_t i = 0; i < count; i++)
    run_tree(a, names[i], totals);
}

static void run_tree(arena *a, const char *path, size_t totals[2]) {
  struct stat status;
  if (stat(path, &status) != 0) {
    printf("FAIL %s: not found\n", path);
    totals[1]++;
  } else if (S_ISDIR(status.st_mode))
    run_folder(a, path, totals);
  else if (is_case_name(path))
    run_path(path, totals);
}

int main(int count, char **arguments) {
  size_t totals[2] = {0, 0};
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    fprintf(stderr, "out of memory\n");
    return 1;
  }
  for (int i = 1; i < count; i++)
    run_tree(&a, arguments[i], totals);
  printf("%zu passed, %zu failed\n", totals[0], totals[1]);
  arena_free(&a);
  return totals[1] > 0 || totals[0] == 0;
}
