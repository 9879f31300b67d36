/* SPDX-License-Identifier: Apache-2.0 */
/* Switches a code off in the configuration: an edit of .maapol.json that the
 * client makes, or not. Nothing is written here. Source: docs/configuration.md,
 * "Where it is searched". */
#include <unistd.h>

#include "base/file.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "lsp/language.h"
#include "suite/root.h"

static const char file_name[] = ".maapol.json";

/* --- the file ------------------------------------------------------------- */

static const char *in_folder(arena *a, slice folder, const char *name) {
  buffer b = buffer_in(a);
  buffer_add(&b, folder);
  buffer_printf(&b, "/%s", name);
  return buffer_slice(&b).data;
}

/* The nearest from the policy's folder up to the repository's root; with empty
 * text that of the root, which is not there yet. NULL: there is no repository,
 * or the file cannot be read. */
static const char *find_file(arena *a, document *d, slice *text) {
  suite_root root;
  const char *why;
  *text = SLICE_EMPTY;
  if (!d->path.length || !suite_root_find(a, d->path.data, &root, &why) ||
      access(in_folder(a, slice_from(root.path), ".git"), F_OK))
    return NULL;
  slice folder = slice_from(root.folder);
  size_t least = strlen(root.path);
  for (;;) {
    const char *path = in_folder(a, folder, file_name);
    if (access(path, F_OK) == 0)
      return file_read_regular(a, path, LIMIT_CONFIGURATION_BYTES, text,
                               &why) == FILE_OK
                 ? path
                 : NULL;
    if (folder.length <= least)
      return path;
    while (folder.length > least && folder.data[folder.length - 1] != '/')
      folder.length--;
    folder.length -= folder.length > least;
  }
}

static slice file_uri(arena *a, const char *path) {
  static const char plain[] = "/-._~";
  buffer b = buffer_in(a);
  buffer_text(&b, "file://");
  for (const char *p = path; *p; p++) {
    char c = *p;
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || strchr(plain, c);
    if (is_plain)
      buffer_char(&b, c);
    else
      buffer_printf(&b, "%%%02X", (unsigned char)c);
  }
  return buffer_slice(&b);
}

/* --- the change ----------------------------------------------------------- */

/* Before the closing bracket of an object, behind its last member. Later ones
 * win there. */
static span end_of(slice text, slice object, bool *is_empty) {
  size_t end = (size_t)(object.data - text.data) + object.length - 1;
  while (end && strchr(" \t\r\n", text.data[end - 1]))
    end--;
  *is_empty = text.data[end - 1] == '{';
  return (span){(uint32_t)end, (uint32_t)end};
}

static bool is_object(slice s) {
  return s.length > 1 && *s.data == '{' && s.data[s.length - 1] == '}';
}

/* False: the file is not as it should be. */
static bool change(slice text, const char *code, span *where, buffer *out) {
  json_step steps[] = {{"lint", 0}, {code, 0}};
  json_place place, whole;
  bool is_empty = false;
  if (!text.length) {
    *where = (span){0, 0};
    buffer_printf(out, "{\n  \"lint\": { \"%s\": \"off\" }\n}\n", code);
    return true;
  }
  if (!json_find_place(text, steps, 0, &whole) || !is_object(whole.value))
    return false;
  if (json_find_place(text, steps, 2, &place) && place.value.length) {
    uint32_t begin = (uint32_t)(place.value.data - text.data);
    *where = (span){begin, begin + (uint32_t)place.value.length};
    buffer_text(out, "\"off\"");
    return true;
  }
  bool has_lint = json_find_place(text, steps, 1, &place);
  if (has_lint && !is_object(place.value))
    return false;
  *where = end_of(text, has_lint ? place.value : whole.value, &is_empty);
  buffer_text(out, is_empty ? "" : ",");
  buffer_printf(out, has_lint ? " \"%s\": \"off\""
                              : "\n  \"lint\": { \"%s\": \"off\" }", code);
  return true;
}

/* --- the action ----------------------------------------------------------- */

static value range_in(const lsp_request *r, slice text, span where) {
  line_index lines;
  object_builder range = object_in(r->arena);
  line_index_make(&lines, r->arena, text);
  for (int i = 0; i < 2; i++) {
    object_builder o = object_in(r->arena);
    editor_place p = position_of(&lines, i ? where.end : where.begin,
                                 r->server->encoding);
    set_number(&o, "line", p.line);
    set_number(&o, "character", p.character);
    set(&range, i ? "end" : "start", object_value(&o));
  }
  return object_value(&range);
}

static value one(arena *a, value v) {
  array_builder list = array_in(a);
  array_add(&list, v);
  return array_value(&list);
}

/* The file is made before it is changed; what is there stays. */
static value creation(arena *a, slice uri) {
  object_builder o = object_in(a), options = object_in(a);
  set_flag(&options, "ignoreIfExists", true);
  set_text(&o, "kind", "create");
  set(&o, "uri", value_text(uri));
  set(&o, "options", object_value(&options));
  return object_value(&o);
}

static value workspace_edit(lsp_request *r, slice uri, value edit,
                            bool is_new) {
  arena *a = r->arena;
  object_builder o = object_in(a), inner = object_in(a), file = object_in(a);
  if (!is_new) {
    object_set(&inner, uri, one(a, edit));
    set(&o, "changes", object_value(&inner));
    return object_value(&o);
  }
  array_builder steps = array_in(a);
  set(&file, "uri", value_text(uri));
  set(&file, "version", value_null());
  set(&inner, "textDocument", object_value(&file));
  set(&inner, "edits", one(a, edit));
  array_add(&steps, creation(a, uri));
  array_add(&steps, object_value(&inner));
  set(&o, "documentChanges", array_value(&steps));
  return object_value(&o);
}

bool lsp_switch_off(lsp_request *r, diagnostic_code code, value *edit) {
  slice text, uri;
  span where;
  buffer made = buffer_in(r->arena);
  object_builder o = object_in(r->arena);
  const char *path = find_file(r->arena, r->document, &text);
  if (!path || (!text.length && !r->server->language.creates_files))
    return false;
  uri = file_uri(r->arena, path);
  const document *opened = documents_find(&r->server->documents, uri);
  if (opened)
    text = opened->now->text;
  if (!change(text, code_text(code), &where, &made))
    return false;
  set(&o, "range", range_in(r, text, where));
  set(&o, "newText", value_text(buffer_slice(&made)));
  bool is_new = access(path, F_OK) != 0;
  *edit = workspace_edit(r, uri, object_value(&o), is_new);
  return true;
}
