/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys out of what their owners keep them in: PEM or DER of PKCS #1,
 * PKCS #8 (RFC 5958) and SEC 1, encrypted or not, PKCS #12 (RFC 7292), and
 * whatever a provider of OpenSSL serves under a URI.
 *
 *   secret *file = secret_read_file(a, path, LIMIT_KEY_BYTES, &reason);
 *   status = key_read(a, file, &passphrase, &key, &reason);
 */
#ifndef SIGN_KEY_READ_H
#define SIGN_KEY_READ_H

#include "sign/private_key.h"
#include "sign/secret.h"

/* Who knows the passphrase. It is asked for only when a key needs one, once
 * for a file. A library never asks at a terminal. */
typedef struct passphrase_source {
  /* Writes at most room bytes and returns their number; negative: there is no
   * passphrase. Keeps no copy, and must not jump. */
  int (*ask)(void *context, char *to, int room);
  void *context;
} passphrase_source;

enum { KEY_CERTIFICATES_MAX = 16 }; /* as of any chain */

/* The certificates beside a key in PKCS #12: the key's own first. */
typedef struct key_certificates {
  X509 *items[KEY_CERTIFICATES_MAX];
  size_t count;
} key_certificates;

/* Reads the first private key in the text. The passphrase source may be NULL.
 * Unless the status is OK, *reason (static) says why. */
private_key_status key_read(arena *a, const secret *file,
                            const passphrase_source *source,
                            private_key *result, const char **reason);

/* The same of PKCS #12, with its certificates, which the arena releases. */
private_key_status key_read_pkcs12(arena *a, const secret *file,
                                   const passphrase_source *source,
                                   private_key *result,
                                   key_certificates *certificates,
                                   const char **reason);

/* The key that OpenSSL's providers find under the URI (OSSL_STORE): file:,
 * pkcs11: .. The caller has loaded the providers. The key may stay where it
 * is; then the provider signs. */
private_key_status key_read_uri(arena *a, const char *uri,
                                const passphrase_source *source,
                                private_key *result, const char **reason);

#endif
