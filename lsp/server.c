/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/server.h"

#include <assert.h>

#include "base/limits.h"
#include "lsp/json_document.h"
#include "lsp/language.h"
#include "lsp/workspace.h"

/* What a method needs before its handler runs. */
typedef enum method_needs {
  NEEDS_NOTHING,
  NEEDS_DOCUMENT,
  NEEDS_POSITION /* in a document */
} method_needs;

typedef struct method {
  const char *name;
  lsp_handler handle;
  method_needs needs;
} method;

static value shut_down(lsp_request *r) {
  r->server->is_shut_down = true;
  lsp_tasks_stop(r->server);
  return value_null();
}

static const method requests[] = {
    {"initialize", lsp_initialize, NEEDS_NOTHING},
    {"shutdown", shut_down, NEEDS_NOTHING},
    {"textDocument/diagnostic", lsp_pull, NEEDS_DOCUMENT},
    {"workspace/diagnostic", lsp_pull_workspace, NEEDS_NOTHING},
    {"textDocument/formatting", lsp_format, NEEDS_DOCUMENT},
    {"textDocument/rangeFormatting", lsp_format_range, NEEDS_DOCUMENT},
    {"textDocument/onTypeFormatting", lsp_on_type, NEEDS_POSITION},
    {"textDocument/documentLink", lsp_links, NEEDS_DOCUMENT},
    {"textDocument/codeAction", lsp_code_actions, NEEDS_DOCUMENT},
    {"textDocument/hover", lsp_hover, NEEDS_POSITION},
    {"textDocument/completion", lsp_complete, NEEDS_POSITION},
    {"completionItem/resolve", lsp_resolve, NEEDS_NOTHING},
    {"textDocument/signatureHelp", lsp_signature, NEEDS_POSITION},
    {"codeAction/resolve", lsp_resolve_action, NEEDS_NOTHING},
    {"textDocument/prepareCallHierarchy", lsp_call_prepare, NEEDS_POSITION},
    {"callHierarchy/incomingCalls", lsp_calls_incoming, NEEDS_NOTHING},
    {"callHierarchy/outgoingCalls", lsp_calls_outgoing, NEEDS_NOTHING},
    {"textDocument/linkedEditingRange", lsp_linked_editing, NEEDS_POSITION},
    {"textDocument/typeDefinition", lsp_type_definition, NEEDS_POSITION},
    {"workspace/textDocumentContent", lsp_text_content, NEEDS_NOTHING},
    {"maapol/decoded", lsp_decoded, NEEDS_NOTHING},
    {"maapol/type", lsp_attestation_type, NEEDS_DOCUMENT},
    {"textDocument/definition", lsp_definition, NEEDS_POSITION},
    {"textDocument/references", lsp_references, NEEDS_POSITION},
    {"textDocument/documentHighlight", lsp_highlight, NEEDS_POSITION},
    {"textDocument/prepareRename", lsp_prepare_rename, NEEDS_POSITION},
    {"textDocument/rename", lsp_rename, NEEDS_POSITION},
    {"textDocument/documentSymbol", lsp_symbols, NEEDS_DOCUMENT},
    {"workspace/symbol", lsp_workspace_symbols, NEEDS_NOTHING},
    {"textDocument/codeLens", lsp_code_lenses, NEEDS_DOCUMENT},
    {"textDocument/inlayHint", lsp_inlay_hints, NEEDS_DOCUMENT},
    {"workspace/executeCommand", lsp_execute, NEEDS_NOTHING},
    {"textDocument/foldingRange", lsp_folding, NEEDS_DOCUMENT},
    {"textDocument/selectionRange", lsp_selection, NEEDS_DOCUMENT},
    {"textDocument/semanticTokens/full", lsp_semantic_full, NEEDS_DOCUMENT},
    {"textDocument/semanticTokens/range", lsp_semantic_range, NEEDS_DOCUMENT},
    {"textDocument/semanticTokens/full/delta", lsp_semantic_delta,
     NEEDS_DOCUMENT},
    {NULL, NULL, NEEDS_NOTHING},
};

/* --- sending -------------------------------------------------------------- */

static void send_message(lsp_server *s, object_builder *o) {
  buffer out = buffer_in(&s->scratch);
  set_text(o, "jsonrpc", "2.0");
  value v = object_value(o);
  json_write(&out, &v);
  s->host->send(s->host->context, buffer_slice(&out));
}

