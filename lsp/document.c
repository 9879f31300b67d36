/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/document.h"

#include "base/limits.h"
#include "base/text.h"
#include "compiler/suppress.h"
#include "grammar/parse.h"
#include "grammar/reparse.h"

document *documents_find(const documents *all, slice uri) {
  for (size_t i = 0; i < all->count; i++)
    if (all->items[i]->uri.length && slice_equal(all->items[i]->uri, uri))
      return all->items[i];
  return NULL;
}

/* --- URIs ----------------------------------------------------------------- */

slice uri_path(arena *a, slice uri) {
  if (!slice_starts_with(uri, "file://"))
    return SLICE_EMPTY;
  buffer out = buffer_in(a);
  size_t i = 7;
  while (i < uri.length && uri.data[i] != '/') /* a host: ours, or none */
    i++;
  percent_decode(&out, (slice){uri.data + i, uri.length - i}, false);
  slice path = buffer_slice(&out);
  return path.length && !memchr(path.data, 0, path.length) ? path : SLICE_EMPTY;
}

/* --- the order of use ----------------------------------------------------- */

static void leave(document *d) {
  if (d->newer)
    d->newer->older = d->older;
  else if (d->all->recent == d)
    d->all->recent = d->older;
  if (d->older)
    d->older->newer = d->newer;
  d->newer = d->older = NULL;
}

static void touch(document *d) {
  documents *all = d->all;
  if (all->recent == d)
    return;
  leave(d);
  d->older = all->recent;
  if (d->older)
    d->older->newer = d;
  all->recent = d;
}

/* --- opening and closing -------------------------------------------------- */

static document *free_place(documents *all) {
  for (size_t i = 0; i < all->count; i++)
    if (!all->items[i]->uri.length)
      return all->items[i];
  all->items = arena_grow(all->arena, all->items, all->count, &all->capacity,
                          sizeof(document *));
  return all->items[all->count++] = ARENA_NEW(all->arena, document);
}

/* Calls visit for each arena of the document. */
static void each_arena(document *d, void (*visit)(arena *a, void *context),
                       void *context) {
  visit(&d->identity, context);
  visit(&d->sent_memory, context);
  visit(&d->state.memory, context);
  visit(&d->state.kept, context);
  visit(&d->state.texts[0], context);
  visit(&d->state.texts[1], context);
}

static void begin_arena(arena *a, void *guard) {
  arena_init(a, LIMIT_ARENA_BYTES);
  a->guard = guard;
}

static void guard_arena(arena *a, void *guard) { a->guard = guard; }

static void release_arena(arena *a, void *context) {
  (void)context;
  arena_free(a);
}

bool document_failed(const document *d) {
  return d->identity.failure || d->sent_memory.failure ||
         d->state.memory.failure || d->state.kept.failure ||
         d->state.texts[0].failure || d->state.texts[1].failure;
}

static void begin(document *d, jmp_buf *guard) {
  *d = (document){.version = 0};
  each_arena(d, begin_arena, guard);
  d->now = &d->state;
  d->state.text = SLICE("");
}

document *documents_open(documents *all, slice uri, slice text,
                         jmp_buf *guard) {
  document *d = documents_find(all, uri);
  if (!d && (all->open >= LIMIT_LSP_DOCUMENTS || !uri.length))
    return NULL;
  if (!d) {
    d = free_place(all);
    begin(d, guard);
    d->all = all;
    all->open++;
    d->uri = arena_copy(&d->identity, uri);
    d->path = uri_path(&d->identity, uri);
  }
  return document_set_text(all, d, text, guard) ? d : NULL;
}

void documents_close(documents *all, document *d) {
  leave(d);
  each_arena(d, release_arena, NULL);
  *d = (document){.version = 0};
  all->open--;
}

void documents_free(documents *all) {
  for (size_t i = 0; i < all->count; i++)
    if (all->items[i]->uri.length)
      documents_close(all, all->items[i]);
}

/* --- text ----------------------------------------------------------------- */

enum { ROOM_LEAST = 256 };

static void forget(arena *a) {
  jmp_buf *guard = a->guard;
  arena_free(a);
  a->guard = guard;
}

/* The tree points into the old room: it goes. */
static void make_room(document_state *s, size_t length) {
  arena *old = &s->texts[s->text_at], *next = &s->texts[!s->text_at];
  size_t capacity = length + length / 4 + ROOM_LEAST;
  char *room = arena_alloc(next, capacity + 1);
  if (s->text.length)
    memcpy(room, s->text.data, s->text.length);
  forget(old);
  s->text_at = !s->text_at;
  s->room = room;
  s->capacity = capacity;
  s->tree = NULL;
}

static void replace_bytes(document_state *s, span where, slice text) {
  size_t behind = s->text.length - where.end;
  size_t length = where.begin + text.length + behind;
  if (!s->room || length > s->capacity)
    make_room(s, length);
  memmove(s->room + where.begin + text.length, s->room + where.end, behind);
  if (text.length)
    memcpy(s->room + where.begin, text.data, text.length);
  s->room[length] = '\0';
  s->text = (slice){s->room, length};
}

