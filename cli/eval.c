/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/claims_input.h"
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
  if (!p || !cli_read_claims(c, claims_path, &claims))
    return CLI_INPUT;
  evaluation result;
  /* The reason of a permit needs the trace. */
  cli_evaluate(c, p->program, &claims, EVALUATE_TRACE, &result);
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
