/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation for people: used by eval and attest. */
#ifndef CLI_EVALUATION_OUTPUT_H
#define CLI_EVALUATION_OUTPUT_H

#include "cli/cli.h"
#include "eval/report.h"

/* Decision and why, to standard output. */
void cli_print_decision(cli *c, const report *r, const evaluation *e);

/* "TITLE:" and one claim a line; nothing if there is none. */
void cli_print_claims(cli *c, const char *title, const claim_list *claims);

/* The payload of a token, an object: one claim a line, names sorted. */
void cli_print_payload(cli *c, const value *payload);

/* What became of every rule. */
void cli_print_trace(cli *c, const report *r, const evaluation *e);

/* Warnings of the run, to standard error. */
void cli_print_notes(cli *c, const report *r, const evaluation *e);

/* CLI_OK for a permit, else CLI_NO. */
int cli_decision_status(const evaluation *e);

#endif
