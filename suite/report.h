/* SPDX-License-Identifier: Apache-2.0 */
/* What came of a run, for people and for tools. Every text of a suite or a
 * policy is escaped, so that none can forge a line. */
#ifndef SUITE_REPORT_H
#define SUITE_REPORT_H

#include "suite/mutate.h"

typedef struct suite_report {
  const suite_run *run;
  const mutation *mutations; /* of every policy, or NULL */
  bool coverage;  /* show it */
  bool fail_only; /* only tests that did not pass */
  bool colour;
} suite_report;

void suite_report_human(buffer *out, const suite_report *r);
void suite_report_json(buffer *out, const suite_report *r);
/* JUnit's XML, as Jenkins, GitLab and Azure Pipelines read it. */
void suite_report_junit(buffer *out, const suite_report *r);
/* The Test Anything Protocol, version 13. */
void suite_report_tap(buffer *out, const suite_report *r);

/* The tracefile that genhtml and coverage services read: a line for each
 * rule, two branches for each condition. */
void suite_report_lcov(buffer *out, const suite_run *run);

/* A page of all policies; pages of each have suite_html_name. No script, no
 * remote asset. */
void suite_html_index(buffer *out, const suite_run *run);
void suite_html_policy(buffer *out, const suite_run *run, size_t number);
/* "policy-1.html" */
const char *suite_html_name(arena *a, size_t number);

/* What is not covered, in words: "rule 2 in issuancerules never ran". */
const char *suite_gap_text(arena *a, const suite_policy *p,
                           const coverage_gap *gap, uint32_t *line);

/* "SUITE:LINE:COL", as far as there are line and column. */
void suite_write_place(buffer *out, const char *path, uint32_t line,
                       uint32_t column);

#endif
