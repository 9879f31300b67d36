/* SPDX-License-Identifier: Apache-2.0 */
/* A call of a function while it runs. */
#ifndef EVAL_CALL_H
#define EVAL_CALL_H

#include "eval/engine.h"

typedef struct call {
  engine *engine;
  const program_expr *expr;
  value_set *arguments;
  value_set *result;
} call;

span argument_place(const call *c, uint32_t i);

/* The one value of argument i if it has that kind; NULL after an error. */
const set_value *single_argument(const call *c, uint32_t i, claim_kind kind,
                                 const char *wanted);

/* Adds to the result; false if it is full. */
bool give(const call *c, set_value v);

/* function_jmespath.c */
bool function_jmespath(const call *c);

#endif
