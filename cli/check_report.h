/* SPDX-License-Identifier: Apache-2.0 */
/* What `maapol check` prints, in each of its formats. */
#ifndef CLI_CHECK_REPORT_H
#define CLI_CHECK_REPORT_H

#include "base/render_sarif.h"
#include "cli/project.h"
#include "compiler/policy.h"

/* Where the pages of the rules are published: CODE.md is appended. */
#ifndef MAAPOL_RULES_URL
#define MAAPOL_RULES_URL "https://maapol.invalid/docs/rules/"
#endif

typedef enum check_format {
  FORMAT_HUMAN,
  FORMAT_PLAIN,
  FORMAT_JSON,
  FORMAT_SARIF,
  FORMAT_GITHUB,
  FORMAT_JUNIT
} check_format;

typedef struct check_totals {
  size_t errors, warnings, infos, files, dropped;
  size_t silenced, baselined; /* by comments, by the baseline */
  size_t fixes, changed;      /* applied, in so many files */
} check_totals;

typedef struct check_report {
  cli *cli;
  project *project;
  check_format format;
  check_totals totals;
  buffer out; /* of the files so far */
  bool is_quiet; /* only the summary */
  bool is_aside; /* on standard error; standard output gets `result` */
  buffer result;
  bool is_incomplete; /* a file could not be used */
  sarif sarif;
  buffer changes; /* JSON: the files that were changed */
  size_t tests, failures, unusable; /* JUnit */
} check_report;

void check_report_init(check_report *r, cli *c, project *p,
                       check_format format);

/* The findings of one file; `scratch` is for this call. */
void check_report_file(check_report *r, arena *scratch, const char *path,
                       const policy *p);

/* A file that cannot be used; the message is for standard error too. */
void check_report_unusable(check_report *r, const char *path,
                           const char *why);

/* A file that was changed, with the policy hashes before and after. */
void check_report_change(check_report *r, const char *path, size_t fixes,
                         slice before, slice after);

/* The end: totals and all that was kept back, into cli->out. */
void check_report_end(check_report *r);

#endif
