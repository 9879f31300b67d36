/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/workspace.h"

#include "base/file.h"
#include "base/limits.h"
#include "lsp/json_document.h"

/* --- folders and files ---------------------------------------------------- */

static lsp_workspace *workspace_of(lsp_server *s) {
  if (s->workspace)
    return s->workspace;
  lsp_workspace *w = ARENA_NEW(s->arena, lsp_workspace);
  arena_init(&w->names, LIMIT_ARENA_BYTES);
  arena_init(&w->known, LIMIT_ARENA_BYTES);
  arena_init(&w->looked_memory, LIMIT_ARENA_BYTES);
  w->names.guard = w->known.guard = w->looked_memory.guard = &s->failure;
  w->looked.arena = &w->looked_memory;
  symbols_init(&w->paths, &w->names);
  walk_init(&w->walk, &w->names);
  return s->workspace = w;
}

static bool ends_with(slice text, const char *end) {
  size_t length = strlen(end);
  return text.length > length &&
         memcmp(text.data + text.length - length, end, length) == 0;
}

static bool is_ours(slice path) {
  static const char *const endings[] = {".maapolicy", ".policy",
                                        ".maatest.json", NULL};
  for (size_t i = 0; endings[i]; i++)
    if (ends_with(path, endings[i]))
      return true;
  return false;
}

static workspace_file *file_at(const lsp_workspace *w, slice path) {
  uint32_t number = path.length ? symbols_find(&w->paths, path) : 0;
  return number ? &w->files[number - 1] : NULL;
}

static void look_again(lsp_server *s, workspace_file *f);
static bool work(lsp_server *s);

static void add_file(void *server, const char *path) {
  lsp_server *s = server;
  lsp_workspace *w = s->workspace;
  if (!is_ours(slice_from(path)))
    return;
  workspace_file *f = file_at(w, slice_from(path));
  if (!f && w->count >= LIMIT_LSP_FILES) {
    if (!w->is_limited)
      lsp_log(s, 2, "the workspace has more policies than are looked at; the "
                    "others are when they are opened");
    w->is_limited = true;
    return;
  }
  if (!f) {
    w->files = arena_grow(&w->names, w->files, w->count, &w->capacity,
                          sizeof *w->files);
    slice kept = arena_copy(&w->names, slice_from(path));
    f = &w->files[w->count];
    *f = (workspace_file){.path = kept.data,
                          .uri = path_uri(&w->names, path)};
    symbols_intern(&w->paths, kept);
    w->count++;
  }
  f->is_gone = false;
  look_again(s, f);
}

static bool is_open(const lsp_server *s, const workspace_file *f) {
  for (size_t i = 0; i < s->documents.count; i++)
    if (slice_is(s->documents.items[i]->path, f->path))
      return true;
  return false;
}

static void look_again(lsp_server *s, workspace_file *f) {
  lsp_workspace *w = s->workspace;
  size_t place = (size_t)(f - w->files);
  f->is_current = false;
  f->is_open = is_open(s, f);
  w->next = place < w->next ? place : w->next;
  lsp_when_idle(s, work);
}

/* --- looking at a file ---------------------------------------------------- */

static void push(lsp_server *s, workspace_file *f, value findings) {
  if (s->pulls_diagnostics || (!findings.count && !f->was_pushed))
    return;
  object_builder o = object_in(&s->scratch);
  set(&o, "uri", value_text(f->uri));
  set(&o, "diagnostics", findings);
  lsp_notify(s, "textDocument/publishDiagnostics", object_value(&o));
  f->was_pushed = findings.count > 0;
}

static void push_nothing(lsp_server *s, workspace_file *f) {
  array_builder none = array_in(&s->scratch);
  push(s, f, array_value(&none));
}

