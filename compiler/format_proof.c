/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts with the same tree and the same comments. Compared as they are
 * spelled: another spelling is another text for its readers. */
#include "compiler/format.h"

#include <string.h>

#include "grammar/parse.h"

typedef struct pair {
  const ast_policy *a, *b;
} pair;

static bool same_text(const pair *p, span x, span y) {
  return slice_equal(ast_text(p->a, x), ast_text(p->b, y));
}

static bool same_expr(const pair *p, const ast_expr *x, const ast_expr *y);

static bool same_arguments(const pair *p, const ast_argument *x,
                           const ast_argument *y) {
  for (; x && y; x = x->next, y = y->next)
    if (!same_text(p, x->name, y->name) || x->relation != y->relation ||
        !same_expr(p, x->expr, y->expr))
      return false;
  return !x && !y;
}

/* The depth of calls is bounded by the parser. */
static bool same_expr(const pair *p, const ast_expr *x, const ast_expr *y) {
  if (x->kind != y->kind)
    return false;
  if (x->kind == EXPR_PROPERTY)
    return same_text(p, x->property.identifier, y->property.identifier) &&
           same_text(p, x->property.property, y->property.property);
  if (x->kind == EXPR_CALL)
    return same_text(p, x->call.function, y->call.function) &&
           same_arguments(p, x->call.arguments, y->call.arguments);
  return same_text(p, x->where, y->where);
}

static bool same_tests(const pair *p, const ast_test *x, const ast_test *y) {
  for (; x && y; x = x->next, y = y->next)
    if (!same_text(p, x->property, y->property) ||
        x->relation != y->relation || !same_expr(p, x->expr, y->expr))
      return false;
  return !x && !y;
}

static bool same_conditions(const pair *p, const ast_condition *x,
                            const ast_condition *y) {
  for (; x && y; x = x->next, y = y->next)
    if (!same_text(p, x->name, y->name) || x->negated != y->negated ||
        !same_tests(p, x->tests, y->tests))
      return false;
  return !x && !y;
}

static bool same_rules(const pair *p, const ast_rule *x, const ast_rule *y) {
  for (; x && y; x = x->next, y = y->next)
    if (x->mistakes != y->mistakes || !same_text(p, x->action, y->action) ||
        !same_conditions(p, x->conditions, y->conditions) ||
        !same_arguments(p, x->arguments, y->arguments))
      return false;
  return !x && !y;
}

static bool same_sections(const pair *p, const ast_section *x,
                          const ast_section *y) {
  for (; x && y; x = x->next, y = y->next)
    if (!same_text(p, x->name, y->name) || !same_rules(p, x->rules, y->rules))
      return false;
  return !x && !y;
}

/* The grammar takes blanks around the point of 1.0. */
static bool same_number(const pair *p, span x, span y) {
  slice s = ast_text(p->a, x), t = ast_text(p->b, y);
  size_t i = 0, k = 0;
  for (;; i++, k++) {
    while (i < s.length && strchr(" \t\r\n", s.data[i]))
      i++;
    while (k < t.length && strchr(" \t\r\n", t.data[k]))
      k++;
    if (i == s.length || k == t.length || s.data[i] != t.data[k])
      return i == s.length && k == t.length;
  }
}

static bool same_versions(const pair *p, const ast_version *x,
                          const ast_version *y) {
  for (; x && y; x = x->next, y = y->next)
    if (!same_text(p, x->name, y->name) ||
        !same_number(p, x->number, y->number))
      return false;
  return !x && !y;
}

static bool same_comments(const pair *p) {
  if (p->a->comment_count != p->b->comment_count)
    return false;
  for (size_t i = 0; i < p->a->comment_count; i++)
    if (!same_text(p, p->a->comments[i].where, p->b->comments[i].where))
      return false;
  return true;
}

bool format_is_proven(arena *a, const ast_policy *policy, slice text) {
  diagnostics findings;
  diagnostics_init(&findings, a);
  const ast_policy *made = parse_policy(a, text, &findings);
  pair p = {policy, made};
  return format_is_possible(made, &findings) && same_comments(&p) &&
         same_versions(&p, policy->versions, made->versions) &&
         same_sections(&p, policy->sections, made->sections) &&
         same_rules(&p, policy->loose_rules, made->loose_rules);
}
