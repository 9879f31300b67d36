/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/sign_input.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "cli/crypto/key_input.h"
#include "cli/crypto/verify_input.h"
#include "cli/policy_input.h"
#include "compiler/unwrap.h"
#include "sign/policy_hash.h"

/* --- options -------------------------------------------------------------- */

/* Index of the one of `names` that is given; -1 if none is. Another one is
 * wrong usage: *status. */
static int only_one(cli *c, const char *const *names, int *status) {
  int found = -1;
  for (int i = 0; names[i]; i++) {
    if (!cli_value(c, names[i]))
      continue;
    if (found >= 0)
      *status = cli_usage(c, "--%s and --%s exclude each other",
                          names[found], names[i]);
    if (*status != CLI_OK)
      return -1;
    found = i;
  }
  return found;
}

static int check_unsecured(cli *c) {
  static const char *const signers[] = {
      "cert", "chain", "alg", "now", "passphrase-env", "passphrase-file",
      "passphrase-fd", "provider", "signer-digest", "signer-timeout", "state",
      NULL};
  for (size_t i = 0; signers[i]; i++)
    if (cli_value(c, signers[i]))
      return cli_usage(c, "--%s does not go with a token without signature",
                       signers[i]);
  return CLI_OK;
}

static int check_signed(cli *c, signing_way way) {
  bool digest = cli_flag(c, "signer-digest");
  if (way == SIGN_WITH_KEY && digest)
    return cli_usage(c, "--signer-digest goes with --signer-command and "
                        "--prepare");
  if (way != SIGN_WITH_COMMAND && cli_value(c, "signer-timeout"))
    return cli_usage(c, "--signer-timeout goes with --signer-command");
  if (way != SIGN_LATER && cli_value(c, "state"))
    return cli_usage(c, "--state goes with --prepare and --attach");
  if (way == SIGN_LATER && digest && !cli_value(c, "state"))
    return cli_usage(c, "--prepare with --signer-digest wants --state FILE, "
                        "where to keep what the digest is of");
  if (!cli_value(c, "cert") && !cli_value(c, "pfx"))
    return cli_usage(c, "--cert is missing: the certificate that the service "
                        "checks the signature by");
  return CLI_OK;
}

int sign_way(cli *c, signing_way *way) {
  static const char *const names[] = {"unsecured", "az-compat", "key", "pfx",
                                      "signer-command", "prepare", NULL};
  static const signing_way ways[] = {SIGN_UNSECURED, SIGN_UNSECURED,
                                     SIGN_WITH_KEY,  SIGN_WITH_KEY,
                                     SIGN_WITH_COMMAND, SIGN_LATER};
  int status = CLI_OK;
  bool both = cli_flag(c, "unsecured") && cli_flag(c, "az-compat");
  int found = only_one(c, both ? names + 1 : names, &status);
  if (status != CLI_OK)
    return status;
  if (found < 0)
    return cli_usage(c, "who signs? --key or --pfx, --signer-command, "
                        "--prepare, or --unsecured");
  *way = ways[found + both];
  return *way == SIGN_UNSECURED ? check_unsecured(c) : check_signed(c, *way);
}

/* --- certificates --------------------------------------------------------- */

/* PEM, or one certificate in DER. */
static bool read_chain(arena *a, bytes text, certificate_chain *chain,
                       const char **reason) {
  const unsigned char *at = text.data;
  X509 *one = text.length && text.data[0] == 0x30
                  ? d2i_X509(NULL, &at, (long)text.length)
                  : NULL;
  ERR_clear_error();
  if (!one)
    return certificate_chain_read(a, text, chain, reason);
  *chain = (certificate_chain){.items = {certificate_keep(a, one)},
                               .count = 1};
  return true;
}

static int read_certificates(cli *c, arena *a, const char *path,
                             certificate_chain *chain) {
  slice text;
  const char *reason = NULL;
  if (!cli_read(c, path, LIMIT_EVIDENCE_BYTES, &text))
    return CLI_INPUT;
  if (!read_chain(a, bytes_from_slice(text), chain, &reason))
    return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
  if (!chain->count)
    return cli_error(c, CLI_INPUT, "%s: there is no certificate in it", path);
  return CLI_OK;
}

static int add(cli *c, certificate_chain *all, X509 *one) {
  if (all->count == LIMIT_CERTIFICATES)
    return cli_error(c, CLI_INPUT, "more than %d certificates are given",
                     LIMIT_CERTIFICATES);
  all->items[all->count++] = one;
  return CLI_OK;
}

static int gather(cli *c, arena *a, const key_certificates *own,
                  certificate_chain *all) {
  int status = CLI_OK;
  *all = (certificate_chain){0};
  for (size_t i = 0; status == CLI_OK && i < own->count; i++)
    status = add(c, all, own->items[i]);
  const char *path;
  for (size_t i = 0; status == CLI_OK && (path = cli_value_at(c, "cert", i));
       i++) {
    certificate_chain some;
    status = read_certificates(c, a, path, &some);
    for (size_t k = 0; status == CLI_OK && k < some.count; k++)
      status = add(c, all, some.items[k]);
  }
  return status;
}

