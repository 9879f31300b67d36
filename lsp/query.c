/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/query.h"

/* --- which strings are queries -------------------------------------------- */

static bool is_mark(const word_tokens *t, size_t i, const char *mark) {
  return t->items[i].kind == TOKEN_MARK && token_is(t, i, mark);
}

/* The name before `(` that is a function; count: there is none. */
static size_t called(const word_tokens *t, size_t open) {
  while (open-- > 0)
    if (t->items[open].kind != TOKEN_COMMENT)
      return t->items[open].role == ROLE_FUNCTION ? open : t->count;
  return t->count;
}

/* The open parenthesis before a token of a call; *commas between. The walk is
 * short, so that a rule of nothing but strings costs no more than its length.
 */
static size_t call_before(const word_tokens *t, size_t i, unsigned *commas) {
  enum { WALK_MAX = 256 };
  uint32_t rule = t->items[i].rule;
  size_t least = i > WALK_MAX ? i - WALK_MAX : 0;
  unsigned closed = 0;
  *commas = 0;
  while (i-- > least && t->items[i].rule == rule) {
    if (is_mark(t, i, ")"))
      closed++;
    else if (is_mark(t, i, "(") && !closed)
      return i;
    else if (is_mark(t, i, "("))
      closed--;
    else if (is_mark(t, i, ",") && !closed)
      ++*commas;
  }
  return t->count;
}

bool query_is(const word_tokens *t, size_t i) {
  unsigned commas;
  if (i >= t->count || t->items[i].kind != TOKEN_STRING ||
      t->items[i].role != ROLE_VALUE || t->items[i].depth < 2)
    return false;
  size_t open = call_before(t, i, &commas);
  size_t name = open < t->count ? called(t, open) : t->count;
  return commas == 1 && name < t->count && token_is(t, name, "JmesPath");
}

/* --- the words ------------------------------------------------------------ */

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static char peek(slice s, size_t i) { return i < s.length ? s.data[i] : 0; }

static size_t quoted_end(slice s, size_t i, bool *is_open) {
  char quote = s.data[i++];
  while (i < s.length && s.data[i] != quote)
    i += s.data[i] == '\\' ? 2 : 1;
  *is_open = i >= s.length;
  return *is_open ? s.length : i + 1;
}

static size_t mark_end(slice s, size_t i) {
  static const char *const pairs[] = {"||", "&&", "==", "!=", "<=",
                                      ">=", "[]", "[?", NULL};
  for (const char *const *p = pairs; *p; p++)
    if (s.data[i] == (*p)[0] && peek(s, i + 1) == (*p)[1])
      return i + 2;
  return i + 1;
}

/* The end of the token that begins at i. */
static size_t token_end(slice s, size_t i, query_token *token) {
  char c = s.data[i];
  token->kind = c == '"'    ? QUERY_TOKEN_FIELD
                : c == '\'' ? QUERY_TOKEN_RAW
                : c == '`'  ? QUERY_TOKEN_LITERAL
                            : QUERY_TOKEN_MARK;
  if (token->kind != QUERY_TOKEN_MARK)
    return quoted_end(s, i, &token->is_open);
  if (is_letter(c)) {
    token->kind = QUERY_TOKEN_FIELD;
    while (is_letter(peek(s, i)) || is_digit(peek(s, i)))
      i++;
    return i;
  }
  if (is_digit(c) || (c == '-' && is_digit(peek(s, i + 1)))) {
    token->kind = QUERY_TOKEN_NUMBER;
    do
      i++;
    while (is_digit(peek(s, i)));
    return i;
  }
  return mark_end(s, i);
}

/* `name(` is a call, `{name:` and `, name:` a key. */
static void name_roles(const query_words *q, query_token *items) {
  for (size_t i = 0; i + 1 < q->count; i++) {
    if (items[i].kind != QUERY_TOKEN_FIELD)
      continue;
    bool is_word = q->text.data[items[i].where.begin] != '"';
    bool is_first = i && (query_token_is(q, i - 1, "{") ||
                          query_token_is(q, i - 1, ","));
    if (is_word && query_token_is(q, i + 1, "("))
      items[i].kind = QUERY_TOKEN_FUNCTION;
    else if (is_first && query_token_is(q, i + 1, ":"))
      items[i].kind = QUERY_TOKEN_KEY;
  }
}

query_words query_read(arena *a, const word_tokens *t, size_t i) {
  query_words q = {.count = 0};
  query_token *items = NULL;
  size_t capacity = 0;
  literal_text literal = literal_read(a, t->text, token_inside(t, i));
  q.text = literal.text;
  q.places = literal.places;
  for (size_t at = 0; at < q.text.length;) {
    if (strchr(" \t\r\n", q.text.data[at]) && q.text.data[at]) {
      at++;
      continue;
    }
    query_token token = {.where = {(uint32_t)at, 0}};
    at = token_end(q.text, at, &token);
    token.where.end = (uint32_t)at;
    items = arena_grow(a, items, q.count, &capacity, sizeof *items);
    items[q.count++] = token;
  }
  q.items = items;
  name_roles(&q, items);
  return q;
}

/* --- looking up ----------------------------------------------------------- */

span query_place(const query_words *q, span where) {
  return (span){q->places[where.begin], q->places[where.end]};
}

