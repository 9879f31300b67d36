/* SPDX-License-Identifier: Apache-2.0 */
/* What is under way: questions to the client, requests that are answered later,
 * jobs. Each has an arena of its own, since it outlives the message. */
#include "base/limits.h"
#include "lsp/server.h"

typedef enum task_kind { TASK_QUESTION, TASK_LATER, TASK_JOB } task_kind;

struct lsp_task {
  lsp_task *next;
  arena memory;
  task_kind kind;
  uint64_t id;
  value keep; /* of a question or job */
  lsp_on_answer on_answer;
  /* A request that is answered later. */
  value request;
  value progress, partial; /* tokens; null: none */
  bool has_begun;          /* its progress */
  /* A job. */
  const char **words;
  slice input, uri;
  uint64_t later;
  void (*on_end)(lsp_server *s, const lsp_job_result *result);
  bool is_running, is_stopped, is_failed;
};

/* --- making and ending ---------------------------------------------------- */

/* Recurses as deep as the value nests: it was made by the program, or read
 * within LIMIT_JSON_DEPTH. */
static value copied(arena *a, const value *v) {
  value made = *v;
  if (v->kind == VALUE_STRING) {
    made.string = arena_copy(a, value_string(v)).data;
  } else if (v->kind == VALUE_ARRAY && v->count) {
    value *items = ARENA_ARRAY(a, v->count, value);
    for (uint32_t i = 0; i < v->count; i++)
      items[i] = copied(a, &v->items[i]);
    made.items = items;
  } else if (v->kind == VALUE_OBJECT && v->count) {
    member *members = ARENA_ARRAY(a, v->count, member);
    for (uint32_t i = 0; i < v->count; i++) {
      members[i] = v->members[i];
      members[i].name = arena_copy(a, member_name(&v->members[i])).data;
      members[i].value = copied(a, &v->members[i].value);
    }
    made.members = members;
  }
  return made;
}

/* In s->task_memory, which is freed if an allocation fails before `file`. */
static lsp_task *begin(lsp_server *s, task_kind kind) {
  arena_free(&s->task_memory);
  s->task_memory.guard = &s->failure;
  lsp_task *t = ARENA_NEW(&s->task_memory, lsp_task);
  t->kind = kind;
  return t;
}

/* Behind the others, so that jobs start in their order. */
static uint64_t file(lsp_server *s, lsp_task *t) {
  lsp_task **end = &s->tasks;
  while (*end)
    end = &(*end)->next;
  t->memory = s->task_memory;
  arena_init(&s->task_memory, LIMIT_ARENA_BYTES);
  t->id = ++s->last_task;
  *end = t;
  return t->id;
}

static lsp_task *find(const lsp_server *s, task_kind kind, uint64_t id) {
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->kind == kind && t->id == id)
      return t;
  return NULL;
}

/* It is freed with the next message: callbacks still look at it. */
static void unlink_task(lsp_server *s, lsp_task *t) {
  lsp_task **at = &s->tasks;
  while (*at != t)
    at = &(*at)->next;
  *at = t->next;
  t->next = s->ended;
  s->ended = t;
}

static void free_list(lsp_task **list) {
  while (*list) {
    lsp_task *t = *list;
    *list = t->next;
    arena memory = t->memory; /* which holds t */
    arena_free(&memory);
  }
}

void lsp_tasks_free_ended(lsp_server *s) { free_list(&s->ended); }

void lsp_tasks_free(lsp_server *s) {
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->is_running && s->host->stop_job)
      s->host->stop_job(s->host->context, t->id);
  free_list(&s->tasks);
  free_list(&s->ended);
  arena_free(&s->task_memory);
}

/* --- questions ------------------------------------------------------------ */

bool lsp_ask(lsp_server *s, const char *method, value params,
             lsp_on_answer on_answer, value keep) {
  if (!lsp_client_knows(s, method))
    return false;
  lsp_task *t = begin(s, TASK_QUESTION);
  t->on_answer = on_answer;
  t->keep = copied(&s->task_memory, &keep);
  lsp_send_question(s, file(s, t), method, params);
  return true;
}

