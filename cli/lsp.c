/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
/* maapol lsp: the language server on standard input and output. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/check_report.h"
#include "cli/configuration.h"
#include "cli/lsp_samples.h"
#include "cli/loopback.h"
#include "cli/lsp_jobs.h"
#include "cli/lsp_stream.h"
#include "cli/verbs.h"
#include "lsp/frame.h"

static const cli_option options[] = {
    {"stdio", 0, NULL, "standard input and output; it is so anyway"},
    {"socket", 0, "PORT", "connect to that port of this machine instead"},
    {"clientProcessId", 0, "N", "end when that process does"},
    {"config", 0, "FILE", "this configuration alone; none: without any"},
    {NULL, 0, NULL, NULL},
};

typedef struct session {
  cli *cli;
  int input;
  frames frames;
  lsp_stream output;
  lsp_jobs jobs;
  lsp_server *server;
  pid_t client;   /* whose end is ours; 0: nobody looks */
  bool is_ended;  /* nothing more comes in */
  bool is_over;   /* and all of it was handled */
  bool has_work;  /* that can wait */
  buffer chunk;
} session;

static void send_message(void *context, slice message) {
  session *s = context;
  lsp_stream_send(&s->output, message);
}

static bool start_job(void *context, const lsp_order *order) {
  session *s = context;
  return lsp_jobs_start(&s->jobs, order);
}

static void stop_job(void *context, uint64_t id) {
  session *s = context;
  lsp_jobs_stop(&s->jobs, id);
}

static bool is_gone(pid_t process) {
  return kill(process, 0) != 0 && errno == ESRCH;
}

/* One that is not seen from here (the client is in another container) cannot
 * be watched. */
static void watch_process(void *context, int64_t process) {
  session *s = context;
  if (process > 0 && process <= INT32_MAX && !is_gone((pid_t)process))
    s->client = (pid_t)process;
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

static void read_samples(void *context, arena *a, const char *path,
                         lsp_named_files *files) {
  const session *s = context;
  lsp_samples_read(s->cli, a, path, files);
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
  static const char mark[] = "$/cancelRequest";
  const session *s = context;
  frames ahead = s->frames; /* a copy that shares the bytes */
  slice rest = frames_ahead(&ahead), message;
  if (!rest.length || !memmem(rest.data, rest.length, mark, sizeof mark - 1))
    return false;
  while (frames_next(&ahead, &message) == FRAME_MESSAGE)
    if (takes_back(message, id))
      return true;
  return false;
}

/* --- the loop ------------------------------------------------------------- */

/* A request may be taken back by what stands behind it; but to look far ahead
 * takes time and memory. While the client does not read, nothing is read. */
enum { AHEAD_MAX = 256 << 10, UNREAD_MAX = 16 << 20, CLIENT_MS = 2000 };

static bool may_read(const session *s) {
  return !s->is_ended && lsp_stream_waiting(&s->output) < UNREAD_MAX;
}

static void read_some(session *s) {
  static const size_t chunk = 64 << 10;
  buffer_reserve(&s->chunk, chunk);
  ssize_t n = read(s->input, s->chunk.data, chunk);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n <= 0)
    s->is_ended = true;
  else
    frames_add(&s->frames, (slice){s->chunk.data, (size_t)n});
}

/* False: no whole message has come in yet. */
static bool handle_message(session *s) {
  slice message;
  switch (frames_next(&s->frames, &message)) {
  case FRAME_MESSAGE:
    lsp_server_receive(s->server, message);
    break;
  case FRAME_BAD:
    lsp_server_bad_frame(s->server, "a header without a Content-Length");
    break;
  case FRAME_TOO_LARGE:
    lsp_server_bad_frame(s->server, "the message is too large");
    break;
  case FRAME_NONE:
    return false;
  }
  s->has_work = true;
  return true;
}

static void handle_ended_jobs(session *s) {
  lsp_ended p;
  while (lsp_jobs_take(&s->jobs, &p)) {
    lsp_server_job_ended(s->server, p.id, p.status, p.exit_status,
                         p.output, p.errors);
    arena_free(&p.memory);
    s->has_work = true;
  }
}

/* Waits until something can be done (not if work is left), and does what is no
 * message. */
