/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of a policy: sections and rules. */
#include "base/limits.h"
#include "lsp/language.h"
#include "lsp/query.h"
#include "lsp/workspace.h"

/* LSP: SymbolKind. */
enum { SYMBOL_KIND_NAMESPACE = 3, SYMBOL_KIND_FUNCTION = 12 };
enum { LABEL_MAX = 80 };

static slice text_of(document *d, span s) {
  return ast_text(document_policy(d)->ast, s);
}

/* Up to LABEL_MAX bytes in one line, in whole characters. */
slice lsp_in_one_line(arena *a, slice text) {
  buffer b = buffer_in(a);
  bool was_space = false;
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (b.length >= LABEL_MAX && (c & 0xC0) != 0x80) {
      buffer_text(&b, "..");
      break;
    }
    if (!is_space)
      buffer_char(&b, c);
    else if (!was_space)
      buffer_char(&b, ' ');
    was_space = is_space;
  }
  return buffer_slice(&b);
}

static bool is_shown(const ast_rule *rule) {
  return !(rule->mistakes & RULE_INVALID) && !span_is_empty(rule->where);
}

static value symbol(const lsp_request *r, slice name, int kind, span where,
                    span chosen) {
  object_builder o = object_in(r->arena);
  set(&o, "name", value_text(name));
  set_number(&o, "kind", kind);
  set(&o, "range", lsp_range(r, r->document, where));
  set(&o, "selectionRange", lsp_range(r, r->document, chosen));
  return object_value(&o);
}

static value rule_symbol(const lsp_request *r, const ast_rule *rule) {
  slice text = lsp_in_one_line(r->arena, text_of(r->document, rule->where));
  return symbol(r, text, SYMBOL_KIND_FUNCTION, rule->where, rule->where);
}

static value section_symbol(const lsp_request *r, const ast_section *s) {
  array_builder rules = array_in(r->arena);
  for (const ast_rule *rule = s->rules; rule; rule = rule->next)
    if (is_shown(rule))
      array_add(&rules, rule_symbol(r, rule));
  value v = symbol(r, text_of(r->document, s->name), SYMBOL_KIND_NAMESPACE,
                   s->where, s->name);
  object_builder o = object_in(r->arena);
  for (uint32_t i = 0; i < v.count; i++)
    object_set(&o, member_name(&v.members[i]), v.members[i].value);
  set(&o, "children", array_value(&rules));
  return object_value(&o);
}

value lsp_symbols(lsp_request *r) {
  array_builder list = array_in(r->arena);
  const ast_policy *tree = document_policy(r->document)->ast;
  if (!document_is_plain(r->document))
    return array_value(&list);
  for (const ast_section *s = tree->sections; s; s = s->next)
    if (!span_is_empty(s->name))
      array_add(&list, section_symbol(r, s));
  return array_value(&list);
}

/* --- workspace ------------------------------------------------------------ */

bool lsp_holds(slice text, slice part) {
  for (size_t i = 0; i + part.length <= text.length; i++)
    if (slice_equal_ignore_case((slice){text.data + i, part.length}, part))
      return true;
  return false;
}

/* Claims that rules of the document make. The names are those in its text,
 * which is never forgotten. */
void lsp_claims_made(const lsp_request *r, document *d, slice query,
                     array_builder *list) {
  const word_tokens *t = document_tokens(d);
  for (size_t i = 0; i < t->count && list->count < LSP_SYMBOLS_MAX; i++) {
    if (t->items[i].role != ROLE_CLAIM_WRITE)
      continue;
    span s = token_inside(t, i);
    slice name = {t->text.data + s.begin, s.end - s.begin};
    if (!name.length || !lsp_holds(name, query))
      continue;
    object_builder o = object_in(r->arena);
    set(&o, "name", value_text(name));
    set_number(&o, "kind", SYMBOL_KIND_FUNCTION);
    set(&o, "location", lsp_location(r, d, s));
    array_add(list, object_value(&o));
  }
}

value lsp_workspace_symbols(lsp_request *r) {
  array_builder list = array_in(r->arena);
  slice query = lsp_text_member(r->params, "query");
  documents *all = &r->server->documents;
  for (size_t n = 0; n < all->count; n++) {
    if (all->items[n]->uri.length)
      lsp_claims_made(r, all->items[n], query, &list);
    documents_trim(all, LIMIT_LSP_KNOWN_BYTES);
  }
  lsp_workspace_claims(r, query, &list);
  return array_value(&list);
}

/* --- folding -------------------------------------------------------------- */

static void fold(const lsp_request *r, array_builder *list, span where,
                 const char *kind) {
  const line_index *lines = &r->document->now->lines;
  uint32_t first = line_index_position(lines, where.begin).line;
  uint32_t last = line_index_position(lines, where.end).line;
  if (last <= first)
    return;
  object_builder o = object_in(r->arena);
  set_number(&o, "startLine", first - 1);
  set_number(&o, "endLine", last - 1);
  if (kind)
    set_text(&o, "kind", kind);
  array_add(list, object_value(&o));
}