/* What was read again and again stays in the arena until there is more of it
 * than of what is in use; many small documents may be open. */
static bool is_wasteful(const document_state *s) {
  enum { WASTE_LEAST = 64 << 10 };
  return s->kept.used > 2 * s->kept_least + WASTE_LEAST;
}

static void follow(document_state *s, span where, uint32_t length) {
  text_edited edit = {where.begin, where.end, length};
  if (!s->lines.starts)
    line_index_make(&s->lines, &s->kept, s->text);
  else
    line_index_edit(&s->lines, &s->kept, s->text, where, length);
  if (s->tree && (is_wasteful(s) || !policy_is_plain(&s->memory, s->text) ||
                  !reparse_tree(s->tree, &s->kept, &edit, s->text.length,
                                &s->parsed)))
    s->tree = NULL;
}

bool document_edit(documents *all, document *d, span where, slice text,
                   jmp_buf *guard) {
  document_state *s = d->now;
  size_t kept = s->text.length - (where.end - where.begin);
  if (text.length > LIMIT_POLICY_BYTES ||
      kept > LIMIT_POLICY_BYTES - text.length)
    return false;
  each_arena(d, guard_arena, guard);
  document_judge_again(d);
  replace_bytes(s, where, text);
  follow(s, where, (uint32_t)text.length);
  d->revision = ++all->revision;
  return true;
}

bool document_set_text(documents *all, document *d, slice text,
                       jmp_buf *guard) {
  span whole = {0, (uint32_t)d->now->text.length};
  return document_edit(all, d, whole, text, guard);
}

/* --- forgetting ----------------------------------------------------------- */

void document_judge_again(document *d) {
  arena_reset(&d->now->memory);
  d->now->policy = NULL;
  d->now->has_tokens = false;
}

/* Lines are part of the text: places are told by them. */
void document_forget(document *d) {
  document_state *s = d->now;
  leave(d);
  forget(&s->memory);
  forget(&s->kept);
  forget(&d->sent_memory);
  s->policy = NULL;
  s->has_tokens = false;
  s->tree = NULL;
  s->parsed = (diagnostics){.count = 0};
  s->kept_least = 0;
  d->sent = NULL;
  d->sent_count = 0;
  line_index_make(&s->lines, &s->kept, s->text);
}

static size_t known_bytes(const document *d) {
  return d->state.memory.used + d->state.kept.used + d->sent_memory.used;
}

/* One that is too large makes no room for itself at the cost of small ones that
 * are older. */
void documents_trim(documents *all, size_t bytes_max) {
  size_t left = bytes_max;
  for (document *d = all->recent, *older; d; d = older) {
    size_t known = known_bytes(d);
    older = d->older;
    if (known <= left)
      left -= known;
    else if (d == all->recent)
      left = 0;
    else
      document_forget(d);
  }
}

/* --- what is known -------------------------------------------------------- */

static bool is_judged(diagnostic_code code, void *context) {
  const document *d = context;
  return d->settings.levels.of[code] != LEVEL_OFF && code != CODE_F404;
}

attestation_type document_type(document *d) {
  attestation_type type = policy_directive_type(document_policy(d)->ast);
  return type ? type : d->settings.type;
}

static void parse(document_state *s) {
  arena_reset(&s->kept);
  line_index_make(&s->lines, &s->kept, s->text);
  diagnostics_init(&s->parsed, &s->kept);
  s->tree = parse_tree(&s->kept, s->text, &s->parsed);
  s->kept_least = s->kept.used;
}

static policy *compile(document_state *s) {
  if (!s->tree && !policy_is_plain(&s->memory, s->text))
    return policy_compile(&s->memory, s->text);
  if (!s->tree)
    parse(s);
  return policy_judge(&s->memory, s->tree, &s->parsed);
}

/* As `maapol check` does it. */
policy *document_policy(document *d) {
  document_state *s = d->now;
  touch(d);
  if (s->policy)
    return s->policy;
  policy *p = compile(s);
  attestation_type type = policy_directive_type(p->ast);
  lint_options options = {.type = type ? type : d->settings.type,
                          .width = d->settings.width};
  options.layout = d->settings.levels.of[CODE_F404] >= LEVEL_INFO;
  policy_lint(&s->memory, p, &options);
  levels_apply(&d->settings.levels, &p->findings);
  suppressor silence = {options.type, is_judged, d};
  policy_suppress(&s->memory, p, &silence);
  levels_apply(&d->settings.levels, &p->findings);
  s->policy = p;
  d->analyses++;
  return p;
}

const word_tokens *document_tokens(document *d) {
  document_state *s = d->now;
  touch(d);
  if (!s->has_tokens)
    s->tokens = tokens_read(&s->memory, s->text);
  s->has_tokens = true;
  return &s->tokens;
}

bool document_is_plain(document *d) {
  const policy *p = document_policy(d);
  return !p->was_wrapped && p->text.data == d->now->text.data;
}
