/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of ECDSA P-256 signatures by keys that come again. Each check is done;
 * what is kept is OpenSSL's preparation, which costs a tenth of one.
 *
 *   ec_checks *checks = ec_checks_new(a);
 *   for (;;)
 *     if (!ec_checks_verify(checks, key, data, signature)) ..
 *
 * It knows a key by its handle, to which it holds a reference, so that no other
 * key can have the same. One thread at a time; it has a few places and takes no
 * memory later.
 */
#ifndef SIGN_EC_CHECKS_H
#define SIGN_EC_CHECKS_H

#include <openssl/types.h>

#include "base/arena.h"
#include "sign/digest.h"

typedef struct ec_checks ec_checks;

/* Released with the arena. */
ec_checks *ec_checks_new(arena *a);

/* As ec_verify (sign/ec_key.h). checks: NULL for none. */
bool ec_checks_verify(ec_checks *checks, EVP_PKEY *key, bytes data,
                      bytes signature);

/* Whether the signature, in DER as certificates have it (RFC 5480), is the
 * P-256 key's over data of that SHA-256. */
bool ec_checks_verify_hash(ec_checks *checks, EVP_PKEY *key,
                           const uint8_t hash[SHA256_BYTES], bytes der);

#endif
