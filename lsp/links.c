/* SPDX-License-Identifier: Apache-2.0 */
/* What can be followed with a click: addresses and codes of findings in
 * comments; files that comments, suites and configurations name. */
#define _DEFAULT_SOURCE /* realpath */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/diagnostic.h"
#include "lsp/json_document.h"

enum { LINKS_MAX = 1000, NAME_MAX_BYTES = 1024 };

typedef struct links {
  const lsp_request *r;
  array_builder list;
} links;

static void add(links *l, slice where, slice target, const char *tip) {
  const document *d = l->r->document;
  object_builder o = object_in(l->r->arena);
  uint32_t begin = (uint32_t)(where.data - d->now->text.data);
  if (l->list.count >= LINKS_MAX)
    return;
  set(&o, "range", lsp_range(l->r, d, (span){begin, begin +
                                             (uint32_t)where.length}));
  set(&o, "target", value_text(target));
  if (tip)
    set_text(&o, "tooltip", tip);
  array_add(&l->list, object_value(&o));
}

/* Of a file that is there, named from the document's folder. */
static void add_file(links *l, slice name) {
  slice path = l->r->document->path;
  char whole[PATH_MAX];
  struct stat info;
  if (!path.length || !name.length || name.length > NAME_MAX_BYTES ||
      memchr(name.data, 0, name.length))
    return;
  buffer b = buffer_in(l->r->arena);
  if (*name.data != '/') {
    while (path.data[path.length - 1] != '/')
      path.length--;
    buffer_add(&b, path);
  }
  buffer_add(&b, name);
  if (realpath(buffer_slice(&b).data, whole) && stat(whole, &info) == 0 &&
      S_ISREG(info.st_mode))
    add(l, name, path_uri(l->r->arena, arena_string(l->r->arena,
                                                    slice_from(whole))),
        NULL);
}

/* --- comments ------------------------------------------------------------- */

static bool is_end(char c) {
  return (unsigned char)c <= ' ' || strchr("\"<>`{}|\\^", c) != NULL;
}

/* A sentence may end behind it. */
static slice without_marks(slice s) {
  while (s.length && strchr(".,;:!?)]'*", s.data[s.length - 1]))
    s.length--;
  return s;
}

static bool is_address(slice word) {
  return (slice_starts_with(word, "https://") && word.length > 8) ||
         (slice_starts_with(word, "http://") && word.length > 7);
}

static void add_code(links *l, slice word) {
  const char *rules = l->r->server->host->rules_url;
  diagnostic_code code =
      code_from_text(arena_string(l->r->arena, word));
  if (!rules || code == CODE_COUNT)
    return;
  buffer b = buffer_in(l->r->arena);
  buffer_printf(&b, "%s%s.md", rules, code_text(code));
  add(l, word, buffer_slice(&b), "the page of this finding");
}

static void look_at_word(links *l, slice word, bool is_directive) {
  static const slice sample = {"sample=", 7};
  while (word.length && strchr("('*[", *word.data))
    word = (slice){word.data + 1, word.length - 1};
  if (is_address(without_marks(word)))
    add(l, without_marks(word), without_marks(word), NULL);
  else if (is_directive && slice_starts_with(word, sample.data))
    add_file(l, (slice){word.data + sample.length,
                        word.length - sample.length});
  else if (is_directive)
    add_code(l, without_marks(word));
}

/* Words are what stands between blanks; codes of a directive also between
 * commas. */
static void look_at_comment(links *l, slice text) {
  bool is_directive = false;
  for (size_t i = 0; i < text.length && l->list.count < LINKS_MAX;) {
    size_t begin = i;
    while (i < text.length && !is_end(text.data[i]) &&
           !(is_directive && text.data[i] == ','))
      i++;
    slice word = {text.data + begin, i - begin};
    if (word.length)
      look_at_word(l, word, is_directive);
    is_directive |= slice_is(word, "maapol:");
    i++;
  }
}

static void look_at_policy(links *l) {
  const word_tokens *t = document_tokens(l->r->document);
  for (size_t i = 0; i < t->count; i++)
    if (t->items[i].kind == TOKEN_COMMENT)
      look_at_comment(l, token_text(t, i));
}

/* --- JSON ----------------------------------------------------------------- */

/* Texts as they are written: names with escapes are not followed. What stands
 * before a colon is a name of a member. */
static void look_at_json(links *l) {
  slice text = l->r->document->now->text;
  for (size_t i = 0; i < text.length && l->list.count < LINKS_MAX; i++) {
    if (text.data[i] != '"')
      continue;
    size_t begin = ++i;
    bool is_plain = true;
    while (i < text.length && text.data[i] != '"' && text.data[i] != '\n') {
      is_plain &= text.data[i] != '\\';
      i += text.data[i] == '\\' ? 2 : 1;
    }
    slice word = {text.data + begin, (i < text.length ? i : text.length) -
                                         begin};
    size_t next = i + 1;
    while (next < text.length && (unsigned char)text.data[next] <= ' ')
      next++;
    if (!is_plain || (next < text.length && text.data[next] == ':'))
      continue;
    if (is_address(word))
      add(l, word, word, NULL);
    else if (memchr(word.data, '.', word.length) ||
             memchr(word.data, '/', word.length))
      add_file(l, word);
  }
}

value lsp_links(lsp_request *r) {
  links l = {.r = r, .list = array_in(r->arena)};
  document_kind kind = document_kind_of(r->document);
  if (kind == DOCUMENT_SUITE || kind == DOCUMENT_CONFIGURATION)
    look_at_json(&l);
  else if (kind == DOCUMENT_POLICY && document_is_plain(r->document))
    look_at_policy(&l);
  return array_value(&l.list);
}
