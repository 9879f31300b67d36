/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/signer_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"

extern char **environ;

/* --- words ---------------------------------------------------------------- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

/* Reads one word; *at is left behind it. False: a quote is open. */
static bool read_word(slice command, size_t *at, buffer *word) {
  char quote = 0;
  for (; *at < command.length; ++*at) {
    char c = command.data[*at];
    bool escapes = c == '\\' && quote != '\'';
    if (!quote && is_blank(c))
      return true;
    if (!quote && (c == '\'' || c == '"'))
      quote = c;
    else if (quote && c == quote)
      quote = 0;
    else if (escapes && *at + 1 == command.length)
      return false;
    else
      buffer_char(word, escapes ? command.data[++*at] : c);
  }
  return !quote;
}

char **command_words(arena *a, slice command) {
  char **words = ARENA_ARRAY(a, command.length + 2, char *);
  size_t count = 0, at = 0;
  while (true) {
    while (at < command.length && is_blank(command.data[at]))
      at++;
    if (at == command.length)
      break;
    buffer word = buffer_in(a);
    if (!read_word(command, &at, &word))
      return NULL;
    words[count++] = arena_string(a, buffer_slice(&word));
  }
  words[count] = NULL;
  return count ? words : NULL;
}

/* --- process -------------------------------------------------------------- */

typedef struct child {
  pid_t id;
  int to, from; /* its standard input and output; -1 once closed */
  struct timespec start;
  size_t timeout_s;
} child;

static void close_end(int *end) {
  if (*end >= 0)
    close(*end);
  *end = -1;
}

static bool make_pipe(int ends[2]) {
  if (pipe(ends) != 0)
    return false;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return true;
}

static int spawn(char *const *words, int input, int output, pid_t *id) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t defaults;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawnattr_init(&attributes);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE); /* ignored here, not there */
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  int error =
      posix_spawnp(id, words[0], &actions, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/* 0 or errno. */
static int start(child *p, char *const *words) {
  int in[2] = {-1, -1}, out[2] = {-1, -1};
  int error = EMFILE;
  if (make_pipe(in) && make_pipe(out))
    error = spawn(words, in[0], out[1], &p->id);
  close_end(&in[0]);
  close_end(&out[1]);
  p->to = in[1];
  p->from = out[0];
  if (p->to >= 0)
    fcntl(p->to, F_SETFL, O_NONBLOCK);
  return error;
}

static int left_ms(const child *p) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t gone = (int64_t)(now.tv_sec - p->start.tv_sec) * 1000 +
                 (now.tv_nsec - p->start.tv_nsec) / 1000000;
  int64_t left = (int64_t)p->timeout_s * 1000 - gone;
  return left > 0 ? (int)left : 0;
}

/* Writes a part; closes the pipe at the end, or when nobody reads it. */
static void feed(child *p, bytes *input) {
  ssize_t n = write(p->to, input->data, input->length);
  if (n > 0)
    *input = (bytes){input->data + n, input->length - (size_t)n};
  bool broken = n < 0 && errno != EINTR && errno != EAGAIN;
  if (broken || !input->length)
    close_end(&p->to);
}

/* False at the end of its output. */
static bool drain(child *p, buffer *output) {
  char part[4096];
  ssize_t n = read(p->from, part, sizeof part);
  if (n > 0)
    buffer_add(output, (slice){part, (size_t)n});
  return n > 0 || (n < 0 && errno == EINTR);
}

typedef enum talk_end { TALK_DONE, TALK_TIMEOUT, TALK_TOO_MUCH } talk_end;

static talk_end talk(child *p, bytes input, buffer *output) {
  if (!input.length)
    close_end(&p->to);
  while (output->length <= LIMIT_SIGNATURE_BYTES) {
    struct pollfd ends[2] = {{.fd = p->from, .events = POLLIN},
                             {.fd = p->to, .events = POLLOUT}};
    int left = left_ms(p);
    int ready = poll(ends, 2, left);
    if (ready == 0 || left == 0)
      return TALK_TIMEOUT;
    if (ready > 0 && ends[1].revents)
      feed(p, &input);
    if (ready > 0 && ends[0].revents && !drain(p, output))
      return TALK_DONE;
  }
  return TALK_TOO_MUCH;
}

/* False: it did not end in time, and was killed. */
static bool wait_for(child *p, bool kill_now, int *status) {
  const struct timespec pause = {0, 5000000};
  while (!kill_now && left_ms(p) > 0) {
    if (waitpid(p->id, status, WNOHANG) == p->id)
      return true;
    nanosleep(&pause, NULL);
  }
  kill(p->id, SIGKILL);
  while (waitpid(p->id, status, 0) < 0 && errno == EINTR)
    continue;
  return false;
}

static int judge(cli *c, const char *name, talk_end end, bool ended,
                 int status) {
  if (end == TALK_TOO_MUCH)
    return cli_error(c, CLI_SYSTEM, "%s: it wrote more than a signature",
                     name);
  if (end == TALK_TIMEOUT || !ended)
    return cli_error(c, CLI_SYSTEM, "%s: it took too long and was ended",
                     name);
  if (WIFSIGNALED(status))
    return cli_error(c, CLI_SYSTEM, "%s: signal %d ended it", name,
                     WTERMSIG(status));
  if (WEXITSTATUS(status) != 0)
    return cli_error(c, CLI_SYSTEM, "%s: it failed with status %d", name,
                     WEXITSTATUS(status));
  return CLI_OK;
}

int signer_command_run(cli *c, char *const *words, bytes input,
                       size_t timeout_s, bytes *signature) {
  child p = {.to = -1, .from = -1, .timeout_s = timeout_s};
  buffer output = buffer_in(c->arena);
  buffer_reserve(&output, LIMIT_SIGNATURE_BYTES + 8192); /* cannot jump below */
  clock_gettime(CLOCK_MONOTONIC, &p.start);
  struct sigaction before, ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, &before);
  int error = start(&p, words), status = 0;
  talk_end end = error ? TALK_DONE : talk(&p, input, &output);
  close_end(&p.to);
  close_end(&p.from);
  bool ended = error || wait_for(&p, end != TALK_DONE, &status);
  sigaction(SIGPIPE, &before, NULL);
  if (error)
    return cli_error(c, CLI_SYSTEM, "cannot start %s: %s", words[0],
                     strerror(error));
  int result = judge(c, words[0], end, ended, status);
  *signature = bytes_from_slice(buffer_slice(&output));
  if (result == CLI_OK && !signature->length)
    return cli_error(c, CLI_SYSTEM, "%s: it wrote no signature", words[0]);
  return result;
}
