/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of a policy, with the sibling program played by the test. */
#include "lsp/samples.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20, PATH_BYTES = 128 };

/* --- a folder, a client, a sibling ---------------------------------------- */

static char folder[PATH_BYTES];

static const char *path_of(const char *name) {
  static char path[2 * PATH_BYTES];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *text) {
  FILE *file = fopen(path_of(name), "w");
  cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", name);
}

static void make_folder(void) {
  snprintf(folder, sizeof folder, "/tmp/maapol-unit-XXXXXX");
  cr_assert(mkdtemp(folder) != NULL);
  cr_assert_eq(mkdir(path_of(".git"), 0700), 0);
}

static void remove_folder(void) {
  static const char *const names[] = {"p.claims.json", "p.request.json",
                                      NULL};
  for (const char *const *n = names; *n; n++)
    unlink(path_of(*n));
  rmdir(path_of(".git"));
  rmdir(folder);
}

typedef struct client {
  int answers;
  bool says_permit;
  uint64_t job; /* that runs; 0: none */
  int jobs;
  int64_t now;
  char last[4096];
} client;

static void take_message(void *context, slice message) {
  client *c = context;
  const char *text = message.data;
  c->answers += strstr(text, "\"id\"") != NULL;
  c->says_permit |= strstr(text, "\"permit") != NULL;
  snprintf(c->last, sizeof c->last, "%.*s", SLICE_ARGS(message));
}

static bool start_job(void *context, const lsp_order *order) {
  client *c = context;
  c->job = order->id;
  c->jobs++;
  return true;
}

static void stop_job(void *context, uint64_t id) {
  client *c = context;
  c->job = c->job == id ? 0 : c->job;
}

static int64_t clock_of(void *context) { return ((client *)context)->now; }

static void release(void *server) { lsp_server_free(server); }

static lsp_server *start(arena *a, client *c, lsp_host *host) {
  *host = (lsp_host){.context = c,
                     .send = take_message,
                     .start_job = start_job,
                     .stop_job = stop_job,
                     .now = clock_of,
                     .version = "0"};
  lsp_server *s = lsp_server_new(a, host);
  arena_defer(a, release, s);
  return s;
}

static void tell(lsp_server *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(lsp_server *s, const char *format, ...) {
  char message[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  lsp_server_receive(s, slice_from(message));
}

#define URI "\"uri\":\"file://%s/p.maapolicy\""

static void open_policy(lsp_server *s) {
  tell(s, "{\"id\":1,\"method\":\"initialize\",\"params\":{}}");
  tell(s,
       "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{"
       URI ",\"text\":\"// maapol: type=SgxEnclave\\nversion=1.0;"
       "authorizationrules{[type==\\\"a\\\", value==2]=>permit();};\"}}}",
       folder);
}

static void ask_lenses(lsp_server *s) {
  tell(s, "{\"id\":2,\"method\":\"textDocument/codeLens\",\"params\":{"
          "\"textDocument\":{" URI "}}}", folder);
}

/* --- evidence ------------------------------------------------------------- */

static void end_job(lsp_server *s, client *c, lsp_job_status status, int code,
                    const char *output, const char *errors) {
  uint64_t id = c->job;
  c->job = 0;
  lsp_server_job_ended(s, id, status, code, slice_from(output),
                       slice_from(errors));
}

/* Whatever else comes out of the sibling: only status 0 opens the way to the
 * rules. */
Test(lsp_samples, evidence_counts_only_if_the_sibling_says_so) {
  static const struct {
    lsp_job_status status;
    int code;
    const char *output, *expected;
  } rows[] = {
      {LSP_JOB_ENDED, 0, "[{\"type\":\"a\",\"value\":2}]",
       "\"permit on p.request.json\""},
      {LSP_JOB_ENDED, 0, "[]", "\"deny on p.request.json: rule 1"},
      {LSP_JOB_ENDED, 0, "", "\"no decision on p.request.json"},
      {LSP_JOB_ENDED, 1, "[{\"type\":\"a\",\"value\":2}]",
       "\"deny on p.request.json: the evidence is refused: why\""},
      {LSP_JOB_ENDED, 3, "[{\"type\":\"a\",\"value\":2}]",
       "\"no decision on p.request.json: why\""},
      {LSP_JOB_FAILED, 0, "[{\"type\":\"a\",\"value\":2}]",
       "\"no decision on p.request.json"},
      {LSP_JOB_TOO_LONG, 0, "[{\"type\":\"a\",\"value\":2}]",
       "\"no decision on p.request.json"},
      {LSP_JOB_STOPPED, 0, "[{\"type\":\"a\",\"value\":2}]",
       "\"no decision on p.request.json"},
  };
  make_folder();
  write_file("p.request.json", "{\"quote\":\"AAAA\"}");
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    TEST_ARENA(a, 64 * MEBIBYTE);
    client c = {.answers = 0};
    lsp_host host;
    lsp_server *s = start(&a, &c, &host);
    open_policy(s);
    ask_lenses(s);
    cr_expect(strstr(c.last, "is being verified"), "%s", c.last);
    ask_lenses(s);
    cr_expect_eq(c.jobs, 1, "asked once");
    end_job(s, &c, rows[i].status, rows[i].code, rows[i].output,
            "maapol attest: why\nand more\n");
    ask_lenses(s);
    cr_expect(strstr(c.last, rows[i].expected), "%zu: %s", i, c.last);
    cr_expect_eq(c.jobs, 1, "and not again");
    arena_free(&a);
  }
  remove_folder();
}

/* Decisions point into a policy that is forgotten and made anew, perhaps at the
 * same address: they are made again, too. */
Test(lsp_samples, decisions_are_of_the_policy_that_is_known) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  client c = {.answers = 0};
  lsp_host host;
  make_folder();
  write_file("p.claims.json", "{\"a\": 3}");
  lsp_server *s = start(&a, &c, &host);
  open_policy(s);
  ask_lenses(s);
  slice before = arena_copy(&a, slice_from(c.last));
  cr_expect(strstr(c.last, "a is 3, wanted == 2"), "%s", c.last);
  document *d = s->documents.items[0];
  uint64_t analyses = samples_decided(s, d)->analyses;
  document_forget(d);
  ask_lenses(s);
  cr_expect_str_eq(c.last, before.data);
  cr_expect_gt(samples_decided(s, d)->analyses, analyses);
  arena_free(&a);
  remove_folder();
}

