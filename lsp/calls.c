/* SPDX-License-Identifier: Apache-2.0 */
/* Rules call each other by claims: one makes a claim, a later one reads it. The
 * reader calls the maker. */
#include "lsp/language.h"

enum { SYMBOL_KIND_FUNCTION = 12 };

typedef struct rule_place {
  const ast_rule *rule;
  section_kind section;
  uint32_t number; /* in its section, from 1 */
} rule_place;

/* In the order of evaluation. */
typedef struct rule_list {
  document *document;
  const ast_policy *tree;
  rule_place *items;
  size_t count;
} rule_list;

static void add_section(arena *a, rule_list *list, size_t *capacity,
                        section_kind kind) {
  uint32_t number = 0;
  for (const ast_section *s = list->tree->sections; s; s = s->next) {
    if (section_from_name(ast_text(list->tree, s->name)) != kind)
      continue;
    for (const ast_rule *rule = s->rules; rule; rule = rule->next) {
      if (rule->mistakes & RULE_INVALID)
        continue;
      list->items = arena_grow(a, list->items, list->count, capacity,
                               sizeof *list->items);
      list->items[list->count++] = (rule_place){rule, kind, ++number};
    }
  }
}

static rule_list all_rules(arena *a, document *d) {
  rule_list list = {.document = d, .tree = document_policy(d)->ast};
  size_t capacity = 0;
  for (int kind = 0; kind < SECTION_COUNT && document_is_plain(d); kind++)
    add_section(a, &list, &capacity, (section_kind)kind);
  return list;
}

static size_t rule_at(const rule_list *list, uint32_t offset) {
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].rule->where.begin <= offset &&
        offset <= list->items[i].rule->where.end)
      return i;
  return list->count;
}

/* --- what a condition reads, what a rule makes ---------------------------- */

/* The literal that the property must be; NULL: it may be anything. */
static const ast_expr *wanted(const ast_policy *tree, const ast_condition *c,
                              const char *property) {
  for (const ast_test *t = c->tests; t; t = t->next)
    if (slice_is(ast_text(tree, t->property), property) &&
        t->relation == OPERATOR_EQUAL && t->expr->kind == EXPR_STRING)
      return t->expr;
  return NULL;
}

/* Whether it selects claims of that type that a rule made. One that names no
 * type selects any. */
static bool reads(const ast_policy *tree, const ast_condition *c,
                  slice type) {
  const ast_expr *of = wanted(tree, c, "type");
  const ast_expr *issuer = wanted(tree, c, "issuer");
  return (!of || slice_equal(of->string, type)) &&
         (!issuer || slice_is(issuer->string, "AttestationPolicy"));
}

/* Of issue(claim=c): the type that c was selected by. */
static const ast_expr *type_of_claim(const ast_policy *tree,
                                     const ast_rule *rule,
                                     const ast_expr *claim) {
  slice name = ast_text(tree, claim->where);
  for (const ast_condition *c = rule->conditions; c; c = c->next)
    if (!span_is_empty(c->name) &&
        slice_equal(ast_text(tree, c->name), name))
      return wanted(tree, c, "type");
  return NULL;
}

/* The type of the claims that the rule makes; NULL: it makes none, or its type
 * is not known before it runs. */
static const ast_expr *made(const ast_policy *tree, const ast_rule *rule) {
  action_kind action = action_from_name(ast_text(tree, rule->action));
  if (action != ACTION_ADD && action != ACTION_ISSUE)
    return NULL;
  for (const ast_argument *g = rule->arguments; g; g = g->next) {
    slice name = ast_text(tree, g->name);
    if (slice_is(name, "type") && g->expr->kind == EXPR_STRING)
      return g->expr;
    if (slice_is(name, "claim"))
      return type_of_claim(tree, rule, g->expr);
  }
  return NULL;
}

/* --- answers -------------------------------------------------------------- */

