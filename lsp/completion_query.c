/* SPDX-License-Identifier: Apache-2.0 */
/* Fields and functions of JMESPath in the string of a query. */
#include "lsp/completion.h"
#include "lsp/query_help.h"
#include "lsp/samples.h"

static const char *function_snippet(arena *a, const query_function_help *f) {
  buffer b = buffer_in(a);
  int number = 1;
  buffer_printf(&b, "%s(", f->name);
  for (const char *p = f->parameters; *p; number++) {
    size_t length = strcspn(p, ",");
    if (strncmp(p, "..", length) == 0)
      break;
    buffer_printf(&b, "%s${%d:%.*s}", number > 1 ? ", " : "", number,
                  (int)length, p);
    p += length + (p[length] ? 2 : 0);
  }
  buffer_text(&b, ")");
  return buffer_slice(&b).data;
}

static void offer_functions(completion *c, bool is_called) {
  arena *a = c->request->arena;
  for (const query_function_help *f = query_functions; f->name; f++) {
    completion_item item = {.label = f->name,
                            .kind = KIND_FUNCTION,
                            .detail = f->result,
                            .group = "query",
                            .rank = 'n'};
    if (!is_called)
      item.snippet = function_snippet(a, f);
    completion_offer(c, &item);
  }
}

/* Whether an earlier row has the name: some stand in several objects. */
static bool is_known(const event_field *f) {
  return event_field_find(slice_from(f->name), EVENT_PARENT_ANY) != f;
}

static void offer_fields(completion *c, event_parent parent) {
  for (const event_field *f = event_fields; f->name; f++) {
    if (parent == EVENT_PARENT_ANY ? is_known(f) : f->parent != parent)
      continue;
    completion_item item = {.label = f->name,
                            .kind = KIND_FIELD,
                            .detail = event_field_type(f),
                            .group = "event",
                            .commit = f->child == EVENT_PARENT_OTHER ? NULL
                                                                     : ".",
                            .rank = 'a'};
    completion_offer(c, &item);
  }
}

/* Of logs, beyond those that are documented. */
static void offer_sample_fields(completion *c) {
  lsp_request *r = c->request;
  const char *const *name = samples_fields(r->server, r->document);
  for (; *name; name++)
    if (!event_field_find(slice_from(*name), EVENT_PARENT_ANY))
      completion_offer(c, &(completion_item){.label = *name,
                                             .kind = KIND_FIELD,
                                             .detail = "seen in a sample",
                                             .rank = 'b'});
}

/* What stands in quotes is the author's, and behind a value comes an operator.
 */
static bool can_begin(const query_words *q, size_t token) {
  if (!token)
    return true;
  const query_token *last = &q->items[token - 1];
  char end = q->text.data[last->where.end - 1];
  return last->kind == QUERY_TOKEN_MARK && !strchr(")]}@*", end);
}

void completion_query(completion *c, size_t i) {
  query_words q = query_read(c->request->arena, c->tokens, i);
  uint32_t offset = query_offset(&q, c->request->offset);
  size_t at = query_at(&q, offset), next = 0;
  while (next < q.count && q.items[next].where.begin < offset)
    next++;
  bool is_word = at < q.count && q.items[at].where.begin < offset &&
                 (q.items[at].kind == QUERY_TOKEN_FIELD ||
                  q.items[at].kind == QUERY_TOKEN_FUNCTION);
  bool is_quoted = at < q.count && q.items[at].where.begin < offset &&
                   (q.items[at].kind == QUERY_TOKEN_RAW ||
                    q.items[at].kind == QUERY_TOKEN_LITERAL ||
                    q.items[at].kind == QUERY_TOKEN_NUMBER) &&
                   (q.items[at].is_open || q.items[at].where.end > offset ||
                    q.items[at].kind == QUERY_TOKEN_NUMBER);
  if (is_quoted || (is_word && q.text.data[q.items[at].where.begin] == '"'))
    return;
  size_t token = is_word ? at : next;
  if (!can_begin(&q, token))
    return;
  c->replaced = is_word ? query_place(&q, q.items[at].where)
                        : (span){c->request->offset, c->request->offset};
  offer_fields(c, query_parent(&q, token, c->tokens, i));
  offer_sample_fields(c);
  offer_functions(c, is_word && query_token_is(&q, at + 1, "("));
}
