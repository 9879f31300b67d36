/* SPDX-License-Identifier: Apache-2.0 */
/* What `maapol sign` signs, and as whom. */
#ifndef CLI_CRYPTO_SIGN_INPUT_H
#define CLI_CRYPTO_SIGN_INPUT_H

#include "cli/cli.h"
#include "sign/key_read.h"
#include "token/policy_make.h"

/* Who makes the signature. */
typedef enum signing_way {
  SIGN_UNSECURED, /* nobody */
  SIGN_WITH_KEY,
  SIGN_WITH_COMMAND,
  SIGN_LATER /* --prepare */
} signing_way;

/* The way that the options name. CLI_OK, or CLI_USAGE after a message about
 * none, several, or options that do not go with it. */
int sign_way(cli *c, signing_way *way);

/* The payload of --policy, --reset, --add-certificate or --remove-certificate,
 * exactly one of them. CLI_OK, or an exit status after a message. */
int sign_payload(cli *c, signing_way way, slice *payload);

/* Certificates and the key, if it is here, in the arena `secrets`; warnings
 * are printed. */
int sign_signer(cli *c, arena *secrets, signing_way way, private_key *key,
                policy_signer *signer);

#endif
