/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

/* Reads the words behind the verb. CLI_OK, or CLI_USAGE after a message. */
int cli_read_options(cli *c, int count, char **words, bool *wants_help);

/* Options that every verb has; ends with a row without name. */
extern const cli_option cli_common_options[];

/* The verb's help, made from its table. */
void cli_print_help(cli *c);

#endif
