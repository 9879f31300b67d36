/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote/signing.h"

#include "cli/crypto/secrets.h"
#include "sign/jws_make.h"
#include "token/policy_make.h"

static int check_options(cli *c) {
  static const char *const names[] = {"cert", "chain", "alg",
                                      "passphrase-env", "passphrase-file",
                                      "passphrase-fd", "provider", NULL};
  for (size_t i = 0; names[i]; i++)
    if (cli_value(c, names[i]))
      return cli_usage(c, "--%s goes with --key or --pfx", names[i]);
  return CLI_OK;
}

int signing_read(cli *c, signing *s) {
  *s = (signing){.cli = c, .is_signed = key_input_is_given(c)};
  if (!s->is_signed)
    return check_options(c);
  if (!cli_value(c, "cert") && !cli_value(c, "pfx"))
    return cli_usage(c, "--cert is missing: the certificate that the service "
                        "checks the signature by");
  s->sends_chain = cli_flag(c, "chain") || cli_value_at(c, "cert", 1);
  return sign_signer(c, secrets_arena(c), SIGN_WITH_KEY, &s->key, &s->signer);
}

/* The options of the second key, as if they were those of the first. */
int signing_read_new(cli *c, signing *s) {
  static const char prefix[] = "new-";
  cli second = *c;
  second.value_count = 0;
  second.values = ARENA_ARRAY(c->arena, c->value_count, const char *);
  second.given = ARENA_ARRAY(c->arena, c->value_count, const cli_option *);
  for (size_t i = 0; i < c->value_count; i++) {
    if (strncmp(c->given[i]->name, prefix, sizeof prefix - 1) != 0)
      continue;
    cli_option *renamed = ARENA_NEW(c->arena, cli_option);
    *renamed = *c->given[i];
    renamed->name += sizeof prefix - 1;
    second.given[second.value_count] = renamed;
    second.values[second.value_count++] = c->values[i];
  }
  int status = signing_read(&second, s);
  s->cli = c;
  return status;
}

int signing_token(const signing *s, slice payload, slice *token) {
  cli *c = s->cli;
  if (!s->is_signed) {
    *token = jws_make_unsecured(c->arena, POLICY_HEADER_UNSECURED, payload);
    return CLI_OK;
  }
  const char *reason;
  bytes signature;
  slice input =
      policy_signing_input(c->arena, &s->signer, s->sends_chain, payload);
  if (!private_key_sign(c->arena, &s->key, s->signer.algorithm,
                        bytes_from_slice(input), &signature))
    return cli_error(c, CLI_SYSTEM, "the holder of the key refuses to sign");
  if (policy_token_complete(c->arena, input, signature, token, &reason) !=
      POLICY_COMPLETE)
    return cli_error(c, CLI_NO, "%s", reason);
  return CLI_OK;
}
