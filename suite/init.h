/* SPDX-License-Identifier: Apache-2.0 */
/* A first suite for a policy: for each rule claims that make it run, claims on
 * the boundaries of its comparisons, and claims with which each condition
 * alone keeps it from running. */
#ifndef SUITE_INIT_H
#define SUITE_INIT_H

#include "compiler/policy.h"

typedef struct suite_skeleton {
  slice text; /* the suite */
  size_t cases;
  const char **notes; /* rules and conditions without a case, in words */
  size_t note_count, note_capacity;
} suite_skeleton;

/* policy_path stands in the suite as its "policy". What a case expects is what
 * the evaluator says; a case stays only if the evaluator also says of the rule
 * what reasoning foretold. */
void suite_init(arena *a, const policy *p, const char *policy_path,
                suite_skeleton *result);

#endif
