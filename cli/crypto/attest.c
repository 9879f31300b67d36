/* SPDX-License-Identifier: Apache-2.0 */
/* maapol attest: evidence to claims to decision to token, offline. */
#include "base/render.h"
#include "cli/crypto/attest_input.h"
#include "cli/evaluation_output.h"
#include "cli/policy_input.h"
#include "cli/verbs.h"
#include "eval/report_text.h"

enum { FORMAT_HUMAN, FORMAT_CLAIMS, FORMAT_TOKEN, FORMAT_JSON };
static const char *const formats[] = {"human", "claims", "token", "json",
                                      NULL};

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

/* What the token holds: what the service adds, and what the policy issued. */
static void print_payload(cli *c, const value *payload) {
  cli_print(c, "token claims:\n");
  const member *const *sorted = value_sorted(c->arena, payload);
  for (uint32_t i = 0; i < payload->count; i++) {
    const member *m = sorted ? sorted[i] : &payload->members[i];
    buffer text = buffer_in(c->arena);
    json_write(&text, &m->value);
    cli_print(c, "  ");
    render_escaped(&c->out, member_name(m));
    cli_print(c, " = ");
    render_escaped(&c->out, buffer_slice(&text));
    cli_print(c, "\n");
  }
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
  if (result->outcome == ATTEST_PERMITTED)
    print_payload(c, &result->payload);
  print_verification(c, &result->verification);
}

static void print_json(cli *c, const value *v) {
  json_write_pretty(&c->out, v);
  buffer_char(&c->out, '\n');
}

static void print_result(cli *c, const attest_result *result, int format) {
  bool permitted = result->outcome == ATTEST_PERMITTED;
  if (format == FORMAT_HUMAN) {
    print_human(c, result);
  } else if (format == FORMAT_JSON) {
    value whole = attest_report(c->arena, result);
    print_json(c, &whole);
  } else if (permitted && format == FORMAT_CLAIMS) {
    print_json(c, &result->payload);
  } else if (permitted) {
    cli_print(c, "%.*s\n", SLICE_ARGS(result->token));
  }
}

static int run(cli *c) {
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  attest_input input;
  int status = attest_input_read(c, &input);
  if (status != CLI_OK)
    return status;
  attest_result result;
  if (input.error.failure == FAILURE_NONE)
    attest(c->arena, &input.request, &input.options, &result);
  else
    attest_refuse(c->arena, input.error, &result);
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
