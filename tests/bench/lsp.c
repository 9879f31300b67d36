/* SPDX-License-Identifier: Apache-2.0 */
/* The language server: what somebody waits for who types. Answers are timed
 * within this process, beside the whole check of the same text; the start and
 * the memory are those of a process. */
#define _GNU_SOURCE /* pipe2 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/lint.h"
#include "lsp/server.h"
#include "tests/bench/bench.h"

extern char **environ;

enum { RULES = 1000, ASKED = 1000, STARTS = 200, DOCUMENTS = 100 };

/* --- answers -------------------------------------------------------------- */

typedef struct scene {
  lsp_server *server;
  size_t sent; /* bytes */
  slice text;
  size_t line, line_count;
} scene;

static void take(void *context, slice message) {
  scene *s = context;
  s->sent += message.length;
}

static const char initialize[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
    "{\"processId\":null,\"capabilities\":{}}}";

static void receive(scene *s, buffer *b) {
  lsp_server_receive(s->server, buffer_slice(b));
}

static void open_text(buffer *b, const char *uri, slice text) {
  buffer_printf(b, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\","
                   "\"params\":{\"textDocument\":{\"uri\":\"%s\","
                   "\"languageId\":\"maapolicy\",\"version\":1,\"text\":",
                uri);
  json_write_string(b, text);
  buffer_text(b, "}}}");
}

static void ask(scene *s, arena *a, const char *what, size_t n) {
  buffer b = buffer_in(a);
  buffer_printf(&b, "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":"
                    "\"textDocument/%s\",\"params\":{\"textDocument\":"
                    "{\"uri\":\"a\"},\"position\":{\"line\":%zu,"
                    "\"character\":%zu}}}",
                n + 2, what, 3 + n * 7 % (s->line_count - 4), n % 40);
  receive(s, &b);
}

static void time_all(scene *s, const char *what, double *samples) {
  for (size_t i = 0; i < ASKED; i++) {
    arena a;
    jmp_buf failure;
    arena_init(&a, (size_t)1 << 24);
    if (ARENA_GUARD(&a, failure))
      exit(1);
    double begin = bench_now();
    ask(s, &a, what, i);
    samples[i] = 1e3 * (bench_now() - begin);
    arena_free(&a);
  }
}

static void check_text(void *context) {
  const scene *s = context;
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)1 << 30);
  if (!ARENA_GUARD(&a, failure)) {
    policy *p = policy_compile(&a, s->text);
    lint_options options = {.width = 0};
    policy_lint(&a, p, &options);
  }
  arena_free(&a);
}

static void measure_answers(arena *a) {
  static double samples[ASKED];
  scene s = {.text = bench_policy(a, RULES)};
  lsp_host host = {.context = &s, .send = take, .version = "0"};
  buffer opening = buffer_in(a);
  for (size_t i = 0; i < s.text.length; i++)
    s.line_count += s.text.data[i] == '\n';
  s.server = lsp_server_new(a, &host);
  lsp_server_receive(s.server, slice_from(initialize));
  open_text(&opening, "a", s.text);
  receive(&s, &opening);
  double whole = 1e3 * bench_time(check_text, &s);
  time_all(&s, "hover", samples);
  bench_at_most("hover, 1,000 rules; a whole check",
                bench_median(samples, ASKED), whole, "ms", 1);
  time_all(&s, "completion", samples);
  bench_at_most("completion, the same", bench_median(samples, ASKED),
                whole, "ms", 1);
  lsp_server_free(s.server);
}

/* --- the process ---------------------------------------------------------- */

typedef struct child {
  pid_t process;
  int to, from;
} child;

static bool start(child *p, char *path) {
  static char verb[] = "lsp";
  char *arguments[] = {path, verb, NULL};
  int in[2], out[2];
  posix_spawn_file_actions_t actions;
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
    return false;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  bool started = posix_spawn(&p->process, path, &actions, NULL, arguments,
                             environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  p->to = in[1];
  p->from = out[0];
  return started;
}

static void end(child *p) {
  close(p->to);
  close(p->from);
  waitpid(p->process, NULL, 0);
}

static bool send_framed(const child *p, slice message) {
  char header[64];
  int length = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n",
                        message.length);
  bool sent = write(p->to, header, (size_t)length) == length;
  while (sent && message.length) {
    ssize_t n = write(p->to, message.data, message.length);
    sent = n > 0;
    message.data += sent ? n : 0;
    message.length -= sent ? (size_t)n : 0;
  }
  return sent;
}

