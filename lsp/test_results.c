/* SPDX-License-Identifier: Apache-2.0 */
/* Tests that run from the editor, in a process of the sibling, and what came of
 * them: at each case, until its text changes. */
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "lsp/json_document.h"

typedef struct suite_result {
  arena memory;
  slice uri; /* of the suite; empty: the place is free */
  value suite; /* its object in the report of `maapol test --format json` */
  bool is_partial; /* one case was run */
  uint64_t revision; /* of the open document that they are about */
} suite_result;

struct lsp_test_results {
  arena memory; /* of this */
  suite_result suites[LIMIT_LSP_BOOKS];
  size_t next; /* that is given up next */
};

/* --- what is kept --------------------------------------------------------- */

static void drop(suite_result *s) {
  if (s->memory.limit)
    arena_free(&s->memory);
  *s = (suite_result){.is_partial = false};
}

static suite_result *find(lsp_server *s, slice uri) {
  for (size_t i = 0; s->test_results && i < LIMIT_LSP_BOOKS; i++) {
    suite_result *one = &s->test_results->suites[i];
    if (one->uri.length && slice_equal(one->uri, uri))
      return one;
  }
  return NULL;
}

/* Of the text as it is. */
static const suite_result *find_current(lsp_server *s, const document *d) {
  const suite_result *one = find(s, d->uri);
  return one && one->revision == d->revision ? one : NULL;
}

static suite_result *make(lsp_server *s) {
  if (!s->test_results) {
    arena memory;
    arena_init(&memory, LIMIT_ARENA_BYTES);
    memory.guard = &s->failure;
    s->test_results = ARENA_NEW(&memory, struct lsp_test_results);
    s->test_results->memory = memory;
  }
  struct lsp_test_results *all = s->test_results;
  suite_result *one = &all->suites[all->next++ % LIMIT_LSP_BOOKS];
  drop(one);
  arena_init(&one->memory, LIMIT_ARENA_BYTES);
  one->memory.guard = &s->failure;
  return one;
}

/* The object of the report's only suite. */
static bool keep(lsp_server *s, slice uri, slice output, bool is_partial) {
  suite_result *old = find(s, uri);
  value v;
  json_error error;
  if (old)
    drop(old);
  suite_result *one = make(s);
  slice text = arena_copy(&one->memory, output);
  if (!json_read(&one->memory, text, 0, &v, &error))
    return false;
  const value *suites = lsp_at(&v, "suites", NULL);
  if (!suites || suites->kind != VALUE_ARRAY || suites->count != 1)
    return false;
  one->suite = suites->items[0];
  one->is_partial = is_partial;
  one->uri = arena_copy(&one->memory, uri);
  return true;
}

/* --- places --------------------------------------------------------------- */

/* The text of a line without the white space around it. */
static span line_place(const document *d, int64_t line) {
  if (line < 1 || (uint64_t)line > d->now->lines.count)
    line = 1;
  slice text = line_index_line(&d->now->lines, (uint32_t)line);
  while (text.length && memchr(" \t", *text.data, 2))
    text.data++, text.length--;
  uint32_t begin = (uint32_t)(text.data - d->now->text.data);
  return (span){begin, begin + (uint32_t)text.length};
}

static int64_t line_of(const value *object) {
  const value *line = lsp_at(object, "line", NULL);
  return line && line->kind == VALUE_INTEGER ? line->integer : 1;
}

/* --- failures ------------------------------------------------------------- */

static void write_mismatches(buffer *out, const value *list) {
  for (uint32_t i = 0; list && list->kind == VALUE_ARRAY && i < list->count;
       i++) {
    const value *m = &list->items[i];
    buffer_printf(out, "\n%.*s: expected %.*s, got %.*s",
                  SLICE_ARGS(lsp_text_member(m, "what")),
                  SLICE_ARGS(lsp_text_member(m, "expected")),
                  SLICE_ARGS(lsp_text_member(m, "got")));
  }
}

static slice failure_message(arena *a, const value *test) {
  buffer out = buffer_in(a);
  slice message = lsp_text_member(test, "message");
  slice reason = lsp_text_member(test, "reason");
  slice trace = lsp_text_member(test, "trace");
  buffer_printf(&out, "the test \"%.*s\" failed",
                SLICE_ARGS(lsp_text_member(test, "name")));
  if (message.length)
    buffer_printf(&out, ": %.*s", SLICE_ARGS(message));
  write_mismatches(&out, lsp_at(test, "mismatches", NULL));
  if (reason.length)
    buffer_printf(&out, "\nreason: %.*s", SLICE_ARGS(reason));
  if (trace.length)
    buffer_printf(&out, "\n%.*s", SLICE_ARGS(trace));
  while (out.length && out.data[out.length - 1] == '\n')
    out.length--;
  return buffer_slice(&out);
}

