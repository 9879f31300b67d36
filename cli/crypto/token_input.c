/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/token_input.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "token/show.h"

/* --- a token -------------------------------------------------------------- */

/* Two dots between characters of base64url, as no sensible file is called. */
static bool is_token(slice text) {
  size_t dots = 0;
  for (size_t i = 0; i < text.length; i++) {
    char ch = text.data[i];
    bool good = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
                (ch >= '0' && ch <= '9') || ch == '-' || ch == '_';
    dots += ch == '.';
    if (!good && ch != '.')
      return false;
  }
  return dots == 2 && slice_starts_with(text, "ey");
}

int token_input_read(cli *c, slice *token) {
  slice given;
  if (c->argument_count != 1)
    return cli_usage(c, "one token is wanted: a file, - or the token itself");
  *token = slice_from(c->arguments[0]);
  if (is_token(*token) && access(c->arguments[0], F_OK) != 0)
    return CLI_OK;
  if (!cli_read(c, c->arguments[0], LIMIT_TOKEN_BYTES + 4096, &given))
    return CLI_INPUT;
  *token = token_unwrap(c->arena, given);
  return token->length ? CLI_OK
                       : cli_error(c, CLI_INPUT, "%s: there is no token in it",
                                   c->arguments[0]);
}

/* --- keys of a URL -------------------------------------------------------- */

/* Everything that comes out of the pipe; false beyond the limit. */
static bool read_pipe(buffer *out, int pipe) {
  char chunk[4096];
  for (;;) {
    ssize_t n = read(pipe, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n == 0;
    if (out->length + (size_t)n > LIMIT_KEY_SET_BYTES)
      return false;
    buffer_add(out, (slice){chunk, (size_t)n});
  }
}

static void list_arguments(cli *c, slice url, char **list) {
  static char name[] = "maapol", verb[] = "fetch-keys", ca[] = "--ca";
  static char discover[] = "--discover", http[] = "--http";
  size_t n = 0;
  list[n++] = name;
  list[n++] = verb;
  if (cli_value(c, "ca")) {
    list[n++] = ca;
    list[n++] = arena_string(c->arena, slice_from(cli_value(c, "ca")));
  }
  if (cli_flag(c, "http"))
    list[n++] = http;
  if (cli_value(c, "discover"))
    list[n++] = discover;
  list[n++] = arena_string(c->arena, url);
  list[n] = NULL;
}

/* The sibling's messages go to standard error as they are. */
static pid_t start_sibling(cli *c, int to, char **arguments) {
  pid_t child = fork();
  if (child != 0)
    return child;
  if (dup2(to, STDOUT_FILENO) < 0)
    _exit(CLI_SYSTEM);
  cli sibling = *c;
  sibling.argv = arguments;
  _exit(cli_exec_sibling(&sibling, "maapol-remote"));
}

static int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return CLI_SYSTEM;
  return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_SYSTEM;
}

bool token_keys_fetch(void *context, arena *a, slice url, slice *text,
                      const char **reason) {
  cli *c = context;
  int ends[2];
  char *arguments[8];
  buffer out = buffer_in(a);
  /* No jump while it runs. */
  buffer_reserve(&out, (size_t)2 * LIMIT_KEY_SET_BYTES);
  list_arguments(c, url, arguments);
  *reason = "maapol-remote cannot be run";
  if (pipe(ends) != 0)
    return false;
  pid_t child = start_sibling(c, ends[1], arguments);
  close(ends[1]);
  bool complete = child > 0 && read_pipe(&out, ends[0]);
  close(ends[0]);
  if (child < 0)
    return false;
  int status = wait_for(child);
  *reason = complete ? "the keys cannot be fetched"
                     : "the answer is larger than the limit";
  *text = buffer_slice(&out);
  return complete && status == CLI_OK;
}
