/* SPDX-License-Identifier: Apache-2.0 */
/* Findings that were there before: how many of each code each file had. Lines
 * may move; one more than before is new.
 *
 *   {"version": 1, "findings": {"sgx/a.maapolicy": {"S022": 2}}}
 */
#ifndef CLI_BASELINE_H
#define CLI_BASELINE_H

#include "base/symbols.h"
#include "base/value.h"
#include "cli/cli.h"
#include "compiler/policy.h"

typedef struct baseline_file {
  uint32_t allowed[CODE_COUNT], met[CODE_COUNT];
  bool was_checked;
} baseline_file;

typedef struct baseline {
  cli *cli;
  const char *root; /* that its paths count from */
  symbols paths;
  baseline_file **files; /* by symbol, less one */
  size_t capacity;
} baseline;

void baseline_init(baseline *b, cli *c, const char *root);

/* Reads a file that baseline_write wrote. False after a message. */
bool baseline_read(baseline *b, const char *path);

/* Counts the findings of one file; with `hides`, takes out those that were
 * there before and returns how many. Where there are more of a code than
 * before, all of it are left: a count cannot say which is new. */
size_t baseline_filter(baseline *b, const char *path, diagnostics *findings,
                       bool hides);

/* Names, on standard error, the entries that are larger than what was found.
 * is_judged: whether findings of that code were looked for. */
void baseline_report(const baseline *b, bool (*is_judged)(diagnostic_code code,
                                                          void *context),
                     void *context);

/* Writes what was met. CLI_OK, or CLI_SYSTEM after a message. */
int baseline_write(const baseline *b, const char *path);

#endif
