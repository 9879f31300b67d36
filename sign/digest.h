/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-1 and SHA-2 (FIPS 180-4) over OpenSSL. */
#ifndef SIGN_DIGEST_H
#define SIGN_DIGEST_H

#include "base/arena.h"

typedef enum digest_algorithm {
  DIGEST_SHA1, /* only for TPM logs and certificate thumbprints */
  DIGEST_SHA256,
  DIGEST_SHA384,
  DIGEST_SHA512
} digest_algorithm;

enum { DIGEST_BYTES_MAX = 64, SHA256_BYTES = 32 };

/* 20, 32, 48 or 64. */
size_t digest_length(digest_algorithm algorithm);

/* Writes digest_length() bytes. False if OpenSSL refuses: it has no memory, or
 * a FIPS provider without SHA-1. */
bool digest(digest_algorithm algorithm, bytes data,
            uint8_t result[DIGEST_BYTES_MAX]);

/* SHA-256 of the concatenation of parts. Jumps to the guard if OpenSSL has no
 * memory, as every allocation does. */
void digest_sha256_parts(arena *a, const bytes *parts, size_t count,
                         uint8_t result[SHA256_BYTES]);

/* SHA-256 of one part. */
void digest_sha256(arena *a, bytes data, uint8_t result[SHA256_BYTES]);

#endif
