/* SPDX-License-Identifier: Apache-2.0 */
/* P-256 keys and ECDSA with SHA-256 as evidence and JWS carry them: a
 * signature is r||s (RFC 7518 section 3.4), a public key x||y, each number
 * 32 bytes, big-endian; and P-384 with SHA-384, whose numbers have 48 bytes.
 * Keys are released with the arena.
 *
 * These are for a key that signs, or that checks one signature: they prepare
 * nothing and need no arena to do it. sign/public_key.h is for keys of any kind
 * that check many. */
#ifndef SIGN_EC_KEY_H
#define SIGN_EC_KEY_H

#include <openssl/types.h>

#include "base/arena.h"

enum {
  EC_SIGNATURE_BYTES = 64,
  EC_PUBLIC_BYTES = 64,
  EC384_NUMBER_BYTES = 48,
  EC384_SIGNATURE_BYTES = 96
};

/* A fresh key pair. Jumps to the guard if OpenSSL cannot make one. */
EVP_PKEY *ec_key_make(arena *a);

/* Whether it is a key, public or not, on P-256 by name. */
bool ec_key_is_p256(const EVP_PKEY *key);

/* The public key at that point; NULL if it does not lie on the curve. */
EVP_PKEY *ec_key_from_point(arena *a, bytes point);

/* The point of a P-256 key; false for any other key. */
bool ec_key_point(const EVP_PKEY *key, uint8_t point[EC_PUBLIC_BYTES]);

/* Signs with a P-256 key; false for any other key. */
bool ec_sign(EVP_PKEY *key, bytes data, uint8_t signature[EC_SIGNATURE_BYTES]);

/* Whether the signature of EC_SIGNATURE_BYTES is the key's over data. */
bool ec_verify(EVP_PKEY *key, bytes data, bytes signature);

/* The same three for P-384 with SHA-384 (FIPS 186-4). */
EVP_PKEY *ec384_key_make(arena *a);
bool ec384_sign(EVP_PKEY *key, bytes data,
                uint8_t signature[EC384_SIGNATURE_BYTES]);
bool ec384_verify(EVP_PKEY *key, bytes data, bytes signature);

#endif