void lsp_task_answered(lsp_server *s, const value *message) {
  const value *id = lsp_at(message, "id", NULL);
  const value *error = lsp_at(message, "error", NULL);
  const value *code = lsp_at(error, "code", NULL);
  if (id->kind != VALUE_INTEGER || id->integer <= 0)
    return;
  lsp_task *t = find(s, TASK_QUESTION, (uint64_t)id->integer);
  if (!t)
    return;
  unlink_task(s, t);
  lsp_answer a = {.keep = &t->keep};
  if (!error) {
    a.result = lsp_at(message, "result", NULL);
  } else {
    bool has_code = code && code->kind == VALUE_INTEGER && code->integer &&
                    code->integer == (int32_t)code->integer;
    a.error = has_code ? (int)code->integer : LSP_INTERNAL_ERROR;
    a.why = lsp_text_member(error, "message");
  }
  if (t->on_answer)
    t->on_answer(s, &a);
}

/* --- answers that come later ---------------------------------------------- */

static value parameter(const lsp_request *r, const char *name) {
  const value *v = lsp_at(r->params, name, NULL);
  bool is_token =
      v && (v->kind == VALUE_STRING || v->kind == VALUE_INTEGER);
  return is_token ? *v : value_null();
}

uint64_t lsp_later(lsp_request *r) {
  lsp_server *s = r->server;
  lsp_task *t = begin(s, TASK_LATER);
  value token = parameter(r, "workDoneToken");
  value partial = parameter(r, "partialResultToken");
  t->partial = copied(&s->task_memory, &partial);
  t->request = copied(&s->task_memory, r->id);
  t->progress = copied(&s->task_memory, &token);
  r->is_later = true;
  return file(s, t);
}

bool lsp_is_awaited(const lsp_server *s, uint64_t later) {
  return find(s, TASK_LATER, later) != NULL;
}

static void notify_progress(lsp_server *s, value token, value content) {
  object_builder o = object_in(&s->scratch);
  set(&o, "token", token);
  set(&o, "value", content);
  lsp_notify(s, "$/progress", object_value(&o));
}

void lsp_progress(lsp_server *s, uint64_t later, const char *title,
                  const char *message, int percent) {
  lsp_task *t = find(s, TASK_LATER, later);
  if (!t || t->progress.kind == VALUE_NULL)
    return;
  object_builder o = object_in(&s->scratch);
  set_text(&o, "kind", t->has_begun ? "report" : "begin");
  if (!t->has_begun) {
    set_text(&o, "title", title);
    set_flag(&o, "cancellable", true);
  }
  if (message)
    set_text(&o, "message", message);
  if (percent >= 0)
    set_number(&o, "percentage", percent);
  t->has_begun = true;
  notify_progress(s, t->progress, object_value(&o));
}

bool lsp_partial_later(lsp_server *s, uint64_t later, value part) {
  lsp_task *t = find(s, TASK_LATER, later);
  bool has_token = t && t->partial.kind != VALUE_NULL;
  if (has_token)
    notify_progress(s, t->partial, part);
  return has_token;
}

static void end_progress(lsp_server *s, lsp_task *t) {
  if (!t->has_begun)
    return;
  object_builder o = object_in(&s->scratch);
  set_text(&o, "kind", "end");
  notify_progress(s, t->progress, object_value(&o));
}

void lsp_answer_later(lsp_server *s, uint64_t later, value result) {
  lsp_task *t = find(s, TASK_LATER, later);
  if (!t)
    return;
  end_progress(s, t);
  lsp_respond(s, &t->request, result);
  unlink_task(s, t);
}

void lsp_refuse_later(lsp_server *s, uint64_t later, int code,
                      const char *why) {
  lsp_task *t = find(s, TASK_LATER, later);
  if (!t)
    return;
  end_progress(s, t);
  lsp_fail(s, &t->request, code, why);
  unlink_task(s, t);
}

static void cancel(lsp_server *s, uint64_t later) {
  lsp_refuse_later(s, later, LSP_REQUEST_CANCELLED,
                   "the request was cancelled");
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->kind == TASK_JOB && t->later == later)
      t->is_stopped = true;
}

/* Numbers of clients may have come as 1 and 1.0. */
static void cancel_that(lsp_server *s, const value *id, bool by_progress) {
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->kind == TASK_LATER && id && id->kind != VALUE_NULL &&
        value_equal(&s->scratch, by_progress ? &t->progress : &t->request,
                    id)) {
      cancel(s, t->id);
      return;
    }
}

void lsp_task_cancel(lsp_server *s, const value *id) {
  cancel_that(s, id, false);
}

void lsp_task_cancel_progress(lsp_server *s, const value *token) {
  cancel_that(s, token, true);
}

