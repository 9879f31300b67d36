/* SPDX-License-Identifier: Apache-2.0 */
/* Questions, answers that come later, jobs and idle work, with a host that
 * only writes down what it is asked for. */
#include "base/limits.h"
#include "base/memory.h"
#include "lsp/server.h"
#include "tests/unit/unit.h"

enum { ORDERS = 400 };

typedef struct recorder {
  uint64_t orders[ORDERS], stopped[ORDERS];
  size_t order_count, stop_count, running, running_max;
  bool refuses; /* to start anything */
  buffer said;
  lsp_job_status ended[ORDERS];
  size_t ended_count;
  const char *why;
  int answers, error, steps;
} recorder;

static void note(void *context, slice message) {
  recorder *r = context;
  buffer_add(&r->said, message);
  buffer_char(&r->said, '\n');
}

static bool start_job(void *context, const lsp_order *order) {
  recorder *r = context;
  cr_assert(r->order_count < ORDERS);
  cr_expect_str_eq(order->words[0], "version");
  cr_expect_null(order->words[1]);
  cr_expect(slice_is(order->input, "text"));
  r->orders[r->order_count++] = order->id;
  r->running += !r->refuses;
  r->running_max = r->running > r->running_max ? r->running : r->running_max;
  return !r->refuses;
}

static void stop_job(void *context, uint64_t id) {
  recorder *r = context;
  r->stopped[r->stop_count++] = id;
  r->running--;
}

static recorder *recorder_of(const lsp_server *s) { return s->host->context; }

static void on_end(lsp_server *s, const lsp_job_result *result) {
  recorder *r = recorder_of(s);
  r->ended[r->ended_count++] = result->status;
  r->why = result->why;
  const value *name = value_member(result->keep, SLICE("name"));
  cr_expect(name && slice_is(value_string(name), "kept"));
  if (result->later && result->status == LSP_JOB_ENDED)
    lsp_answer_later(s, result->later, value_integer(result->exit_status));
}

static void on_answer(lsp_server *s, const lsp_answer *answer) {
  recorder *r = recorder_of(s);
  r->answers++;
  r->error = answer->error;
  cr_expect(slice_is(value_string(answer->keep), "kept"));
  cr_expect((answer->result == NULL) == (answer->error != 0));
}

static uint64_t begin_job(lsp_server *s, const char *uri, uint64_t later) {
  static const char *const words[] = {"version", NULL};
  object_builder o = object_in(&s->scratch);
  set_text(&o, "name", "kept");
  lsp_job job = {.words = words,
                 .input = SLICE("text"),
                 .uri = slice_from(uri),
                 .later = later,
                 .on_end = on_end,
                 .keep = object_value(&o)};
  return lsp_start_job(s, &job);
}

static const char initialize[] =
    "{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
    "\"workspace\":{\"applyEdit\":true,\"codeLens\":{\"refreshSupport\":"
    "false}}}}}";
static const char open_document[] =
    "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{"
    "\"uri\":\"a\",\"version\":1,\"text\":\"\"}}}";
static const char close_document[] =
    "{\"method\":\"textDocument/didClose\",\"params\":{\"textDocument\":{"
    "\"uri\":\"a\"}}}";

static void free_server(void *server) { lsp_server_free(server); }

static lsp_server *begin(arena *a, recorder *r, lsp_host *host) {
  *r = (recorder){.said = buffer_in(a)};
  *host = (lsp_host){.context = r,
                     .send = note,
                     .start_job = start_job,
                     .stop_job = stop_job,
                     .version = "0"};
  lsp_server *s = lsp_server_new(a, host);
  arena_defer(a, free_server, s);
  lsp_server_receive(s, slice_from(initialize));
  return s;
}

#define BEGIN()                              \
  TEST_ARENA(a, 1 << 26);                    \
  static recorder r;                         \
  static lsp_host host;                      \
  lsp_server *s = begin(&a, &r, &host);      \
  if (setjmp(s->failure))                    \
  cr_assert_fail("out of memory")

static bool was_said(const recorder *r, const char *text) {
  buffer said = r->said;
  return strstr(buffer_slice(&said).data, text) != NULL;
}