static void look_around(session *s, bool may_wait) {
  struct pollfd polled[2 + LSP_JOB_PIPES];
  size_t count = 2;
  int timeout = !may_wait ? 0 : s->client ? CLIENT_MS : -1;
  bool has_output = lsp_stream_waiting(&s->output) > 0;
  polled[0] = (struct pollfd){.fd = may_read(s) ? s->input : -1,
                              .events = POLLIN};
  polled[1] = (struct pollfd){.fd = has_output ? s->output.file : -1,
                              .events = POLLOUT};
  count += lsp_jobs_watch(&s->jobs, polled + 2, &timeout);
  int ready = poll(polled, (nfds_t)count, timeout);
  if (ready > 0 && polled[0].revents)
    read_some(s);
  if (has_output)
    lsp_stream_flush(&s->output);
  lsp_jobs_serve(&s->jobs);
  handle_ended_jobs(s);
  if (ready == 0 && may_wait && s->client && is_gone(s->client))
    s->is_over = true;
}

/* Messages first, then programs, then what can wait, a little at a time. */
static void step(session *s) {
  bool is_far_ahead = frames_ahead(&s->frames).length >= AHEAD_MAX;
  if (!is_far_ahead)
    look_around(s, false);
  if (handle_message(s))
    return;
  if (s->is_ended)
    s->is_over = true;
  else if (s->has_work && !is_far_ahead &&
           lsp_stream_waiting(&s->output) == 0)
    s->has_work = lsp_server_idle(s->server);
  else
    look_around(s, true);
}

static void free_session(void *session_) {
  session *s = session_;
  if (s->server)
    lsp_server_free(s->server);
  lsp_jobs_free(&s->jobs);
  frames_free(&s->frames);
  lsp_stream_free(&s->output);
}

static session *begin(cli *c, int input, int output) {
  session *s = ARENA_NEW(c->arena, session);
  lsp_host *host = ARENA_NEW(c->arena, lsp_host);
  s->cli = c;
  s->input = input;
  s->chunk = buffer_in(c->arena);
  lsp_jobs_init(&s->jobs, c);
  frames_init(&s->frames);
  s->frames.memory.guard = c->arena->guard;
  lsp_stream_init(&s->output, output, c->arena->guard);
  arena_defer(c->arena, free_session, s);
  *host = (lsp_host){.context = s,
                     .send = send_message,
                     .settings = read_settings,
                     .samples = read_samples,
                     .is_cancelled = is_cancelled,
                     .start_job = start_job,
                     .stop_job = stop_job,
                     .watch_process = watch_process,
                     .version = MAAPOL_VERSION,
                     .rules_url = MAAPOL_RULES_URL};
  memory_keep();
  s->server = lsp_server_new(c->arena, host);
  return s;
}

static int serve(cli *c, int input, int output) {
  signal(SIGPIPE, SIG_IGN); /* writing says it, too */
  session *s = begin(c, input, output);
  size_t client = 0;
  const char *named = cli_value(c, "clientProcessId");
  if (named && !cli_parse_count(named, INT32_MAX, &client))
    return cli_usage(c, "`%s` is no number of a process", named);
  watch_process(s, (int64_t)client);
  while (!s->is_over && !s->output.is_broken &&
         !lsp_server_is_over(s->server))
    step(s);
  lsp_stream_end(&s->output);
  if (s->output.is_broken)
    return cli_error(c, CLI_SYSTEM, "the client takes no answers");
  return lsp_server_status(s->server);
}

static int run(cli *c) {
  int status = CLI_OK;
  const char *address = cli_value(c, "socket");
  if (c->argument_count)
    return cli_usage(c, "no file is named: the editor sends the texts");
  if (!address)
    return serve(c, STDIN_FILENO, STDOUT_FILENO);
  if (cli_flag(c, "stdio"))
    return cli_usage(c, "--stdio and --socket exclude each other");
  if (!cli_connect_loopback)
    return cli_exec_sibling(c, "maapol-remote");
  int connection = cli_connect_loopback(c, address, &status);
  if (connection < 0)
    return status;
  status = serve(c, connection, connection);
  close(connection);
  return status;
}

const cli_verb verb_lsp = {
    "lsp",
    "the language server, for editors",
    "[--socket PORT] [--config FILE]",
    "maapol lsp",
    options,
    run,
};
