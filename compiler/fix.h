/* SPDX-License-Identifier: Apache-2.0 */
/* Applies the fixes of findings until none is left to apply.
 *
 *   fixer f = {.inspect = my_inspect, .context = me, .with_unsafe = false};
 *   fix_result r = policy_fix(a, text, &f);
 *   if (r.applied) write(r.text);
 *
 * Fixes that touch each other wait for the next round. A text with more errors
 * than the one before is never taken: the fix that made them is dropped. */
#ifndef COMPILER_FIX_H
#define COMPILER_FIX_H

#include "compiler/policy.h"

typedef struct fixer {
  /* Compiles `text` in `a`, with the findings whose fixes are wanted. *errors
   * is the number of all errors, wanted or not. */
  policy *(*inspect)(void *context, arena *a, slice text, size_t *errors);
  void *context;
  bool with_unsafe; /* else only those that are safe */
} fixer;

typedef struct fix_result {
  slice text;      /* in the arena, a NUL behind it; the given one if nothing
                      could be applied */
  size_t applied;  /* fixes */
  size_t refused;  /* fixes that would have added an error, in the last round */
  bool is_stable;  /* nothing is left to apply; false: a limit ended it */
} fix_result;

/* text: with a NUL behind it. A policy inside of a token is left alone: its
 * bytes are what was signed. LIMIT_FIX_ROUNDS and LIMIT_FIX_TRIES hold. */
fix_result policy_fix(arena *a, slice text, const fixer *f);

#endif
