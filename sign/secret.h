/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that nobody else may see: key files, passphrases. They lie in
 * OpenSSL's secure heap where the program set one up (locked into memory, kept
 * out of core files), and never in a block of an arena; they are overwritten
 * before they are given back. */
#ifndef SIGN_SECRET_H
#define SIGN_SECRET_H

#include "base/arena.h"

typedef struct secret {
  char *data; /* with a NUL behind its length */
  size_t length, capacity;
} secret;

/* Room for that many bytes, all zero; wiped and released with the arena. Jumps
 * to the guard if there is no memory. */
secret *secret_make(arena *a, size_t capacity);

/* Overwrites and releases it now; the secret is empty then. */
void secret_wipe(secret *s);

/* Reads the open file to its end, at most limit bytes, past no buffer of the
 * C library. NULL: *reason (static) says why. The descriptor stays open. */
secret *secret_read(arena *a, int descriptor, size_t limit,
                    const char **reason);

/* The same of the file with that name. */
secret *secret_read_file(arena *a, const char *path, size_t limit,
                         const char **reason);

#endif
