/* SPDX-License-Identifier: Apache-2.0 */
/* Claims given on the command line, and a run of a policy over them. */
#ifndef CLI_CLAIMS_INPUT_H
#define CLI_CLAIMS_INPUT_H

#include "cli/cli.h"
#include "eval/evaluate.h"

/* Reads a claims file; false after a message: return CLI_INPUT. */
bool cli_read_claims(cli *c, const char *path, claim_list *claims);

/* All sections as one evaluation; flags as evaluate has them. */
void cli_evaluate(cli *c, const program *p, const claim_list *claims,
                  unsigned flags, evaluation *result);

#endif
