/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that are made on the way to the service: without signature, or
 * signed by the key of --key or --pfx. */
#ifndef CLI_REMOTE_SIGNING_H
#define CLI_REMOTE_SIGNING_H

#include "cli/crypto/key_input.h"
#include "cli/crypto/sign_input.h"

/* Rows for the verb's table of options. */
#define SIGNING_OPTIONS                                                        \
  {"cert", 'c', "FILE",                                                        \
   "the signer's certificate and those above it; may be repeated"},            \
      {"chain", 0, NULL, "send the whole chain, not the certificate alone"},   \
      {"alg", 0, "NAME", "RS256, PS256, ES256 .. (what suits the key)"},       \
      KEY_INPUT_OPTIONS

typedef struct signing {
  cli *cli;
  bool is_signed;
  bool sends_chain;
  private_key key;
  policy_signer signer;
} signing;

/* Reads SIGNING_OPTIONS. CLI_OK, or an exit status after a message. */
int signing_read(cli *c, signing *s);

/* The same by options whose names begin with "new-" ("new-key" ..). */
int signing_read_new(cli *c, signing *s);

/* A token around a payload (of a reset: empty). CLI_OK, or an exit status
 * after a message. */
int signing_token(const signing *s, slice payload, slice *token);

#endif