static void ask_decision(lsp_server *s) {
  tell(s, "{\"id\":4,\"method\":\"workspace/executeCommand\",\"params\":{"
          "\"command\":\"maapol.evaluate\",\"arguments\":[{" URI "}]}}",
       folder);
}

/* A machine that was busy once must not leave the lens as it is for ever. */
Test(lsp_samples, what_was_no_fault_of_the_evidence_is_tried_again) {
  static const struct {
    lsp_job_status status;
    int code, jobs;
  } rows[] = {{LSP_JOB_TOO_LONG, 0, 2}, {LSP_JOB_FAILED, 0, 2},
              {LSP_JOB_ENDED, 4, 2},    {LSP_JOB_ENDED, 3, 1},
              {LSP_JOB_ENDED, 1, 1},    {LSP_JOB_ENDED, 0, 1}};
  make_folder();
  write_file("p.request.json", "{\"quote\":\"AAAA\"}");
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    TEST_ARENA(a, 64 * MEBIBYTE);
    client c = {.answers = 0};
    lsp_host host;
    lsp_server *s = start(&a, &c, &host);
    open_policy(s);
    ask_lenses(s);
    end_job(s, &c, rows[i].status, rows[i].code, "[]", "why\n");
    ask_lenses(s);
    cr_expect_eq(c.jobs, 1, "%zu: not by itself", i);
    ask_decision(s);
    cr_expect_eq(c.jobs, rows[i].jobs, "%zu: %d jobs", i, c.jobs);
    cr_expect_not(c.says_permit, "%zu", i);
    arena_free(&a);
  }
  remove_folder();
}

/* Certificates run out while an editor is open. */
Test(lsp_samples, evidence_is_verified_again_in_time) {
  make_folder();
  write_file("p.request.json", "{\"quote\":\"AAAA\"}");
  TEST_ARENA(a, 64 * MEBIBYTE);
  client c = {.now = 3600000};
  lsp_host host;
  lsp_server *s = start(&a, &c, &host);
  open_policy(s);
  ask_lenses(s);
  end_job(s, &c, LSP_JOB_ENDED, 0, "[{\"type\":\"a\",\"value\":2}]", "");
  c.now += 3599;
  ask_lenses(s);
  cr_expect(strstr(c.last, "\"permit on p.request.json\""), "%s", c.last);
  c.now++;
  c.says_permit = false;
  ask_lenses(s);
  cr_expect_not(c.says_permit, "%s", c.last);
  end_job(s, &c, LSP_JOB_ENDED, 1, "", "it has expired\n");
  ask_lenses(s);
  cr_expect(strstr(c.last, "deny on p.request.json"), "%s", c.last);
  cr_expect_eq(c.jobs, 2);
  arena_free(&a);
  remove_folder();
}

/* --- memory --------------------------------------------------------------- */

static void run_session(arena *a, client *c) {
  lsp_host host;
  lsp_server *s = start(a, c, &host);
  open_policy(s);
  ask_lenses(s);
  tell(s, "{\"id\":3,\"method\":\"textDocument/inlayHint\",\"params\":{"
          "\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{"
          "\"line\":9,\"character\":0}},\"textDocument\":{" URI "}}}", folder);
  if (c->job)
    end_job(s, c, LSP_JOB_ENDED, 1, "", "refused");
  ask_lenses(s);
  ask_decision(s);
}

/* Whichever allocation fails: every request is answered, nothing leaks, and a
 * policy that denies is never said to permit. */
Test(lsp_samples, any_allocation_may_fail) {
  make_folder();
  write_file("p.claims.json", "{\"a\":1}");
  write_file("p.request.json", "{\"quote\":\"AAAA\"}");
  for (volatile long n = 400; n >= 0; n--) {
    arena a;
    jmp_buf failure;
    static client c;
    c = (client){.answers = 0};
    arena_init(&a, 1 << 26);
    memory_fail_after(n);
    if (!ARENA_GUARD(&a, failure)) {
      run_session(&a, &c);
      cr_expect(c.answers >= 5, "%ld: %d answers", n, c.answers);
    }
    memory_fail_after(-1);
    cr_expect_not(c.says_permit, "%ld", n);
    arena_free(&a);
  }
  remove_folder();
}
