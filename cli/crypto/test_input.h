/* SPDX-License-Identifier: Apache-2.0 */
/* What `test` is given on the command line. */
#ifndef CLI_CRYPTO_TEST_INPUT_H
#define CLI_CRYPTO_TEST_INPUT_H

#include "cli/cli.h"
#include "cli/paths.h"
#include "suite/report.h"

typedef enum test_format {
  TEST_HUMAN,
  TEST_JSON,
  TEST_JUNIT,
  TEST_TAP
} test_format;

typedef struct test_input {
  test_format format;
  suite_options options;
  bool has_threshold;
  size_t threshold; /* in per cent */
} test_input;

/* Reads options. CLI_OK, or CLI_USAGE after a message. */
int test_input_read(cli *c, test_input *input);

/* The suites that `path` names: itself, or every *.maatest.json below a
 * directory, sorted; names with a leading dot and symbolic links to
 * directories are passed over. False after a message. */
bool find_suites(cli *c, const char *path, path_list *list);

/* Where no path is given: those that "tests" of the configuration names, or
 * all below the current directory. False after a message. */
bool find_own_suites(cli *c, path_list *list);

/* Runs --init. */
int test_init(cli *c);

/* Runs the suites again whenever a file that they read changes, until SIGINT
 * or SIGTERM: run_once says the files (resolved) and the status. */
int test_watch(cli *c, int (*run_once)(cli *c, path_list *files));

#endif
