/* SPDX-License-Identifier: Apache-2.0 */
/* The server's TLS identity: a certificate of an authority of our own, made at
 * the first start and kept in the state, so that clients trust it once. */
#ifndef SERVE_TLS_H
#define SERVE_TLS_H

#include "serve/state.h"

typedef struct tls_identity {
  slice key;         /* PEM; cleansed with the arena */
  slice certificate; /* PEM, the authority's behind it */
  slice authority;   /* PEM: what clients are to trust */
} tls_identity;

/* The certificate is for localhost, 127.0.0.1, ::1 and host, and made anew at
 * every start. False: *reason says why. */
bool tls_prepare(arena *a, state *s, slice host, tls_identity *result,
                 const char **reason);

/* Writes DIRECTORY/ca-certificate.pem at once, so that nobody reads half of
 * it; *path gets its name. */
bool tls_write_authority(arena *a, const char *directory, slice pem,
                         const char **path, const char **reason);

#endif