static bool is_passed(const value *test) {
  return slice_is(lsp_text_member(test, "status"), "passed");
}

static void add_failure(const lsp_request *r, document *d,
                        array_builder *list, int64_t line, slice message) {
  object_builder o = object_in(r->arena);
  set(&o, "range", lsp_range(r, d, line_place(d, line)));
  set_number(&o, "severity", 1);
  set_text(&o, "source", "maapol test");
  set(&o, "message", value_text(message));
  array_add(list, object_value(&o));
}

void suite_failures(const lsp_request *r, document *d, array_builder *list) {
  const suite_result *one = find_current(r->server, d);
  if (!one)
    return;
  slice failure = lsp_text_member(&one->suite, "failure");
  if (failure.length)
    add_failure(r, d, list, line_of(&one->suite), failure);
  const value *tests = lsp_at(&one->suite, "tests", NULL);
  for (uint32_t i = 0; tests && tests->kind == VALUE_ARRAY &&
                       i < tests->count && i < LIMIT_LSP_FINDINGS;
       i++)
    if (!is_passed(&tests->items[i]))
      add_failure(r, d, list, line_of(&tests->items[i]),
                  failure_message(r->arena, &tests->items[i]));
}

/* --- lenses --------------------------------------------------------------- */

static value run_argument(const lsp_request *r, const char *name) {
  object_builder o = object_in(r->arena);
  set(&o, "uri", value_text(r->document->uri));
  if (name)
    set_text(&o, "test", name);
  set_flag(&o, "show", true);
  return object_value(&o);
}

static const value *result_of(const suite_result *one, const char *name) {
  const value *tests = one ? lsp_at(&one->suite, "tests", NULL) : NULL;
  for (uint32_t i = 0; tests && tests->kind == VALUE_ARRAY &&
                       i < tests->count;
       i++)
    if (slice_is(lsp_text_member(&tests->items[i], "name"), name))
      return &tests->items[i];
  return NULL;
}

static void add_whole(lsp_request *r, array_builder *list,
                      const suite_result *one) {
  buffer title = buffer_in(r->arena);
  const value *tests = one ? lsp_at(&one->suite, "tests", NULL) : NULL;
  uint32_t passed = 0, all = tests ? tests->count : 0;
  for (uint32_t i = 0; i < all; i++)
    passed += is_passed(&tests->items[i]);
  if (one && !one->is_partial)
    buffer_printf(&title, "%u passed, %u failed: ", (unsigned)passed,
                  (unsigned)(all - passed));
  buffer_text(&title, "run all tests");
  array_add(list, lsp_lens(r, (span){0, 0}, buffer_slice(&title),
                           "maapol.test", run_argument(r, NULL)));
}

void suite_lenses(lsp_request *r, array_builder *list) {
  suite read;
  suite_error error;
  const suite_result *one = find_current(r->server, r->document);
  if (!document_suite(r->arena, r->document, &read, &error))
    return;
  add_whole(r, list, one);
  for (uint32_t i = 0; i < read.case_count && i < LIMIT_LSP_HINTS; i++) {
    const suite_case *c = &read.cases[i];
    const value *result = result_of(one, c->name);
    span where = line_place(r->document, c->line);
    slice title = !result            ? SLICE("run")
                  : is_passed(result) ? SLICE("passed: run again")
                                      : SLICE("failed: run again");
    array_add(list, lsp_lens(r, (span){where.begin, where.begin}, title,
                             "maapol.test", run_argument(r, c->name)));
  }
}

/* --- running -------------------------------------------------------------- */

/* What an extended regular expression takes for that text and no other. */
static const char *exact(arena *a, slice name) {
  buffer out = buffer_in(a);
  buffer_char(&out, '^');
  for (size_t i = 0; i < name.length; i++) {
    if (strchr("^.[$()|*+?{\\", name.data[i]))
      buffer_char(&out, '\\');
    buffer_char(&out, name.data[i]);
  }
  buffer_char(&out, '$');
  return buffer_slice(&out).data;
}

static void refresh(lsp_server *s, slice uri) {
  document *d = documents_find(&s->documents, uri);
  lsp_ask(s, "workspace/codeLens/refresh", value_null(), NULL, value_null());
  if (!d)
    return;
  d->revision = ++s->documents.revision; /* other findings, another answer */
  suite_result *one = find(s, uri);
  if (one)
    one->revision = d->revision;
  lsp_publish(s, d);
  lsp_ask(s, "workspace/diagnostic/refresh", value_null(), NULL,
          value_null());
}

