/* SPDX-License-Identifier: Apache-2.0 */
/* What the evaluator of JMESPath and its functions share. */
#ifndef EVAL_JMESPATH_EVALUATOR_H
#define EVAL_JMESPATH_EVALUATOR_H

#include <setjmp.h>

#include "base/value_stack.h"
#include "eval/jmespath.h"
#include "grammar/jmespath_functions.h"

enum { STACK_FIRST = 64 };

typedef struct jmespath_evaluator {
  arena *arena;
  jmespath_error *error;
  int64_t steps;  /* that are left */
  int64_t values; /* that may still be made */
  int64_t bytes;  /* of text that may still be made */
  unsigned depth; /* of projections inside each other */
  value_stack stack;
  jmp_buf failure;
  value first[STACK_FIRST];
} jmespath_evaluator;

/* What the steps from `node` up to `stop` (NULL: the chain's end) give. The
 * result is a part of what was given, of the query, or lies in the arena. */
const value *jmespath_run(jmespath_evaluator *e, const jmespath_node *node,
                          const jmespath_node *stop, const value *current);

/* An operand: a whole chain. */
static inline const value *jmespath_operand(jmespath_evaluator *e,
                                            const jmespath_node *operand,
                                            const value *current) {
  return jmespath_run(e, operand, NULL, current);
}

value jmespath_call(jmespath_evaluator *e, const jmespath_node *call,
                    const value *current);

/* Ends the evaluation with an error. */
_Noreturn void jmespath_stop(jmespath_evaluator *e, jmespath_error_kind kind,
                             span where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Ends it because of a limit. */
_Noreturn void jmespath_exhausted(jmespath_evaluator *e, span where,
                                  const char *what);

/* Pays for work before it is done. */
static inline void charge_steps(jmespath_evaluator *e, span where,
                                size_t count) {
  e->steps -= (int64_t)count;
  if (e->steps < 0)
    jmespath_exhausted(e, where, "steps");
}

static inline void charge_values(jmespath_evaluator *e, span where,
                                 size_t count) {
  e->values -= (int64_t)count;
  if (e->values < 0)
    jmespath_exhausted(e, where, "values");
}

static inline void charge_bytes(jmespath_evaluator *e, span where,
                                size_t count) {
  e->bytes -= (int64_t)count;
  if (e->bytes < 0)
    jmespath_exhausted(e, where, "bytes of text");
}

/* The values of an object in the order of their names. */
value jmespath_values_of(jmespath_evaluator *e, span where,
                         const value *object);

/* False, null, "", [] and {} are false, all else is true. */
static inline bool is_true(const value *v) {
  switch (v->kind) {
  case VALUE_NULL:
    return false;
  case VALUE_BOOLEAN:
    return v->boolean;
  case VALUE_INTEGER:
  case VALUE_NUMBER:
    return true;
  default:
    return v->count != 0;
  }
}

bool jmespath_equal(jmespath_evaluator *e, span where, const value *left,
                    const value *right);

#endif