/* --- payload -------------------------------------------------------------- */

static int policy_unchecked(cli *c, const char *path, slice *text) {
  diagnostics findings;
  diagnostics_init(&findings, c->arena);
  slice given;
  if (!cli_read(c, path, LIMIT_POLICY_BYTES, &given))
    return CLI_INPUT;
  *text = given;
  if (unwrap_policy(c->arena, given, text, &findings) == UNWRAP_FAILED)
    return cli_error(c, CLI_INPUT, "%s: %s", path, findings.first->message);
  return CLI_OK;
}

static int policy_text(cli *c, const char *path, slice *text) {
  if (cli_flag(c, "no-check"))
    return policy_unchecked(c, path, text);
  policy *p = cli_read_policy(c, path);
  if (!p)
    return CLI_INPUT;
  *text = p->text;
  return CLI_OK;
}

static int policy_payload_of(cli *c, slice *payload) {
  const char *path = cli_value(c, "policy");
  slice text;
  int status = policy_text(c, path, &text);
  if (status == CLI_OK && !text.length)
    status = cli_error(c, CLI_INPUT, "%s: there is no policy in it", path);
  if (status == CLI_OK)
    *payload = policy_payload(c->arena, text);
  return status;
}

static int certificate_payload_of(cli *c, signing_way way, const char *option,
                                  slice *payload) {
  const char *path = cli_value(c, option), *reason;
  certificate_chain chain;
  if (way == SIGN_UNSECURED)
    return cli_usage(c, "a certificate token is signed by a certificate that "
                        "the instance trusts already");
  int status = read_certificates(c, c->arena, path, &chain);
  if (status != CLI_OK)
    return status;
  size_t count = cli_flag(c, "chain") ? chain.count : 1;
  if (policy_certificate_payload(c->arena, &chain, count, payload, &reason))
    return CLI_OK;
  return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
}

int sign_payload(cli *c, signing_way way, slice *payload) {
  static const char *const names[] = {"policy", "reset", "add-certificate",
                                      "remove-certificate", NULL};
  int status = CLI_OK;
  int found = only_one(c, names, &status);
  if (status != CLI_OK)
    return status;
  if (found < 0)
    return cli_usage(c, "sign what? --policy FILE, --reset, --add-certificate "
                        "FILE or --remove-certificate FILE");
  if (found != 0 && cli_flag(c, "no-check"))
    return cli_usage(c, "--no-check goes with --policy");
  *payload = SLICE_EMPTY;
  if (found == 0)
    return policy_payload_of(c, payload);
  return found == 1 ? CLI_OK
                    : certificate_payload_of(c, way, names[found], payload);
}

/* --- signer --------------------------------------------------------------- */

static int read_algorithm(cli *c, jws_algorithm *algorithm) {
  const char *name = cli_value(c, "alg");
  *algorithm = JWS_UNKNOWN;
  if (!name)
    return CLI_OK;
  *algorithm = jws_algorithm_from_name(slice_from(name));
  if (*algorithm == JWS_NONE)
    return cli_usage(c, "--alg none: use --unsecured");
  if (*algorithm == JWS_UNKNOWN)
    return cli_usage(c, "there is no algorithm `%s`; algorithms are RS256, "
                        "RS384, RS512, PS256, PS384, PS512, ES256, ES384, "
                        "ES512",
                     name);
  return CLI_OK;
}

static int make_signer(cli *c, arena *secrets,
                       const policy_signer_question *question,
                       policy_signer *signer) {
  notes warnings = notes_in(c->arena);
  const char *reason;
  bool good =
      policy_signer_make(secrets, question, signer, &warnings, &reason);
  for (size_t i = 0; i < warnings.count; i++)
    cli_error(c, CLI_OK, "warning: %s", warnings.items[i]);
  return good ? CLI_OK : cli_error(c, CLI_INPUT, "%s", reason);
}

int sign_signer(cli *c, arena *secrets, signing_way way, private_key *key,
                policy_signer *signer) {
  policy_signer_question question = {0};
  key_certificates own = {0};
  certificate_chain all;
  int status = read_algorithm(c, &question.algorithm);
  if (status == CLI_OK)
    status = cli_now(c, &question.now);
  if (status == CLI_OK && way == SIGN_WITH_KEY)
    status = key_input_read(c, secrets, key, &own);
  if (status == CLI_OK)
    status = gather(c, secrets, &own, &all);
  if (status != CLI_OK)
    return status;
  question.given = &all;
  question.key = way == SIGN_WITH_KEY ? key->pair : NULL;
  return make_signer(c, secrets, &question, signer);
}
