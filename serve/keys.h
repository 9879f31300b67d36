/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of the emulator: the key that signs its tokens, with a
 * self-signed certificate for every issuer, as the service's enclave has them
 * (x5c of /certs); and a private authority for TLS. */
#ifndef SERVE_KEYS_H
#define SERVE_KEYS_H

#include <openssl/types.h>

#include "base/buffer.h"
#include "sign/private_key.h"

/* kid of the service's own key: the padded base64 of the SHA-256 of the public
 * key as PEM, its final newline and one NUL behind it included (recorded). */
slice key_id(arena *a, const private_key *key);

/* n and e of a JWK (RFC 7518 section 6.3.1). */
slice key_modulus(arena *a, const private_key *key);
slice key_exponent(arena *a, const private_key *key);

/* DER of the certificate that the enclave makes for an issuer: CN is its URL,
 * serial number 1, 2019-05-01 to 2050-12-31, self-signed (recorded). The same
 * key and issuer give the same bytes. */
bytes key_certificate(arena *a, const private_key *key, slice issuer);

/* PKCS #8 DER, and back; for the state. The decoded key is the caller's to
 * release; NULL: it is none. */
bytes key_encode(arena *a, EVP_PKEY *key);
EVP_PKEY *key_decode(bytes content);

/* A new authority for certificates of TLS servers. */
X509 *authority_make(arena *a, EVP_PKEY *key);

/* PEM of the certificate of a server: localhost, 127.0.0.1, ::1 and host
 * (empty: no more), valid for a year from now; with the authority's behind it.
 */
slice authority_issue(arena *a, X509 *authority, EVP_PKEY *authority_key,
                      EVP_PKEY *key, slice host);

slice key_pem(arena *a, EVP_PKEY *key); /* PKCS #8 PEM */
slice certificate_pem(arena *a, X509 *certificate);
bytes certificate_der(arena *a, X509 *certificate);

#endif
