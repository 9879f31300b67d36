/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what: bearer tokens (RFC 6750) and the roles of the service. */
#ifndef SERVE_ACCESS_H
#define SERVE_ACCESS_H

#include "serve/call.h"

typedef enum access_role {
  ROLE_NONE,
  ROLE_READER,
  ROLE_CONTRIBUTOR
} access_role;

/* A client that the token endpoint knows. */
struct service_client {
  slice id, secret;    /* empty secret: another credential */
  slice certificate;   /* PEM of the certificate of its assertions */
  slice issuer, subject, audience; /* of another identity provider's tokens */
  bool is_managed; /* an identity of this machine: who asks here has it */
  access_role role;
};

/* Reads a JSON array of {"client_id", "client_secret" | "certificate" (PEM) |
 * "issuer" and "subject" [and "audience"] | "managed_identity": true, "role":
 * "Reader" | "Contributor"}. False: *reason says what is wrong. */
bool access_read_clients(arena *a, slice text, const service_client **clients,
                         size_t *count, const char **reason);

/* False after a refusal: 401 without a usable token, 403 without the role. */
bool access_is_granted(call *c);

/* An access token of our token endpoint: RS256, one hour. */
slice access_make_token(call *c, slice audience, slice tenant, slice client,
                        access_role role);

enum { ACCESS_TOKEN_SECONDS = 3599 };

#endif
