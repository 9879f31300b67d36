/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a result to the file that --output names. */
#ifndef CLI_CRYPTO_OUTPUT_FILE_H
#define CLI_CRYPTO_OUTPUT_FILE_H

#include "cli/cli.h"

/* Writes the whole file or nothing: to a new file beside it, which takes its
 * name at the end. Mode 0666 less the umask. What is no regular file (a pipe,
 * a device) is written to as it is, "-" is standard output. CLI_OK, or
 * CLI_SYSTEM after a message. */
int output_file_write(cli *c, const char *path, slice content);

#endif
