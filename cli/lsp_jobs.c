/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pipe2 */
#include "cli/lsp_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t lsp_clock_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* So that no pipe gets the number of a standard stream. */
static void fill_standard_streams(void) {
  int file;
  do
    file = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (file >= 0 && file <= STDERR_FILENO);
  if (file >= 0)
    close(file);
}

void lsp_jobs_init(lsp_jobs *all, cli *c) {
  fill_standard_streams();
  *all = (lsp_jobs){.cli = c, .program = cli_own_path(c)};
}

static void close_pipe(int *end) {
  if (*end >= 0)
    close(*end);
  *end = -1;
}

static void close_pipes(lsp_process *p) {
  close_pipe(&p->input);
  close_pipe(&p->output[0]);
  close_pipe(&p->output[1]);
}

/* --- starting ------------------------------------------------------------- */

/* Our ends never make us wait; theirs may. */
static bool open_pipe(int *ours, int *theirs, bool we_write) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return false;
  *ours = ends[we_write];
  *theirs = ends[!we_write];
  return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

/* A group of its own, so that the programs it starts end with it; signals as a
 * program expects them. */
static bool set_attributes(posix_spawnattr_t *attributes) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  return posix_spawnattr_setsigdefault(attributes, &pipe) == 0 &&
         posix_spawnattr_setpgroup(attributes, 0) == 0 &&
         posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETPGROUP) == 0;
}

static bool spawn(const char *path, const int theirs[3],
                  char *const *arguments, pid_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions) != 0)
    return false;
  if (posix_spawnattr_init(&attributes) != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return false;
  }
  bool is_good = set_attributes(&attributes);
  for (int i = 0; is_good && i < 3; i++)
    is_good = posix_spawn_file_actions_adddup2(&actions, theirs[i], i) == 0;
  is_good = is_good && posix_spawn(process, path, &actions, &attributes,
                                   arguments, environ) == 0;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return is_good;
}

static char **arguments_of(arena *a, const lsp_order *order) {
  size_t count = 0;
  while (order->words[count])
    count++;
  char **list = ARENA_ARRAY(a, count + 2, char *);
  list[0] = arena_string(a, SLICE("maapol"));
  for (size_t i = 0; i < count; i++)
    list[i + 1] = arena_string(a, slice_from(order->words[i]));
  list[count + 1] = NULL;
  return list;
}

static bool start(const lsp_jobs *all, lsp_process *p,
                  const lsp_order *order) {
  int theirs[3] = {-1, -1, -1};
  char **arguments = arguments_of(&p->memory, order);
  bool is_good = open_pipe(&p->input, &theirs[0], true) &&
                 open_pipe(&p->output[0], &theirs[1], false) &&
                 open_pipe(&p->output[1], &theirs[2], false) &&
                 spawn(all->program, theirs, arguments, &p->process);
  for (int i = 0; i < 3; i++)
    close_pipe(&theirs[i]);
  return is_good;
}

static lsp_process *free_place(lsp_jobs *all) {
  for (size_t i = 0; i < LIMIT_LSP_JOBS; i++)
    if (!all->items[i].id)
      return &all->items[i];
  return NULL;
}

bool lsp_jobs_start(lsp_jobs *all, const lsp_order *order) {
  lsp_process *p = free_place(all);
  if (!p || !all->program)
    return false;
  *p = (lsp_process){.id = order->id, .input = -1, .output = {-1, -1}};
  arena_init(&p->memory, LIMIT_ARENA_BYTES);
  p->memory.guard = all->cli->arena->guard;
  p->rest = arena_copy(&p->memory, order->input);
  p->texts[0] = p->texts[1] = buffer_in(&p->memory);
  p->end_ms = lsp_clock_ms() + (int64_t)LIMIT_LSP_JOB_SECONDS * 1000;
  if (start(all, p, order))
    return true;
  close_pipes(p);
  arena_free(&p->memory);
  p->id = 0;
  return false;
}

/* --- ending --------------------------------------------------------------- */

static void reap(lsp_jobs *all) {
  size_t kept = 0;
  for (size_t i = 0; i < all->dying_count; i++)
    if (waitpid(all->dying[i], NULL, WNOHANG) == 0)
      all->dying[kept++] = all->dying[i];
  all->dying_count = kept;
}

/* A process that was killed is gone in no time, but not at once. */
static void kill_process(lsp_jobs *all, lsp_process *p) {
  kill(-p->process, SIGKILL);
  kill(p->process, SIGKILL); /* if it has no group yet */
  reap(all);
  if (all->dying_count < LSP_DYING_MAX)
    all->dying[all->dying_count++] = p->process;
  else
    waitpid(p->process, NULL, 0);
}

static void forget(lsp_process *p) {
  close_pipes(p);
  arena_free(&p->memory);
  p->id = 0;
}