void lsp_notify(lsp_server *s, const char *name, value params) {
  object_builder o = object_in(&s->scratch);
  set_text(&o, "method", name);
  set(&o, "params", params);
  send_message(s, &o);
}

void lsp_respond(lsp_server *s, const value *id, value result) {
  object_builder o = object_in(&s->scratch);
  set(&o, "id", *id);
  set(&o, "result", result);
  send_message(s, &o);
}

void lsp_fail(lsp_server *s, const value *id, int code, const char *why) {
  object_builder o = object_in(&s->scratch), error = object_in(&s->scratch);
  set_number(&error, "code", code);
  set_text(&error, "message", why);
  set(&o, "id", id ? *id : value_null());
  set(&o, "error", object_value(&error));
  send_message(s, &o);
}

void lsp_send_question(lsp_server *s, uint64_t id, const char *name,
                       value params) {
  object_builder o = object_in(&s->scratch);
  set_number(&o, "id", (int64_t)id);
  set_text(&o, "method", name);
  /* JSON-RPC 2.0, section 4.2: an array or an object, or no member. */
  if (params.kind != VALUE_NULL)
    set(&o, "params", params);
  send_message(s, &o);
}

void lsp_log(lsp_server *s, int kind, const char *text) {
  object_builder o = object_in(&s->scratch);
  set_number(&o, "type", kind);
  set_text(&o, "message", text);
  lsp_notify(s, "window/logMessage", object_value(&o));
}

/* --- reading parameters --------------------------------------------------- */

const value *lsp_at(const value *object, const char *first,
                    const char *second) {
  const value *v =
      object ? value_member(object, slice_from(first)) : NULL;
  return v && second ? value_member(v, slice_from(second)) : v;
}

