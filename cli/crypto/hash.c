/* SPDX-License-Identifier: Apache-2.0 */
/* maapol hash: the hashes by which the service and relying parties know a
 * policy. */
#include "base/limits.h"
#include "cli/policy_input.h"
#include "cli/verbs.h"
#include "compiler/unwrap.h"
#include "sign/policy_hash.h"
#include "token/policy_token.h"

static const cli_option options[] = {
    {"expect", 0, "HASH", "fail unless this is one of the two hashes"},
    {"compare", 0, NULL, "compare two policies"},
    {0},
};

/* A policy of which the text counts, right or wrong. */
typedef struct hashed {
  slice text;  /* of the policy */
  slice token; /* as given, or the one that clients make of a text */
} hashed;

static int read_hashed(cli *c, const char *path, hashed *h) {
  slice given;
  if (!cli_read(c, path, LIMIT_POLICY_BYTES, &given))
    return CLI_INPUT;
  diagnostics findings;
  diagnostics_init(&findings, c->arena);
  h->text = given;
  if (unwrap_policy(c->arena, given, &h->text, &findings) == UNWRAP_FAILED)
    return cli_error(c, CLI_INPUT, "%s: %s", path, findings.first->message);
  if (!h->text.length)
    return cli_error(c, CLI_INPUT, "%s: there is no policy in it", path);
  h->token = policy_token_find(c->arena, given);
  if (!h->token.length)
    h->token = policy_unsecured_token(c->arena, h->text);
  return CLI_OK;
}

/* --- one policy ----------------------------------------------------------- */

static int print_hashes(cli *c, const hashed *h) {
  const char *expected = cli_value(c, "expect");
  slice hash = policy_hash(c->arena, h->text);
  slice token_hash = policy_token_hash(c->arena, h->token);
  object_builder o = object_in(c->arena);
  object_set(&o, SLICE("policyHash"), value_text(hash));
  object_set(&o, SLICE("policyTokenHash"), value_text(token_hash));
  value hashes = object_value(&o);
  json_write_pretty(&c->out, &hashes);
  buffer_char(&c->out, '\n');
  if (!expected || slice_is(hash, expected) || slice_is(token_hash, expected))
    return CLI_OK;
  return cli_error(c, CLI_NO, "neither hash is %s", expected);
}

/* --- two policies --------------------------------------------------------- */

static int compare_meaning(cli *c, const hashed both[2]) {
  policy *p[2];
  for (size_t i = 0; i < 2; i++) {
    p[i] = cli_compile_policy(c, c->arguments[i], both[i].text);
    if (!p[i])
      return CLI_INPUT;
  }
  bool same = program_equal(p[0]->program, p[1]->program);
  cli_print(c, "%s\n", same ? "same meaning" : "different");
  return same ? CLI_OK : CLI_NO;
}

static int compare(cli *c) {
  if (c->argument_count != 2)
    return cli_usage(c, "--compare wants two policies");
  if (cli_value(c, "expect"))
    return cli_usage(c, "--expect and --compare exclude each other");
  hashed both[2];
  for (size_t i = 0; i < 2; i++) {
    int status = read_hashed(c, c->arguments[i], &both[i]);
    if (status != CLI_OK)
      return status;
  }
  if (!slice_equal(both[0].text, both[1].text))
    return compare_meaning(c, both);
  cli_print(c, "same text\n");
  return CLI_OK;
}

static int run(cli *c) {
  if (cli_flag(c, "compare"))
    return compare(c);
  if (c->argument_count != 1)
    return cli_usage(c, "one policy is wanted");
  hashed h;
  int status = read_hashed(c, c->arguments[0], &h);
  return status == CLI_OK ? print_hashes(c, &h) : status;
}

const cli_verb verb_hash = {
    "hash",
    "policy hash and policy token hash",
    "FILE [--expect HASH] | --compare FILE FILE",
    "maapol hash release.maapolicy",
    options,
    run,
};
