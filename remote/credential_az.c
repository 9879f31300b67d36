/* SPDX-License-Identifier: Apache-2.0 */
/* The Azure CLI of a person who has logged in. It is started without a shell,
 * found through PATH as the person's own commands are. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/value.h"
#include "remote/credentials.h"

extern char **environ;

enum { AZ_SECONDS = 30, OUT, ERR, STREAMS = 2 };

/* A command that runs, its output and its messages. */
typedef struct command {
  pid_t process;
  int pipes[STREAMS];
  char *texts[STREAMS]; /* LIMIT_CREDENTIAL_BYTES each */
  size_t lengths[STREAMS];
  int status;
} command;

/* --- running -------------------------------------------------------------- */

static bool start(command *run, char *const *words) {
  int out[2], err[2];
  if (pipe(out) != 0)
    return false;
  if (pipe(err) != 0) {
    close(out[0]), close(out[1]);
    return false;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  int to_close[] = {out[0], out[1], err[0], err[1]};
  for (size_t i = 0; i < 4; i++)
    posix_spawn_file_actions_addclose(&actions, to_close[i]);
  int error =
      posix_spawnp(&run->process, words[0], &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]), close(err[1]);
  run->pipes[0] = out[0];
  run->pipes[1] = err[0];
  if (error)
    close(out[0]), close(err[0]);
  errno = error;
  return !error;
}

/* Takes what is there; what is beyond the limit is read and dropped. */
static void take(command *run, int which) {
  char part[4096];
  ssize_t got = read(run->pipes[which], part, sizeof part);
  if (got < 0 && errno == EINTR)
    return;
  if (got <= 0) {
    close(run->pipes[which]);
    run->pipes[which] = -1;
    return;
  }
  size_t room = LIMIT_CREDENTIAL_BYTES - run->lengths[which];
  size_t length = (size_t)got < room ? (size_t)got : room;
  memcpy(run->texts[which] + run->lengths[which], part, length);
  run->lengths[which] += length;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False if it was ended because it took too long. */
static bool finish(command *run) {
  int64_t end = now_ms() + (int64_t)AZ_SECONDS * 1000;
  bool in_time = true;
  while (in_time && (run->pipes[0] >= 0 || run->pipes[1] >= 0)) {
    struct pollfd waiting[STREAMS] = {{run->pipes[0], POLLIN, 0},
                                      {run->pipes[1], POLLIN, 0}};
    int64_t left = end - now_ms();
    if (left <= 0 || (poll(waiting, STREAMS, (int)left) == 0))
      in_time = false;
    for (int i = 0; i < STREAMS && in_time; i++)
      if (waiting[i].revents)
        take(run, i);
  }
  for (int i = 0; i < STREAMS; i++)
    if (run->pipes[i] >= 0)
      close(run->pipes[i]);
  if (!in_time)
    kill(run->process, SIGKILL);
  while (waitpid(run->process, &run->status, 0) < 0 && errno == EINTR)
    continue;
  return in_time;
}

/* --- answer --------------------------------------------------------------- */

static credential_outcome read_answer(credentials *c, slice text,
                                      access_token *t) {
  remote *r = c->remote;
  value answer;
  json_error error;
  const value *token = NULL, *expires = NULL;
  if (json_read(r->arena, text, JSON_LAST_NAME_WINS, &answer, &error)) {
    token = value_member(&answer, SLICE("accessToken"));
    expires = value_member(&answer, SLICE("expires_on"));
  }
  if (!token || token->kind != VALUE_STRING || !token->count) {
    remote_fail(r, REMOTE_DENIED, "az gives no token that can be read");
    return CREDENTIAL_FAILED;
  }
  t->text = value_string(token);
  remote_secret(r, t->text);
  if (expires && expires->kind == VALUE_INTEGER)
    t->expires_at = expires->integer;
  return CREDENTIAL_OK;
}

static credential_outcome failed(credentials *c, slice messages) {
  remote *r = c->remote;
  while (messages.length && messages.data[messages.length - 1] == '\n')
    messages.length--;
  const char *end = messages.length
                        ? memchr(messages.data, '\n', messages.length)
                        : NULL;
  slice line = end ? slice_between(messages.data, end) : messages;
  remote_fail(r, REMOTE_DENIED, "az gives no token%s%.*s",
              line.length ? ": " : "", SLICE_ARGS(line));
  remote_advise(r, "log in with `az login`");
  return CREDENTIAL_FAILED;
}

credential_outcome credential_az(credentials *c, access_token *t) {
  remote *r = c->remote;
  const char *tenant = remote_variable(r, "AZURE_TENANT_ID");
  char *words[] = {"az", "account", "get-access-token", "--output", "json",
                   "--resource", (char *)c->cloud->resource,
                   tenant ? "--tenant" : NULL, (char *)tenant, NULL};
  command run = {.texts = {arena_alloc(r->arena, LIMIT_CREDENTIAL_BYTES),
                           arena_alloc(r->arena, LIMIT_CREDENTIAL_BYTES)}};
  if (!start(&run, words)) {
    if (!credential_is_pinned(c, "az"))
      return CREDENTIAL_ABSENT;
    remote_fail(r, REMOTE_DENIED, "az cannot be started");
    remote_advise(r, "install the Azure CLI, or choose another --auth");
    return CREDENTIAL_FAILED;
  }
  bool in_time = finish(&run);
  slice out = {run.texts[0], run.lengths[0]}, err = {run.texts[1],
                                                    run.lengths[1]};
  remote_secret(r, out);
  if (!in_time) {
    remote_fail(r, REMOTE_UNAVAILABLE, "az did not answer within %d seconds",
                AZ_SECONDS);
    return CREDENTIAL_FAILED;
  }
  if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0)
    return failed(c, err);
  return read_answer(c, out, t);
}