static int64_t count_of(const value *report, const char *name) {
  const value *v = lsp_at(report, name, NULL);
  return v && v->kind == VALUE_INTEGER ? v->integer : 0;
}

/* The report of the verb; false: no test ran. */
static bool read_report(lsp_server *s, const lsp_job_result *r,
                        value *report) {
  json_error error;
  return r->status == LSP_JOB_ENDED && r->output.length &&
         json_read(&s->scratch, arena_copy(&s->scratch, r->output), 0, report,
                   &error) &&
         (count_of(report, "passed") || count_of(report, "failed") ||
          count_of(report, "unusable"));
}

static void refuse_tests(lsp_server *s, const lsp_job_result *r) {
  slice said = arena_copy(&s->scratch, r->errors);
  const char *why = r->why ? r->why : said.data;
  lsp_refuse_later(s, r->later, LSP_REQUEST_FAILED,
                   *why ? why : "the tests did not run");
}

static void show_counts(lsp_server *s, const value *report) {
  int64_t bad = count_of(report, "failed") + count_of(report, "unusable");
  buffer words = buffer_in(&s->scratch);
  buffer_printf(&words, "%lld passed, %lld failed",
                (long long)count_of(report, "passed"), (long long)bad);
  object_builder o = object_in(&s->scratch);
  set_number(&o, "type", bad ? 1 : 3);
  set(&o, "message", value_text(buffer_slice(&words)));
  lsp_notify(s, "window/showMessage", object_value(&o));
}

/* {"passed","failed","unusable","suites"}, as the verb reports it. */
static void tests_ended(lsp_server *s, const lsp_job_result *r) {
  slice uri = lsp_text_member(r->keep, "uri");
  const value *show = lsp_at(r->keep, "show", NULL);
  const value *part = lsp_at(r->keep, "partial", NULL);
  value report;
  if (!read_report(s, r, &report) ||
      !keep(s, uri, r->output, part && part->boolean)) {
    refuse_tests(s, r);
    return;
  }
  if (show && show->boolean)
    show_counts(s, &report);
  lsp_answer_later(s, r->later, report);
  refresh(s, uri);
}

/* Tests run on what is on the disk: results must not be shown at another
 * text. */
static bool is_saved(lsp_request *r, slice uri, slice path) {
  const document *d = documents_find(&r->server->documents, uri);
  slice text;
  const char *why;
  return !d || (file_read_regular(r->arena, path.data, LIMIT_SUITE_BYTES,
                                  &text, &why) == FILE_OK &&
                slice_equal(text, d->now->text));
}

void suite_run_tests(lsp_request *r, slice uri, slice path, slice name,
                     bool show) {
  const char *words[8] = {"test", "--format", "json"};
  size_t count = 3;
  if (!is_saved(r, uri, path)) {
    lsp_refuse(r, LSP_REQUEST_FAILED,
               "the suite has changes that are not saved: tests run on the "
               "file");
    return;
  }
  if (name.length) {
    words[count++] = "--run";
    words[count++] = exact(r->arena, name);
  }
  words[count++] = path.data;
  object_builder keep_this = object_in(r->arena);
  set(&keep_this, "uri", value_text(uri));
  set_flag(&keep_this, "show", show);
  set_flag(&keep_this, "partial", name.length != 0);
  lsp_job job = {.words = words,
                 .later = lsp_later(r),
                 .on_end = tests_ended,
                 .keep = object_value(&keep_this)};
  lsp_progress(r->server, job.later, "maapol test", "running", -1);
  lsp_start_job(r->server, &job);
}

/* --- the feature ---------------------------------------------------------- */

static void forget(lsp_server *s, slice uri) {
  suite_result *one = find(s, uri);
  if (one)
    drop(one);
}

static void changed(lsp_server *s, document *d) { forget(s, d->uri); }

static void file_changed(lsp_server *s, slice uri, slice path,
                         lsp_file_change change) {
  (void)path, (void)change;
  forget(s, uri);
}

static void forget_all(lsp_server *s) {
  for (size_t i = 0; s->test_results && i < LIMIT_LSP_BOOKS; i++)
    drop(&s->test_results->suites[i]);
}

static void freed(lsp_server *s) {
  forget_all(s);
  if (s->test_results) {
    arena memory = s->test_results->memory;
    s->test_results = NULL;
    arena_free(&memory);
  }
}

const lsp_feature lsp_tests_feature = {.changed = changed,
                                       .closed = forget,
                                       .file_changed = file_changed,
                                       .failed = forget_all,
                                       .freed = freed};
