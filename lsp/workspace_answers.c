/* SPDX-License-Identifier: Apache-2.0 */
/* What the client asks of the workspace. */
#include <inttypes.h>

#include "lsp/workspace.h"

/* Results that the client has already, by URI. */
typedef struct known_results {
  symbols uris;
  slice *ids; /* by symbol, from 1 */
} known_results;

static void read_results(const lsp_request *r, known_results *known) {
  const value *list = lsp_at(r->params, "previousResultIds", NULL);
  uint32_t count = list && list->kind == VALUE_ARRAY ? list->count : 0;
  symbols_init(&known->uris, r->arena);
  known->ids = ARENA_ARRAY(r->arena, (size_t)count + 1, slice);
  for (uint32_t i = 0; i < count; i++) {
    slice uri = lsp_text_member(&list->items[i], "uri");
    known->ids[symbols_intern(&known->uris, uri)] =
        lsp_text_member(&list->items[i], "value");
  }
}

static slice known_result(const known_results *known, slice uri) {
  uint32_t number = symbols_find(&known->uris, uri);
  return number ? known->ids[number] : SLICE_EMPTY;
}

static value read_known(arena *a, slice text) {
  value v;
  json_error error;
  array_builder none = array_in(a);
  return text.length && json_read(a, text, 0, &v, &error)
             ? v
             : array_value(&none);
}

static value report_of(const lsp_request *r, const workspace_file *f,
                       slice known) {
  object_builder o = object_in(r->arena);
  buffer id = buffer_in(r->arena);
  buffer_printf(&id, "file-%" PRIu64, f->is_gone ? 0 : f->revision);
  bool is_same = slice_equal(known, buffer_slice(&id));
  set_text(&o, "kind", is_same ? "unchanged" : "full");
  set(&o, "resultId", value_text(buffer_slice(&id)));
  if (!is_same)
    set(&o, "items", read_known(r->arena, f->is_gone ? SLICE_EMPTY
                                                     : f->findings));
  set(&o, "uri", value_text(f->uri));
  set(&o, "version", value_null());
  return object_value(&o);
}

/* Files from `begin` on. Of a file that is gone the client is told so as long
 * as it remembers it. */
static void add_reports(const lsp_request *r, size_t begin, size_t end,
                        array_builder *list) {
  const lsp_workspace *w = r->server->workspace;
  known_results known;
  read_results(r, &known);
  for (size_t i = begin; i < end; i++) {
    const workspace_file *f = &w->files[i];
    slice id = known_result(&known, f->uri);
    if (!f->is_open && f->revision && (!f->is_gone || id.length))
      array_add(list, report_of(r, f, id));
  }
}

static value items(arena *a, const array_builder *list) {
  object_builder o = object_in(a);
  set(&o, "items", array_value(list));
  return object_value(&o);
}

/* While files are looked at the client waits, as the protocol suggests; it may
 * take parts of the result meanwhile. */
static bool wait(lsp_request *r) {
  lsp_workspace *w = r->server->workspace;
  if (!lsp_workspace_is_busy(r->server) ||
      w->waiting_count >= LSP_WAITING_MAX)
    return false;
  uint64_t later = lsp_later(r);
  w->waiting[w->waiting_count++] = (struct workspace_wait){.later = later};
  lsp_progress(r->server, later, "Looking at policies", NULL, 0);
  return true;
}

value lsp_pull_workspace(lsp_request *r) {
  array_builder list = array_in(r->arena);
  const lsp_workspace *w = r->server->workspace;
  if (wait(r))
    return value_null();
  lsp_open_reports(r, &list);
  add_reports(r, 0, w ? w->count : 0, &list);
  return items(r->arena, &list);
}

static void tell_part(lsp_server *s, struct workspace_wait *wait_) {
  lsp_request r = {.server = s, .arena = &s->scratch};
  const lsp_workspace *w = s->workspace;
  size_t end = w->next < w->count ? w->next : w->count;
  array_builder list = array_in(r.arena);
  add_reports(&r, wait_->told, end, &list);
  if (lsp_partial_later(s, wait_->later, items(r.arena, &list)))
    wait_->told = end;
  int percent = w->count ? (int)(100 * end / w->count) : 0;
  lsp_progress(s, wait_->later, "", NULL, percent);
}

static void tell_rest(lsp_server *s, const struct workspace_wait *wait_) {
  lsp_request r = {.server = s, .arena = &s->scratch};
  array_builder list = array_in(r.arena);
  lsp_open_reports(&r, &list);
  add_reports(&r, wait_->told, s->workspace->count, &list);
  lsp_answer_later(s, wait_->later, items(r.arena, &list));
}

void lsp_workspace_tell_waiting(lsp_server *s) {
  enum { PART = 128 };
  lsp_workspace *w = s->workspace;
  bool is_done = w->next >= w->count;
  if (!w->waiting_count || (!is_done && w->next % PART))
    return;
  for (size_t i = 0; i < w->waiting_count; i++)
    if (!is_done && lsp_is_awaited(s, w->waiting[i].later))
      tell_part(s, &w->waiting[i]);
    else if (is_done)
      tell_rest(s, &w->waiting[i]);
  w->waiting_count = is_done ? 0 : w->waiting_count;
}

void lsp_workspace_claims(const lsp_request *r, slice query,
                          array_builder *list) {
  const lsp_workspace *w = r->server->workspace;
  for (size_t i = 0; w && i < w->count; i++) {
    const workspace_file *f = &w->files[i];
    if (f->is_open || f->is_gone || !f->claims.length)
      continue;
    if (list->count >= LSP_SYMBOLS_MAX)
      return;
    value claims = read_known(r->arena, f->claims);
    for (uint32_t k = 0; k < claims.count; k++)
      if (list->count < LSP_SYMBOLS_MAX &&
          lsp_holds(lsp_text_member(&claims.items[k], "name"), query))
        array_add(list, claims.items[k]);
  }
}
