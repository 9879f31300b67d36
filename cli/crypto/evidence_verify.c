/* SPDX-License-Identifier: Apache-2.0 */
/* maapol evidence verify: step by step, what holds and why. */
#include "cli/crypto/verify_input.h"
#include "cli/verbs.h"
#include "evidence/decode.h"

enum { FORMAT_HUMAN, FORMAT_JSON };
static const char *const formats[] = {"human", "json", NULL};

static const cli_option options[] = {
    {"type", 't', "TYPE", "attestation type, if the file does not tell"},
    VERIFY_INPUT_OPTIONS,
    {"format", 'f', "human|json", "of the output (human)"},
    {0}};

static int read_evidence(cli *c, const char *path, attestation_type type,
                         evidence *e) {
  evidence_input input;
  evidence_error error;
  if (!evidence_decode_file(c->arena, path, &input, &error))
    return cli_error(c, CLI_INPUT, "%s: %s", path, error.message);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    type = input.type;
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return cli_error(c, CLI_INPUT,
                     "%s: it begins like no known evidence; --type names what "
                     "it should be",
                     path);
  if (!evidence_parse(c->arena, type, input.raw, e, &error))
    return cli_error(c, CLI_INPUT, "%s: %s (%s at byte %zu)", path,
                     error.message, evidence_code_name(error.code),
                     error.offset);
  return CLI_OK;
}

static void print_result(cli *c, const evidence *e, int format) {
  if (format == FORMAT_JSON) {
    value report = verification_report(c->arena, &e->verification);
    json_write_pretty(&c->out, &report);
  } else {
    verification_write_steps(&c->out, &e->verification);
    verification_write_result(&c->out, &e->verification);
  }
  buffer_char(&c->out, '\n');
}

static int run(cli *c) {
  int status, format = cli_choice(c, "format", formats);
  attestation_type type = cli_type(c, &status);
  if (format < 0 || status != CLI_OK)
    return CLI_USAGE;
  if (c->argument_count != 1)
    return cli_usage(c, "one FILE is wanted");
  verify_options verify;
  evidence e;
  status = verify_input_read(c, &verify);
  if (status == CLI_OK)
    status = read_evidence(c, c->arguments[0], type, &e);
  if (status != CLI_OK)
    return status;
  verify.level = verify.collateral ? VERIFY_FULL : VERIFY_SIGNATURE;
  evidence_verify(c->arena, &e, &verify);
  print_result(c, &e, format);
  return evidence_is_verified(&e.verification) ? CLI_OK : CLI_NO;
}

const cli_verb verb_evidence_verify = {
    "evidence verify",
    "verify evidence, step by step",
    "[--type TYPE] [--roots DIR] [--collateral DIR] FILE",
    "maapol evidence verify --collateral collateral enclave.quote",
    options,
    run,
};
