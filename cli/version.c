/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

static int run(cli *c) {
  if (c->argument_count)
    return cli_usage(c, "unexpected argument `%s`", c->arguments[0]);
  cli_print(c, "maapol %s\n", MAAPOL_VERSION);
  return CLI_OK;
}

const cli_verb verb_version = {
    "version", "print the version", "[options]", "maapol version", NULL, run,
};
