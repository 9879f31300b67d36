/* SPDX-License-Identifier: Apache-2.0 */
/* URLs, read by libcurl's own parser (RFC 3986): what is checked here is what
 * it will connect to. */
#ifndef REMOTE_URL_H
#define REMOTE_URL_H

#include "base/arena.h"

typedef struct url {
  bool is_https;
  slice host;    /* lower case; an IPv6 address without brackets */
  slice origin;  /* "https://host[:port]", the default port left out */
  slice path;    /* begins with a slash */
  slice query;   /* without the question mark; may be empty */
  bool is_loopback; /* localhost, 127.0.0.0/8, ::1 */
} url;

/* False: *reason (static) says what is wrong. User names in a URL, fragments,
 * other schemes than https and http, and hosts of other characters than
 * letters, digits, dots and dashes are refused. */
bool url_read(arena *a, slice text, url *result, const char **reason);

/* Whether the host is the service's: below attest.azure.net, .us or .cn, over
 * https. */
bool url_is_attestation_service(const url *u);

/* The text, percent-encoded for a query or form (RFC 3986 section 2.3). */
slice url_encoded(arena *a, slice text);

#endif
