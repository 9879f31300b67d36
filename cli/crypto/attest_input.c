/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/attest_input.h"

#include "base/limits.h"
#include "cli/configuration.h"
#include "cli/crypto/key_input.h"
#include "cli/crypto/verify_input.h"
#include "cli/remote/remote_options.h"
#include "evidence/decode.h"

const cli_option attest_options_table[] = {
    {"type", 't', "TYPE",
     "SgxEnclave, OpenEnclave, TdxVm, SevSnpVm, AzureGuest or Tpm"},
    {"policy", 'p', "FILE",
     "policy text or token; else the request's draft, else the service's "
     "default policy"},
    {"request", 'r', "FILE", "the JSON body that a client would post"},
    {"quote", 0, "FILE", "an SGX or TDX quote"},
    {"report", 0, "FILE", "an Open Enclave report, or SEV-SNP evidence"},
    {"attestation-info", 0, "FILE", "attestationInfo of an Azure VM"},
    {"tpm", 0, "FILE", "a request message of TPM or VBS (JSON or JWS)"},
    {"runtime-data", 0, "FILE", "what the enclave hashed into its report"},
    {"runtime-type", 0, "Binary|JSON", "of --runtime-data (Binary)"},
    {"init-data", 0, "FILE", "what the enclave was started with"},
    {"init-type", 0, "Binary|JSON", "of --init-data (Binary)"},
    {"nonce", 0, "TEXT", "goes into the token unchanged"},
    {"issuer", 0, "URL", "of the instance (https://maapol.invalid)"},
    {"verify", 0, "none|signature|full",
     "how far to verify the evidence (signature)"},
    {"compliance", 0, "none|azure-compliant-cvm",
     "what the service would know of the VM's host (none)"},
    VERIFY_INPUT_OPTIONS,
    KEY_INPUT_OPTIONS,
    {"alg", 0, "NAME", "RS256, ES256 .. of a signed token (the key's own)"},
    {"trace", 0, NULL, "say of every rule what became of it"},
    {"format", 'f', "human|claims|token|json|incoming",
     "of the output (human)"},
    REMOTE_OPTIONS,
    {0},
};

/* Options that a request body brings along by itself. */
static const char *const evidence_only[] = {
    "runtime-data", "runtime-type", "init-data", "init-type", "nonce", NULL};

static int read_verify(cli *c, attest_input *input) {
  static const char *const levels[] = {"signature", "none", "full", NULL};
  static const verify_level values[] = {VERIFY_SIGNATURE, VERIFY_NONE,
                                        VERIFY_FULL};
  int level = cli_choice(c, "verify", levels);
  if (level < 0)
    return CLI_USAGE;
  static const char *const compliance[] = {"none", "azure-compliant-cvm", NULL};
  int host = cli_choice(c, "compliance", compliance);
  if (host < 0)
    return CLI_USAGE;
  int status = verify_input_read(c, &input->verify);
  input->verify.level = values[level];
  input->verify.compliance = host ? compliance[host] : NULL;
  input->options.verify = &input->verify;
  input->options.now = input->verify.now;
  return status;
}

/* The one of --request, --quote .. that is given; NULL after a message. */
static const char *evidence_option(cli *c) {
  static const char *const names[] = {"request", "quote", "report",
                                      "attestation-info", "tpm"};
  const char *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!cli_value(c, names[i]))
      continue;
    if (found) {
      cli_usage(c, "--%s and --%s exclude each other", found, names[i]);
      return NULL;
    }
    found = names[i];
  }
  if (!found)
    cli_usage(c, "evidence is missing: --request, --quote, --report, "
                 "--attestation-info or --tpm");
  return found;
}

/* --- a request ------------------------------------------------------------ */