/* Half of what is kept may be old. */
static void make_room(lsp_workspace *w) {
  enum { SOME = 1 << 20 };
  if (w->old_bytes < SOME || w->old_bytes < w->known_bytes / 2)
    return;
  arena fresh;
  arena_init(&fresh, LIMIT_ARENA_BYTES);
  fresh.guard = w->known.guard;
  /* The old ones stay until all are copied: an allocation may fail. */
  arena old = w->known;
  w->known = fresh;
  w->known_bytes = w->old_bytes = 0;
  for (size_t i = 0; i < w->count; i++) {
    workspace_file *f = &w->files[i];
    f->findings = arena_copy(&w->known, f->findings);
    f->claims = arena_copy(&w->known, f->claims);
    w->known_bytes += f->findings.length + f->claims.length;
  }
  arena_free(&old);
}

/* False: it is what was known. */
static bool keep(lsp_workspace *w, slice *known, value list) {
  buffer b = buffer_in(&w->looked_memory);
  if (list.count)
    json_write(&b, &list);
  slice text = list.count ? buffer_slice(&b) : SLICE_EMPTY;
  if (slice_equal(text, *known))
    return false;
  w->old_bytes += known->length;
  w->known_bytes += text.length;
  *known = text.length ? arena_copy(&w->known, text) : SLICE_EMPTY;
  return true;
}

static value findings_of(lsp_server *s, document *d) {
  lsp_request r = {.server = s, .arena = &s->scratch, .document = d};
  value report = lsp_pull(&r);
  const value *items = lsp_at(&report, "items", NULL);
  array_builder none = array_in(&s->scratch);
  return items ? *items : array_value(&none);
}

static value claims_of(lsp_server *s, document *d) {
  lsp_request r = {.server = s, .arena = &s->scratch, .document = d};
  array_builder list = array_in(&s->scratch);
  if (!ends_with(d->path, ".json"))
    lsp_claims_made(&r, d, SLICE(""), &list);
  return array_value(&list);
}

static void keep_all(lsp_server *s, workspace_file *f, value findings,
                     value claims) {
  lsp_workspace *w = s->workspace;
  keep(w, &f->claims, claims);
  if (keep(w, &f->findings, findings) || !f->revision) {
    f->revision = ++w->revision;
    w->has_news = true;
  }
  push(s, f, findings);
}

static document *load(lsp_server *s, const workspace_file *f) {
  lsp_workspace *w = s->workspace;
  slice text;
  const char *reason;
  if (file_read_regular(&s->scratch, f->path, LIMIT_LSP_SCAN_BYTES, &text,
                        &reason) != FILE_OK)
    return NULL;
  document *d = documents_open(&w->looked, f->uri, text, &s->failure);
  if (d && s->host->settings)
    s->host->settings(s->host->context, f->path, &d->settings);
  return d;
}

/* What cannot be read, or is so large that to look at it would be felt, says
 * nothing until it is opened. */
static void look_at(lsp_server *s, workspace_file *f) {
  lsp_workspace *w = s->workspace;
  array_builder none = array_in(&s->scratch);
  f->is_current = true;
  if (f->is_gone || f->is_open)
    return;
  document *d = load(s, f);
  if (!d) {
    keep_all(s, f, array_value(&none), array_value(&none));
    return;
  }
  keep_all(s, f, findings_of(s, d), claims_of(s, d));
  documents_close(&w->looked, d);
  w->looked = (documents){.arena = &w->looked_memory};
  arena_reset(&w->looked_memory);
}

static void tell_news(lsp_server *s) {
  if (s->workspace->has_news && s->pulls_diagnostics)
    lsp_ask(s, "workspace/diagnostic/refresh", value_null(), NULL,
            value_null());
  s->workspace->has_news = false;
}

bool lsp_workspace_is_busy(const lsp_server *s) {
  const lsp_workspace *w = s->workspace;
  return w && (w->walk.open || w->walk.count || w->next < w->count);
}

