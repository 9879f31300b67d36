/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "cli/evaluation_output.h"
#include "cli/policy_input.h"
#include "cli/verbs.h"

static const cli_option options[] = {
    {"policy", 'p', "FILE", "the policy: text, or a token that carries it"},
    {"claims", 'c', "FILE", "claims: an object, an array, or a token"},
    {"type", 't', "T", "attestation type"},
    {"trace", 0, NULL, "say of every rule whether it fired, and why not"},
    {"format", 0, "F", "human or json (human)"},
    {NULL, 0, NULL, NULL},
};

static bool read_claims(cli *c, const char *path, claim_list *claims) {
  slice text;
  claims_error error;
  *claims = claims_in(c->arena);
  if (!cli_read(c, path, LIMIT_JSON_BYTES, &text))
    return false;
  if (claims_read(claims, text, &error))
    return true;
  line_index lines;
  line_index_make(&lines, c->arena, text);
  position at = line_index_position(&lines, (uint32_t)error.offset);
  if (error.offset)
    cli_error(c, CLI_INPUT, "%s:%u:%u: %s", path, at.line, at.column,
              error.message);
  else
    cli_error(c, CLI_INPUT, "%s: %s", path, error.message);
  return false;
}

static void print_json(cli *c, const report *r, const evaluation *e) {
  object_builder o = object_in(c->arena);
  report_evaluation(r, e, &o);
  value v = object_value(&o);
  json_write_pretty(&c->out, &v);
  cli_print(c, "\n");
}

static void print_human(cli *c, const report *r, const evaluation *e) {
  cli_print_decision(c, r, e);
  cli_print_claims(c, "issued", &e->issued);
  cli_print_claims(c, "properties", &e->properties);
  if (cli_flag(c, "trace"))
    cli_print_trace(c, r, e);
}

/* An error in configurationrules ends the evaluation before it begins. */
static void decide(cli *c, const program *p, const claim_list *claims,
                   evaluation *result) {
  unsigned flags = EVALUATE_TRACE; /* the reason of a permit needs it */
  evaluation configuration;
  if (!evaluate_configuration(p, c->arena, flags, &configuration)) {
    *result = configuration;
    return;
  }
  evaluate(p, claims, c->arena, flags, result);
  evaluation_join(&configuration, result);
}

static int run(cli *c) {
  static const char *const formats[] = {"human", "json", NULL};
  const char *policy_path = cli_value(c, "policy");
  const char *claims_path = cli_value(c, "claims");
  int format = cli_choice(c, "format", formats), status;
  if (format < 0)
    return CLI_USAGE;
  if (!policy_path || !claims_path)
    return cli_usage(c, "--%s is missing", policy_path ? "claims" : "policy");
  if (c->argument_count)
    return cli_usage(c, "unexpected argument `%s`", c->arguments[0]);
  if (strcmp(policy_path, "-") == 0 && strcmp(claims_path, "-") == 0)
    return cli_usage(c, "only one of them can be standard input");
  cli_type(c, &status);
  if (status != CLI_OK)
    return status;
  policy *p = cli_read_policy(c, policy_path);
  claim_list claims;
  if (!p || !read_claims(c, claims_path, &claims))
    return CLI_INPUT;
  evaluation result;
  decide(c, p->program, &claims, &result);
  report r = report_of(c->arena, p->program);
  cli_print_notes(c, &r, &result);
  if (format == 1)
    print_json(c, &r, &result);
  else
    print_human(c, &r, &result);
  return cli_decision_status(&result);
}

const cli_verb verb_eval = {
    "eval",
    "decide a policy over a claims file",
    "--policy FILE --claims FILE [--trace] [--format F]",
    "maapol eval --policy policy.maapolicy --claims claims.json --trace",
    options,
    run,
};