static int read_request(cli *c, attest_input *input, attestation_type type) {
  for (size_t i = 0; evidence_only[i]; i++)
    if (cli_value(c, evidence_only[i]))
      return cli_usage(c, "--%s does not go with --request, which has its own",
                       evidence_only[i]);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return cli_usage(c, "--type is missing: %s", attestation_type_list());
  slice body;
  if (!cli_read(c, cli_value(c, "request"), LIMIT_REQUEST_BYTES, &body))
    return CLI_INPUT;
  attest_request_read(c->arena, type, body, &input->request, &input->notes,
                      &input->error);
  return CLI_OK;
}

/* --- files ---------------------------------------------------------------- */

static int read_kind(cli *c, const char *option, data_kind *kind) {
  const char *name = cli_value(c, option);
  *kind = DATA_BINARY;
  if (name && !data_kind_from_name(slice_from(name), kind))
    return cli_usage(c, "--%s wants Binary or JSON, not \"%s\"", option, name);
  return CLI_OK;
}

/* found: what the evidence's own file says, used where no file is given. */
static int read_data(cli *c, const char *option, const char *type_option,
                     const evidence_data *found, bound_data *data) {
  data_kind kind;
  int status = read_kind(c, type_option, &kind);
  if (status != CLI_OK)
    return status;
  const char *path = cli_value(c, option);
  if (!path && found->is_given)
    *data = (bound_data){found->is_json ? DATA_JSON : DATA_BINARY,
                         found->data};
  if (!path && cli_value(c, type_option)) {
    if (!found->is_given)
      return cli_usage(c, "--%s is given without --%s", type_option, option);
    data->kind = kind;
  }
  if (!path)
    return CLI_OK;
  slice text;
  if (!cli_read(c, path, LIMIT_EVIDENCE_BYTES, &text))
    return CLI_INPUT;
  *data = (bound_data){kind, bytes_from_slice(text)};
  return CLI_OK;
}

static int read_evidence(cli *c, attest_input *input, const char *option,
                         attestation_type type) {
  evidence_input found;
  evidence_error problem;
  if (!evidence_decode_file(c->arena, cli_value(c, option), &found, &problem))
    return cli_error(c, CLI_INPUT, "%s: %s", cli_value(c, option),
                     problem.message);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    type = found.type;
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return cli_usage(c, "--type is missing: %s", attestation_type_list());
  attest_request *request = &input->request;
  *request = (attest_request){.type = type, .evidence = found.raw};
  const char *nonce = cli_value(c, "nonce");
  request->has_nonce = nonce != NULL;
  request->nonce = slice_from(nonce);
  int status = read_data(c, "runtime-data", "runtime-type",
                         &found.runtime_data, &request->runtime);
  if (status != CLI_OK)
    return status;
  return read_data(c, "init-data", "init-type", &found.init_data,
                   &request->init_time);
}

/* --- options -------------------------------------------------------------- */

static int read_options(cli *c, attest_input *input) {
  attest_options *options = &input->options;
  const char *issuer = cli_value(c, "issuer");
  const char *path = cli_value(c, "policy");
  options->issuer = slice_from(issuer ? issuer : "https://maapol.invalid");
  options->flags = EVALUATE_TRACE; /* it names the rule that permitted */
  input->policy_name = path ? path : "policy";
  if (path && !cli_read(c, path, LIMIT_POLICY_BYTES, &options->policy))
    return CLI_INPUT;
  return CLI_OK;
}

int attest_input_read(cli *c, attest_input *input) {
  *input = (attest_input){.notes = notes_in(c->arena)};
  if (c->argument_count)
    return cli_usage(c, "\"%s\" is no option", c->arguments[0]);
  int status = read_verify(c, input);
  if (status != CLI_OK)
    return status;
  const char *path = cli_value(c, "policy");
  attestation_type type =
      path ? configured_type(c, path, ATTESTATION_TYPE_UNKNOWN, &status)
           : cli_type(c, &status);
  if (status != CLI_OK)
    return status;
  const char *option = evidence_option(c);
  if (!option)
    return CLI_USAGE;
  status = read_options(c, input);
  if (status != CLI_OK)
    return status;
  if (strcmp(option, "request") == 0)
    return read_request(c, input, type);
  return read_evidence(c, input, option, type);
}
