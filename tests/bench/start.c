/* SPDX-License-Identifier: Apache-2.0 */
/* Starting `maapol check` on a small policy, against an empty program. The
 * two take turns, so that a busy machine slows both. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

extern char **environ;

enum { RUNS = 400 };

static posix_spawn_file_actions_t quiet; /* output goes to /dev/null */

/* Seconds until the program has ended; negative if it did not end well. */
static double time_program(char *const arguments[]) {
  pid_t child;
  int status = 1;
  double begin = bench_clock();
  if (posix_spawn(&child, arguments[0], &quiet, NULL, arguments, environ) !=
          0 ||
      waitpid(child, &status, 0) != child || status != 0)
    return -1;
  return bench_clock() - begin;
}

static char *write_policy(arena *a) {
  char *path = arena_string(a, SLICE("/tmp/maapol-bench-XXXXXX"));
  int file = mkstemp(path);
  if (file < 0)
    return NULL;
  slice text = bench_policy(a, 3);
  bool written = write(file, text.data, text.length) == (ssize_t)text.length;
  close(file);
  return written ? path : NULL;
}

static void measure(arena *a, char *maapol, char *empty) {
  static double samples[2][RUNS];
  char *path = write_policy(a);
  char *const check[] = {maapol, "check", path, NULL};
  char *const nothing[] = {empty, NULL};
  if (!path)
    return;
  for (size_t i = 0; i < RUNS; i++) {
    samples[0][i] = 1e3 * time_program(nothing);
    samples[1][i] = 1e3 * time_program(check);
    if (samples[0][i] < 0 || samples[1][i] < 0) {
      printf("%s check does not work\n", maapol);
      unlink(path);
      return;
    }
  }
  unlink(path);
  double floor = bench_median(samples[0], RUNS);
  bench_at_most("maapol check of 3 rules, as a process",
                bench_median(samples[1], RUNS), floor, "ms", floor + 1.5);
}

void bench_start(const char *maapol, const char *empty) {
  arena a;
  jmp_buf failure;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY,
                                   0);
  arena_init(&a, (size_t)1 << 24);
  if (ARENA_GUARD(&a, failure))
    printf("out of memory\n");
  else
    measure(&a, arena_string(&a, slice_from(maapol)),
            arena_string(&a, slice_from(empty)));
  arena_free(&a);
  posix_spawn_file_actions_destroy(&quiet);
}
