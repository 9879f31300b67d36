/* SPDX-License-Identifier: Apache-2.0 */
/* maapol sign: the tokens that policy owners send to the service. */
#include "base/limits.h"
#include "cli/crypto/key_input.h"
#include "cli/crypto/output_file.h"
#include "cli/crypto/secrets.h"
#include "cli/crypto/sign_input.h"
#include "cli/crypto/signer_command.h"
#include "cli/verbs.h"
#include "sign/jws_make.h"
#include "sign/policy_hash.h"

enum { TIMEOUT_SECONDS = 60, TIMEOUT_MAX = 86400 };

static const cli_option options[] = {
    {"policy", 'p', "FILE", "policy text or token to sign"},
    {"reset", 0, NULL, "a token that resets the policy to the default"},
    {"add-certificate", 0, "PEM", "a token that adds this certificate"},
    {"remove-certificate", 0, "PEM", "a token that removes this certificate"},
    {"no-check", 0, NULL, "sign the policy whatever is wrong with it"},
    {"unsecured", 0, NULL, "no signature, as the SDKs send it"},
    {"az-compat", 0, NULL, "no signature, as the Azure CLI sends it"},
    {"cert", 'c', "FILE",
     "the signer's certificate and those above it; may be repeated"},
    {"chain", 0, NULL, "send the whole chain, not the certificate alone"},
    {"alg", 0, "NAME", "RS256, PS256, ES256 .. (what suits the key)"},
    KEY_INPUT_OPTIONS,
    {"now", 0, "TIME", "when certificates have to be valid (the clock)"},
    {"signer-command", 0, "CMD",
     "run CMD without a shell: input on its standard input, signature on its "
     "standard output"},
    {"signer-digest", 0, NULL, "give the signer the digest of the input"},
    {"signer-timeout", 0, "SECONDS", "how long CMD may take (60)"},
    {"prepare", 0, NULL, "write what is to be signed, and end"},
    {"attach", 0, "FILE", "add this signature to what --prepare wrote"},
    {"state", 0, "FILE", "the signing input: written by --prepare, read by "
                         "--attach"},
    {"output", 'o', "FILE", "where to write the token (standard output)"},
    {0},
};

/* --- results -------------------------------------------------------------- */

/* A line on standard output; in a file the token alone, whose hash is that of
 * the file. */
static int write_token(cli *c, slice token) {
  const char *path = cli_value(c, "output");
  cli_verbose(c, "policyTokenHash %.*s",
              SLICE_ARGS(policy_token_hash(c->arena, token)));
  if (path && strcmp(path, "-") != 0)
    return output_file_write(c, path, token);
  cli_print(c, "%.*s\n", SLICE_ARGS(token));
  return CLI_OK;
}

static int complete(cli *c, slice input, bytes signature) {
  slice token;
  const char *reason;
  switch (policy_token_complete(c->arena, input, signature, &token,
                                &reason)) {
  case POLICY_COMPLETE:
    return write_token(c, token);
  case POLICY_WRONG_SIGNATURE:
    return cli_error(c, CLI_NO, "%s", reason);
  case POLICY_NO_INPUT:
    break;
  }
  return cli_error(c, CLI_INPUT, "what is to be signed: %s", reason);
}

/* --- signers -------------------------------------------------------------- */

/* What the signer gets: the input, or its digest. */
static int to_be_signed(cli *c, slice input, bytes *result) {
  const char *reason;
  *result = bytes_from_slice(input);
  if (!cli_flag(c, "signer-digest") ||
      policy_signing_digest(c->arena, input, result, &reason))
    return CLI_OK;
  return cli_error(c, CLI_INPUT, "%s", reason);
}

