/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by a command of the user's: keys that cannot leave where they
 * are. */
#ifndef CLI_CRYPTO_SIGNER_COMMAND_H
#define CLI_CRYPTO_SIGNER_COMMAND_H

#include "cli/cli.h"

/* Splits a command into words, ending with NULL. Blanks part words; '..' is
 * taken as it is; in ".." and outside, a backslash takes the next character
 * as it is. Nothing is expanded. NULL: a quote is not closed, or there is no
 * word. */
char **command_words(arena *a, slice command);

/* Runs the words without a shell, gives it `input` on standard input, and
 * takes what it writes on standard output. CLI_OK, or CLI_SYSTEM after a
 * message: it cannot be started, fails, writes nothing or too much, or takes
 * longer than that. */
int signer_command_run(cli *c, char *const *words, bytes input,
                       size_t timeout_s, bytes *signature);

#endif
