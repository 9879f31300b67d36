/* SPDX-License-Identifier: Apache-2.0 */
/* maapol completion SHELL: what a shell reads in order to complete. The
 * scripts are short: they ask the program (complete.c). */
#include "cli/completion_scripts.h"
#include "cli/verbs.h"

static int run(cli *c) {
  if (c->argument_count != 1)
    return cli_usage(c, "name one shell: bash, zsh or fish");
  for (const struct completion_script *s = completion_scripts; s->shell; s++)
    if (strcmp(s->shell, c->arguments[0]) == 0) {
      cli_print(c, "%s", s->text);
      return CLI_OK;
    }
  return cli_usage(c, "there is no completion for `%s`; bash, zsh, fish",
                   c->arguments[0]);
}

const cli_verb verb_completion = {
    "completion",
    "print the script by which a shell completes maapol",
    "bash|zsh|fish",
    "maapol completion bash",
    NULL,
    run,
};
