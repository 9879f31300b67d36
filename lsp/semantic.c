/* SPDX-License-Identifier: Apache-2.0 */
/* Colours by meaning. Source: Language Server Protocol 3.17, "Semantic Tokens":
 * five numbers a token, places relative to the token before. */
#include <inttypes.h>

#include "lsp/query.h"
#include "lsp/server.h"

typedef enum colour {
  COLOUR_KEYWORD,
  COLOUR_PROPERTY,
  COLOUR_PARAMETER,
  COLOUR_VARIABLE,
  COLOUR_FUNCTION,
  COLOUR_STRING,
  COLOUR_NUMBER,
  COLOUR_COMMENT,
  COLOUR_OPERATOR,
  COLOUR_CLAIM,
  COLOUR_NONE
} colour;

enum { NUMBERS_A_TOKEN = 5, MODIFIER_DECLARATION = 1 };

value lsp_semantic_legend(arena *a) {
  static const char *const types[] = {
      "keyword", "property", "parameter", "variable", "function",
      "string",  "number",   "comment",   "operator", "enumMember"};
  object_builder o = object_in(a);
  array_builder names = array_in(a), modifiers = array_in(a);
  for (int i = 0; i < COLOUR_NONE; i++)
    array_add(&names, value_text(slice_from(types[i])));
  array_add(&modifiers, value_text(SLICE("declaration")));
  set(&o, "tokenTypes", array_value(&names));
  set(&o, "tokenModifiers", array_value(&modifiers));
  return object_value(&o);
}

static colour word_colour(const word_token *t) {
  static const uint8_t of_role[] = {
      [ROLE_NONE] = COLOUR_NONE,          [ROLE_VERSION] = COLOUR_KEYWORD,
      [ROLE_SECTION] = COLOUR_KEYWORD,    [ROLE_PROPERTY] = COLOUR_PROPERTY,
      [ROLE_ARGUMENT] = COLOUR_PARAMETER, [ROLE_BINDING] = COLOUR_VARIABLE,
      [ROLE_USE] = COLOUR_VARIABLE,       [ROLE_FUNCTION] = COLOUR_FUNCTION,
      [ROLE_ACTION] = COLOUR_KEYWORD,     [ROLE_BOOLEAN] = COLOUR_KEYWORD,
      [ROLE_VALUE] = COLOUR_NONE,
  };
  return t->role < sizeof of_role ? (colour)of_role[t->role] : COLOUR_NONE;
}

static colour colour_of(const word_tokens *t, size_t i) {
  const word_token *token = &t->items[i];
  switch (token->kind) {
  case TOKEN_COMMENT:
    return COLOUR_COMMENT;
  case TOKEN_NUMBER:
    return COLOUR_NUMBER;
  case TOKEN_WORD:
    return word_colour(token);
  case TOKEN_STRING:
    return token->role == ROLE_CLAIM_READ || token->role == ROLE_CLAIM_WRITE
               ? COLOUR_CLAIM
               : COLOUR_STRING;
  default:
    return strchr("=!<>&", *token_text(t, i).data) ? COLOUR_OPERATOR
                                                   : COLOUR_NONE;
  }
}

typedef struct painter {
  arena *arena;
  const document *document;
  position_encoding encoding;
  uint32_t *numbers;
  size_t count, capacity;
  editor_place last;
  position_memo memo;
} painter;

static void put(painter *p, uint32_t number) {
  p->numbers = arena_grow(p->arena, p->numbers, p->count, &p->capacity,
                          sizeof *p->numbers);
  p->numbers[p->count++] = number;
}

/* A part within one line. */
static void paint(painter *p, span where, colour c, uint32_t modifiers) {
  slice text = p->document->now->text;
  slice part = {text.data + where.begin, where.end - where.begin};
  editor_place at = position_near(&p->document->now->lines, where.begin,
                                  p->encoding, &p->memo);
  if (!part.length)
    return;
  bool same_line = at.line == p->last.line;
  put(p, at.line - p->last.line);
  put(p, at.character - (same_line ? p->last.character : 0));
  put(p, position_units(part, p->encoding));
  put(p, (uint32_t)c);
  put(p, modifiers);
  p->last = at;
}

/* Not every editor takes tokens of several lines. */
static void paint_lines(painter *p, span where, colour c,
                        uint32_t modifiers) {
  slice text = p->document->now->text;
  uint32_t begin = where.begin;
  for (uint32_t i = where.begin; i < where.end; i++)
    if (text.data[i] == '\n' || text.data[i] == '\r') {
      paint(p, (span){begin, i}, c, modifiers);
      begin = i + 1;
    }
  paint(p, (span){begin, where.end}, c, modifiers);
}

static colour query_colour(const query_words *q, size_t i) {
  static const uint8_t of_kind[] = {
      [QUERY_TOKEN_FIELD] = COLOUR_PROPERTY,
      [QUERY_TOKEN_KEY] = COLOUR_PARAMETER,
      [QUERY_TOKEN_FUNCTION] = COLOUR_FUNCTION,
      [QUERY_TOKEN_NUMBER] = COLOUR_NUMBER,
      [QUERY_TOKEN_RAW] = COLOUR_STRING,
      [QUERY_TOKEN_LITERAL] = COLOUR_STRING,
      [QUERY_TOKEN_MARK] = COLOUR_OPERATOR,
  };
  slice text = query_token_text(q, i);
  if (q->items[i].kind == QUERY_TOKEN_LITERAL && text.length > 1)
    return strchr("-0123456789", text.data[1])   ? COLOUR_NUMBER
           : text.data[1] >= 'a' && text.data[1] <= 'z' ? COLOUR_KEYWORD
                                                        : COLOUR_STRING;
  return (colour)of_kind[q->items[i].kind];
}

