/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REPLACE_H
#define CLI_REPLACE_H

#include "cli/cli.h"

/* Puts `text` in the place of an existing file in one step: whoever reads sees
 * the old text or the new one, also after a crash. The file keeps its mode
 * and, where that is allowed, its owner; a symbolic link stays and what it
 * points at is replaced. False after a message: nothing was changed. */
bool cli_replace(cli *c, const char *path, slice text);

#endif
