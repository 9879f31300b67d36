/* SPDX-License-Identifier: Apache-2.0 */
/* Runs suites and keeps what came of them.
 *
 *   suite_run run;
 *   suite_run_init(&run, a, &options);
 *   suite_run_add(&run, "policies/sgx.maatest.json", text);  // for each
 *   suite_run_all(&run);
 *   suite_report_human(&out, &run, &report);                 // suite/report.h
 *
 * Results stand in the order of the suites and of their tests, however many
 * threads there are.
 */
#ifndef SUITE_RUN_H
#define SUITE_RUN_H

#include <regex.h>

#include "compiler/policy.h"
#include "suite/coverage.h"
#include "suite/root.h"
#include "suite/suite.h"
#include "token/attest.h"

/* Zero is no success. */
typedef enum case_status {
  CASE_UNUSABLE, /* its files cannot be used, or memory ran out */
  CASE_FAILED,
  CASE_PASSED,
  CASE_LEFT_OUT /* --run names others */
} case_status;

/* What was expected, and what came. */
typedef struct case_mismatch {
  struct case_mismatch *next;
  const char *what; /* "decision", "issued" .. */
  const char *expected, *got;
} case_mismatch;

typedef struct case_result {
  case_status status;
  decision decision;
  const char *message; /* of CASE_UNUSABLE: why; or NULL */
  const case_mismatch *mismatches;
  const char *reason;     /* of the decision; of CASE_FAILED */
  const char *background; /* the deciding rule and its trace; lines */
  double seconds;
} case_result;

/* A policy under test; suites may share one. */
typedef struct suite_policy {
  const char *path; /* for people: from the suite's own */
  const char *real; /* resolved */
  policy *policy;   /* NULL: it could not be read */
  const char *failure; /* why it cannot be used, or NULL */
  coverage coverage;   /* if it can be used */
} suite_policy;

typedef struct suite_base suite_base;

typedef struct run_suite {
  suite suite;
  suite_root root;
  const char *failure; /* why the suite cannot be used, or NULL */
  uint32_t line, column; /* of the failure; 0: of no place */
  suite_policy *policy;
  verify_options verify; /* roots and collateral */
  suite_base *bases;     /* inputs, by suite_case.base */
  case_result *results;  /* by case */
} run_suite;

typedef struct suite_options {
  const regex_t *pattern; /* only cases whose name it matches; or NULL */
  size_t jobs;            /* threads */
  bool coverage;
  int64_t now; /* where a suite does not say */
} suite_options;

typedef struct suite_run {
  arena *arena;
  suite_options options;
  run_suite *suites;
  size_t suite_count, suite_capacity;
  suite_policy **policies;
  size_t policy_count, policy_capacity;
  const char **files; /* that were opened, resolved: for --watch */
  size_t file_count, file_capacity;
  size_t passed, failed, unusable, left_out;
} suite_run;

void suite_run_init(suite_run *run, arena *a, const suite_options *options);

/* Reads a suite, and its policy unless another suite has brought it. What is
 * wrong stands in its `failure`. path and text are kept. False: there are
 * LIMIT_SUITES already. */
bool suite_run_add(suite_run *run, const char *path, slice text);

/* Runs every case; sets results and counts. */
void suite_run_all(suite_run *run);

/* --- for mutation and --init ---------------------------------------------- */

/* What a case comes to under a policy. */
typedef struct case_outcome {
  decision decision;
  const char *code;    /* of a refusal: "PolicyEvaluationError"; or NULL */
  const char *message; /* of a refusal before any rule ran, or NULL */
  bool was_evaluated;
  evaluation evaluation;
} case_outcome;

/* The case under another program for the same policy. `is_configured`: its
 * configurationrules are the policy's own. Flags as evaluate has them. False:
 * *reason says why its files cannot be used. */
bool suite_case_decide(arena *a, const run_suite *s, const suite_case *c,
                       policy *p, bool is_configured, unsigned flags,
                       case_outcome *outcome, const char **reason);

/* Whether that is what the case expects. list: where to add what differs, in
 * its own arena; NULL: nobody asks. */
bool suite_case_holds(arena *a, const suite_case *c, const case_outcome *o,
                      arena *keep, const case_mismatch **list);

/* configurationrules, then the rest over these claims. */
void suite_evaluate(const program *p, const claim_list *claims, arena *a,
                    unsigned flags, evaluation *result);

#endif
