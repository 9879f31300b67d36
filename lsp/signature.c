/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of the call that the cursor stands in. */
#include "lsp/query_help.h"
#include "lsp/reference.h"
#include "lsp/server.h"

/* The innermost open parenthesis before the offset, in the same rule; *commas
 * between it and the offset. t->count: none. */
static size_t open_call(const word_tokens *t, uint32_t offset,
                        uint32_t *commas) {
  size_t i = tokens_before(t, offset);
  unsigned closed = 0;
  *commas = 0;
  if (!i)
    return t->count;
  uint32_t rule = t->items[i - 1].rule;
  while (i-- > 0 && t->items[i].rule == rule) {
    if (t->items[i].kind != TOKEN_MARK)
      continue;
    char mark = *token_text(t, i).data;
    if (mark == ';' || mark == '{' || mark == '}')
      break;
    if (mark == ')')
      closed++;
    else if (mark == '(' && closed)
      closed--;
    else if (mark == '(')
      return i;
    else if (mark == ',' && !closed)
      ++*commas;
  }
  return t->count;
}

static value parameter(arena *a, const char *name) {
  object_builder o = object_in(a);
  set_text(&o, "label", name);
  return object_value(&o);
}

static value help_of(lsp_request *r, slice label, const char *text,
                     value parameters, uint32_t active) {
  arena *a = r->arena;
  object_builder o = object_in(a), one = object_in(a);
  array_builder all = array_in(a);
  set(&one, "label", value_text(label));
  set(&one, "documentation", lsp_markdown(a, slice_from(text)));
  set(&one, "parameters", parameters);
  array_add(&all, object_value(&one));
  set(&o, "signatures", array_value(&all));
  set_number(&o, "activeSignature", 0);
  set_number(&o, "activeParameter", active);
  return object_value(&o);
}

static value help(lsp_request *r, slice label, const char *text,
                  const char *const *parameters, uint32_t active) {
  array_builder names = array_in(r->arena);
  for (int i = 0; i < 2 && parameters[i]; i++)
    array_add(&names, parameter(r->arena, parameters[i]));
  return help_of(r, label, text, array_value(&names), active);
}

static value action_signature(lsp_request *r, slice name, uint32_t active) {
  static const char *const none[2] = {NULL, NULL};
  static const char *const both[2] = {"type=\"..\"", "value=.."};
  action_kind action = action_from_name(name);
  buffer label = buffer_in(r->arena);
  if (action == ACTION_COUNT)
    return value_null();
  bool is_verdict = action == ACTION_PERMIT || action == ACTION_DENY;
  buffer_printf(&label, "%s(%s)", action_help[action].name,
                is_verdict ? "" : "type=\"..\", value=..");
  return help(r, buffer_slice(&label), action_help[action].text,
              is_verdict ? none : both, active);
}

/* Names stand between ", "; the last, "..", stands for any number. */
static value query_signature(lsp_request *r, const word_tokens *t,
                             size_t string) {
  query_words q = query_read(r->arena, t, string);
  uint32_t commas, count = 0;
  size_t open = query_open_call(&q, query_offset(&q, r->offset), &commas);
  const query_function_help *f =
      open < q.count ? query_function_find(query_token_text(&q, open - 1))
                     : NULL;
  array_builder names = array_in(r->arena);
  if (!f)
    return value_null();
  for (const char *p = f->parameters; *p;) {
    size_t length = strcspn(p, ",");
    array_add(&names, parameter(r->arena, arena_string(r->arena,
                                                       (slice){p, length})));
    count++;
    p += length + (p[length] ? 2 : 0);
  }
  buffer label = buffer_in(r->arena), text = buffer_in(r->arena);
  query_function_signature(&label, f);
  query_function_page(&text, f);
  bool is_endless = strstr(f->parameters, "..") != NULL;
  if (is_endless && commas >= count)
    commas = count - 1;
  return help_of(r, buffer_slice(&label), buffer_slice(&text).data,
                 array_value(&names), commas);
}

value lsp_signature(lsp_request *r) {
  const word_tokens *t = document_tokens(r->document);
  uint32_t commas;
  size_t open = open_call(t, r->offset, &commas);
  size_t in = token_at(t, r->offset);
  bool is_in_comment = in < t->count && t->items[in].kind == TOKEN_COMMENT;
  if (open == t->count || !open || is_in_comment)
    return value_null();
  if (query_is(t, in)) {
    value inner = query_signature(r, t, in);
    if (inner.kind != VALUE_NULL)
      return inner;
  }
  slice name = token_text(t, open - 1);
  if (t->items[open - 1].role == ROLE_ACTION)
    return action_signature(r, name, commas);
  const function_help *f = function_help_find(name);
  if (!f)
    return value_null();
  buffer label = buffer_in(r->arena);
  function_signature(&label, f);
  return help(r, buffer_slice(&label), f->text, f->parameters, commas);
}
