/* SPDX-License-Identifier: Apache-2.0 */
/* Client assertions at the token endpoint (RFC 7523): a token that the client's
 * own certificate signs, or one of another identity provider, such as a
 * cluster's or a CI system's (workload identity federation). */
#ifndef SERVE_ASSERTION_H
#define SERVE_ASSERTION_H

#include "serve/access.h"

/* Why the token endpoint gives no token. */
typedef struct entra_refusal {
  int status;
  const char *error; /* RFC 6749 section 5.2 */
  int number;        /* AADSTS..; 0: the machine's own endpoint has none */
  const char *text;
} entra_refusal;

/* Whether the assertion is the client's: the role of the entry that it fits
 * comes in *role. False: *why, of the entry that
 * it fits best. */
bool assertion_proves(call *c, slice client, slice text, access_role *role,
                      entra_refusal *why);

/* The keys that were given of an issuer; NULL: none. */
const federated_keys *federated_keys_find(const service *s, slice issuer);

/* What workload identities are exchanged under; an entry may name another. */
#define ASSERTION_AUDIENCE "api://AzureADTokenExchange"

#endif
