/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `maapol serve`. */
#ifndef CLI_SERVE_SERVE_INPUT_H
#define CLI_SERVE_SERVE_INPUT_H

#include "cli/cli.h"
#include "serve/service.h"

typedef struct serve_input {
  slice host;          /* to listen at */
  const char *port;    /* decimal */
  slice issuer;        /* empty: of where it listens */
  bool is_plain;       /* --http */
  slice tls_key, tls_certificate; /* given ones, or empty */
  size_t threads;
  size_t seconds; /* of --time-limit; 0: the usual */
  service_options service; /* but for the origins */
} serve_input;

extern const cli_option serve_options_table[];

/* CLI_OK, or an exit status after a message. */
int serve_input_read(cli *c, serve_input *input);

#endif
