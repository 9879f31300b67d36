/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks the token endpoint, and whether it is so (RFC 6749 section 4.4, RFC
 * 7523). Without a list of clients everybody is a contributor: the emulator
 * then stands in for a tenant that lets its developer in. */
#ifndef SERVE_ENTRA_CLIENT_H
#define SERVE_ENTRA_CLIENT_H

#include "serve/assertion.h"

typedef struct entra_request {
  slice client, scope;
  access_role role;
} entra_request;

bool entra_read_request(call *c, entra_request *result, entra_refusal *why);

#endif
