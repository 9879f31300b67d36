/* SPDX-License-Identifier: Apache-2.0 */
/* The question for a passphrase while OpenSSL reads a key. Inside sign/. */
#ifndef SIGN_KEY_ASKING_H
#define SIGN_KEY_ASKING_H

#include "sign/key_read.h"

/* What became of it. */
typedef struct key_asking {
  const passphrase_source *source;
  bool was_asked, was_answered;
} key_asking;

/* OpenSSL's pem_password_cb; context is a key_asking. */
int key_ask(char *to, int room, int writing, void *context);

/* Why there is no key: what, unless the passphrase is to blame. Empties
 * OpenSSL's queue of errors. */
private_key_status key_failure(const key_asking *q, const char *what,
                               const char **reason);

#endif