/* The quotes, and between them the words of the query. */
static void paint_query(painter *p, const word_tokens *t, size_t i) {
  span whole = t->items[i].where, inside = token_inside(t, i);
  query_words q = query_read(p->arena, t, i);
  paint(p, (span){whole.begin, inside.begin}, COLOUR_STRING, 0);
  for (size_t n = 0; n < q.count; n++)
    paint_lines(p, query_place(&q, q.items[n].where), query_colour(&q, n), 0);
  paint(p, (span){inside.end, whole.end}, COLOUR_STRING, 0);
}

static void paint_range(painter *p, const word_tokens *t, span range) {
  for (size_t i = 0; i < t->count; i++) {
    const word_token *token = &t->items[i];
    colour c = colour_of(t, i);
    bool declares =
        token->role == ROLE_BINDING || token->role == ROLE_CLAIM_WRITE;
    if (c == COLOUR_NONE || token->where.end < range.begin ||
        token->where.begin > range.end)
      continue;
    if (query_is(t, i))
      paint_query(p, t, i);
    else
      paint_lines(p, token->where, c, declares ? MODIFIER_DECLARATION : 0);
  }
}

static painter paint_document(lsp_request *r, arena *a, span range) {
  painter p = {.arena = a,
               .document = r->document,
               .encoding = r->server->encoding};
  paint_range(&p, document_tokens(r->document), range);
  return p;
}

static value numbers_value(arena *a, const uint32_t *numbers, size_t count) {
  value *items = ARENA_ARRAY(a, count, value);
  for (size_t i = 0; i < count; i++)
    items[i] = value_integer(numbers[i]);
  return (value){
      .kind = VALUE_ARRAY, .count = (uint32_t)count, .items = items};
}

static void set_id(lsp_request *r, object_builder *o) {
  buffer b = buffer_in(r->arena);
  buffer_printf(&b, "%" PRIu64, r->document->sent_id);
  set(o, "resultId", value_text(buffer_slice(&b)));
}

/* Keeps what is sent, to tell later what changed. */
static void keep(lsp_request *r, const painter *p) {
  document *d = r->document;
  arena_reset(&d->sent_memory);
  uint32_t *kept = ARENA_ARRAY(&d->sent_memory, p->count, uint32_t);
  if (p->count)
    memcpy(kept, p->numbers, p->count * sizeof *kept);
  d->sent = kept;
  d->sent_count = p->count;
  d->sent_id++;
}

value lsp_semantic_full(lsp_request *r) {
  object_builder o = object_in(r->arena);
  painter p = paint_document(r, r->arena, (span){0, UINT32_MAX});
  keep(r, &p);
  set_id(r, &o);
  set(&o, "data", numbers_value(r->arena, p.numbers, p.count));
  return object_value(&o);
}

value lsp_semantic_range(lsp_request *r) {
  object_builder o = object_in(r->arena);
  span range;
  if (!lsp_read_range(r, lsp_at(r->params, "range", NULL), &range))
    return lsp_refuse(r, LSP_INVALID_PARAMS, "a range is missing");
  painter p = paint_document(r, r->arena, range);
  set(&o, "data", numbers_value(r->arena, p.numbers, p.count));
  return object_value(&o);
}

/* One edit: what is the same at both ends stays, in whole tokens. */
static value edit_between(lsp_request *r, const painter *p) {
  const document *d = r->document;
  size_t least = d->sent_count < p->count ? d->sent_count : p->count;
  size_t front = 0, back = 0;
  while (front < least && d->sent[front] == p->numbers[front])
    front++;
  front -= front % NUMBERS_A_TOKEN;
  while (back < least - front && d->sent[d->sent_count - 1 - back] ==
                                     p->numbers[p->count - 1 - back])
    back++;
  back -= back % NUMBERS_A_TOKEN;
  array_builder edits = array_in(r->arena);
  if (front + back == d->sent_count && front + back == p->count)
    return array_value(&edits);
  object_builder o = object_in(r->arena);
  set_number(&o, "start", (int64_t)front);
  set_number(&o, "deleteCount", (int64_t)(d->sent_count - front - back));
  const uint32_t *changed = front ? p->numbers + front : p->numbers;
  set(&o, "data",
      numbers_value(r->arena, changed, p->count - front - back));
  array_add(&edits, object_value(&o));
  return array_value(&edits);
}

value lsp_semantic_delta(lsp_request *r) {
  buffer known = buffer_in(r->arena);
  buffer_printf(&known, "%" PRIu64, r->document->sent_id);
  if (!r->document->sent ||
      !slice_equal(lsp_text_member(r->params, "previousResultId"),
                   buffer_slice(&known)))
    return lsp_semantic_full(r);
  object_builder o = object_in(r->arena);
  painter p = paint_document(r, r->arena, (span){0, UINT32_MAX});
  value edits = edit_between(r, &p);
  keep(r, &p);
  set_id(r, &o);
  set(&o, "edits", edits);
  return object_value(&o);
}