uint32_t query_offset(const query_words *q, uint32_t offset) {
  size_t low = 0, high = q->text.length;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (q->places[middle] < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return (uint32_t)low;
}

slice query_token_text(const query_words *q, size_t i) {
  span s = q->items[i].where;
  return (slice){q->text.data + s.begin, s.end - s.begin};
}

slice query_name(const query_words *q, size_t i) {
  slice s = query_token_text(q, i);
  if (!s.length || *s.data != '"')
    return s;
  bool is_open = q->items[i].is_open || s.length < 2;
  return (slice){s.data + 1, s.length - 2 + is_open};
}

bool query_token_is(const query_words *q, size_t i, const char *text) {
  return i < q->count && slice_is(query_token_text(q, i), text);
}

size_t query_at(const query_words *q, uint32_t offset) {
  size_t low = 0, high = q->count; /* the first that ends at it or behind */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (q->items[middle].where.end < offset)
      low = middle + 1;
    else
      high = middle;
  }
  bool has_next =
      low + 1 < q->count && q->items[low + 1].where.begin <= offset;
  if (has_next && q->items[low].where.end == offset &&
      (q->items[low].kind == QUERY_TOKEN_MARK ||
       q->items[low + 1].kind != QUERY_TOKEN_MARK))
    low++;
  return low < q->count && q->items[low].where.begin <= offset ? low
                                                                : q->count;
}

static bool opens(const query_words *q, size_t i) {
  return query_token_is(q, i, "(") || query_token_is(q, i, "[") ||
         query_token_is(q, i, "[?") || query_token_is(q, i, "{");
}

static bool closes(const query_words *q, size_t i) {
  return query_token_is(q, i, ")") || query_token_is(q, i, "]") ||
         query_token_is(q, i, "}");
}

/* The bracket that is open before token `end`; *commas before it. */
static size_t open_bracket(const query_words *q, size_t end,
                           uint32_t *commas) {
  unsigned closed = 0;
  *commas = 0;
  while (end-- > 0) {
    if (closes(q, end))
      closed++;
    else if (opens(q, end) && !closed)
      return end;
    else if (opens(q, end))
      closed--;
    else if (query_token_is(q, end, ",") && !closed)
      ++*commas;
  }
  return q->count;
}

size_t query_open_call(const query_words *q, uint32_t offset,
                       uint32_t *commas) {
  size_t i = 0;
  while (i < q->count && q->items[i].where.begin < offset)
    i++;
  while ((i = open_bracket(q, i, commas)) < q->count)
    if (query_token_is(q, i, "(") && i &&
        q->items[i - 1].kind == QUERY_TOKEN_FUNCTION)
      return i;
  return q->count;
}

/* --- what fields are members of ------------------------------------------- */

/* The type of the claim that the call's first argument names, `c.value`. */
static slice asked_claim(const word_tokens *t, size_t string) {
  unsigned commas;
  size_t open = call_before(t, string, &commas), at = t->count;
  uint32_t rule = t->items[string].rule;
  if (open + 2 >= t->count || t->items[open + 1].role != ROLE_USE)
    return SLICE_EMPTY;
  slice name = token_text(t, open + 1);
  for (size_t i = open; i-- > 0 && t->items[i].rule == rule;)
    if (t->items[i].role == ROLE_BINDING &&
        slice_equal(token_text(t, i), name))
      at = i;
  for (size_t i = at; i < t->count && !is_mark(t, i, "]"); i++)
    if (t->items[i].role == ROLE_CLAIM_READ) {
      span s = token_inside(t, i);
      return (slice){t->text.data + s.begin, s.end - s.begin};
    }
  return SLICE_EMPTY;
}

static event_parent root_parent(const word_tokens *t, size_t string) {
  slice claim = asked_claim(t, string);
  return slice_is(claim, "events") || slice_is(claim, "bootEvents")
             ? EVENT_PARENT_LOG
         : slice_is(claim, "pcrs") ? EVENT_PARENT_PCRS
                                   : EVENT_PARENT_ANY;
}

/* The members of what the field that ends before token `end` holds; indexes and
 * filters behind it are passed. */
static event_parent child_before(const query_words *q, size_t end) {
  uint32_t commas;
  while (end && (query_token_is(q, end - 1, "]") ||
                 query_token_is(q, end - 1, "[]"))) {
    bool is_pair = query_token_is(q, end - 1, "]");
    end = is_pair ? open_bracket(q, end - 1, &commas) : end - 1;
    if (end >= q->count)
      return EVENT_PARENT_ANY;
  }
  if (!end || q->items[end - 1].kind != QUERY_TOKEN_FIELD)
    return EVENT_PARENT_ANY;
  const event_field *f =
      event_field_find(query_name(q, end - 1), EVENT_PARENT_ANY);
  return f ? (event_parent)f->child : EVENT_PARENT_OTHER;
}

event_parent query_parent(const query_words *q, size_t token,
                          const word_tokens *t, size_t string) {
  uint32_t commas;
  if (token && query_token_is(q, token - 1, "."))
    return child_before(q, token - 1);
  for (size_t i = token; i-- > 0;)
    if (query_token_is(q, i, "|"))
      return EVENT_PARENT_ANY; /* of what stands before it */
  for (size_t i = token; (i = open_bracket(q, i, &commas)) < q->count;)
    if (query_token_is(q, i, "[?"))
      return child_before(q, i);
  return root_parent(t, string);
}
