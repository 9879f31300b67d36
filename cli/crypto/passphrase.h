/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases of keys: from the environment, a file, a descriptor or the
 * terminal, and never from the command line, which every user of the machine
 * can read. */
#ifndef CLI_CRYPTO_PASSPHRASE_H
#define CLI_CRYPTO_PASSPHRASE_H

#include "cli/cli.h"
#include "sign/key_read.h"

/* Rows for the verb's table of options. */
#define PASSPHRASE_OPTIONS                                                     \
  {"passphrase-env", 0, "NAME", "variable that holds the key's passphrase"},   \
      {"passphrase-file", 0, "FILE", "file whose first line it is"},           \
  {                                                                            \
    "passphrase-fd", 0, "N", "open descriptor from which to read that line"    \
  }

typedef struct passphrase_input {
  passphrase_source source; /* what key_read wants */
  const char *of;           /* shown in the question */
  const secret *words;      /* NULL: ask at the terminal */
} passphrase_input;

/* Reads those options; `of` names the key. The words lie in `secrets`. The
 * variable of --passphrase-env is wiped. CLI_OK, or an exit status after a
 * message. p must stay where it is while its source is used. */
int passphrase_input_read(cli *c, arena *secrets, const char *of,
                          passphrase_input *p);

#endif
