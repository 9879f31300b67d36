/* SPDX-License-Identifier: Apache-2.0 */
/* One call of a JMESPath function, and what the functions share. */
#ifndef EVAL_JMESPATH_CALL_H
#define EVAL_JMESPATH_CALL_H

#include "eval/jmespath_evaluator.h"

typedef struct function_call {
  jmespath_evaluator *evaluator;
  const jmespath_node *node;
  const value *arguments; /* of the types that the table asks for; null where
                           * it asks for an expression */
  uint32_t count;
} function_call;

#define F(name, fewest, most, first, others)                                   \
  value jmespath_call_##name(const function_call *c);
JMESPATH_FUNCTIONS(F)
#undef F

/* Pays for steps before they are taken. */
static inline void pay(const function_call *c, size_t steps) {
  charge_steps(c->evaluator, c->node->where, steps);
}

/* Values in the arena, paid for, to be filled. */
static inline value *new_items(const function_call *c, size_t count) {
  pay(c, count);
  charge_values(c->evaluator, c->node->where, count);
  return ARENA_ARRAY(c->evaluator->arena, count, value);
}

#endif
