/* SPDX-License-Identifier: Apache-2.0 */
/* What a verb does before it reads a private key or a passphrase. */
#ifndef CLI_CRYPTO_SECRETS_H
#define CLI_CRYPTO_SECRETS_H

#include "cli/cli.h"

/* No core files, no debugger of the same user; OpenSSL's secure heap; and
 * whatever OpenSSL gives back to the allocator is overwritten first, since its
 * decoders leave copies of keys behind. To be called before anything else of
 * OpenSSL is. */
void secrets_begin(void);

/* An arena of its own for keys, so that a verb can end it before it writes its
 * result; released with the arena of the run at the latest. */
arena *secrets_arena(cli *c);

#endif
