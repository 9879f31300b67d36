/* SPDX-License-Identifier: Apache-2.0 */
/* Inlay hints: types of claims, and what each condition selects of the sample
 * that is shown. */
#include "base/limits.h"
#include "base/render.h"
#include "compiler/claim_catalogue.h"
#include "lsp/decision.h"
#include "lsp/json_document.h"
#include "lsp/reference.h"

enum { VALUE_MAX = 40, HINT_OF_TYPE = 1 };

typedef struct hints {
  lsp_request *request;
  array_builder list;
  span wanted;
  size_t count;
  const program *program;
  attestation_type type;
} hints;

static void add_hint(hints *h, uint32_t at, slice label, bool is_type,
                     const char *tooltip) {
  lsp_request *r = h->request;
  if (at < h->wanted.begin || at > h->wanted.end ||
      h->count == LIMIT_LSP_HINTS)
    return;
  object_builder o = object_in(r->arena);
  h->count++;
  set(&o, "position", lsp_position(r, r->document, at));
  set(&o, "label", value_text(label));
  if (is_type)
    set_number(&o, "kind", HINT_OF_TYPE);
  else
    set_flag(&o, "paddingLeft", true);
  if (tooltip)
    set_text(&o, "tooltip", tooltip);
  array_add(&h->list, object_value(&o));
}

/* --- types ---------------------------------------------------------------- */

static void add_type(hints *h, span where, const char *name) {
  buffer label = buffer_in(h->request->arena);
  if (!name)
    return;
  buffer_printf(&label, ": %s", name);
  add_hint(h, where.end, buffer_slice(&label), true, NULL);
}

static const char *claim_type(const hints *h, slice name) {
  const claim_entry *e = claim_catalogue_find(name, h->type);
  return e ? claim_type_name(e) : NULL;
}

/* The text that a condition wants of `type`. */
static const ast_expr *type_test(const ast_policy *tree,
                                 const ast_condition *c) {
  for (const ast_test *t = c->tests; t; t = t->next)
    if (slice_is(ast_text(tree, t->property), "type") &&
        t->relation == OPERATOR_EQUAL && t->expr &&
        t->expr->kind == EXPR_STRING)
      return t->expr;
  return NULL;
}

static const ast_condition *condition_of(const ast_policy *tree,
                                         const ast_rule *rule,
                                         slice identifier) {
  for (const ast_condition *c = rule->conditions; c; c = c->next)
    if (!span_is_empty(c->name) &&
        slice_equal(ast_text(tree, c->name), identifier))
      return c;
  return NULL;
}

/* c.value: that of the claim which c's condition names. */
static const char *property_type(const hints *h, const ast_policy *tree,
                                 const ast_rule *rule, const ast_expr *e) {
  slice property = ast_text(tree, e->property.property);
  if (!slice_is(property, "value"))
    return "String"; /* type, issuer, valueType */
  const ast_condition *c =
      condition_of(tree, rule, ast_text(tree, e->property.identifier));
  const ast_expr *named = c ? type_test(tree, c) : NULL;
  return named ? claim_type(h, named->string) : NULL;
}

static const char *call_type(slice function) {
  switch (function_from_name(function)) {
  case FUNCTION_JMESPATH:
  case FUNCTION_APPEND_STRING:
    return "String";
  case FUNCTION_IS_SUBSET_OF:
  case FUNCTION_NEGATE_BOOL:
  case FUNCTION_CONTAINS_ONLY_VALUE:
    return "Boolean";
  default: /* it depends on the JSON */
    return NULL;
  }
}

static const char *made_type(const hints *h, const ast_policy *tree,
                             const ast_rule *rule, const ast_expr *e) {
  switch ((ast_expr_kind)e->kind) {
  case EXPR_STRING:
    return "String";
  case EXPR_INTEGER:
    return "Integer";
  case EXPR_BOOLEAN:
    return "Boolean";
  case EXPR_PROPERTY:
    return property_type(h, tree, rule, e);
  case EXPR_CALL:
    return call_type(ast_text(tree, e->call.function));
  default:
    return NULL;
  }
}

