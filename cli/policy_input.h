/* SPDX-License-Identifier: Apache-2.0 */
/* A policy given on the command line. */
#ifndef CLI_POLICY_INPUT_H
#define CLI_POLICY_INPUT_H

#include "cli/cli.h"
#include "compiler/policy.h"

/* Reads and compiles a policy file ("-": standard input). On errors its
 * findings are printed on standard error and NULL comes back: return
 * CLI_INPUT. Warnings are printed and do not hinder. */
policy *cli_read_policy(cli *c, const char *path);

/* The same for a text that is there already; `name` is shown as its path. */
policy *cli_compile_policy(cli *c, const char *name, slice text);

/* Prints findings of at least that severity on standard error. */
void cli_print_findings(cli *c, const char *name, const policy *p);

#endif
