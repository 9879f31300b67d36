/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/test_input.h"

#include <unistd.h>

#include "base/glob.h"
#include "base/limits.h"
#include "cli/configuration.h"
#include "cli/crypto/verify_input.h"

/* --- options -------------------------------------------------------------- */

static void free_pattern(void *pattern) { regfree(pattern); }

static int read_pattern(cli *c, test_input *input) {
  const char *text = cli_value(c, "run");
  if (!text)
    return CLI_OK;
  regex_t *pattern = ARENA_NEW(c->arena, regex_t);
  int error = regcomp(pattern, text, REG_EXTENDED | REG_NOSUB);
  if (error) {
    char reason[256];
    regerror(error, pattern, reason, sizeof reason);
    return cli_usage(c, "--run: `%s` is no extended regular expression: %s",
                     text, reason);
  }
  arena_defer(c->arena, free_pattern, pattern);
  input->options.pattern = pattern;
  return CLI_OK;
}

static int read_jobs(cli *c, size_t *jobs) {
  const char *text = cli_value(c, "jobs");
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  *jobs = processors > 0 ? (size_t)processors : 1;
  if (text && (!cli_parse_count(text, LIMIT_JOBS, jobs) || !*jobs))
    return cli_usage(c, "--jobs wants a count from 1 to %d, not `%s`",
                     LIMIT_JOBS, text);
  return CLI_OK;
}

static int read_threshold(cli *c, test_input *input) {
  const char *text = cli_value(c, "threshold");
  input->has_threshold = text != NULL;
  if (text && !cli_parse_count(text, 100, &input->threshold))
    return cli_usage(c, "--threshold wants per cent, 0 to 100, not `%s`",
                     text);
  return CLI_OK;
}

int test_input_read(cli *c, test_input *input) {
  static const char *const formats[] = {"human", "json", "junit", "tap",
                                        NULL};
  *input = (test_input){0};
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  input->format = (test_format)format;
  int status = read_pattern(c, input);
  if (status == CLI_OK)
    status = read_jobs(c, &input->options.jobs);
  if (status == CLI_OK)
    status = read_threshold(c, input);
  if (status == CLI_OK)
    status = cli_now(c, &input->options.now);
  input->options.coverage = cli_flag(c, "coverage") || input->has_threshold ||
                            cli_value(c, "lcov") || cli_value(c, "html");
  return status;
}

/* --- suites --------------------------------------------------------------- */

bool find_suites(cli *c, const char *path, path_list *list) {
  static const file_kind suites = {{".maatest.json", NULL},
                                   "suite (*.maatest.json)"};
  return find_files(c, path, &suites, list);
}

/* The directory as seen from here. */
static const char *shown_directory(cli *c, const char *directory) {
  const char *here = suite_real_path(c->arena, ".");
  const char *there = suite_real_path(c->arena, directory);
  if (!here || !there)
    return directory;
  return strcmp(here, there) == 0 ? "."
                                  : suite_relative(c->arena, here, there);
}

bool find_own_suites(cli *c, path_list *list) {
  configurations all;
  size_t count;
  bool failed;
  const char *directory;
  if (!configurations_init(&all, c))
    return false;
  const slice *patterns =
      configuration_tests(&all, &count, &directory, &failed);
  if (failed)
    return false;
  if (!count)
    return find_suites(c, ".", list);
  path_list found = {0};
  const char *base = shown_directory(c, directory);
  size_t length = strcmp(base, ".") == 0 ? 0 : strlen(base) + 1;
  if (!find_suites(c, base, &found))
    return false;
  for (size_t i = 0; i < found.count; i++)
    for (size_t k = 0; k < count; k++)
      if (glob_matches(c->arena, patterns[k],
                       slice_from(found.items[i] + length))) {
        path_list_add(c, list, found.items[i]);
        break;
      }
  if (!list->count)
    cli_error(c, CLI_INPUT, "no suite matches \"tests\" of the configuration");
  return list->count != 0;
}
