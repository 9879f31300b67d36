/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LOOPBACK_H
#define CLI_LOOPBACK_H

#include "cli/cli.h"

/* A connection to a port of this machine: PORT, 127.0.0.1:PORT, [::1]:PORT,
 * localhost:PORT. Negative after a message, with the exit status in *status.
 * NULL in the programs that open no socket: a verb that needs it executes
 * maapol-remote. */
extern int (*const cli_connect_loopback)(cli *c, const char *address,
                                         int *status);

#endif
