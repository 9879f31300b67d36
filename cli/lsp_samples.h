/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LSP_SAMPLES_H
#define CLI_LSP_SAMPLES_H

#include "cli/cli.h"
#include "lsp/server.h"

/* The samples that configuration names for a policy; all of *files lives in
 * the arena. An invalid configuration names none. */
void lsp_samples_read(const cli *c, arena *a, const char *path,
                      lsp_named_files *files);

#endif
