/* SPDX-License-Identifier: Apache-2.0 */
/* maapol attest: evidence to claims to decision to token, offline. */
#include "base/render.h"
#include "cli/crypto/attest_input.h"
#include "cli/crypto/key_input.h"
#include "cli/crypto/secrets.h"
#include "cli/evaluation_output.h"
#include "cli/policy_input.h"
#include "cli/remote/remote_options.h"
#include "cli/verbs.h"
#include "token/attest_sign.h"

enum {
  FORMAT_HUMAN,
  FORMAT_CLAIMS,
  FORMAT_TOKEN,
  FORMAT_JSON,
  FORMAT_INCOMING
};
static const char *const formats[] = {"human", "claims",   "token",
                                      "json",  "incoming", NULL};

/* Of no use without a key. */
static const char *const key_options[] = {"alg", "passphrase-env",
                                          "passphrase-file", "passphrase-fd",
                                          "provider", NULL};

static const char not_verified[] = "evidence: signatures not verified";

/* --- standard error ------------------------------------------------------- */

/* The service's code first, in one line. */
static void print_refusal(cli *c, const attest_result *result) {
  buffer line = buffer_in(c->arena);
  for (const char *t = result->error.text; *t; t++)
    buffer_char(&line, *t == '\n' ? ' ' : *t);
  buffer out = buffer_in(c->arena);
  buffer_printf(&out, "%s: ", result->error.code);
  render_escaped(&out, buffer_slice(&line));
  buffer_char(&out, '\n');
  cli_print_error(c, buffer_slice(&out));
}

/* The plain word about verification stands on standard output in the human
 * form, and here in the others. */
static void print_notes(cli *c, const notes *list, bool is_human) {
  for (size_t i = 0; i < list->count; i++) {
    if (is_human && strcmp(list->items[i], not_verified) == 0)
      continue;
    buffer out = buffer_in(c->arena);
    buffer_text(&out, "note: ");
    render_escaped(&out, slice_from(list->items[i]));
    buffer_char(&out, '\n');
    cli_print_error(c, buffer_slice(&out));
  }
}

static void print_messages(cli *c, const attest_input *input,
                           const attest_result *result, bool is_human) {
  if (result->outcome != ATTEST_PERMITTED)
    print_refusal(c, result);
  if (result->policy)
    cli_print_findings(c, input->policy_name, result->policy);
  if (result->policy && result->was_evaluated) {
    report r = report_of(c->arena, result->policy->program);
    cli_print_notes(c, &r, &result->evaluation);
  }
  print_notes(c, &input->notes, is_human);
  print_notes(c, &result->notes, is_human);
}

/* --- standard output ------------------------------------------------------ */

/* Refused before any rule ran: the reason stands on standard error. */
static void print_no_decision(cli *c) {
  cli_print(c, "decision: none; the policy was not asked\n");
}

static void print_evaluation(cli *c, const attest_result *result) {
  report r = report_of(c->arena, result->policy->program);
  const evaluation *e = &result->evaluation;
  cli_print_decision(c, &r, e);
  cli_print_claims(c, "issued", &e->issued);
  cli_print_claims(c, "properties", &e->properties);
  if (cli_flag(c, "trace"))
    cli_print_trace(c, &r, e);
}

static void print_verification(cli *c, const evidence_verification *v) {
  if (v->status == VERIFICATION_NOT_DONE && !v->steps) {
    cli_print(c, "%s\n", not_verified);
    return;
  }
  cli_print(c, "evidence: ");
  verification_write_result(&c->out, v);
  cli_print(c, "\n");
}

static void print_human(cli *c, const attest_result *result) {
  if (result->was_evaluated)
    print_evaluation(c, result);
  else
    print_no_decision(c);
  if (result->outcome == ATTEST_PERMITTED) {
    cli_print(c, "token claims:\n");
    cli_print_payload(c, &result->payload);
  }
  print_verification(c, &result->verification);
}

static void print_json(cli *c, const value *v) {
  json_write_pretty(&c->out, v);
  buffer_char(&c->out, '\n');
}

/* What rules could see, but for what rules made themselves. */
static void print_incoming(cli *c, const attest_result *result) {
  claim_list incoming = claims_in(c->arena);
  for (size_t i = 0; i < result->evaluation.claims.count; i++) {
    const claim *found = &result->evaluation.claims.items[i];
    if (!slice_equal(found->issuer, ISSUER_POLICY))
      claims_add(&incoming, found);
  }
  value file = claims_file(c->arena, &incoming);
  print_json(c, &file);
}