Test(lsp_tasks, questions_are_answered_once) {
  BEGIN();
  static const char good[] = "{\"id\":1,\"result\":null}";
  static const char bad[] =
      "{\"id\":2,\"error\":{\"code\":-5,\"message\":\"no\"}}";
  cr_expect(lsp_ask(s, "workspace/applyEdit", value_null(), on_answer,
                    value_text(SLICE("kept"))));
  cr_expect(lsp_ask(s, "workspace/applyEdit", value_null(), on_answer,
                    value_text(SLICE("kept"))));
  cr_expect(was_said(&r, "\"id\":1,\"jsonrpc\":\"2.0\",\"method\":"
                         "\"workspace/applyEdit\""));
  lsp_server_receive(s, slice_from(good));
  cr_expect(r.answers == 1 && r.error == 0);
  lsp_server_receive(s, slice_from(good));
  cr_expect(r.answers == 1);
  lsp_server_receive(s, slice_from(bad));
  cr_expect(r.answers == 2 && r.error == -5);
  arena_free(&a);
}

Test(lsp_tasks, a_client_is_not_asked_what_it_does_not_know) {
  BEGIN();
  static const char *const unknown[] = {
      "client/registerCapability", "workspace/codeLens/refresh",
      "workspace/inlayHint/refresh", "window/workDoneProgress/create",
      "nothing"};
  for (size_t i = 0; i < COUNT_OF(unknown); i++)
    cr_expect(!lsp_ask(s, unknown[i], value_null(), NULL, value_null()));
  arena_free(&a);
}

Test(lsp_tasks, some_jobs_run_and_the_others_wait) {
  BEGIN();
  enum { JOBS = 10 };
  for (int i = 0; i < JOBS; i++)
    begin_job(s, "", 0);
  cr_expect(r.order_count == 0, "not before the message was handled");
  lsp_server_receive(s, SLICE("{}"));
  cr_expect(r.order_count == LIMIT_LSP_JOBS);
  for (size_t i = 0; i < JOBS; i++) {
    r.running--;
    lsp_server_job_ended(s, r.orders[i], LSP_JOB_ENDED, 0, SLICE(""),
                         SLICE(""));
    cr_expect(r.ended_count == i + 1);
  }
  cr_expect(r.order_count == JOBS);
  cr_expect(r.running_max == LIMIT_LSP_JOBS);
  for (size_t i = 1; i < JOBS; i++)
    cr_expect(r.orders[i] > r.orders[i - 1], "they start in their order");
  lsp_server_job_ended(s, r.orders[0], LSP_JOB_ENDED, 0, SLICE(""), SLICE(""));
  cr_expect(r.ended_count == JOBS, "an end counts once");
  arena_free(&a);
}

Test(lsp_tasks, too_many_jobs_fail) {
  BEGIN();
  for (int i = 0; i < LIMIT_LSP_WAITING + 3; i++)
    begin_job(s, "", 0);
  lsp_server_receive(s, SLICE("{}"));
  cr_expect(r.ended_count == 3, "%zu", r.ended_count);
  cr_expect(r.ended[0] == LSP_JOB_FAILED);
  cr_expect(r.why != NULL);
  arena_free(&a);
}

Test(lsp_tasks, what_cannot_be_started_fails) {
  BEGIN();
  r.refuses = true;
  begin_job(s, "", 0);
  lsp_server_receive(s, SLICE("{}"));
  cr_expect(r.ended_count == 1 && r.ended[0] == LSP_JOB_FAILED);
  host.start_job = NULL;
  begin_job(s, "", 0);
  lsp_server_receive(s, SLICE("{}"));
  cr_expect(r.ended_count == 2 && r.ended[1] == LSP_JOB_FAILED);
  cr_expect(r.order_count == 1);
  arena_free(&a);
}

Test(lsp_tasks, closing_a_document_stops_its_jobs) {
  BEGIN();
  lsp_server_receive(s, slice_from(open_document));
  begin_job(s, "b", 0);
  uint64_t ours = begin_job(s, "a", 0);
  begin_job(s, "a", 0); /* which waits */
  lsp_server_receive(s, SLICE("{}"));
  lsp_server_receive(s, slice_from(close_document));
  cr_expect(r.stop_count == 1 && r.stopped[0] == ours);
  cr_expect(r.ended_count == 2);
  cr_expect(r.ended[0] == LSP_JOB_STOPPED && r.ended[1] == LSP_JOB_STOPPED);
  arena_free(&a);
}

