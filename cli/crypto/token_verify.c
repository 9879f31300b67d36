/* SPDX-License-Identifier: Apache-2.0 */
/* maapol token verify: may the claims of a token be believed. */
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "cli/crypto/token_input.h"
#include "cli/crypto/verify_input.h"
#include "cli/verbs.h"
#include "token/key_source.h"
#include "token/verify.h"

enum { LEEWAY_MAX = 366 * 24 * 3600 };

static const cli_option options[] = {
    {"certs", 0, "FILE|URL", "keys: a JWK set, a JWK, or PEM"},
    {"discover", 0, "URL", "keys of the instance, by its OpenID metadata"},
    {"trust", 0, "PEM", "certificates to which the token's x5c must lead"},
    {"issuer", 0, "URL", "the claim iss must be this"},
    {"now", 0, "TIME", "RFC 3339 or seconds since the epoch (the clock)"},
    {"leeway", 0, "SECONDS", "by which exp, nbf and iat may miss (0)"},
    {"allow-unsecured", 0, NULL, "accept a token without signature"},
    {"allow-no-expiry", 0, NULL, "accept a token without the claim exp"},
    {"min-rsa-bits", 0, "N", "shortest RSA key that is accepted (2048)"},
    {"policy-token", 0, NULL,
     "it is a policy owner's: accept what the service accepts of its SDKs"},
    {"service-evidence", 0, NULL,
     "verify the evidence in the certificate of the signing key"},
    {"roots", 0, "DIR", "roots of that evidence, besides the built-in ones"},
    {"collateral", 0, "DIR", "collateral of that evidence"},
    {"ca", 0, "FILE", "CA to trust when keys are fetched"},
    {"http", 0, NULL, "fetch keys without TLS, from this machine alone"},
    {"format", 'f', "human|json", "of the output (human)"},
    {0}};

static bool is_url(const char *text) {
  return strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
}

/* --- keys ----------------------------------------------------------------- */

static int read_key_file(cli *c, const char *path, jwk_set *keys) {
  slice text;
  const char *reason;
  if (!cli_read(c, path, LIMIT_KEY_SET_BYTES, &text))
    return CLI_INPUT;
  if (!jwk_set_read(c->arena, text, keys, &reason))
    return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
  return CLI_OK;
}

static int fetch_keys(cli *c, const char *url, slice token, jwk_set *keys) {
  jws parsed;
  token_refusal why;
  const char *reason;
  key_source source = {.url = slice_from(url),
                       .now = (int64_t)time(NULL),
                       .fetch = token_keys_fetch,
                       .context = c};
  source.directory = key_cache_directory(c->arena, getenv("XDG_CACHE_HOME"),
                                         getenv("HOME"));
  if (!jws_read(c->arena, token, JWS_OF_POLICY_OWNER, &parsed, &why))
    parsed.kid = SLICE_EMPTY; /* refused below, with its reason */
  if (!key_source_read(c->arena, &source, parsed.kid, keys, &reason))
    return cli_error(c, CLI_SYSTEM, "%s: %s", url, reason);
  return CLI_OK;
}

static int read_keys(cli *c, slice token, token_verify_options *o) {
  const char *certs = cli_value(c, "certs");
  const char *discover = cli_value(c, "discover");
  jwk_set *keys = ARENA_NEW(c->arena, jwk_set);
  if (certs && discover)
    return cli_usage(c, "--certs and --discover exclude each other");
  if (discover && !is_url(discover))
    return cli_usage(c, "--discover wants the URL of an instance");
  if (!certs && !discover)
    return CLI_OK;
  o->keys = keys;
  const char *url = discover ? discover : certs;
  return is_url(url) ? fetch_keys(c, url, token, keys)
                     : read_key_file(c, url, keys);
}

/* --- trust ---------------------------------------------------------------- */

static int read_trust(cli *c, token_verify_options *o) {
  const char *path = cli_value(c, "trust");
  slice text;
  const char *reason;
  if (!path)
    return CLI_OK;
  certificate_chain *chain = ARENA_NEW(c->arena, certificate_chain);
  trust_roots *roots = ARENA_NEW(c->arena, trust_roots);
  if (!cli_read(c, path, LIMIT_EVIDENCE_BYTES, &text))
    return CLI_INPUT;
  if (!certificate_chain_read(c->arena, bytes_from_slice(text), chain, &reason))
    return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
  *roots = (trust_roots){.items = chain->items, .count = chain->count};
  roots->names = ARENA_ARRAY(c->arena, chain->count, const char *);
  for (size_t i = 0; i < chain->count; i++)
    roots->names[i] = certificate_subject(c->arena, chain->items[i]).data;
  o->trust = roots;
  return CLI_OK;
}

