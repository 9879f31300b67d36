/* SPDX-License-Identifier: Apache-2.0 */
/* What can stand where a word of the command line is being typed. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/cli.h"

/* A list that is being printed: candidates that begin with what was typed. */
typedef struct completion {
  cli *cli;
  slice head;  /* of the typed word, kept: "--type=", "P001," */
  slice typed; /* behind it: what a candidate begins with */
} completion;

/* One candidate, if it begins with what was typed in any case. */
void completion_add(completion *k, slice word, const char *help);

/* The values that an option takes, by its row's argument and help: choices,
 * attestation types, codes, or a word to the shell: ":files". */
void completion_add_values(completion *k, const cli_option *o);

/* The arguments that a verb takes, by its usage. */
void completion_add_arguments(completion *k, const cli_verb *v);

#endif
