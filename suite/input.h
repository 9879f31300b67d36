/* SPDX-License-Identifier: Apache-2.0 */
/* From a case's files to incoming claims. */
#ifndef SUITE_INPUT_H
#define SUITE_INPUT_H

#include "suite/run.h"

/* What all rows of a test share. */
struct suite_base {
  const suite_case *sample; /* a case that has it */
  bool is_read;
  const char *failure; /* why its files cannot be used, or NULL */
  /* The evidence was refused before rules could see claims. */
  const char *refusal_code, *refusal;
  claim_list claims; /* without the case's own changes */
};

/* Reads the files, verifies evidence as the policy's configurationrules say,
 * and gathers the claims; all in the arena. */
void suite_base_read(arena *a, const run_suite *s, policy *p,
                     suite_base *base);

/* The claims of the base, changed as the case says. */
claim_list suite_case_claims(arena *a, const suite_base *base,
                             const suite_case *c);

/* Reads a file that the suite names. False: *reason says why not. */
bool suite_file_read(arena *a, const run_suite *s, slice path, size_t limit,
                     slice *text, const char **reason);

#endif