/* Some names, or one file. */
static bool work(lsp_server *s) {
  enum { NAMES = 64 };
  lsp_workspace *w = s->workspace;
  if (w->walk.seen > LIMIT_LSP_FOLDERS)
    w->walk.count = 0;
  if (w->walk.open || w->walk.count) {
    walk_step(&w->walk, NAMES, add_file, s);
    return true;
  }
  for (int i = 0; i < NAMES && w->next < w->count; i++) {
    workspace_file *f = &w->files[w->next++];
    if (!f->is_current) {
      look_at(s, f);
      break;
    }
  }
  make_room(w);
  lsp_workspace_tell_waiting(s);
  if (w->next < w->count)
    return true;
  tell_news(s);
  return false;
}

/* --- what the client tells ------------------------------------------------ */

static void add_folder(lsp_server *s, slice uri) {
  lsp_workspace *w = workspace_of(s);
  slice path = uri_path(&w->names, uri);
  while (path.length > 1 && path.data[path.length - 1] == '/')
    path.length--;
  if (!path.length || w->folder_count >= LIMIT_LSP_ROOTS)
    return;
  w->folders = arena_grow(&w->names, w->folders, w->folder_count,
                          &w->folder_capacity, sizeof *w->folders);
  w->folders[w->folder_count++].path = arena_string(&w->names, path);
}

static void add_folders(lsp_server *s, const value *list) {
  for (uint32_t i = 0;
       list && list->kind == VALUE_ARRAY && i < list->count; i++)
    add_folder(s, lsp_text_member(&list->items[i], "uri"));
}

void lsp_workspace_begin(lsp_request *r) {
  const value *list = lsp_at(r->params, "workspaceFolders", NULL);
  if (list && list->kind == VALUE_ARRAY)
    add_folders(r->server, list);
  else
    add_folder(r->server, lsp_text_member(r->params, "rootUri"));
}

/* The path below the folder; empty if it is not. */
static slice below(slice path, const char *folder) {
  size_t length = strlen(folder);
  if (length && folder[length - 1] == '/')
    length--;
  if (path.length <= length + 1 || memcmp(path.data, folder, length) != 0 ||
      path.data[length] != '/')
    return SLICE_EMPTY;
  return (slice){path.data + length + 1, path.length - length - 1};
}

static bool is_in_workspace(const lsp_workspace *w, slice path) {
  for (size_t i = 0; i < w->folder_count; i++) {
    slice inside = below(path, w->folders[i].path);
    if (inside.length && !walk_hides(inside))
      return true;
  }
  return false;
}

static void lose(lsp_server *s, workspace_file *f) {
  f->is_gone = true;
  push_nothing(s, f);
  s->workspace->has_news = true;
}

static void remove_folder(lsp_server *s, slice uri) {
  lsp_workspace *w = workspace_of(s);
  slice path = uri_path(&s->scratch, uri);
  while (path.length > 1 && path.data[path.length - 1] == '/')
    path.length--;
  for (size_t i = 0; i < w->folder_count; i++)
    if (slice_is(path, w->folders[i].path))
      w->folders[i--] = w->folders[--w->folder_count];
  for (size_t i = 0; i < w->count; i++)
    if (!w->files[i].is_gone &&
        !is_in_workspace(w, slice_from(w->files[i].path)))
      lose(s, &w->files[i]);
}

void lsp_workspace_folders(lsp_request *r) {
  lsp_server *s = r->server;
  const value *event = lsp_at(r->params, "event", NULL);
  const value *removed = lsp_at(event, "removed", NULL);
  lsp_workspace *w = workspace_of(s);
  for (uint32_t i = 0;
       removed && removed->kind == VALUE_ARRAY && i < removed->count; i++)
    remove_folder(s, lsp_text_member(&removed->items[i], "uri"));
  size_t before = w->folder_count;
  add_folders(s, lsp_at(event, "added", NULL));
  for (size_t i = before; i < w->folder_count; i++)
    walk_add(&w->walk, w->folders[i].path);
  lsp_when_idle(s, work);
}