static value item(const lsp_request *r, const rule_list *list, size_t i) {
  static const char *const sections[] = {
      [SECTION_CONFIGURATION] = "configurationrules",
      [SECTION_AUTHORIZATION] = "authorizationrules",
      [SECTION_ISSUANCE] = "issuancerules"};
  const rule_place *p = &list->items[i];
  span action = {p->rule->action.begin, p->rule->where.end};
  object_builder o = object_in(r->arena);
  buffer detail = buffer_in(r->arena);
  if (span_is_empty(p->rule->action))
    action = p->rule->where;
  buffer_printf(&detail, "%s, rule %u", sections[p->section], p->number);
  set(&o, "name", value_text(lsp_in_one_line(r->arena,
                                             ast_text(list->tree, action))));
  set_number(&o, "kind", SYMBOL_KIND_FUNCTION);
  set(&o, "detail", value_text(buffer_slice(&detail)));
  set(&o, "uri", value_text(list->document->uri));
  set(&o, "range", lsp_range(r, list->document, p->rule->where));
  set(&o, "selectionRange", lsp_range(r, list->document, action));
  return object_value(&o);
}

/* The places of `reader` that read what `maker` makes. */
static value reading_places(const lsp_request *r, const rule_list *list,
                            size_t reader, size_t maker) {
  array_builder places = array_in(r->arena);
  const ast_policy *tree = list->tree;
  const ast_expr *type =
      maker < reader ? made(tree, list->items[maker].rule) : NULL;
  const ast_condition *c =
      type ? list->items[reader].rule->conditions : NULL;
  for (; c; c = c->next) {
    const ast_expr *of = wanted(tree, c, "type");
    if (reads(tree, c, type->string))
      array_add(&places,
                lsp_range(r, list->document, of ? of->where : c->where));
  }
  return array_value(&places);
}

static value calls(const lsp_request *r, const rule_list *list, size_t self,
                   bool is_incoming) {
  array_builder found = array_in(r->arena);
  for (size_t i = 0; i < list->count; i++) {
    value places = is_incoming ? reading_places(r, list, i, self)
                               : reading_places(r, list, self, i);
    if (!places.count)
      continue;
    object_builder o = object_in(r->arena);
    set(&o, is_incoming ? "from" : "to", item(r, list, i));
    set(&o, "fromRanges", places);
    array_add(&found, object_value(&o));
  }
  return array_value(&found);
}

/* On a claim that is read: the rules that make it; else the rule. */
value lsp_call_prepare(lsp_request *r) {
  array_builder found = array_in(r->arena);
  rule_list list = all_rules(r->arena, r->document);
  const word_tokens *t = document_tokens(r->document);
  size_t self = rule_at(&list, r->offset), at = token_at(t, r->offset);
  if (self >= list.count)
    return value_null();
  bool is_read = at < t->count && t->items[at].role == ROLE_CLAIM_READ;
  span place = is_read ? t->items[at].where : (span){0, 0};
  for (size_t i = 0; i < self && is_read; i++) {
    const ast_expr *type = made(list.tree, list.items[i].rule);
    const ast_condition *c = type ? list.items[self].rule->conditions : NULL;
    for (; c; c = c->next)
      if (c->where.begin <= place.begin && place.end <= c->where.end &&
          reads(list.tree, c, type->string))
        array_add(&found, item(r, &list, i));
  }
  if (!found.count)
    array_add(&found, item(r, &list, self));
  return array_value(&found);
}

static value answer(lsp_request *r, bool is_incoming) {
  const value *asked = lsp_at(r->params, "item", NULL);
  slice uri = lsp_text_member(asked, "uri");
  editor_place place;
  r->document = lsp_is_decoded(uri)
                    ? lsp_decoded_document(r->server, uri)
                    : documents_find(&r->server->documents, uri);
  if (!r->document)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "this document is not open");
  if (!lsp_read_place(lsp_at(lsp_at(asked, "selectionRange", NULL), "start",
                             NULL),
                      &place))
    return lsp_refuse(r, LSP_INVALID_PARAMS, "this is no rule");
  rule_list list = all_rules(r->arena, r->document);
  size_t self = rule_at(&list, position_offset(&r->document->now->lines, place,
                                               r->server->encoding));
  return self < list.count ? calls(r, &list, self, is_incoming)
                           : value_null();
}

value lsp_calls_incoming(lsp_request *r) { return answer(r, true); }

value lsp_calls_outgoing(lsp_request *r) { return answer(r, false); }
