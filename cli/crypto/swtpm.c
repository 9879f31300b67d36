/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/swtpm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/reader.h"

extern char **environ;

enum {
  ANSWER_SECONDS = 60, /* an RSA key is made in less */
  RESPONSE_HEADER_BYTES = 10,
  ITS_DESCRIPTOR = 3
};

typedef struct swtpm {
  char directory[64];
  pid_t pid;       /* 0: not started */
  int ours, other; /* ends of the pair; -1: closed */
} swtpm;

/* Files that swtpm leaves in its directory. */
static void remove_directory(const swtpm *t) {
  static const char *const names[] = {"tpm2-00.permall", ".lock"};
  char path[128];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "%s/%s", t->directory, names[i]);
    unlink(path);
  }
  rmdir(t->directory);
}

static void close_end(int *end) {
  if (*end >= 0)
    close(*end);
  *end = -1;
}

static void stop(void *object) {
  swtpm *t = object;
  close_end(&t->ours);
  close_end(&t->other);
  if (t->pid > 0) {
    kill(t->pid, SIGTERM);
    while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
      ;
  }
  if (t->directory[0])
    remove_directory(t);
}

static bool make_directory(swtpm *t) {
  const char *base = getenv("TMPDIR");
  char directory[sizeof t->directory];
  int length = snprintf(directory, sizeof directory, "%s/maapol-tpm-XXXXXX",
                        base && base[0] == '/' ? base : "/tmp");
  if (length < 0 || (size_t)length >= sizeof directory || !mkdtemp(directory))
    return false;
  memcpy(t->directory, directory, sizeof directory);
  return true;
}

/* Both ends are closed on exec; swtpm gets a copy of its own. They are not the
 * number of the copy, which is then a copy whatever was open before. */
static bool make_pair(swtpm *t) {
  struct timeval limit = {.tv_sec = ANSWER_SECONDS};
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return false;
  t->ours = pair[0];
  t->other = fcntl(pair[1], F_DUPFD_CLOEXEC, ITS_DESCRIPTOR + 1);
  close(pair[1]);
  return t->other >= 0 && setsockopt(t->ours, SOL_SOCKET, SO_RCVTIMEO, &limit,
                                     sizeof limit) == 0;
}

/* Its messages are not the user's. */
static bool spawn(swtpm *t) {
  char state[96];
  snprintf(state, sizeof state, "dir=%s", t->directory);
  char *arguments[] = {"swtpm",      "socket",  "--tpm2",
                       "--tpmstate", state,     "--fd",
                       "3",          "--flags", "not-need-init,startup-clear",
                       NULL};
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0)
    return false;
  pid_t pid = 0;
  bool good =
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0) == 0 &&
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0) == 0 &&
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0) == 0 &&
      posix_spawn_file_actions_adddup2(&actions, t->other, ITS_DESCRIPTOR) ==
          0 &&
      posix_spawnp(&pid, "swtpm", &actions, NULL, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  if (good)
    t->pid = pid;
  close_end(&t->other); /* so that its end is seen */
  return good;
}

static bool send_all(int to, bytes data) {
  while (data.length > 0) {
    ssize_t sent = send(to, data.data, data.length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    data = (bytes){data.data + sent, data.length - (size_t)sent};
  }
  return true;
}

static bool receive_all(int from, uint8_t *to, size_t length) {
  while (length > 0) {
    ssize_t got = recv(from, to, length, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    to += got;
    length -= (size_t)got;
  }
  return true;
}

/* A response tells its length behind its tag (TPM 2.0 Library, part 1). */
static size_t ask(void *context, bytes command, uint8_t *response,
                  size_t size) {
  const swtpm *t = context;
  if (size < RESPONSE_HEADER_BYTES || !send_all(t->ours, command) ||
      !receive_all(t->ours, response, RESPONSE_HEADER_BYTES))
    return 0;
  size_t length = (size_t)response[2] << 24 | (size_t)response[3] << 16 |
                  (size_t)response[4] << 8 | response[5];
  if (length < RESPONSE_HEADER_BYTES || length > size ||
      !receive_all(t->ours, response + RESPONSE_HEADER_BYTES,
                   length - RESPONSE_HEADER_BYTES))
    return 0;
  return length;
}

bool swtpm_start(arena *a, tpm_channel *result, evidence_error *error) {
  swtpm *t = ARENA_NEW(a, swtpm);
  const char *problem = NULL;
  t->ours = t->other = -1;
  arena_defer(a, stop, t);
  if (!make_directory(t))
    problem = "no directory for it can be made below TMPDIR";
  else if (!make_pair(t))
    problem = "there is no way to speak to it";
  else if (!spawn(t))
    problem = "the program cannot be started: is it installed?";
  *result = (tpm_channel){ask, t};
  return !problem ||
         evidence_fail(a, error, EVIDENCE_FILE, 0, "swtpm: %s", problem);
}