/* --- other options -------------------------------------------------------- */

static int read_number(cli *c, const char *option, size_t most,
                       size_t *number) {
  const char *text = cli_value(c, option);
  if (text && !cli_parse_count(text, most, number))
    return cli_usage(c, "--%s wants a whole number of at most %zu, not \"%s\"",
                     option, most, text);
  return CLI_OK;
}

static int read_evidence_options(cli *c, token_verify_options *o) {
  if (!cli_flag(c, "service-evidence")) {
    if (cli_value(c, "roots") || cli_value(c, "collateral"))
      return cli_usage(c, "--roots and --collateral belong to "
                          "--service-evidence");
    return CLI_OK;
  }
  verify_options *service = ARENA_NEW(c->arena, verify_options);
  int status = verify_input_trust(c, service);
  service->now = o->now;
  service->level = service->collateral ? VERIFY_FULL : VERIFY_SIGNATURE;
  o->service_evidence = service;
  return status;
}

static int read_options(cli *c, token_verify_options *o) {
  size_t leeway = 0, bits = RSA_BITS_SECURE;
  const char *issuer = cli_value(c, "issuer");
  *o = (token_verify_options){
      .allow_unsecured = cli_flag(c, "allow-unsecured"),
      .allow_no_expiry = cli_flag(c, "allow-no-expiry"),
      .is_policy_owners = cli_flag(c, "policy-token"),
      .issuer = slice_from(issuer)};
  if (issuer && !*issuer)
    return cli_usage(c, "--issuer is empty");
  int status = cli_now(c, &o->now);
  if (status == CLI_OK)
    status = read_number(c, "leeway", LEEWAY_MAX, &leeway);
  if (status == CLI_OK)
    status = read_number(c, "min-rsa-bits", RSA_BITS_LARGEST, &bits);
  if (status == CLI_OK && bits < RSA_BITS_SMALLEST)
    status = cli_usage(c, "--min-rsa-bits wants at least %d",
                       RSA_BITS_SMALLEST);
  o->leeway = (int64_t)leeway;
  o->rsa_bits_min = (unsigned)bits;
  if (status == CLI_OK)
    status = read_trust(c, o);
  return status == CLI_OK ? read_evidence_options(c, o) : status;
}

/* --- the verb ------------------------------------------------------------- */

static int finish(cli *c, const token_verification *v, int format) {
  if (format == 1) {
    value report = token_verification_report(c->arena, v);
    json_write_pretty(&c->out, &report);
    buffer_char(&c->out, '\n');
  } else {
    token_verification_write(&c->out, v);
  }
  if (v->is_verified)
    return CLI_OK;
  bool is_no_token = v->why.code == REFUSAL_NOT_COMPACT ||
                     v->why.code == REFUSAL_TOO_LARGE;
  return is_no_token ? CLI_INPUT : CLI_NO;
}

static int run(cli *c) {
  static const char *const formats[] = {"human", "json", NULL};
  int format = cli_choice(c, "format", formats);
  slice token;
  token_verify_options o;
  token_verification v;
  if (format < 0)
    return CLI_USAGE;
  int status = read_options(c, &o);
  if (status == CLI_OK)
    status = token_input_read(c, &token);
  if (status == CLI_OK)
    status = read_keys(c, token, &o);
  if (status != CLI_OK)
    return status;
  if (!token_verify(c->arena, token, &o, &v) &&
      v.why.code == REFUSAL_NO_KEY && !o.keys)
    return cli_usage(c, "--certs, --discover or --trust says which keys to "
                        "believe");
  return finish(c, &v, format);
}

const cli_verb verb_token_verify = {
    "token verify",
    "verify a token's signature, issuer, times",
    "T [--certs FILE|URL | --discover URL | --trust PEM] [--issuer URL]",
    "maapol token verify attestation.jwt --certs certs.json "
    "--now 2023-11-14T23:00:00Z",
    options,
    run,
};
