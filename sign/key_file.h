/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in PEM files (RFC 7468, PKCS #8). Their text never lies in
 * memory that is not cleansed. */
#ifndef SIGN_KEY_FILE_H
#define SIGN_KEY_FILE_H

#include <openssl/types.h>

#include "base/arena.h"

/* Reads an unencrypted private key, which is released with the arena. NULL:
 * *reason says why. Never asks for a password. */
EVP_PKEY *key_file_read(arena *a, const char *path, const char **reason);

/* Writes a new file of mode 0600; one that exists is left alone and an error,
 * so that no key is ever lost. */
bool key_file_write(const char *path, EVP_PKEY *key, const char **reason);

#endif
