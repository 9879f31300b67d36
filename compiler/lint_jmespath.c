/* SPDX-License-Identifier: Apache-2.0 */
/* Traps of queries over event logs: a number compared with a text (L211), a
 * blank at an end of a string (L212), a root that the log does not have
 * (L213). Queries nest at most as deep as their parser allows. */
#include "compiler/check.h"
#include "compiler/event_fields.h"
#include "grammar/parse.h"

typedef struct query_linter {
  checker *checker;
  const ast_expr *literal; /* the query's string in the policy */
  const char *root;        /* of the document, or NULL: not known */
} query_linter;

static const char *kind_words(value_kind kind) {
  return kind == VALUE_INTEGER || kind == VALUE_NUMBER ? "a number"
         : kind == VALUE_BOOLEAN                       ? "a boolean"
                                                       : "a string";
}

static span place(const query_linter *l, span where) {
  slice text = l->checker->policy->text;
  return (span){string_place(text, l->literal->where, where.begin),
                string_place(text, l->literal->where, where.end)};
}

/* L211. */

static const jmespath_node *last_step(const jmespath_node *chain) {
  while (chain->next)
    chain = chain->next;
  return chain;
}

static void compare_field(const query_linter *l, const jmespath_node *chain,
                          const jmespath_node *other) {
  const jmespath_node *field = last_step(chain);
  if (field->kind != QUERY_FIELD || other->kind != QUERY_LITERAL ||
      other->next)
    return;
  value_kind got = (value_kind)other->literal.kind;
  if (got < VALUE_BOOLEAN || got > VALUE_STRING)
    return;
  const event_field *known = event_field_find(field->name, EVENT_PARENT_ANY);
  if (!known || !known->is_judged ||
      strcmp(kind_words(got), kind_words((value_kind)known->kind)) == 0)
    return;
  diagnostic *d = diagnose(
      l->checker->findings, CODE_L211, place(l, other->where),
      "%s is %s; it is compared with %s", known->name,
      kind_words((value_kind)known->kind), kind_words(got));
  diagnostic_help(l->checker->findings, d,
                  "numbers and booleans stand between backticks: `13`, "
                  "`true`; strings in single quotes");
}

static void lint_comparison(const query_linter *l, const jmespath_node *n) {
  const jmespath_node *left = n->operands.first, *right = left->sibling;
  compare_field(l, left, right);
  compare_field(l, right, left);
}

/* L212. */
static void lint_literal(const query_linter *l, const jmespath_node *n) {
  if (n->literal.kind != VALUE_STRING)
    return;
  slice s = value_string(&n->literal);
  if (!s.length || (s.data[0] != ' ' && s.data[s.length - 1] != ' '))
    return;
  diagnostic *d = diagnose(l->checker->findings, CODE_L212,
                           place(l, n->where),
                           "this string %s with a blank",
                           s.data[0] == ' ' ? "begins" : "ends");
  diagnostic_help(l->checker->findings, d,
                  "blanks between the quotes are part of the string");
}

static void lint_chain(const query_linter *l, const jmespath_node *n) {
  for (; n; n = n->next) {
    if (n->kind == QUERY_COMPARE)
      lint_comparison(l, n);
    else if (n->kind == QUERY_LITERAL)
      lint_literal(l, n);
    for (const jmespath_node *o = n->operands.first; o; o = o->sibling)
      lint_chain(l, o);
  }
}

/* L213: fields that are looked up in the document itself. */
static void lint_roots(const query_linter *l, const jmespath_node *head) {
  switch ((jmespath_kind)head->kind) {
  case QUERY_FIELD: {
    if (slice_is(head->name, l->root))
      return;
    diagnostic *d =
        diagnose(l->checker->findings, CODE_L213, place(l, head->where),
                 "the document has no member `%.*s`: the query gives null",
                 SLICE_ARGS(head->name));
    diagnostic_help(l->checker->findings, d, "its only member is `%s`",
                    l->root);
    return;
  }
  case QUERY_PIPE:
    lint_roots(l, head->operands.first);
    return;
  case QUERY_FUNCTION:
  case QUERY_GROUP:
  case QUERY_LIST:
  case QUERY_HASH:
  case QUERY_ENTRY:
  case QUERY_NOT:
  case QUERY_COMPARE:
  case QUERY_AND:
  case QUERY_OR:
    for (const jmespath_node *o = head->operands.first; o; o = o->sibling)
      lint_roots(l, o);
    return;
  default:
    return;
  }
}

/* The only member of a claim that the service makes as JSON. */
static const char *root_of(const checker *c, const ast_expr *document) {
  if (document->kind != EXPR_PROPERTY)
    return NULL;
  const ast_condition *from = find_binding(
      c, checker_text(c, document->property.identifier), c->condition);
  const char *root = NULL;
  for (const ast_test *t = from ? from->tests : NULL; t; t = t->next) {
    slice name = checker_text(c, t->property);
    if (t->relation != OPERATOR_EQUAL || t->expr->kind != EXPR_STRING)
      continue;
    if (slice_is(name, "issuer") &&
        !slice_is(t->expr->string, "AttestationService"))
      return NULL; /* somebody else's claim of that type */
    if (slice_is(name, "type"))
      root = slice_is(t->expr->string, "events") ||
                     slice_is(t->expr->string, "bootEvents")
                 ? "Events"
             : slice_is(t->expr->string, "pcrs") ? "PCRs"
                                                 : NULL;
  }
  return root;
}

void lint_query(checker *c, const ast_expr *call, const ast_expr *literal,
                const jmespath_query *query) {
  query_linter l = {c, literal, root_of(c, call->call.arguments->expr)};
  lint_chain(&l, query->root);
  if (l.root)
    lint_roots(&l, query->root);
}
