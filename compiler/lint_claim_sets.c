/* SPDX-License-Identifier: Apache-2.0 */
/* C110: comparisons where one side has several values. `==` asks whether some
 * value is equal, `!=` against a set whether none is, and `<` whether some
 * value is larger: rarely what was meant, and the service may see it
 * otherwise. */
#include "compiler/lint_claims.h"

/* The condition leaves one value, whatever it selects. */
static bool pins_value(const claim_linter *c, const ast_condition *at) {
  for (const ast_test *t = at->tests; t; t = t->next)
    if (t->relation == OPERATOR_EQUAL &&
        view_is_literal(c->ast, t, PROPERTY_VALUE))
      return true;
  return false;
}

static bool selects_several(claim_linter *c, const ast_condition *from,
                            property_kind property) {
  condition_view v = view_condition(from);
  if (from->negated)
    return false;
  if (!v.type) /* a computed type is one type as well */
    for (const ast_test *t = from->tests; t; t = t->next)
      if (t->relation == OPERATOR_EQUAL &&
          view_property(c->ast, t) == PROPERTY_TYPE)
        return false;
  if (property != PROPERTY_VALUE)
    return !v.type && property == PROPERTY_TYPE;
  if (pins_value(c, from))
    return false;
  if (!v.type)
    return v.issuers != ISSUED_BY_CLIENT;
  const claim_name *n = claim_name_of(c, v.type->expr->string);
  return ((v.issuers & ISSUED_BY_SERVICE) && n->entry &&
          n->entry->is_multi_valued) ||
         ((v.issuers & ISSUED_BY_POLICY) && n->is_several);
}

bool claim_may_be_several(claim_linter *c, const ast_expr *e,
                          const ast_condition *before) {
  if (e->kind != EXPR_PROPERTY)
    return false;
  const ast_condition *from = view_binding(
      c->ast, c->rule->rule, e->property.identifier, before);
  return from &&
         selects_several(c, from,
                         property_from_name(
                             ast_text(c->ast, e->property.property)));
}

static void compared_with_set(claim_linter *c, const ast_condition *at,
                              const ast_test *t) {
  static const char *const meanings[] = {
      [OPERATOR_EQUAL] = "some of them is equal",
      [OPERATOR_NOT_EQUAL] = "none of them is equal",
      [OPERATOR_LESS] = "some of them is larger",
      [OPERATOR_LESS_EQUAL] = "some of them is as large",
      [OPERATOR_GREATER] = "some of them is smaller",
      [OPERATOR_GREATER_EQUAL] = "some of them is as small",
  };
  slice text = ast_text(c->ast, t->expr->where);
  diagnostic *d = diagnose(
      c->findings, CODE_C110, t->expr->where,
      "`%.*s` may be several values: `%s` holds if %s", SLICE_ARGS(text),
      operator_text((ast_operator)t->relation), meanings[t->relation]);
  const ast_condition *from = view_binding(
      c->ast, c->rule->rule, t->expr->property.identifier, at);
  diagnostic_label_at(c->findings, d, from->where,
                      "every claim that satisfies this");
  diagnostic_help(c->findings, d,
                  "IsSubsetOf and ContainsOnlyValue (version 1.2) compare "
                  "sets");
}

/* `!=` of a name that has several claims selects those that differ. */
static void differs_from_one(claim_linter *c, const claim_entry *e,
                             const ast_test *t) {
  diagnostic *d = diagnose(
      c->findings, CODE_C110, t->operator_where,
      "\"%s\" may be several claims: `!=` holds if any of them differs",
      e->name);
  diagnostic_help(c->findings, d,
                  "to ask that none is: ![type==\"%s\", value==..] (version "
                  "1.2)",
                  e->name);
}

void lint_claim_sets(claim_linter *c, const condition_view *v,
                     const claim_name *n) {
  const ast_condition *at = v->condition;
  bool is_multi = n->entry && n->entry->is_multi_valued &&
                  (v->issuers & ISSUED_BY_SERVICE);
  for (const ast_test *t = at->tests; t; t = t->next) {
    if (t->relation > OPERATOR_GREATER_EQUAL)
      continue;
    if (claim_may_be_several(c, t->expr, at))
      compared_with_set(c, at, t);
    else if (is_multi && t->relation == OPERATOR_NOT_EQUAL && !at->negated &&
             view_is_literal(c->ast, t, PROPERTY_VALUE))
      differs_from_one(c, n->entry, t);
  }
}
