/* SPDX-License-Identifier: Apache-2.0 */
/* maapol test --init POLICY: a suite to begin with. */
#include <unistd.h>

#include "cli/crypto/output_file.h"
#include "cli/crypto/test_input.h"
#include "cli/policy_input.h"
#include "suite/init.h"

static const char *folder_of(cli *c, const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash)
    return ".";
  return slash == path ? "/"
                       : arena_string(c->arena, slice_between(path, slash));
}

/* The policy as the suite will name it. */
static const char *path_from_suite(cli *c, const char *path,
                                   const char *output) {
  const char *folder = output && strcmp(output, "-") != 0
                           ? folder_of(c, output)
                           : ".";
  const char *from = suite_real_path(c->arena, folder);
  const char *to = suite_real_path(c->arena, path);
  return from && to ? suite_relative(c->arena, from, to) : path;
}

int test_init(cli *c) {
  const char *path = cli_value(c, "init"), *output = cli_value(c, "output");
  static const char *const others[] = {"run", "threshold", "lcov", "html",
                                       "jobs", NULL};
  for (const char *const *o = others; *o; o++)
    if (cli_value(c, *o))
      return cli_usage(c, "--%s does not go with --init", *o);
  if (c->argument_count)
    return cli_usage(c, "unexpected argument `%s`", c->arguments[0]);
  if (strcmp(path, "-") == 0)
    return cli_usage(c, "--init wants a file, which the suite can name");
  /* A suite may have been worked on since. */
  if (output && strcmp(output, "-") != 0 && access(output, F_OK) == 0)
    return cli_error(c, CLI_INPUT, "%s is there already", output);
  policy *p = cli_read_policy(c, path);
  if (!p)
    return CLI_INPUT;
  suite_skeleton skeleton;
  suite_init(c->arena, p, path_from_suite(c, path, output), &skeleton);
  for (size_t i = 0; i < skeleton.note_count; i++)
    cli_error(c, CLI_OK, "%s", skeleton.notes[i]);
  if (!skeleton.cases)
    return cli_error(c, CLI_NO, "no case could be made");
  return output_file_write(c, output ? output : "-", skeleton.text);
}