/* What is watched: findings and decisions depend on it. Evidence, roots and
 * collateral have other endings, too; a permit must not stay when they go. */
static void watch_files(lsp_server *s) {
  static const char *const globs[] = {"**/*.maapolicy", "**/*.policy",
                                      "**/*.json", "**/.maapol.json",
                                      "**/*.bin", "**/*.pem", "**/*.crt",
                                      "**/*.cer", "**/*.der", "**/*.crl"};
  array_builder list = array_in(&s->scratch), all = array_in(&s->scratch);
  for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
    object_builder one = object_in(&s->scratch);
    set_text(&one, "globPattern", globs[i]);
    array_add(&list, object_value(&one));
  }
  object_builder options = object_in(&s->scratch), o = object_in(&s->scratch),
                 params = object_in(&s->scratch);
  set(&options, "watchers", array_value(&list));
  set_text(&o, "id", "maapol-files");
  set_text(&o, "method", "workspace/didChangeWatchedFiles");
  set(&o, "registerOptions", object_value(&options));
  array_add(&all, object_value(&o));
  set(&params, "registrations", array_value(&all));
  lsp_ask(s, "client/registerCapability", object_value(&params), NULL,
          value_null());
}

static void started(lsp_server *s) {
  lsp_workspace *w = workspace_of(s);
  watch_files(s);
  for (size_t i = 0; i < w->folder_count; i++)
    walk_add(&w->walk, w->folders[i].path);
  if (w->folder_count)
    lsp_when_idle(s, work);
}

static void opened(lsp_server *s, document *d) {
  workspace_file *f = s->workspace ? file_at(s->workspace, d->path) : NULL;
  if (!f)
    return;
  f->is_open = true;
  /* The client may write the URI of the same file otherwise. */
  if (!slice_equal(f->uri, d->uri))
    push_nothing(s, f);
}

static void closed(lsp_server *s, slice uri) {
  slice path = uri_path(&s->scratch, uri);
  workspace_file *f = s->workspace ? file_at(s->workspace, path) : NULL;
  if (f)
    look_again(s, f);
}

static void file_changed(lsp_server *s, slice uri, slice path,
                         lsp_file_change change) {
  (void)uri;
  lsp_workspace *w = s->workspace;
  if (!w || !is_ours(path) || !is_in_workspace(w, path))
    return;
  workspace_file *f = file_at(w, path);
  if (change != LSP_FILE_DELETED)
    add_file(s, path.data);
  else if (f)
    lose(s, f);
}

static void configured(lsp_server *s) {
  lsp_workspace *w = s->workspace;
  for (size_t i = 0; w && i < w->count; i++)
    if (!w->files[i].is_gone)
      look_again(s, &w->files[i]);
}

/* --- the end -------------------------------------------------------------- */

static void freed(lsp_server *s) {
  lsp_workspace *w = s->workspace;
  if (!w)
    return;
  documents_free(&w->looked);
  arena_free(&w->looked_memory);
  arena_free(&w->known);
  arena_free(&w->names);
  s->workspace = NULL;
}

/* If nobody knows what is half made the workspace is not looked at any more;
 * else the file that needed too much is passed over. */
static void failed(lsp_server *s) {
  lsp_workspace *w = s->workspace;
  if (!w)
    return;
  if (w->names.failure || w->known.failure || w->looked_memory.failure) {
    freed(s);
    return;
  }
  documents_free(&w->looked);
  w->looked = (documents){.arena = &w->looked_memory};
  if (lsp_workspace_is_busy(s))
    lsp_when_idle(s, work);
}

const lsp_feature lsp_workspace_feature = {.started = started,
                                           .opened = opened,
                                           .closed = closed,
                                           .file_changed = file_changed,
                                           .configured = configured,
                                           .failed = failed,
                                           .freed = freed};
