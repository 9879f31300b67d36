/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REMOTE_LOOPBACK_H
#define CLI_REMOTE_LOOPBACK_H

#include "cli/cli.h"

/* See cli/loopback.h. */
int connect_loopback(cli *c, const char *address, int *status);

#endif