/* Reads until that text has come. */
static bool wait_for(const child *p, const char *text) {
  static char said[1 << 20];
  size_t length = 0;
  for (;;) {
    ssize_t n = read(p->from, said + length, sizeof said - 1 - length);
    if (n <= 0)
      return false;
    length += (size_t)n;
    said[length] = 0;
    if (strstr(said, text))
      return true;
    if (length > sizeof said / 2) {
      memmove(said, said + length - 64, 64);
      length = 64;
    }
  }
}

static double time_initialize(char *path) {
  child p;
  double begin = bench_clock();
  if (!start(&p, path))
    return -1;
  bool answered = send_framed(&p, slice_from(initialize)) &&
                  wait_for(&p, "serverInfo");
  double seconds = bench_clock() - begin;
  end(&p);
  return answered ? seconds : -1;
}

static double time_empty(char *path) {
  char *arguments[] = {path, NULL};
  pid_t process;
  double begin = bench_clock();
  if (posix_spawn(&process, path, NULL, NULL, arguments, environ) != 0 ||
      waitpid(process, NULL, 0) != process)
    return -1;
  return bench_clock() - begin;
}

/* Mebibytes that it holds. */
static double memory_of(const child *p) {
  char path[64], line[256];
  double kilobytes = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)p->process);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, "VmRSS:", 6) == 0)
      kilobytes = strtod(line + 6, NULL);
  if (file)
    fclose(file);
  return kilobytes / 1024;
}

/* Opens one policy of 1,000 rules and others, and asks of each what an editor
 * asks that shows it. */
static bool open_all(arena *a, const child *p, size_t rules) {
  for (int i = 0; i < DOCUMENTS; i++) {
    buffer opening = buffer_in(a), asking = buffer_in(a);
    char uri[16];
    snprintf(uri, sizeof uri, "d%d", i);
    open_text(&opening, uri, bench_policy(a, i ? rules : RULES));
    buffer_printf(&asking, "{\"id\":\"all\",\"method\":\"textDocument/"
                           "semanticTokens/full\",\"params\":{"
                           "\"textDocument\":{\"uri\":\"%s\"}}}", uri);
    if (!send_framed(p, buffer_slice(&opening)) ||
        !wait_for(p, "diagnostics") ||
        !send_framed(p, buffer_slice(&asking)) || !wait_for(p, "\"all\""))
      return false;
  }
  return true;
}

static void measure_memory(arena *a, char *path, size_t rules) {
  child p;
  char words[80];
  static const char last[] = "{\"jsonrpc\":\"2.0\",\"id\":\"last\","
                             "\"method\":\"shutdown\"}";
  if (!start(&p, path) || !send_framed(&p, slice_from(initialize)) ||
      !wait_for(&p, "serverInfo"))
    return;
  double alone = memory_of(&p);
  snprintf(words, sizeof words, "memory, 100 documents of %zu rules; of none",
           rules);
  if (open_all(a, &p, rules) && send_framed(&p, slice_from(last)) &&
      wait_for(&p, "\"last\""))
    bench_at_most(words, memory_of(&p), alone, "MB", 30);
  end(&p);
}

static void measure_process(arena *a, char *path, char *empty) {
  static double samples[2][STARTS];
  for (size_t i = 0; i < STARTS; i++) {
    samples[0][i] = 1e3 * time_initialize(path);
    samples[1][i] = 1e3 * time_empty(empty);
    if (samples[0][i] < 0 || samples[1][i] < 0) {
      printf("%s lsp does not work\n", path);
      return;
    }
  }
  bench_at_most("start to the answer of initialize",
                bench_median(samples[0], STARTS),
                bench_median(samples[1], STARTS), "ms", 5);
  measure_memory(a, path, RULES / 40);
  measure_memory(a, path, RULES / 10);
}

void bench_lsp(const char *maapol, const char *empty) {
  arena a;
  jmp_buf failure;
  signal(SIGPIPE, SIG_IGN);
  arena_init(&a, (size_t)1 << 28);
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n");
  } else {
    measure_answers(&a);
    if (maapol)
      measure_process(&a, arena_string(&a, slice_from(maapol)),
                      arena_string(&a, slice_from(empty)));
  }
  arena_free(&a);
}
