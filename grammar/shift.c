/* SPDX-License-Identifier: Apache-2.0 */
/* Moves the places of nodes when the text before them grew or shrank. */
#include "grammar/reparse.h"

static void shift_offset(const shift *s, uint32_t *offset) {
  if (*offset >= s->from)
    *offset += s->by;
}

/* One that ends where the moving part begins stays. */
static void shift_span(const shift *s, span *where) {
  if (where->begin < s->from)
    return;
  where->begin += s->by;
  where->end += s->by;
}

/* A literal with escapes was decoded elsewhere. */
static void shift_literal(const shift *s, slice *literal) {
  uintptr_t at = (uintptr_t)literal->data, text = (uintptr_t)s->text;
  if (at >= text + s->from && at <= text + s->length)
    literal->data += (int32_t)s->by;
}

static void shift_arguments(const shift *s, ast_argument *arguments);

/* Calls nest at most LIMIT_CALL_DEPTH deep. */
static void shift_expr(const shift *s, ast_expr *e) {
  shift_span(s, &e->where);
  switch ((ast_expr_kind)e->kind) {
  case EXPR_STRING:
    shift_literal(s, &e->string);
    break;
  case EXPR_NAME:
  case EXPR_PROPERTY:
    shift_span(s, &e->property.identifier);
    shift_span(s, &e->property.property);
    break;
  case EXPR_CALL:
    shift_span(s, &e->call.function);
    shift_arguments(s, e->call.arguments);
    break;
  case EXPR_INVALID:
  case EXPR_INTEGER:
  case EXPR_BOOLEAN:
    break;
  }
}

static void shift_arguments(const shift *s, ast_argument *arguments) {
  for (ast_argument *a = arguments; a; a = a->next) {
    shift_span(s, &a->name);
    shift_span(s, &a->equals);
    shift_expr(s, a->expr);
  }
}

static void shift_condition(const shift *s, ast_condition *c) {
  shift_span(s, &c->where);
  shift_span(s, &c->name);
  shift_offset(s, &c->negation);
  for (ast_test *t = c->tests; t; t = t->next) {
    shift_span(s, &t->property);
    shift_span(s, &t->operator_where);
    shift_expr(s, t->expr);
  }
}

void shift_rules(const shift *s, ast_rule *rules) {
  for (ast_rule *r = rules; r; r = r->next) {
    if (r->where.begin < s->from)
      continue;
    shift_span(s, &r->where);
    shift_span(s, &r->arrow);
    shift_span(s, &r->action);
    for (ast_condition *c = r->conditions; c; c = c->next)
      shift_condition(s, c);
    shift_arguments(s, r->arguments);
  }
}

void shift_sections(const shift *s, ast_section *sections) {
  for (ast_section *at = sections; at; at = at->next) {
    shift_span(s, &at->where);
    shift_span(s, &at->name);
    shift_span(s, &at->assignment);
    shift_offset(s, &at->body);
    shift_offset(s, &at->closing);
    shift_rules(s, at->rules);
  }
}

void shift_versions(const shift *s, ast_version *versions) {
  for (ast_version *v = versions; v; v = v->next) {
    shift_span(s, &v->where);
    shift_span(s, &v->name);
    shift_span(s, &v->number);
  }
}

void shift_finding(const shift *s, diagnostic *d) {
  shift_span(s, &d->where);
  for (diagnostic_label *l = d->labels; l; l = l->next)
    shift_span(s, &l->where);
  for (fix *f = d->fixes; f; f = f->next)
    for (text_edit *e = f->edits; e; e = e->next)
      shift_span(s, &e->where);
}