/* Line comments on lines that follow each other are one. */
static void fold_comments(const lsp_request *r, array_builder *list) {
  const ast_policy *tree = document_policy(r->document)->ast;
  const line_index *lines = &r->document->now->lines;
  for (size_t i = 0; i < tree->comment_count;) {
    span where = tree->comments[i].where;
    size_t next = i + 1;
    while (next < tree->comment_count && !tree->comments[i].is_block &&
           !tree->comments[next].is_block &&
           line_index_position(lines, tree->comments[next].where.begin).line ==
               line_index_position(lines, where.begin).line +
                   (uint32_t)(next - i))
      next++;
    where.end = tree->comments[next - 1].where.end;
    fold(r, list, where, "comment");
    i = next;
  }
}

value lsp_folding(lsp_request *r) {
  array_builder list = array_in(r->arena);
  const ast_policy *tree = document_policy(r->document)->ast;
  if (!document_is_plain(r->document))
    return array_value(&list);
  for (const ast_section *s = tree->sections; s; s = s->next) {
    fold(r, &list, s->where, NULL);
    for (const ast_rule *rule = s->rules; rule; rule = rule->next)
      fold(r, &list, rule->where, NULL);
  }
  fold_comments(r, &list);
  return array_value(&list);
}

/* --- selection ------------------------------------------------------------ */

/* Brackets of a query nest deeper than those of a policy. */
enum { LEVELS_MAX = 64 };

typedef struct levels {
  span items[LEVELS_MAX]; /* from the outside in */
  int count;
} levels;

/* Only what lies within the last one, and is smaller. */
static void descend(levels *l, span where, uint32_t offset) {
  span last = l->count ? l->items[l->count - 1] : where;
  bool holds_it = where.begin <= offset && offset <= where.end;
  bool is_smaller = where.begin >= last.begin && where.end <= last.end &&
                    (!l->count || where.end - where.begin <
                                      last.end - last.begin);
  if (holds_it && is_smaller && l->count < LEVELS_MAX)
    l->items[l->count++] = where;
}

static void descend_rule(levels *l, const ast_rule *rule, uint32_t offset) {
  if (offset < rule->where.begin || offset > rule->where.end)
    return;
  descend(l, rule->where, offset);
  for (const ast_condition *c = rule->conditions; c; c = c->next)
    descend(l, c->where, offset);
}

/* Brackets of a query around the offset, from the outside in, with and without
 * themselves; then the word. */
static void descend_query(arena *a, levels *l, const query_words *q,
                          uint32_t offset) {
  size_t *open = ARENA_ARRAY(a, q->count, size_t), depth = 0;
  span *pairs = ARENA_ARRAY(a, q->count, span);
  size_t count = 0;
  for (size_t i = 0; i < q->count; i++) {
    char last = q->text.data[q->items[i].where.end - 1];
    bool is_mark = q->items[i].kind == QUERY_TOKEN_MARK;
    if (!is_mark || query_token_is(q, i, "[]"))
      continue;
    if (strchr("([{?", last))
      open[depth++] = i;
    else if (strchr(")]}", last) && depth)
      pairs[count++] = (span){(uint32_t)open[--depth], (uint32_t)i};
  }
  while (count-- > 0) { /* the outer ones were closed last */
    span first = q->items[pairs[count].begin].where;
    span last = q->items[pairs[count].end].where;
    span outer = {first.begin, last.end}, inner = {first.end, last.begin};
    descend(l, query_place(q, outer), offset);
    descend(l, query_place(q, inner), offset);
  }
  size_t word = query_at(q, query_offset(q, offset));
  if (word < q->count)
    descend(l, query_place(q, q->items[word].where), offset);
}

static levels levels_at(arena *a, document *d, uint32_t offset) {
  levels l = {.count = 0};
  const word_tokens *t = document_tokens(d);
  size_t at = token_at(t, offset);
  descend(&l, (span){0, (uint32_t)d->now->text.length}, offset);
  if (document_is_plain(d))
    for (const ast_section *s = document_policy(d)->ast->sections; s;
         s = s->next) {
      descend(&l, s->where, offset);
      for (const ast_rule *rule = s->rules; rule; rule = rule->next)
        descend_rule(&l, rule, offset);
    }
  if (at < t->count) {
    descend(&l, t->items[at].where, offset);
    if (t->items[at].kind == TOKEN_STRING)
      descend(&l, token_inside(t, at), offset);
    if (query_is(t, at)) {
      query_words q = query_read(a, t, at);
      descend_query(a, &l, &q, offset);
    }
  }
  return l;
}

static value chain(const lsp_request *r, const levels *l) {
  value inner = value_null();
  for (int i = 0; i < l->count; i++) {
    object_builder o = object_in(r->arena);
    set(&o, "range", lsp_range(r, r->document, l->items[i]));
    if (i)
      set(&o, "parent", inner);
    inner = object_value(&o);
  }
  return inner;
}

value lsp_selection(lsp_request *r) {
  enum { PLACES_MAX = 1000 };
  array_builder list = array_in(r->arena);
  const value *places = lsp_at(r->params, "positions", NULL);
  if (!places || places->kind != VALUE_ARRAY || places->count > PLACES_MAX)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "positions are missing");
  for (uint32_t i = 0; i < places->count; i++) {
    editor_place place;
    if (!lsp_read_place(&places->items[i], &place))
      return lsp_refuse(r, LSP_INVALID_PARAMS, "this is no position");
    levels l = levels_at(r->arena, r->document,
                         position_offset(&r->document->now->lines, place,
                                         r->server->encoding));
    array_add(&list, chain(r, &l));
  }
  return array_value(&list);
}
