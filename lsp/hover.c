/* SPDX-License-Identifier: Apache-2.0 */
/* What the word under the cursor means. */
#include "lsp/constant.h"
#include "lsp/language.h"
#include "lsp/query_help.h"
#include "lsp/reference.h"
#include "lsp/server.h"

value lsp_markdown(arena *a, slice text) {
  object_builder o = object_in(a);
  set_text(&o, "kind", "markdown");
  set(&o, "value", value_text(text));
  return object_value(&o);
}

static void add_word(buffer *out, const word_help *h) {
  if (h && h->name)
    buffer_printf(out, "**%s**\n\n%s\n", h->name, h->text);
}

static void add_function(buffer *out, slice name) {
  const function_help *f = function_help_find(name);
  if (!f)
    return;
  buffer_text(out, "```maapolicy\n");
  function_signature(out, f);
  buffer_printf(out, "\n```\n\n%s\n\n```maapolicy\n%s\n```\n", f->text,
                f->example);
}

static void add_claim(buffer *out, document *d, slice name) {
  attestation_type type = document_type(d);
  const claim_entry *e = claim_catalogue_find(name, type);
  if (!e)
    e = claim_catalogue_find(name, ATTESTATION_TYPE_UNKNOWN);
  if (e)
    claim_page(out, e);
  if (e && !claim_entry_is_of(e, type))
    buffer_printf(out, "\n%s evidence does not have it.\n",
                  attestation_type_name(type));
}

/* What binds the identifier: the text of its condition. */
static void add_identifier(buffer *out, const word_tokens *t, size_t at) {
  const word_token *use = &t->items[at];
  for (size_t i = 0; i < t->count; i++) {
    const word_token *b = &t->items[i];
    if (b->role != ROLE_BINDING || b->rule != use->rule ||
        !slice_equal(token_text(t, i), token_text(t, at)))
      continue;
    size_t end = i;
    while (end < t->count && t->items[end].rule == b->rule &&
           !token_is(t, end, "]"))
      end++;
    if (end == t->count || t->items[end].rule != b->rule)
      return;
    buffer_printf(out, "every claim that this selects:\n\n```maapolicy\n");
    buffer_add(out, (slice){t->text.data + b->where.begin,
                            t->items[end].where.end - b->where.begin});
    buffer_text(out, "\n```\n");
    return;
  }
}

static slice inside_text(const word_tokens *t, size_t i) {
  span s = token_inside(t, i);
  return (slice){t->text.data + s.begin, s.end - s.begin};
}

static void describe(buffer *out, document *d, const word_tokens *t,
                     size_t i) {
  slice word = token_text(t, i);
  switch (t->items[i].role) {
  case ROLE_SECTION:
    add_word(out, &section_help[section_from_name(word)]);
    break;
  case ROLE_ACTION:
    add_word(out, &action_help[action_from_name(word)]);
    break;
  case ROLE_PROPERTY:
    add_word(out, &property_help[property_from_name(word)]);
    break;
  case ROLE_ARGUMENT:
    add_word(out, word_help_find(argument_help, word));
    break;
  case ROLE_FUNCTION:
    add_function(out, word);
    break;
  case ROLE_BINDING:
  case ROLE_USE:
    add_identifier(out, t, i);
    break;
  case ROLE_CLAIM_READ:
  case ROLE_CLAIM_WRITE:
    add_claim(out, d, inside_text(t, i));
    break;
  case ROLE_PROPERTY_NAME:
    add_word(out, word_help_find(settings_help, inside_text(t, i)));
    break;
  default:
    break;
  }
}

/* The word of a query; *where is its place. */
static void describe_query(buffer *out, const word_tokens *t, size_t i,
                           uint32_t offset, span *where) {
  query_words q = query_read(out->arena, t, i);
  size_t word = query_at(&q, query_offset(&q, offset));
  if (word == q.count)
    return;
  *where = query_place(&q, q.items[word].where);
  query_describe(out, &q, word, query_parent(&q, word, t, i));
}

static value answer(lsp_request *r, buffer *out, span where) {
  if (!out->length)
    return value_null();
  object_builder o = object_in(r->arena);
  set(&o, "contents", lsp_markdown(r->arena, buffer_slice(out)));
  set(&o, "range", lsp_range(r, r->document, where));
  return object_value(&o);
}

value lsp_hover(lsp_request *r) {
  const word_tokens *t = document_tokens(r->document);
  size_t i = token_at(t, r->offset);
  buffer out = buffer_in(r->arena);
  lsp_describe_carrier(&out, r->document);
  if (out.length)
    return answer(r, &out, (span){0, (uint32_t)r->document->now->text.length});
  if (i == t->count)
    return value_null();
  span where = t->items[i].where;
  token_role role = (token_role)t->items[i].role;
  if (query_is(t, i))
    describe_query(&out, t, i, r->offset, &where);
  else if (role == ROLE_VALUE || role == ROLE_BOOLEAN)
    constant_describe(&out, t, i, document_type(r->document));
  else
    describe(&out, r->document, t, i);
  return answer(r, &out, where);
}

value lsp_attestation_type(lsp_request *r) {
  object_builder o = object_in(r->arena);
  attestation_type type = document_type(r->document);
  bool is_in_text = policy_directive_type(document_policy(r->document)->ast);
  set(&o, "type", value_null());
  set(&o, "from", value_null());
  if (type) {
    set_text(&o, "type", attestation_type_name(type));
    set_text(&o, "from", is_in_text ? "text" : "configuration");
  }
  return object_value(&o);
}
