/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb that speaks to the service begins and ends with. */
#ifndef CLI_REMOTE_SESSION_H
#define CLI_REMOTE_SESSION_H

#include "cli/cli.h"
#include "remote/endpoint.h"

/* Rows for the table of options of a verb that fetches something. */
#define TRANSPORT_OPTIONS                                                      \
  {"ca", 0, "FILE", "certificates to trust instead of the system's"},          \
      {"http", 0, NULL, "allow plain http to this machine"},                   \
      {"timeout", 0, "SECONDS", "how long one answer may take (60)"},          \
      {"retries", 0, "N", "how often to try again (4)"},                       \
  {                                                                            \
    "retry-delay", 0, "MS", "before the first retry; doubled each time (800)"  \
  }

/* Of one that speaks to an instance. */
#define REMOTE_OPTIONS                                                         \
  {"endpoint", 'e', "URL", "the instance, https://NAME.attest.azure.net"},     \
      {"api-version", 0, "VERSION", "of the service's REST interface "         \
                                    "(2020-10-01)"},                           \
      {"auth", 0, "KIND", "credential to use; else the first that is "         \
                          "configured"},                                       \
      {"token-file", 0, "FILE", "file that holds an access token"},            \
      {"cloud", 0, "NAME", "public, usgov or china (public)"},                 \
      {"allow-endpoint", 0, NULL,                                              \
       "send the access token to a host that is not the service's"},           \
      {"dry-run", 0, NULL, "show the request and send nothing"},               \
      TRANSPORT_OPTIONS

typedef struct session {
  cli *cli;
  remote remote;
  http_client *http;
  credentials credentials;
  endpoint endpoint;
  bool is_dry;
} session;

/* Reads REMOTE_OPTIONS. CLI_OK, or an exit status after a message. Calls
 * secrets_begin; nothing of OpenSSL may run before. */
int session_open(cli *c, session *s);

/* Reads TRANSPORT_OPTIONS alone; there is no endpoint. */
int session_open_transport(cli *c, session *s);

/* Prints s->remote.failure with its advice; returns the exit status. */
int session_failed(session *s);

/* The same for a policy of that file: where the service's parser stopped is
 * shown as PATH:LINE:COL. */
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
