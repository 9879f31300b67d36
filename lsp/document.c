/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/document.h"

#include "base/limits.h"
#include "compiler/suppress.h"

document *documents_find(const documents *all, slice uri) {
  for (size_t i = 0; i < all->count; i++)
    if (all->items[i]->uri.length && slice_equal(all->items[i]->uri, uri))
      return all->items[i];
  return NULL;
}

/* --- URIs ----------------------------------------------------------------- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 32);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

slice uri_path(arena *a, slice uri) {
  if (!slice_starts_with(uri, "file://"))
    return SLICE_EMPTY;
  buffer out = buffer_in(a);
  size_t i = 7;
  while (i < uri.length && uri.data[i] != '/') /* a host: ours, or none */
    i++;
  for (; i < uri.length; i++) {
    int high = i + 2 < uri.length ? hex_digit(uri.data[i + 1]) : -1;
    int low = i + 2 < uri.length ? hex_digit(uri.data[i + 2]) : -1;
    char c = uri.data[i];
    if (c == '%' && high >= 0 && low >= 0) {
      c = (char)(high * 16 + low);
      i += 2;
    }
    if (!c)
      return SLICE_EMPTY;
    buffer_char(&out, c);
  }
  return out.length ? buffer_slice(&out) : SLICE_EMPTY;
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

static void begin(document *d, jmp_buf *guard) {
  *d = (document){.version = 0};
  arena_init(&d->identity, LIMIT_ARENA_BYTES);
  arena_init(&d->sent_memory, LIMIT_ARENA_BYTES);
  for (int i = 0; i < 2; i++)
    arena_init(&d->states[i].memory, LIMIT_ARENA_BYTES);
  d->identity.guard = d->sent_memory.guard = guard;
  d->now = &d->states[0];
  d->now->text = SLICE("");
}

document *documents_open(documents *all, slice uri, slice text,
                         jmp_buf *guard) {
  document *d = documents_find(all, uri);
  if (!d && (all->open >= LIMIT_LSP_DOCUMENTS || !uri.length))
    return NULL;
  if (!d) {
    d = free_place(all);
    begin(d, guard);
    all->open++;
    d->uri = arena_copy(&d->identity, uri);
    d->path = uri_path(&d->identity, uri);
  }
  return document_set_text(all, d, text, guard) ? d : NULL;
}

void documents_close(documents *all, document *d) {
  arena_free(&d->identity);
  arena_free(&d->sent_memory);
  arena_free(&d->states[0].memory);
  arena_free(&d->states[1].memory);
  *d = (document){.version = 0};
  all->open--;
}

void documents_free(documents *all) {
  for (size_t i = 0; i < all->count; i++)
    if (all->items[i]->uri.length)
      documents_close(all, all->items[i]);
}

/* --- text ----------------------------------------------------------------- */

bool document_edit(documents *all, document *d, span where, slice text,
                   jmp_buf *guard) {
  document_state *old = d->now;
  document_state *next = &d->states[old == &d->states[0]];
  size_t kept = old->text.length - (where.end - where.begin);
  if (text.length > LIMIT_POLICY_BYTES ||
      kept > LIMIT_POLICY_BYTES - text.length)
    return false;
  next->memory.guard = guard;
  arena_reset(&next->memory);
  buffer made = buffer_in(&next->memory);
  buffer_reserve(&made, kept + text.length + 1);
  buffer_add(&made, (slice){old->text.data, where.begin});
  buffer_add(&made, text);
  buffer_add(&made, (slice){old->text.data + where.end,
                            old->text.length - where.end});
  next->text = buffer_slice(&made);
  line_index_make(&next->lines, &next->memory, next->text);
  next->policy = NULL;
  next->has_tokens = false;
  d->now = next;
  d->revision = ++all->revision;
  return true;
}

bool document_set_text(documents *all, document *d, slice text,
                       jmp_buf *guard) {
  span whole = {0, (uint32_t)d->now->text.length};
  return document_edit(all, d, whole, text, guard);
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

/* As `maapol check` does it. */
policy *document_policy(document *d) {
  document_state *s = d->now;
  if (s->policy)
    return s->policy;
  policy *p = policy_compile(&s->memory, s->text);
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
  return p;
}

const word_tokens *document_tokens(document *d) {
  document_state *s = d->now;
  if (!s->has_tokens)
    s->tokens = tokens_read(&s->memory, s->text);
  s->has_tokens = true;
  return &s->tokens;
}

bool document_is_plain(document *d) {
  const policy *p = document_policy(d);
  return !p->was_wrapped && slice_equal(p->text, d->now->text);
}
