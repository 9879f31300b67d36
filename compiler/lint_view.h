/* SPDX-License-Identifier: Apache-2.0 */
/* What rules and conditions say as far as literals tell it, for the groups of
 * lint that ask which claims they are about. */
#ifndef COMPILER_LINT_VIEW_H
#define COMPILER_LINT_VIEW_H

#include "compiler/check.h"
#include "compiler/lint.h"

typedef struct condition_view {
  const ast_condition *condition;
  const ast_test *type; /* `type == ".."`; NULL: of any type */
  bool is_contradictory; /* it wants two types at once */
  uint8_t issuers;
} condition_view;

condition_view view_condition(const ast_condition *c);

typedef struct rule_view {
  const ast_rule *rule;
  section_kind section;
  action_kind action;
  const ast_expr *claim, *type, *value; /* arguments of the action, or NULL */
} rule_view;

/* Calls visit for every rule of authorizationrules and issuancerules that
 * could be understood, in the order in which they run. */
void view_rules(const ast_policy *p,
                void (*visit)(void *context, const rule_view *rule),
                void *context);

/* The condition that binds the name for `before` (NULL: for the action), or
 * NULL. */
const ast_condition *view_binding(const ast_policy *p, const ast_rule *rule,
                                  span name, const ast_condition *before);

property_kind view_property(const ast_policy *p, const ast_test *t);

/* `t` is `value == 1` or its like: a literal, against that property. */
bool view_is_literal(const ast_policy *p, const ast_test *t,
                     property_kind property);

/* What to remove so that no blanks stay behind: the whole lines of `where` if
 * nothing stands beside it, blanks around it if nothing follows it on its
 * line, else `where` alone. */
span view_lines(slice text, span where);

#endif
