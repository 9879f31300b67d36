/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two programs mean the same: compared array by array, with literals
 * by their texts since symbols count differently in each. */
#include "compiler/program.h"

static bool same_key(const program *a, const program *b, int literal,
                     int64_t x, int64_t y) {
  if (literal != LITERAL_STRING)
    return x == y;
  return slice_equal(symbols_text(&a->symbols, (uint32_t)x),
                     symbols_text(&b->symbols, (uint32_t)y));
}

static bool same_expr(const program *a, const program *b, uint32_t i) {
  const program_expr *x = &a->exprs[i], *y = &b->exprs[i];
  return x->kind == y->kind && x->literal == y->literal &&
         x->property == y->property && x->function == y->function &&
         x->slot == y->slot && x->first_argument == y->first_argument &&
         x->argument_count == y->argument_count && x->integer == y->integer &&
         same_key(a, b, x->symbol ? LITERAL_STRING : LITERAL_NONE,
                  x->symbol, y->symbol) &&
         !x->symbol == !y->symbol;
}

static bool same_test(const program *a, const program *b, uint32_t i) {
  const program_test *x = &a->tests[i], *y = &b->tests[i];
  return x->property == y->property && x->relation == y->relation &&
         x->literal == y->literal && x->expr == y->expr &&
         same_key(a, b, x->literal, x->key, y->key);
}

static bool same_condition(const program *a, const program *b, uint32_t i) {
  const program_condition *x = &a->conditions[i], *y = &b->conditions[i];
  return x->negated == y->negated && x->slot == y->slot &&
         x->first_test == y->first_test &&
         x->literal_tests == y->literal_tests &&
         x->test_count == y->test_count && !x->type == !y->type &&
         same_key(a, b, LITERAL_STRING, x->type, y->type);
}

static bool same_rule(const program_rule *x, const program_rule *y) {
  return x->first_condition == y->first_condition &&
         x->condition_count == y->condition_count && x->type == y->type &&
         x->value == y->value && x->claim_slot == y->claim_slot &&
         x->action == y->action && x->section == y->section;
}

static bool same_arguments(const program *a, const program *b) {
  for (uint32_t i = 0; i < a->expr_count; i++) {
    const program_expr *e = &a->exprs[i];
    for (uint32_t k = 0; e->kind == PROGRAM_CALL && k < e->argument_count; k++)
      if (a->arguments[e->first_argument + k] !=
          b->arguments[e->first_argument + k])
        return false;
  }
  return true;
}

bool program_equal(const program *a, const program *b) {
  bool same = a->version == b->version && a->rule_count == b->rule_count &&
              a->condition_count == b->condition_count &&
              a->test_count == b->test_count &&
              a->expr_count == b->expr_count;
  for (uint32_t i = 0; same && i < a->rule_count; i++)
    same = same_rule(&a->rules[i], &b->rules[i]);
  for (uint32_t i = 0; same && i < a->condition_count; i++)
    same = same_condition(a, b, i);
  for (uint32_t i = 0; same && i < a->test_count; i++)
    same = same_test(a, b, i);
  for (uint32_t i = 0; same && i < a->expr_count; i++)
    same = same_expr(a, b, i);
  return same && same_arguments(a, b);
}
