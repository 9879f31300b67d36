/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about tokens read. */
#ifndef CLI_CRYPTO_TOKEN_INPUT_H
#define CLI_CRYPTO_TOKEN_INPUT_H

#include "cli/cli.h"
#include "sign/jwk.h"

/* The token of the verb's one argument: a file ("-": standard input), or the
 * token itself. CLI_OK, or an exit status after a message. */
int token_input_read(cli *c, slice *token);

/* Fetches the JWK set of a URL by the sibling maapol-remote, which is given
 * the words of `option` ("--discover") before the URL and --ca's value if there
 * is one. A fetch callback of token/key_source.h: context is the cli. */
bool token_keys_fetch(void *c, arena *a, slice url, slice *text,
                      const char **reason);

#endif
