/* SPDX-License-Identifier: Apache-2.0 */
/* What `attest` is given on the command line. */
#ifndef CLI_CRYPTO_ATTEST_INPUT_H
#define CLI_CRYPTO_ATTEST_INPUT_H

#include "cli/cli.h"
#include "token/attest.h"

extern const cli_option attest_options_table[];

typedef struct attest_input {
  attest_request request;
  attest_options options; /* points to verify */
  verify_options verify;
  const char *policy_name; /* of the policy in messages */
  notes notes;             /* of reading the request */
  service_error error;     /* why the request was refused, or FAILURE_NONE */
} attest_input;

/* Reads options and files. CLI_OK even where the request was refused as the
 * service would (input->error says so); else an exit status, after a message.
 */
int attest_input_read(cli *c, attest_input *input);

#endif