static const ast_expr *argument_named(const ast_policy *tree,
                                      const ast_rule *rule,
                                      const char *name) {
  for (const ast_argument *a = rule->arguments; a; a = a->next)
    if (slice_is(ast_text(tree, a->name), name))
      return a->expr;
  return NULL;
}

static void hint_types(hints *h, const ast_policy *tree,
                       const ast_rule *rule) {
  for (const ast_condition *c = rule->conditions; c; c = c->next) {
    const ast_expr *named = type_test(tree, c);
    if (named)
      add_type(h, named->where, claim_type(h, named->string));
  }
  const ast_expr *type = argument_named(tree, rule, "type");
  const ast_expr *made = argument_named(tree, rule, "value");
  if (type && made)
    add_type(h, type->where, made_type(h, tree, rule, made));
}

/* --- matches -------------------------------------------------------------- */

static void write_value(buffer *out, const claim *c) {
  buffer text = buffer_in(out->arena);
  value v = claim_json(c);
  json_write(&text, &v);
  slice shown = buffer_slice(&text);
  size_t length = shown.length < VALUE_MAX ? shown.length : VALUE_MAX;
  while (length < shown.length && length &&
         (shown.data[length] & 0xC0) == 0x80)
    length--;
  render_escaped(out, (slice){shown.data, length});
  if (length < shown.length)
    buffer_text(out, "..");
}

static void write_values(buffer *out, const condition_match *m) {
  uint32_t all = m->count ? m->count : m->candidates;
  for (uint32_t i = 0; i < m->shown_count; i++) {
    buffer_text(out, i ? ", " : "");
    write_value(out, &m->shown[i]);
  }
  if (all > m->shown_count)
    buffer_text(out, ", ..");
}

/* "matches 1: true", "matches none of: 2", "no claim x-ms-sgx-svn" */
static slice match_label(arena *a, const condition_match *m) {
  buffer out = buffer_in(a);
  if (m->count) {
    buffer_printf(&out, "matches %u: ", (unsigned)m->count);
    write_values(&out, m);
  } else if (m->type.length && !m->candidates) {
    buffer_text(&out, "no claim ");
    render_escaped(&out, m->type);
  } else if (m->type.length) {
    buffer_text(&out, "matches none of: ");
    write_values(&out, m);
  } else {
    buffer_text(&out, "matches none");
  }
  return buffer_slice(&out);
}

/* The place of a condition in the text. */
static span place_of(const program *p, const condition_match *m) {
  const ast_condition *c = p->places[m->rule].rule->conditions;
  for (uint32_t i = 0; c && i < m->condition; i++)
    c = c->next;
  return c ? c->where : (span){0, 0};
}

static void hint_matches(hints *h, const sample_decision *shown) {
  lsp_request *r = h->request;
  buffer tooltip = buffer_in(r->arena);
  buffer_printf(&tooltip, "on %s", shown->sample->name);
  for (const condition_match *m = shown->evaluation.matches; m; m = m->next)
    if (m->is_known)
      add_hint(h, place_of(h->program, m).end, match_label(r->arena, m),
               false, buffer_slice(&tooltip).data);
}

/* --- the request ---------------------------------------------------------- */

value lsp_inlay_hints(lsp_request *r) {
  hints h = {.request = r, .list = array_in(r->arena)};
  document *d = r->document;
  if (document_kind_of(d) != DOCUMENT_POLICY || !document_is_plain(d))
    return array_value(&h.list);
  if (!lsp_read_range(r, lsp_at(r->params, "range", NULL), &h.wanted))
    return lsp_refuse(r, LSP_INVALID_PARAMS, "a range is missing");
  const ast_policy *tree = document_policy(d)->ast;
  h.type = document_type(d);
  if (!r->server->wishes.no_type_hints)
    for (const ast_section *s = tree->sections; s; s = s->next)
      for (const ast_rule *rule = s->rules; rule; rule = rule->next)
        hint_types(&h, tree, rule);
  if (r->server->wishes.no_match_hints)
    return array_value(&h.list);
  const sample_book *book = samples_decided(r->server, d);
  const sample_decision *shown = samples_shown(book);
  h.program = book ? book->program : NULL;
  if (shown && h.program)
    hint_matches(&h, shown);
  return array_value(&h.list);
}