slice lsp_text_member(const value *object, const char *name) {
  const value *v = lsp_at(object, name, NULL);
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* Beyond 31 bits is behind every end. */
static bool read_count(const value *v, uint32_t *count) {
  if (!v || v->kind != VALUE_INTEGER || v->integer < 0)
    return false;
  *count = v->integer > INT32_MAX ? INT32_MAX : (uint32_t)v->integer;
  return true;
}

bool lsp_read_place(const value *v, editor_place *place) {
  return v && read_count(lsp_at(v, "line", NULL), &place->line) &&
         read_count(lsp_at(v, "character", NULL), &place->character);
}

bool lsp_read_range(const lsp_request *r, const value *v, span *where) {
  editor_place from, to;
  const line_index *lines = &r->document->now->lines;
  if (!lsp_read_place(lsp_at(v, "start", NULL), &from) ||
      !lsp_read_place(lsp_at(v, "end", NULL), &to))
    return false;
  uint32_t a = position_offset(lines, from, r->server->encoding);
  uint32_t b = position_offset(lines, to, r->server->encoding);
  *where = a < b ? (span){a, b} : (span){b, a};
  return true;
}

value lsp_refuse(lsp_request *r, int code, const char *why) {
  r->error = code;
  r->why = why;
  return value_null();
}

/* --- notifications -------------------------------------------------------- */

/* Tells the features that have such a function. */
#define TELL(function, ...)                                        \
  do {                                                             \
    for (const lsp_feature *const *f_ = lsp_features; *f_; f_++)   \
      if ((*f_)->function)                                         \
        (*f_)->function(__VA_ARGS__);                              \
  } while (0)

/* The configuration may have changed since the last time. */
static void settle(lsp_server *s, document *d) {
  d->settings = (document_settings){.width = 0};
  if (s->host->settings && d->path.length)
    s->host->settings(s->host->context, d->path.data, &d->settings);
  if (d->settings.problem)
    lsp_log(s, 1, d->settings.problem);
  document_judge_again(d);
}

static void did_open(lsp_request *r) {
  lsp_server *s = r->server;
  const value *item = lsp_at(r->params, "textDocument", NULL);
  const value *version = lsp_at(item, "version", NULL);
  const value *text = lsp_at(item, "text", NULL);
  if (!text || text->kind != VALUE_STRING)
    return;
  document *d = documents_open(&s->documents, lsp_text_member(item, "uri"),
                               value_string(text), s->scratch.guard);
  if (!d) {
    lsp_log(s, 1, "the document is not watched: it is too large, or too many "
                  "are open");
    return;
  }
  d->version = version && version->kind == VALUE_INTEGER ? version->integer : 0;
  settle(s, d);
  lsp_publish(s, d);
  TELL(opened, s, d);
}

/* One change: of a range, or the whole text. */
static bool apply_change(lsp_request *r, const value *change) {
  r->server->memo = (position_memo){.text = NULL};
  document *d = r->document;
  documents *all = &r->server->documents;
  const value *text = lsp_at(change, "text", NULL);
  const value *range = lsp_at(change, "range", NULL);
  span where = {0, (uint32_t)d->now->text.length};
  if (!text || text->kind != VALUE_STRING)
    return false;
  if (range && range->kind != VALUE_NULL && !lsp_read_range(r, range, &where))
    return false;
  return document_edit(all, d, where, value_string(text),
                       r->server->scratch.guard);
}

/* If one change cannot be made the server no longer knows the text: better no
 * answers about it than wrong ones. */
static void give_up(lsp_server *s, document *d) {
  slice uri = arena_copy(&s->scratch, d->uri);
  documents_close(&s->documents, d);
  lsp_publish_nothing(s, uri);
  lsp_tasks_of_document(s, uri);
  TELL(closed, s, uri);
}

static void did_change(lsp_request *r) {
  lsp_server *s = r->server;
  document *d = r->document;
  const value *changes = lsp_at(r->params, "contentChanges", NULL);
  const value *version = lsp_at(r->params, "textDocument", "version");
  bool is_good = changes && changes->kind == VALUE_ARRAY;
  for (uint32_t i = 0; is_good && i < changes->count; i++)
    is_good = apply_change(r, &changes->items[i]);
  if (!is_good) {
    lsp_log(s, 1, "a change of a document could not be made; it is not "
                  "watched until it is opened again");
    give_up(s, d);
    return;
  }
  if (version && version->kind == VALUE_INTEGER)
    d->version = version->integer;
  lsp_publish(s, d);
  TELL(changed, s, d);
}

static void did_close(lsp_request *r) { give_up(r->server, r->document); }

static void started(lsp_request *r) { TELL(started, r->server); }

static void cancel_request(lsp_request *r) {
  lsp_task_cancel(r->server, lsp_at(r->params, "id", NULL));
}

static void cancel_progress(lsp_request *r) {
  lsp_task_cancel_progress(r->server, lsp_at(r->params, "token", NULL));
}

static void settings_changed(lsp_request *r) {
  documents *all = &r->server->documents;
  for (size_t i = 0; i < all->count; i++) {
    document *d = all->items[i];
    if (!d->uri.length)
      continue;
    d->revision = ++all->revision;
    settle(r->server, d);
    lsp_publish(r->server, d);
    documents_trim(all, LIMIT_LSP_KNOWN_BYTES);
  }
  TELL(configured, r->server);
}

/* A client that keeps its settings to itself sends null. */
static void configuration_changed(lsp_request *r) {
  const value *settings = lsp_at(r->params, "settings", "maapol");
  if (settings)
    lsp_read_wishes(r->server, settings);
  settings_changed(r);
}

static bool ends_with(slice text, const char *end) {
  size_t length = strlen(end);
  return text.length >= length &&
         memcmp(text.data + text.length - length, end, length) == 0;
}

static void tell_change(lsp_request *r, const value *change) {
  const value *type = lsp_at(change, "type", NULL);
  slice uri = lsp_text_member(change, "uri");
  slice path = uri_path(r->arena, uri);
  if (!type || type->kind != VALUE_INTEGER || type->integer < 1 ||
      type->integer > 3 || !uri.length)
    return;
  TELL(file_changed, r->server, uri, path, (lsp_file_change)type->integer);
}

/* What depends on the configuration is done again only if that is changed, or
 * if nobody says what is. */
static void files_changed(lsp_request *r) {
  enum { CHANGES_MAX = 10000 };
  const value *list = lsp_at(r->params, "changes", NULL);
  bool has_list = list && list->kind == VALUE_ARRAY && list->count;
  bool is_configured = !has_list;
  for (uint32_t i = 0; has_list && i < list->count && i < CHANGES_MAX; i++) {
    is_configured |= ends_with(lsp_text_member(&list->items[i], "uri"),
                               "/.maapol.json");
    tell_change(r, &list->items[i]);
  }
  if (is_configured)
    settings_changed(r);
}

static void exit_now(lsp_request *r) { r->server->is_over = true; }

static void nothing(lsp_request *r) { (void)r; }

static const struct notification {
  const char *name;
  void (*handle)(lsp_request *r);
  bool needs_document;
} notifications[] = {
    {"initialized", started, false},
    {"$/cancelRequest", cancel_request, false},
    {"window/workDoneProgress/cancel", cancel_progress, false},
    {"exit", exit_now, false},
    {"textDocument/didOpen", did_open, false},
    {"textDocument/didChange", did_change, true},
    {"textDocument/didClose", did_close, true},
    {"textDocument/didSave", nothing, true},
    {"workspace/didChangeWatchedFiles", files_changed, false},
    {"workspace/didChangeConfiguration", configuration_changed, false},
    {"workspace/didChangeWorkspaceFolders", lsp_workspace_folders, false},
    {NULL, NULL, false},
};

/* --- dispatch ------------------------------------------------------------- */

static document *named_document(lsp_request *r) {
  const value *item = lsp_at(r->params, "textDocument", NULL);
  slice uri = lsp_text_member(item, "uri");
  document *d = documents_find(&r->server->documents, uri);
  return d || !lsp_is_decoded(uri) ? d
                                   : lsp_decoded_document(r->server, uri);
}

/* Before `initialize` and after `shutdown` only `exit` counts. */
static void notice(lsp_request *r, slice name) {
  lsp_server *s = r->server;
  bool is_open = s->is_initialized && !s->is_shut_down;
  for (const struct notification *n = notifications; n->name; n++) {
    if (!slice_is(name, n->name) || (!is_open && n->handle != exit_now))
      continue;
    r->document = n->needs_document ? named_document(r) : NULL;
    if (r->document || !n->needs_document)
      n->handle(r);
  }
}

static bool is_cancelled(const lsp_server *s, const value *id) {
  return s->host->is_cancelled &&
         s->host->is_cancelled(s->host->context, id);
}

static bool prepare(lsp_request *r, const method *m) {
  editor_place place;
  if (m->needs == NEEDS_NOTHING)
    return true;
  r->document = named_document(r);
  if (!r->document) {
    lsp_refuse(r, LSP_INVALID_PARAMS, "this document is not open");
    return false;
  }
  if (m->needs == NEEDS_DOCUMENT)
    return true;
  if (!lsp_read_place(lsp_at(r->params, "position", NULL), &place)) {
    lsp_refuse(r, LSP_INVALID_PARAMS, "a position is missing");
    return false;
  }
  r->offset = position_offset(&r->document->now->lines, place,
                              r->server->encoding);
  return true;
}

static const method *find_method(slice name) {
  const method *m = requests;
  while (m->name && !slice_is(name, m->name))
    m++;
  return m->name ? m : NULL;
}

static void answer(lsp_request *r, const value *id, slice name) {
  lsp_server *s = r->server;
  const method *m = find_method(name);
  bool is_first = slice_is(name, "initialize");
  if (s->is_shut_down || (s->is_initialized && is_first)) {
    lsp_fail(s, id, LSP_INVALID_REQUEST, "this cannot be asked now");
  } else if (!s->is_initialized && !is_first) {
    lsp_fail(s, id, LSP_NOT_INITIALIZED, "`initialize` comes first");
  } else if (!m) {
    lsp_fail(s, id, LSP_METHOD_NOT_FOUND, "there is no such method");
  } else if (is_cancelled(s, id)) {
    lsp_fail(s, id, LSP_REQUEST_CANCELLED, "the request was cancelled");
  } else {
    r->id = id;
    value result = prepare(r, m) ? document_handle(r, m->handle)
                                 : value_null();
    if (r->error)
      lsp_fail(s, id, r->error, r->why);
    else if (!r->is_later)
      lsp_respond(s, id, result);
  }
}

static bool is_id(const value *id) {
  return id->kind == VALUE_STRING || id->kind == VALUE_INTEGER ||
         id->kind == VALUE_NUMBER;
}

static void dispatch(lsp_server *s, slice message) {
  value v;
  json_error error;
  if (!json_read(&s->scratch, message, JSON_LAST_NAME_WINS, &v, &error)) {
    lsp_fail(s, NULL, LSP_PARSE_ERROR, error.message);
    return;
  }
  const value *id = lsp_at(&v, "id", NULL), *name = lsp_at(&v, "method", NULL);
  lsp_request r = {.server = s, .arena = &s->scratch};
  r.params = lsp_at(&v, "params", NULL);
  if (v.kind == VALUE_OBJECT && !name && id &&
      (lsp_at(&v, "result", NULL) || lsp_at(&v, "error", NULL)))
    lsp_task_answered(s, &v);
  else if (!name || name->kind != VALUE_STRING || (id && !is_id(id)))
    lsp_fail(s, NULL, LSP_INVALID_REQUEST,
             "this is no request of JSON-RPC 2.0");
  else if (id)
    answer(&r, id, value_string(name));
  else
    notice(&r, value_string(name));
}

/* --- the server ----------------------------------------------------------- */

/* Where all arenas jump to: a document that has used up its memory is given up.
 * If the message did, nobody knows which change is lost: all are. */
static void drop_exhausted(lsp_server *s) {
  for (size_t i = 0; i < s->documents.count; i++) {
    document *d = s->documents.items[i];
    if (d->uri.length && (s->scratch.failure || document_failed(d)))
      documents_close(&s->documents, d);
  }
  TELL(failed, s);
  s->scratch.failure = ARENA_OK;
}

static void begin_call(lsp_server *s) {
  lsp_tasks_free_ended(s);
  arena_reset(&s->scratch);
  s->scratch.guard = &s->failure;
  s->memo = (position_memo){.text = NULL};
}

/* Nothing that is known of documents is in use any more. */
static void end_call(lsp_server *s) {
  lsp_tasks_settle(s);
  documents_trim(&s->documents, LIMIT_LSP_KNOWN_BYTES);
}

void lsp_server_receive(lsp_server *s, slice message) {
  begin_call(s);
  if (setjmp(s->failure)) {
    drop_exhausted(s);
    static const char sorry[] =
        "{\"error\":{\"code\":-32603,\"message\":\"this needs more memory "
        "than there is\"},\"id\":null,\"jsonrpc\":\"2.0\"}";
    s->host->send(s->host->context, SLICE(sorry));
    return;
  }
  dispatch(s, message);
  end_call(s);
}

void lsp_server_bad_frame(lsp_server *s, const char *why) {
  begin_call(s);
  if (!setjmp(s->failure))
    lsp_fail(s, NULL, LSP_PARSE_ERROR, why);
}

/* If memory runs out while a callback looks at the result, the request that
 * waits for it is refused: that takes little. */
void lsp_server_job_ended(lsp_server *s, uint64_t id, lsp_job_status status,
                          int exit_status, slice output, slice errors) {
  lsp_job_result result = {.status = status,
                           .exit_status = exit_status,
                           .output = output,
                           .errors = errors};
  begin_call(s);
  if (setjmp(s->failure)) {
    drop_exhausted(s);
    arena_reset(&s->scratch);
    if (!setjmp(s->failure))
      lsp_tasks_refuse_ended(s);
    return;
  }
  lsp_task_job_ended(s, id, &result);
  end_call(s);
}

bool lsp_server_idle(lsp_server *s) {
  if (!s->idle_count || s->is_shut_down)
    return false;
  begin_call(s);
  if (setjmp(s->failure)) {
    s->idle_count = 0; /* features begin anew */
    drop_exhausted(s);
    return false;
  }
  size_t turn = s->idle_next++ % s->idle_count;
  lsp_idle_step step = s->idle_steps[turn];
  s->idle_steps[turn] = s->idle_steps[--s->idle_count];
  if (step(s))
    lsp_when_idle(s, step);
  end_call(s);
  return s->idle_count > 0;
}

void lsp_when_idle(lsp_server *s, lsp_idle_step step) {
  for (size_t i = 0; i < s->idle_count; i++)
    if (s->idle_steps[i] == step)
      return;
  assert(s->idle_count < LSP_IDLE_STEPS);
  s->idle_steps[s->idle_count++] = step;
}

lsp_server *lsp_server_new(arena *a, const lsp_host *host) {
  lsp_server *s = ARENA_NEW(a, lsp_server);
  s->arena = a;
  s->host = host;
  s->documents.arena = a;
  arena_init(&s->scratch, LIMIT_ARENA_BYTES);
  arena_init(&s->task_memory, LIMIT_ARENA_BYTES);
  return s;
}

void lsp_server_free(lsp_server *s) {
  TELL(freed, s);
  lsp_tasks_free(s);
  documents_free(&s->documents);
  arena_free(&s->scratch);
}

bool lsp_server_is_over(const lsp_server *s) { return s->is_over; }

int lsp_server_status(const lsp_server *s) {
  return s->is_initialized && !s->is_shut_down;
}

slice lsp_server_text(const lsp_server *s, slice uri) {
  const document *d = documents_find(&s->documents, uri);
  return d ? d->now->text : SLICE_EMPTY;
}
