/* SPDX-License-Identifier: Apache-2.0 */
/* The private key of a verb that signs. */
#ifndef CLI_CRYPTO_KEY_INPUT_H
#define CLI_CRYPTO_KEY_INPUT_H

#include "cli/crypto/passphrase.h"

/* Rows for the verb's table of options. */
#define KEY_INPUT_OPTIONS                                                      \
  {"key", 'k', "FILE|URI", "private key: PEM or DER, or a URI that OpenSSL "   \
                           "knows (pkcs11:..)"},                               \
      {"pfx", 0, "FILE", "PKCS #12: key and certificates"},                    \
      PASSPHRASE_OPTIONS,                                                      \
  {                                                                            \
    "provider", 0, "NAME", "OpenSSL provider to load; may be repeated"         \
  }

/* Whether one of --key and --pfx is given. */
bool key_input_is_given(const cli *c);

/* Reads the key into `secrets`; beside it the certificates of --pfx. CLI_OK,
 * or an exit status after a message. secrets_begin comes first. */
int key_input_read(cli *c, arena *secrets, private_key *key,
                   key_certificates *certificates);

#endif
