/* SPDX-License-Identifier: Apache-2.0 */
/* Which claims a condition asks for, as far as its literals tell it: worked out
 * once, with the node, since every group of lint asks for it. */
#include "grammar/parser.h"

static uint8_t issuer_bit(slice name) {
  return slice_equal(name, SLICE("AttestationService"))  ? ISSUED_BY_SERVICE
         : slice_equal(name, SLICE("AttestationPolicy")) ? ISSUED_BY_POLICY
         : slice_equal(name, SLICE("CustomClaim"))       ? ISSUED_BY_CLIENT
                                                         : 0;
}

static void select_type(ast_condition *c, const ast_test *t) {
  c->is_contradictory |=
      c->type && !slice_equal(c->type->expr->string, t->expr->string);
  c->type = c->type ? c->type : t;
}

static void select_issuer(ast_condition *c, const ast_test *t) {
  uint8_t bit = issuer_bit(t->expr->string);
  if (t->relation == OPERATOR_EQUAL)
    c->issuers &= bit;
  else if (t->relation == OPERATOR_NOT_EQUAL)
    c->issuers &= (uint8_t)~bit;
}

void find_selected(const ast_policy *p, ast_condition *c) {
  c->issuers = ISSUED_BY_SERVICE | ISSUED_BY_POLICY | ISSUED_BY_CLIENT;
  for (const ast_test *t = c->tests; t; t = t->next) {
    slice property = ast_text(p, t->property);
    if (t->expr->kind != EXPR_STRING)
      continue;
    if (t->relation == OPERATOR_EQUAL && slice_equal(property, SLICE("type")))
      select_type(c, t);
    else if (slice_equal(property, SLICE("issuer")))
      select_issuer(c, t);
  }
}
