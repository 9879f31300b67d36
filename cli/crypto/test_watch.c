/* SPDX-License-Identifier: Apache-2.0 */
/* Looking again twice a second serves every file system, network ones too,
 * and editors that put a new file in the old one's place. */
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"
#include "cli/crypto/test_input.h"

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number) {
  (void)number;
  is_interrupted = 1;
}

/* What tells a changed file; a missing one has zeros. */
typedef struct file_state {
  struct timespec modified;
  off_t size;
  ino_t number;
} file_state;

static file_state state_of(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0)
    return (file_state){0};
  return (file_state){info.st_mtim, info.st_size, info.st_ino};
}

static bool is_same(const file_state *a, const file_state *b) {
  return a->modified.tv_sec == b->modified.tv_sec &&
         a->modified.tv_nsec == b->modified.tv_nsec && a->size == b->size &&
         a->number == b->number;
}

/* New suites in a directory count, too. */
static file_state *states_of(cli *c, const path_list *files, size_t *count) {
  *count = files->count + c->argument_count;
  file_state *states = ARENA_ARRAY(c->arena, *count + 1, file_state);
  for (size_t i = 0; i < *count; i++)
    states[i] = state_of(i < files->count
                             ? files->items[i]
                             : c->arguments[i - files->count]);
  return states;
}

static void wait_for_change(cli *c, const path_list *files) {
  static const struct timespec half = {0, 500000000};
  size_t count;
  const file_state *before = states_of(c, files, &count);
  while (!is_interrupted) {
    nanosleep(&half, NULL);
    for (size_t i = 0; i < count; i++) {
      const char *path = i < files->count ? files->items[i]
                                          : c->arguments[i - files->count];
      file_state now = state_of(path);
      if (!is_same(&now, &before[i]))
        return;
    }
  }
}

/* One run in an arena of its own: a watch may last for days. */
static int run_and_wait(cli *c, int (*run_once)(cli *, path_list *)) {
  arena a;
  jmp_buf failure;
  volatile int status = CLI_INPUT;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    cli_error(c, CLI_INPUT, "the tests need more memory than is allowed");
    arena_free(&a);
    return CLI_INPUT;
  }
  cli inner = *c;
  path_list files = {0};
  inner.arena = &a;
  inner.out = buffer_in(&a);
  status = run_once(&inner, &files);
  if (!cli_flush(&inner))
    status = CLI_SYSTEM;
  if (status != CLI_USAGE && status != CLI_SYSTEM)
    wait_for_change(&inner, &files);
  arena_free(&a);
  return status;
}

int test_watch(cli *c, int (*run_once)(cli *c, path_list *files)) {
  struct sigaction action = {.sa_handler = interrupt};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  int status;
  do
    status = run_and_wait(c, run_once);
  while (!is_interrupted && status != CLI_USAGE && status != CLI_SYSTEM);
  return status;
}
