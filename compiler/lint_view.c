/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/lint_view.h"

property_kind view_property(const ast_policy *p, const ast_test *t) {
  return property_from_name(ast_text(p, t->property));
}

static bool is_literal(const ast_expr *e) {
  return e->kind == EXPR_STRING || e->kind == EXPR_INTEGER ||
         e->kind == EXPR_BOOLEAN;
}

bool view_is_literal(const ast_policy *p, const ast_test *t,
                     property_kind property) {
  return is_literal(t->expr) && view_property(p, t) == property;
}

condition_view view_condition(const ast_condition *c) {
  return (condition_view){c, c->type, c->is_contradictory, c->issuers};
}

static rule_view view_rule(const ast_policy *p, const ast_rule *rule,
                           section_kind section) {
  rule_view v = {rule, section, action_from_name(ast_text(p, rule->action)),
                 NULL, NULL,    NULL};
  for (const ast_argument *a = rule->arguments; a; a = a->next) {
    slice name = ast_text(p, a->name);
    if (slice_is(name, "claim") && a->expr->kind == EXPR_NAME)
      v.claim = a->expr;
    else if (slice_is(name, "type"))
      v.type = a->expr;
    else if (slice_is(name, "value"))
      v.value = a->expr;
  }
  return v;
}

void view_rules(const ast_policy *p,
                void (*visit)(void *context, const rule_view *rule),
                void *context) {
  for (int kind = SECTION_AUTHORIZATION; kind < SECTION_COUNT; kind++)
    for (const ast_section *s = p->sections; s; s = s->next) {
      if (section_from_name(ast_text(p, s->name)) != (section_kind)kind)
        continue;
      for (const ast_rule *rule = s->rules; rule; rule = rule->next) {
        if (rule->mistakes & RULE_INVALID)
          continue;
        rule_view v = view_rule(p, rule, (section_kind)kind);
        visit(context, &v);
      }
    }
}

const ast_condition *view_binding(const ast_policy *p, const ast_rule *rule,
                                  span name, const ast_condition *before) {
  checker c = {.policy = p, .rule = rule};
  return find_binding(&c, ast_text(p, name), before);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

span view_lines(slice text, span where) {
  uint32_t begin = where.begin, end = where.end;
  uint32_t length = (uint32_t)text.length;
  while (begin && is_blank(text.data[begin - 1]))
    begin--;
  while (end < length && is_blank(text.data[end]))
    end++;
  bool ends = end == length || text.data[end] == '\n' ||
              text.data[end] == '\r';
  if (!ends)
    return where;
  if (begin && text.data[begin - 1] != '\n')
    return (span){begin, end};
  end += end < length && text.data[end] == '\r';
  end += end < length && text.data[end] == '\n';
  return (span){begin, end};
}
