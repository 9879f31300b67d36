/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
/* maapol lsp: the language server on standard input and output. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/check_report.h"
#include "cli/configuration.h"
#include "cli/verbs.h"
#include "lsp/frame.h"
#include "lsp/server.h"

static const cli_option options[] = {
    {"stdio", 0, NULL, "standard input and output; it is always so"},
    {"config", 0, "FILE", "this configuration alone; none: without any"},
    {NULL, 0, NULL, NULL},
};

typedef struct session {
  cli *cli;
  frames frames;
  bool is_broken; /* nobody reads what is sent */
  bool is_ended;  /* nothing more comes in */
  bool is_over;   /* and all of it was handled */
  buffer chunk;
} session;

static void send_message(void *context, slice message) {
  session *s = context;
  char header[64];
  int length = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n",
                        message.length);
  s->is_broken =
      s->is_broken ||
      !cli_write_all(STDOUT_FILENO, (slice){header, (size_t)length}) ||
      !cli_write_all(STDOUT_FILENO, message);
}

/* What the configuration says, which is read anew each time: it is edited as
 * the policies are. */
static void read_settings(void *context, const char *path,
                          document_settings *settings) {
  session *s = context;
  arena a;
  jmp_buf failure;
  cli asked = *s->cli;
  arena_init(&a, LIMIT_ARENA_BYTES);
  asked.arena = &a;
  if (!ARENA_GUARD(&a, failure)) {
    configurations all;
    policy_settings found;
    if (configurations_init(&all, &asked) &&
        configuration_for(&all, path, &found)) {
      settings->type = found.type;
      settings->width = found.width;
      settings->levels = found.levels;
    } else {
      settings->problem = "the configuration .maapol.json is not valid; "
                          "`maapol check` says why";
    }
  }
  arena_free(&a);
}

/* --- cancelling ----------------------------------------------------------- */

static bool takes_back(slice message, const value *id) {
  enum { CANCEL_MAX = 1024 };
  static const char mark[] = "$/cancelRequest";
  if (message.length > CANCEL_MAX ||
      !memmem(message.data, message.length, mark, sizeof mark - 1))
    return false;
  arena a;
  jmp_buf failure;
  volatile bool result = false;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (!ARENA_GUARD(&a, failure)) {
    value v;
    json_error error;
    const value *other = NULL;
    if (json_read(&a, message, JSON_LAST_NAME_WINS, &v, &error))
      other = lsp_at(lsp_at(&v, "params", NULL), "id", NULL);
    result = other && value_equal(&a, other, id);
  }
  arena_free(&a);
  return result;
}

/* Whether that is said in what has come in behind the request. */
static bool is_cancelled(void *context, const value *id) {
  const session *s = context;
  frames ahead = s->frames; /* a copy that shares the bytes */
  slice message;
  frame_status status;
  while ((status = frames_next(&ahead, &message)) == FRAME_MESSAGE)
    if (takes_back(message, id))
      return true;
  return false;
}

/* --- the loop ------------------------------------------------------------- */

static bool has_input(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&input, 1, 0) > 0;
}

static void read_some(session *s) {
  static const size_t chunk = 64 << 10;
  buffer_reserve(&s->chunk, chunk);
  ssize_t n = read(STDIN_FILENO, s->chunk.data, chunk);
  if (n < 0 && errno == EINTR)
    return;
  if (n <= 0)
    s->is_ended = true;
  else
    frames_add(&s->frames, (slice){s->chunk.data, (size_t)n});
}

/* One message or bad frame; waits for it if it has not come yet. */
static void step(session *s, lsp_server *server) {
  enum { AHEAD_MAX = 1 << 20 };
  slice message;
  if (!s->is_ended && frames_ahead(&s->frames).length < AHEAD_MAX &&
      has_input())
    read_some(s);
  switch (frames_next(&s->frames, &message)) {
  case FRAME_MESSAGE:
    lsp_server_receive(server, message);
    break;
  case FRAME_BAD:
    lsp_server_bad_frame(server, "a header without a Content-Length");
    break;
  case FRAME_TOO_LARGE:
    lsp_server_bad_frame(server, "the message is too large");
    break;
  case FRAME_NONE:
    s->is_over = s->is_ended;
    if (!s->is_ended)
      read_some(s);
    break;
  }
}

static void free_server(void *server) { lsp_server_free(server); }
static void free_frames(void *all) { frames_free(all); }

static int run(cli *c) {
  if (c->argument_count)
    return cli_usage(c, "no file is named: the editor sends the texts");
  session *s = ARENA_NEW(c->arena, session);
  lsp_host host = {.context = s,
                   .send = send_message,
                   .settings = read_settings,
                   .is_cancelled = is_cancelled,
                   .version = MAAPOL_VERSION,
                   .rules_url = MAAPOL_RULES_URL};
  s->cli = c;
  s->chunk = buffer_in(c->arena);
  frames_init(&s->frames);
  s->frames.memory.guard = c->arena->guard;
  arena_defer(c->arena, free_frames, &s->frames);
  lsp_server *server = lsp_server_new(c->arena, &host);
  arena_defer(c->arena, free_server, server);
  while (!s->is_over && !s->is_broken && !lsp_server_is_over(server))
    step(s, server);
  if (s->is_broken)
    return cli_error(c, CLI_SYSTEM, "cannot write to standard output");
  return lsp_server_status(server);
}

const cli_verb verb_lsp = {
    "lsp",
    "the language server, for editors",
    "[--config FILE]",
    "maapol lsp",
    options,
    run,
};