static uint64_t later_of(lsp_server *s, const value *id) {
  lsp_request request = {.server = s, .arena = &s->scratch, .id = id};
  uint64_t later = lsp_later(&request);
  cr_expect(request.is_later);
  return later;
}

Test(lsp_tasks, a_request_that_waits_for_a_job) {
  BEGIN();
  value id = value_text(SLICE("seven"));
  uint64_t later = later_of(s, &id);
  begin_job(s, "", later);
  lsp_server_receive(s, SLICE("{}"));
  cr_expect(lsp_is_awaited(s, later));
  lsp_server_job_ended(s, r.orders[0], LSP_JOB_ENDED, 3, SLICE(""), SLICE(""));
  cr_expect(!lsp_is_awaited(s, later));
  cr_expect(was_said(&r, "{\"id\":\"seven\",\"jsonrpc\":\"2.0\","
                         "\"result\":3}"));
  arena_free(&a);
}

Test(lsp_tasks, a_request_that_is_cancelled_meanwhile) {
  BEGIN();
  value id = value_text(SLICE("seven"));
  uint64_t later = later_of(s, &id);
  uint64_t job = begin_job(s, "", later);
  lsp_server_receive(s, SLICE("{}"));
  static const char other[] =
      "{\"method\":\"$/cancelRequest\",\"params\":{\"id\":\"eight\"}}";
  static const char cancel[] =
      "{\"method\":\"$/cancelRequest\",\"params\":{\"id\":\"seven\"}}";
  lsp_server_receive(s, slice_from(other));
  cr_expect(r.stop_count == 0);
  lsp_server_receive(s, slice_from(cancel));
  cr_expect(r.stop_count == 1 && r.stopped[0] == job);
  cr_expect(r.ended[0] == LSP_JOB_STOPPED);
  cr_expect(was_said(&r, "-32800"));
  lsp_answer_later(s, later, value_integer(44));
  cr_expect(!was_said(&r, "44"));
  arena_free(&a);
}

static bool count_steps(lsp_server *s) {
  return ++recorder_of(s)->steps % 3 != 0;
}

static bool end_at_once(lsp_server *s) {
  recorder_of(s)->answers++;
  return false;
}

Test(lsp_tasks, idle_work_is_done_in_turns) {
  BEGIN();
  cr_expect(!lsp_server_idle(s));
  lsp_when_idle(s, count_steps);
  lsp_when_idle(s, end_at_once);
  lsp_when_idle(s, count_steps);
  int calls = 0;
  while (lsp_server_idle(s))
    calls++;
  cr_expect(calls == 3, "%d", calls);
  cr_expect(r.steps == 3, "%d", r.steps);
  cr_expect(r.answers == 1, "%d", r.answers);
  arena_free(&a);
}

static void session(arena *a, recorder *r, lsp_host *host) {
  lsp_server *s = begin(a, r, host);
  if (!setjmp(s->failure)) {
    value id = value_text(SLICE("seven"));
    begin_job(s, "", later_of(s, &id));
    lsp_ask(s, "workspace/applyEdit", value_null(), on_answer,
            value_text(SLICE("kept")));
  }
  lsp_server_receive(s, SLICE("{\"id\":1,\"result\":null}"));
  if (r->order_count)
    lsp_server_job_ended(s, r->orders[0], LSP_JOB_ENDED, 0, SLICE(""),
                         SLICE(""));
}

/* Whichever allocation fails, nothing is lost that was taken: the sanitizers
 * look for leaks. */
Test(lsp_tasks, any_allocation_may_fail) {
  static recorder r;
  static lsp_host host;
  volatile int ended = 0;
  for (volatile long n = 120; n >= 0; n--) {
    arena a, said;
    jmp_buf failure;
    arena_init(&a, 1 << 24);
    arena_init(&said, 1 << 24);
    memory_fail_after(n);
    if (!ARENA_GUARD(&a, failure)) {
      said.guard = &failure;
      session(&a, &r, &host);
    }
    memory_fail_after(-1);
    ended += r.ended_count == 1;
    r.ended_count = 0;
    arena_free(&a);
    arena_free(&said);
  }
  cr_expect(ended > 0);
}
