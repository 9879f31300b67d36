/* SPDX-License-Identifier: Apache-2.0 */
/* The last line of a run, in the form that tools/run-tests adds up. */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>

ReportHook(POST_ALL)(struct criterion_global_stats *stats) {
  size_t failed = stats->tests_failed + stats->tests_crashed;
  printf("%zu passed, %zu failed\n", stats->tests_passed, failed);
  fflush(stdout);
}
