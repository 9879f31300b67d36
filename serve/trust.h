/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a management certificate of an isolated instance stands behind a
 * signer. */
#ifndef SERVE_TRUST_H
#define SERVE_TRUST_H

#include "serve/call.h"

/* x5c: the signer's certificate, then those between it and its root. NULL if
 * the path ends at a management certificate that may issue (CA:TRUE, as the
 * service demands of the root, even of a self-signed signer); else the name
 * "CN=.." whose certificate is missing. Validity periods are not looked at. The
 * call notes by which list it was decided. */
const char *trust_find_missing_issuer(call *c, const value *x5c);

/* DER of the first certificate of a JWK; false if there is none. */
bool trust_certificate_of(arena *a, const value *jwk, bytes *der);

#endif