static void print_result(cli *c, const attest_result *result, int format) {
  bool permitted = result->outcome == ATTEST_PERMITTED;
  if (format == FORMAT_HUMAN) {
    print_human(c, result);
  } else if (format == FORMAT_JSON) {
    value whole = attest_report(c->arena, result);
    print_json(c, &whole);
  } else if (format == FORMAT_INCOMING) {
    if (result->was_evaluated)
      print_incoming(c, result);
  } else if (permitted && format == FORMAT_CLAIMS) {
    print_json(c, &result->payload);
  } else if (permitted) {
    cli_print(c, "%.*s\n", SLICE_ARGS(result->token));
  }
}

/* --- signed tokens -------------------------------------------------------- */

typedef struct token_signer {
  private_key key;
  jws_algorithm algorithm; /* JWS_NONE: the token is not signed */
} token_signer;

static int read_algorithm(cli *c, token_signer *signer) {
  const char *name = cli_value(c, "alg");
  signer->algorithm = signer->key.algorithm;
  if (!name)
    return CLI_OK;
  signer->algorithm = jws_algorithm_from_name(slice_from(name));
  if (signer->algorithm == JWS_UNKNOWN || signer->algorithm == JWS_NONE)
    return cli_usage(c, "--alg: a token is not signed with `%s`", name);
  if (private_key_suits(&signer->key, signer->algorithm))
    return CLI_OK;
  return cli_error(c, CLI_INPUT, "the key does not sign with %s", name);
}

/* The key is read before anything is decided, so that its faults are not
 * taken for a refusal. */
static int read_signer(cli *c, int format, token_signer *signer) {
  key_certificates unused;
  *signer = (token_signer){.algorithm = JWS_NONE};
  if (!key_input_is_given(c)) {
    for (const char *const *o = key_options; *o; o++)
      if (cli_value(c, *o))
        return cli_usage(c, "--%s goes with --key or --pfx", *o);
    return CLI_OK;
  }
  if (format != FORMAT_TOKEN)
    return cli_usage(c, "a key signs a token: --format token is missing");
  secrets_begin();
  int status = key_input_read(c, secrets_arena(c), &signer->key, &unused);
  return status == CLI_OK ? read_algorithm(c, signer) : status;
}

/* Replaces the unsecured token; without verification there is none. */
static int sign_result(cli *c, const token_signer *signer,
                       attest_result *result) {
  const char *reason;
  if (signer->algorithm == JWS_NONE || result->outcome != ATTEST_PERMITTED ||
      attest_sign(c->arena, result, &signer->key, signer->algorithm,
                  &result->token, &reason))
    return CLI_OK;
  return cli_error(c, CLI_NO, "%s", reason);
}

/* The sibling speaks to the service, under a verb of its own: by this name it
 * would come back here. */
static int ask_service(cli *c) {
  static char verb[] = "remote-attest";
  static const char *const offline[] = {"issuer",     "verify",     "roots",
                                        "no-builtin-roots", "collateral",
                                        "accept-tcb", "trace",      "key",
                                        "pfx",        NULL};
  for (size_t i = 0; offline[i]; i++)
    if (cli_value(c, offline[i]))
      return cli_usage(c, "--%s does not go with --endpoint: the service "
                          "attests", offline[i]);
  c->argv[1] = verb;
  return cli_exec_sibling(c, "maapol-remote");
}

/* Only the service needs them. */
static int check_offline(cli *c) {
  static const cli_option remote[] = {REMOTE_OPTIONS, {0}};
  for (const cli_option *o = remote; o->name; o++)
    if (cli_value(c, o->name))
      return cli_usage(c, "--%s goes with --endpoint", o->name);
  return CLI_OK;
}

static int run(cli *c) {
  if (cli_value(c, "endpoint"))
    return ask_service(c);
  if (check_offline(c) != CLI_OK)
    return CLI_USAGE;
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  token_signer signer;
  int signer_status = read_signer(c, format, &signer);
  if (signer_status != CLI_OK)
    return signer_status;
  attest_input input;
  int status = attest_input_read(c, &input);
  if (status != CLI_OK)
    return status;
  attest_result result;
  if (input.error.failure == FAILURE_NONE)
    attest(c->arena, &input.request, &input.options, &result);
  else
    attest_refuse(c->arena, input.error, &result);
  int sign_status = sign_result(c, &signer, &result);
  if (sign_status != CLI_OK)
    return sign_status;
  print_result(c, &result, format);
  print_messages(c, &input, &result, format == FORMAT_HUMAN);
  if (result.outcome == ATTEST_PERMITTED)
    return CLI_OK;
  return result.outcome == ATTEST_REFUSED ? CLI_NO : CLI_INPUT;
}

const cli_verb verb_attest = {
    "attest",
    "evidence to claims to decision to token, offline",
    "--type TYPE [--policy FILE] (--request | --quote | ..) FILE ..",
    "maapol attest --type SgxEnclave --quote enclave.quote "
    "--runtime-data key.pem --format claims",
    attest_options_table,
    run,
};