void lsp_jobs_stop(lsp_jobs *all, uint64_t id) {
  for (size_t i = 0; i < LIMIT_LSP_JOBS; i++) {
    lsp_process *p = &all->items[i];
    if (p->id != id || !id)
      continue;
    if (!p->is_over)
      kill_process(all, p);
    forget(p);
  }
}

void lsp_jobs_free(lsp_jobs *all) {
  for (size_t i = 0; i < LIMIT_LSP_JOBS; i++)
    lsp_jobs_stop(all, all->items[i].id);
  for (size_t i = 0; i < all->dying_count; i++)
    waitpid(all->dying[i], NULL, 0);
  all->dying_count = 0;
}

static void take_out(lsp_process *p, lsp_ended *ended) {
  ended->id = p->id;
  ended->status = p->status;
  ended->exit_status = p->exit_status;
  ended->output = buffer_slice(&p->texts[0]);
  ended->errors = buffer_slice(&p->texts[1]);
  ended->memory = p->memory;
  close_pipes(p);
  p->id = 0;
}

bool lsp_jobs_take(lsp_jobs *all, lsp_ended *ended) {
  for (size_t i = 0; i < LIMIT_LSP_JOBS; i++)
    if (all->items[i].id && all->items[i].is_over) {
      take_out(&all->items[i], ended);
      return true;
    }
  return false;
}

/* --- between -------------------------------------------------------------- */

/* It may close its pipes before it ends: then it is looked for every few
 * milliseconds. */
enum { LOOK_AGAIN_MS = 5 };

static bool is_silent(const lsp_process *p) {
  return p->output[0] < 0 && p->output[1] < 0;
}

size_t lsp_jobs_watch(const lsp_jobs *all, struct pollfd *polled,
                      int *timeout_ms) {
  size_t count = 0;
  int64_t now = lsp_clock_ms();
  int64_t wait = all->dying_count ? 100 : INT32_MAX;
  for (size_t i = 0; i < LIMIT_LSP_JOBS; i++) {
    const lsp_process *p = &all->items[i];
    if (!p->id)
      continue;
    int64_t left = p->end_ms > now ? p->end_ms - now : 0;
    left = is_silent(p) && left > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : left;
    wait = p->is_over ? 0 : left < wait ? left : wait;
    if (p->input >= 0)
      polled[count++] = (struct pollfd){.fd = p->input, .events = POLLOUT};
    for (int k = 0; k < 2; k++)
      if (p->output[k] >= 0)
        polled[count++] =
            (struct pollfd){.fd = p->output[k], .events = POLLIN};
  }
  if (wait < INT32_MAX && (*timeout_ms < 0 || wait < *timeout_ms))
    *timeout_ms = (int)wait;
  return count;
}

/* It need not read what it is given. */
static void feed(lsp_process *p) {
  while (p->input >= 0 && p->rest.length) {
    ssize_t n = write(p->input, p->rest.data, p->rest.length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      return;
    if (n < 0)
      break;
    p->rest = (slice){p->rest.data + n, p->rest.length - (size_t)n};
  }
  close_pipe(&p->input);
}

/* False: it has written too much. A chunk at a time, so that a program that
 * writes without end does not keep us. */
static bool take(lsp_process *p, int which) {
  char chunk[16 << 10];
  if (p->output[which] < 0)
    return true;
  ssize_t n = read(p->output[which], chunk, sizeof chunk);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return true;
  if (n <= 0) {
    close_pipe(&p->output[which]);
    return true;
  }
  if (p->texts[which].length + (size_t)n > LIMIT_LSP_JOB_BYTES)
    return false;
  buffer_add(&p->texts[which], (slice){chunk, (size_t)n});
  return true;
}

static void end(lsp_jobs *all, lsp_process *p, lsp_job_status status) {
  kill_process(all, p);
  p->is_over = true;
  p->status = status;
}

static void look_for_end(lsp_process *p) {
  int status = 0;
  pid_t gone = waitpid(p->process, &status, WNOHANG);
  if (gone == 0)
    return;
  p->is_over = true;
  p->status = gone > 0 && WIFEXITED(status) ? LSP_JOB_ENDED : LSP_JOB_FAILED;
  p->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void serve(lsp_jobs *all, lsp_process *p) {
  feed(p);
  if (!take(p, 0) || !take(p, 1))
    end(all, p, LSP_JOB_TOO_LARGE);
  else if (is_silent(p))
    look_for_end(p);
  if (!p->is_over && lsp_clock_ms() >= p->end_ms)
    end(all, p, LSP_JOB_TOO_LONG);
}

void lsp_jobs_serve(lsp_jobs *all) {
  reap(all);
  for (size_t i = 0; i < LIMIT_LSP_JOBS; i++)
    if (all->items[i].id && !all->items[i].is_over)
      serve(all, &all->items[i]);
}