/* --- jobs ----------------------------------------------------------------- */

static const char **copied_words(arena *a, const char *const *words) {
  size_t count = 0;
  while (words[count])
    count++;
  const char **made = ARENA_ARRAY(a, count + 1, const char *);
  for (size_t i = 0; i < count; i++)
    made[i] = arena_string(a, slice_from(words[i]));
  made[count] = NULL;
  return made;
}

static size_t count_jobs(const lsp_server *s, bool running) {
  size_t count = 0;
  for (const lsp_task *t = s->tasks; t; t = t->next)
    count += t->kind == TASK_JOB && t->is_running == running;
  return count;
}

uint64_t lsp_start_job(lsp_server *s, const lsp_job *job) {
  lsp_task *t = begin(s, TASK_JOB);
  arena *a = &s->task_memory;
  t->words = copied_words(a, job->words);
  t->input = arena_copy(a, job->input);
  t->uri = arena_copy(a, job->uri);
  t->later = job->later;
  t->on_end = job->on_end;
  t->keep = copied(a, &job->keep);
  t->is_failed = !s->host->start_job || s->is_shut_down ||
                 count_jobs(s, false) >= LIMIT_LSP_WAITING;
  return file(s, t);
}

void lsp_tasks_stop(lsp_server *s) {
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->kind == TASK_JOB)
      t->is_stopped = true;
}

void lsp_tasks_refuse_ended(lsp_server *s) {
  for (lsp_task *t = s->ended; t; t = t->next)
    if (t->kind == TASK_JOB && t->later)
      lsp_refuse_later(s, t->later, LSP_INTERNAL_ERROR,
                       "this needs more memory than there is");
}

void lsp_stop_job(lsp_server *s, uint64_t id) {
  lsp_task *t = find(s, TASK_JOB, id);
  if (t)
    t->is_stopped = true;
}

void lsp_tasks_of_document(lsp_server *s, slice uri) {
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->kind == TASK_JOB && t->uri.length && slice_equal(t->uri, uri))
      t->is_stopped = true;
}

static const char *reason(lsp_job_status status) {
  switch (status) {
  case LSP_JOB_ENDED:
    return NULL;
  case LSP_JOB_FAILED:
    return "the program could not be run to its end";
  case LSP_JOB_TOO_LONG:
    return "the program took too long and was ended";
  case LSP_JOB_TOO_LARGE:
    return "the program wrote too much and was ended";
  case LSP_JOB_STOPPED:
    return "the work was cancelled";
  }
  return NULL;
}

static void end_job(lsp_server *s, lsp_task *t, lsp_job_result *result) {
  unlink_task(s, t);
  result->id = t->id;
  result->why = reason(result->status);
  result->uri = t->uri;
  result->later = t->later;
  result->keep = &t->keep;
  if (t->on_end)
    t->on_end(s, result);
}

static lsp_task *next_to_settle(const lsp_server *s) {
  bool has_room = count_jobs(s, true) < LIMIT_LSP_JOBS;
  for (lsp_task *t = s->tasks; t; t = t->next)
    if (t->kind == TASK_JOB &&
        (t->is_stopped || t->is_failed || (!t->is_running && has_room)))
      return t;
  return NULL;
}

/* Ends what was stopped, starts what there is room for. A callback may start
 * another job, but each round ends one or starts one, and what starts in vain
 * has a limit. */
void lsp_tasks_settle(lsp_server *s) {
  enum { ROUNDS_MAX = 4 * LIMIT_LSP_WAITING };
  lsp_task *t;
  for (int i = 0; i < ROUNDS_MAX && (t = next_to_settle(s)) != NULL; i++) {
    if (t->is_stopped || t->is_failed) {
      lsp_job_result result = {.status = t->is_stopped ? LSP_JOB_STOPPED
                                                       : LSP_JOB_FAILED};
      if (t->is_running)
        s->host->stop_job(s->host->context, t->id);
      end_job(s, t, &result);
      continue;
    }
    lsp_order order = {t->id, t->words, t->input};
    t->is_running = s->host->start_job(s->host->context, &order);
    t->is_failed = !t->is_running;
  }
}

void lsp_task_job_ended(lsp_server *s, uint64_t id, lsp_job_result *result) {
  lsp_task *t = find(s, TASK_JOB, id);
  if (t && t->is_running)
    end_job(s, t, result);
}
