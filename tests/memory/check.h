/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of this program share: counting, and one run of a
 * policy over claims. */
#ifndef TESTS_MEMORY_CHECK_H
#define TESTS_MEMORY_CHECK_H

#include "eval/evaluate.h"

typedef struct tally {
  int passed, failed;
} tally;

/* Counts a test; a failed one prints its name and the text. */
void check(tally *t, bool holds, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

typedef enum run_outcome {
  RUN_DENIED,
  RUN_PERMITTED,
  RUN_ERROR,      /* evaluation error */
  RUN_REFUSED,    /* findings that are errors: no program */
  RUN_BAD_CLAIMS, /* claims_read said no */
  RUN_NO_MEMORY,  /* the allocator gave nothing */
  RUN_LIMIT       /* the arena's limit */
} run_outcome;

extern const char *const run_outcome_names[];

typedef struct run {
  run_outcome outcome;
  bool has_p018;   /* a finding says that a limit is exceeded */
  size_t findings; /* kept */
  long allocations;
} run;

/* Compiles the policy and decides it over the claims, with `allowed`
 * allocations (negative: any number). Frees everything. */
run run_policy(slice policy, slice claims, long allowed);

void failing_allocations(tally *t);
void tiny_limits(tally *t);

#endif
