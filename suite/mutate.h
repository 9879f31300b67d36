/* SPDX-License-Identifier: Apache-2.0 */
/* Mutation: small changes of a policy that its tests should notice. One that
 * no test notices is a gap in the tests, or a part of the policy that does
 * nothing. */
#ifndef SUITE_MUTATE_H
#define SUITE_MUTATE_H

#include "suite/run.h"

typedef enum mutant_status {
  MUTANT_NOT_RUN, /* memory ran out */
  MUTANT_SURVIVED,
  MUTANT_KILLED,
  MUTANT_INVALID,   /* it is no policy: nobody could write it by mistake */
  MUTANT_EQUIVALENT /* it is the same program */
} mutant_status;

typedef struct mutant {
  span where;        /* of the policy's text: these bytes .. */
  slice replacement; /* .. become those */
  const char *what;  /* "`>=` becomes `>`" */
  uint32_t rule;     /* of the program */
  mutant_status status;
  const char *killer; /* name of the test that noticed it, or NULL */
} mutant;

typedef struct mutation {
  suite_policy *policy;
  mutant *mutants; /* in the order of the program */
  size_t count;
  size_t left_out; /* beyond LIMIT_MUTANTS */
  size_t survived, killed, not_run; /* the others were never tests' business */
} mutation;

/* All mutants of the policy. Rules that can never run have none, nor does
 * what a rule does that changes nothing. */
void suite_mutants(arena *a, const policy *p, mutation *result);

/* The policy's text with the change, a NUL behind it. */
slice suite_mutant_text(arena *a, const policy *p, const mutant *m);

/* Runs the cases of suite_run_all, all of which must have passed, over every
 * mutant of every policy. The result has one element for each policy. */
mutation *suite_mutate(suite_run *run);

#endif
