/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit's XML, as CI systems read it: what the reports of check and of test
 * share. Texts are a stranger's; none may begin an element or, inside of an
 * attribute, a line of its own. */
#ifndef BASE_JUNIT_H
#define BASE_JUNIT_H

#include "base/buffer.h"

typedef struct junit_counts {
  size_t tests, failures, errors, skipped;
} junit_counts;

/* A blank and NAME="TEXT". */
void junit_attribute(buffer *out, const char *name, const char *text);

/* <testsuite ..> of the file at path, and its end. */
void junit_suite_begin(buffer *out, const char *path,
                       const junit_counts *counts);
void junit_suite_end(buffer *out);

/* A whole <testsuite> of a file that cannot be used: one test of that name with
 * an error, so that no reader takes it for a run without failures. */
void junit_suite_unusable(buffer *out, const char *path, const char *test,
                          const char *why);

#endif
