/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

static int run(cli *c) {
  cli_print(c, "maapol %s\n", MAAPOL_VERSION);
  return CLI_OK;
}

const cli_verb verb_version = {
    "version", "print the version", "", "maapol version", NULL, run,
};
