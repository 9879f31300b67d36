/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb that speaks to the service begins and ends with. */
#ifndef CLI_REMOTE_SESSION_H
#define CLI_REMOTE_SESSION_H

#include "cli/cli.h"
#include "cli/remote/remote_options.h"
#include "remote/endpoint.h"

typedef struct session {
  cli *cli;
  remote remote;
  http_client *http;
  credentials credentials;
  endpoint endpoint;
  bool is_dry;
  void (*sleep)(void *context, unsigned milliseconds);
} session;

/* Reads REMOTE_OPTIONS. CLI_OK, or an exit status after a message. Calls
 * secrets_begin; nothing of OpenSSL may run before. */
int session_open(cli *c, session *s);

/* The same for a verb that takes options alone. */
int session_open_wordless(cli *c, session *s);

/* Reads TRANSPORT_OPTIONS alone; there is no endpoint. */
int session_open_transport(cli *c, session *s);

/* Prints s->remote.failure with its advice; returns the exit status. */
int session_failed(session *s);

/* Prints the advice alone; returns the exit status. */
int session_advise(session *s);

/* The same as session_failed for a policy of that file: where the service's
 * parser stopped is shown as PATH:LINE:COL. */
int session_failed_policy(session *s, const char *path);

/* Shows the request of an operation (--dry-run). */
int session_show(session *s, endpoint_operation operation,
                 attestation_type type, slice body);

/* The instance without a slash at its end. */
static inline slice session_issuer(const session *s) {
  return s->endpoint.issuer;
}

/* Prints a JSON value and a line feed. */
void session_print_json(session *s, const value *v);

/* The type of --type; CLI_USAGE after a message if there is none. */
int session_type(session *s, attestation_type *type);

#endif
