/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/swtpm_process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "evidence/reader.h"

extern char **environ;

enum {
  CONNECT_TRIES = 200,
  TRY_NANOSECONDS = 25000000, /* 5 seconds in all */
  ANSWER_SECONDS = 60,        /* an RSA key is made in less */
  RESPONSE_HEADER_BYTES = 10
};

static void pause_a_moment(void) {
  struct timespec moment = {0, TRY_NANOSECONDS};
  nanosleep(&moment, NULL);
}

/* Files that swtpm leaves in its directory. */
static void remove_directory(const swtpm_process *p) {
  static const char *const names[] = {"socket", "tpm2-00.permall", ".lock"};
  char path[128];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "%s/%s", p->directory, names[i]);
    unlink(path);
  }
  rmdir(p->directory);
}

static void stop(void *object) {
  swtpm_process *p = object;
  if (p->socket >= 0)
    close(p->socket);
  if (p->pid > 0) {
    kill(p->pid, SIGTERM);
    while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
      ;
  }
  if (p->directory[0])
    remove_directory(p);
}

static bool make_directory(swtpm_process *p) {
  const char *base = getenv("TMPDIR");
  char directory[sizeof p->directory];
  int length = snprintf(directory, sizeof directory, "%s/maapol-tpm-XXXXXX",
                        base && base[0] == '/' ? base : "/tmp");
  if (length < 0 || (size_t)length >= sizeof directory || !mkdtemp(directory))
    return false;
  memcpy(p->directory, directory, sizeof directory);
  snprintf(p->socket_path, sizeof p->socket_path, "%s/socket", p->directory);
  return true;
}

/* Its messages are not the user's. */
static bool spawn(swtpm_process *p) {
  char state[96], server[128];
  snprintf(state, sizeof state, "dir=%s", p->directory);
  snprintf(server, sizeof server, "type=unixio,path=%s", p->socket_path);
  char *arguments[] = {"swtpm",      "socket",  "--tpm2",
                       "--tpmstate", state,     "--server",
                       server,       "--flags", "not-need-init,startup-clear",
                       NULL};
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0)
    return false;
  pid_t pid = 0;
  bool good =
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0) == 0 &&
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0) == 0 &&
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0) == 0 &&
      posix_spawnp(&pid, "swtpm", &actions, NULL, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  if (good)
    p->pid = pid;
  return good;
}

static bool try_connect(swtpm_process *p) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct timeval limit = {.tv_sec = ANSWER_SECONDS};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", p->socket_path);
  int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (s < 0)
    return false;
  if (connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
      setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0) {
    p->socket = s;
    return true;
  }
  close(s);
  return false;
}

/* It takes a moment until the socket is there, and there is none if the
 * program has ended. */
static bool connect_to(swtpm_process *p) {
  for (int i = 0; i < CONNECT_TRIES; i++) {
    if (try_connect(p))
      return true;
    if (waitpid(p->pid, NULL, WNOHANG) == p->pid) {
      p->pid = 0;
      return false;
    }
    pause_a_moment();
  }
  return false;
}

swtpm_process *swtpm_process_start(arena *a, evidence_error *error) {
  swtpm_process *p = ARENA_NEW(a, swtpm_process);
  const char *problem = NULL;
  p->socket = -1;
  arena_defer(a, stop, p);
  if (!make_directory(p))
    problem = "no directory for it can be made below TMPDIR";
  else if (!spawn(p))
    problem = "the program cannot be started: is it installed?";
  else if (!connect_to(p))
    problem = "it does not answer";
  if (!problem)
    return p;
  evidence_fail(a, error, EVIDENCE_FILE, 0, "swtpm: %s", problem);
  return NULL;
}

static bool send_all(int socket_, bytes data) {
  while (data.length > 0) {
    ssize_t sent = send(socket_, data.data, data.length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    data = (bytes){data.data + sent, data.length - (size_t)sent};
  }
  return true;
}

static bool receive_all(int socket_, uint8_t *to, size_t length) {
  while (length > 0) {
    ssize_t got = recv(socket_, to, length, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    to += got;
    length -= (size_t)got;
  }
  return true;
}

size_t swtpm_process_ask(swtpm_process *p, bytes command, uint8_t *response,
                         size_t size) {
  if (size < RESPONSE_HEADER_BYTES || !send_all(p->socket, command) ||
      !receive_all(p->socket, response, RESPONSE_HEADER_BYTES))
    return 0;
  size_t length = (size_t)response[2] << 24 | (size_t)response[3] << 16 |
                  (size_t)response[4] << 8 | response[5];
  if (length < RESPONSE_HEADER_BYTES || length > size ||
      !receive_all(p->socket, response + RESPONSE_HEADER_BYTES,
                   length - RESPONSE_HEADER_BYTES))
    return 0;
  return length;
}