static int sign_by_command(cli *c, slice input) {
  const char *text = cli_value(c, "signer-timeout");
  size_t timeout_s = TIMEOUT_SECONDS;
  if (text && (!cli_parse_count(text, TIMEOUT_MAX, &timeout_s) || !timeout_s))
    return cli_usage(c, "--signer-timeout wants seconds, 1 to %d",
                     TIMEOUT_MAX);
  char **words =
      command_words(c->arena, slice_from(cli_value(c, "signer-command")));
  if (!words)
    return cli_usage(c, "--signer-command: a quote is not closed, or there "
                        "is no command");
  bytes given, signature;
  int status = to_be_signed(c, input, &given);
  if (status == CLI_OK)
    status = signer_command_run(c, words, given, timeout_s, &signature);
  return status == CLI_OK ? complete(c, input, signature) : status;
}

/* The key is gone before anything is written. */
static int sign_by_key(cli *c, arena *secrets, const private_key *key,
                       jws_algorithm algorithm, slice input) {
  bytes signature;
  bool good = private_key_sign(c->arena, key, algorithm,
                               bytes_from_slice(input), &signature);
  arena_free(secrets);
  if (!good)
    return cli_error(c, CLI_SYSTEM, "the holder of the key refuses to sign");
  return complete(c, input, signature);
}

static int prepare(cli *c, slice input) {
  const char *state = cli_value(c, "state"), *path = cli_value(c, "output");
  bytes given;
  int status = to_be_signed(c, input, &given);
  if (status == CLI_OK && state)
    status = output_file_write(c, state, input);
  if (status != CLI_OK)
    return status;
  return output_file_write(c, path ? path : "-", slice_from_bytes(given));
}

/* --- the ways ------------------------------------------------------------- */

static int sign_signed(cli *c, signing_way way, slice payload) {
  arena *secrets = secrets_arena(c);
  private_key key;
  policy_signer signer;
  int status = sign_signer(c, secrets, way, &key, &signer);
  if (status != CLI_OK)
    return status;
  bool whole = cli_flag(c, "chain") || cli_value_at(c, "cert", 1);
  slice input = policy_signing_input(c->arena, &signer, whole, payload);
  if (way == SIGN_LATER)
    return prepare(c, input);
  if (way == SIGN_WITH_COMMAND)
    return sign_by_command(c, input);
  return sign_by_key(c, secrets, &key, signer.algorithm, input);
}

static int sign_unsecured(cli *c, slice payload) {
  slice header = cli_flag(c, "az-compat") ? POLICY_HEADER_AZURE_CLI
                                          : POLICY_HEADER_UNSECURED;
  return write_token(c, jws_make_unsecured(c->arena, header, payload));
}

static int attach(cli *c) {
  const char *path = cli_value(c, "state");
  for (const cli_option *o = options; o->name; o++)
    if (cli_value(c, o->name) && strcmp(o->name, "attach") != 0 &&
        strcmp(o->name, "state") != 0 && strcmp(o->name, "output") != 0)
      return cli_usage(c, "--%s does not go with --attach", o->name);
  if (!path)
    return cli_usage(c, "--attach wants --state FILE, the signing input that "
                        "--prepare wrote");
  slice input, signature;
  if (!cli_read(c, path, (size_t)LIMIT_JSON_BYTES * 2, &input) ||
      !cli_read(c, cli_value(c, "attach"), LIMIT_SIGNATURE_BYTES, &signature))
    return CLI_INPUT;
  return complete(c, input, bytes_from_slice(signature));
}

static int run(cli *c) {
  secrets_begin();
  if (c->argument_count)
    return cli_usage(c, "`%s` is one word too many", c->arguments[0]);
  if (cli_value(c, "attach"))
    return attach(c);
  signing_way way;
  slice payload;
  int status = sign_way(c, &way);
  if (status == CLI_OK)
    status = sign_payload(c, way, &payload);
  if (status != CLI_OK)
    return status;
  return way == SIGN_UNSECURED ? sign_unsecured(c, payload)
                               : sign_signed(c, way, payload);
}

const cli_verb verb_sign = {
    "sign",
    "policy, reset and certificate tokens, signed or not",
    "(--policy FILE | --reset | --add-certificate PEM | --remove-certificate "
    "PEM) (--unsecured | --key FILE --cert PEM | ..)",
    "maapol sign --policy release.maapolicy --key signer.key "
    "--cert signer.pem -o release.jws",
    options,
    run,
};
