/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates inside evidence (RFC 5280, PEM of RFC 7468). Everything
 * is released with the arena. */
#ifndef EVIDENCE_CERTIFICATE_H
#define EVIDENCE_CERTIFICATE_H

#include <openssl/types.h>

#include "base/buffer.h"
#include "base/limits.h"

typedef struct certificate_chain {
  X509 *items[LIMIT_CERTIFICATES]; /* in the order of the text: leaf first */
  size_t count;
} certificate_chain;

/* Reads every certificate of a PEM text; what stands between and behind them
 * is passed over, as the NUL at the end in quotes. False: *reason (static)
 * says why. */
bool certificate_chain_read(arena *a, bytes pem, certificate_chain *result,
                            const char **reason);

/* A certificate made elsewhere, to be released with the arena. Jumps to the
 * guard if it is NULL. */
X509 *certificate_keep(arena *a, X509 *certificate);

/* Appends the certificate as PEM: lines of 64, LF. */
void certificate_write(buffer *out, X509 *certificate);

/* Names as RFC 2253 writes them, in ASCII: bytes that a terminal might obey
 * are escaped. */
slice certificate_subject(arena *a, const X509 *certificate);
slice certificate_issuer(arena *a, const X509 *certificate);

/* "2018-05-21T10:45:10Z". */
slice certificate_not_before(arena *a, const X509 *certificate);
slice certificate_not_after(arena *a, const X509 *certificate);

/* The first second, since the epoch, in which it is valid, and the first in
 * which it is not any more (RFC 5280 section 4.1.2.5). False: a time is
 * none. */
bool certificate_validity(const X509 *certificate, int64_t *from,
                          int64_t *until);

/* Lower-case hex. */
slice certificate_serial(arena *a, const X509 *certificate);

/* The content of the extension with that dotted OID, which lives as long as
 * the certificate; empty if there is none. */
bytes certificate_extension(const X509 *certificate, const char *oid);

#endif
