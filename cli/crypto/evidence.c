/* SPDX-License-Identifier: Apache-2.0 */
/* maapol evidence make. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/crypto/swtpm.h"
#include "cli/verbs.h"
#include "evidence/event_make.h"
#include "evidence/make.h"

static const cli_option make_options[] = {
    {"type", 't', "TYPE",
     "attestation type; TcgLog or ImaLog for an event log alone"},
    {"set", 0, "FIELD=VALUE", "a field of the evidence; may be repeated"},
    {"fields", 0, NULL, "print the names of the fields and end"},
    {"pki", 0, "DIR", "the test authority's directory; made if missing"},
    {"collateral", 0, "DIR",
     "where to write collateral for it; needs --pki; made if missing"},
    {"output", 'o', "FILE", "where to write the evidence"},
    {"request", 0, "FILE", "where to write the JSON body for the service"},
    {0}};

/* Standard output for "-". */
static int write_to(cli *c, const char *path, slice content) {
  if (strcmp(path, "-") == 0) {
    buffer_add(&c->out, content);
    return CLI_OK;
  }
  FILE *file = fopen(path, "wb");
  bool good =
      file && fwrite(content.data, 1, content.length, file) == content.length;
  if (file && fclose(file) != 0)
    good = false;
  if (good)
    return CLI_OK;
  return cli_error(c, CLI_SYSTEM, "cannot write %s: %s", path, strerror(errno));
}

static int print_names(cli *c, const char *const *names) {
  for (; *names; names++)
    cli_print(c, "%s\n", *names);
  return CLI_OK;
}

static int print_fields(cli *c, attestation_type type) {
  const char *const *names = evidence_make_fields(c->arena, type);
  if (!names)
    return cli_usage(c, "evidence of type %s cannot be made",
                     attestation_type_name(type));
  return print_names(c, names);
}

static int make_failure(cli *c, const evidence_error *error) {
  switch (error->code) {
  case EVIDENCE_FIELD:
  case EVIDENCE_VALUE:
  case EVIDENCE_TYPE:
    return cli_usage(c, "%s", error->message);
  case EVIDENCE_FILE:
  case EVIDENCE_CRYPTO:
    return cli_error(c, CLI_SYSTEM, "%s", error->message);
  default:
    return cli_error(c, CLI_INPUT, "%s", error->message);
  }
}

static evidence_recipe read_recipe(cli *c, attestation_type type) {
  evidence_recipe recipe = {
      .type = type,
      .pki_directory = cli_value(c, "pki"),
      .collateral_directory = cli_value(c, "collateral"),
      .start_tpm = swtpm_start};
  while (cli_value_at(c, "set", recipe.setting_count))
    recipe.setting_count++;
  slice *settings = ARENA_ARRAY(c->arena, recipe.setting_count, slice);
  for (size_t i = 0; i < recipe.setting_count; i++)
    settings[i] = slice_from(cli_value_at(c, "set", i));
  recipe.settings = settings;
  return recipe;
}

static int make_and_write(cli *c, attestation_type type) {
  const char *output = cli_value(c, "output");
  const char *request = cli_value(c, "request");
  if (!output && !request)
    return cli_usage(c, "-o FILE or --request FILE is wanted");
  evidence_recipe recipe = read_recipe(c, type);
  if (recipe.collateral_directory && !recipe.pki_directory)
    return cli_usage(c, "--collateral needs --pki: whoever verifies must have "
                        "the root that signed it");
  evidence_made made;
  evidence_error error;
  if (!evidence_make(c->arena, &recipe, &made, &error))
    return make_failure(c, &error);
  if (recipe.pki_directory)
    cli_verbose(c, "signed under %s/root-ca.pem", recipe.pki_directory);
  int status = CLI_OK;
  if (output)
    status = write_to(c, output, slice_from_bytes(made.raw));
  if (request && status == CLI_OK)
    status = write_to(c, request, evidence_make_request(c->arena, &made));
  return status;
}

/* --- event logs alone ----------------------------------------------------- */

typedef bytes log_maker(arena *a, const event_plan *plan);

/* NULL: --type is something else. */
static log_maker *log_maker_of(const cli *c) {
  slice type = slice_from(cli_value(c, "type"));
  if (slice_equal_ignore_case(type, SLICE("TcgLog")))
    return event_make_boot;
  if (slice_equal_ignore_case(type, SLICE("ImaLog")))
    return event_make_ima;
  return NULL;
}

static int make_log(cli *c, log_maker *make) {
  const char *output = cli_value(c, "output");
  event_plan plan = event_plan_start();
  evidence_error error;
  if (cli_flag(c, "fields"))
    return print_names(c, event_plan_fields);
  if (!output)
    return cli_usage(c, "-o FILE is wanted");
  if (cli_value(c, "pki") || cli_value(c, "collateral") ||
      cli_value(c, "request"))
    return cli_usage(c, "an event log is not signed: only --set and -o go "
                        "with it");
  evidence_recipe recipe = read_recipe(c, ATTESTATION_TPM);
  if (!event_plan_apply(c->arena, &plan, recipe.settings, recipe.setting_count,
                        &error))
    return make_failure(c, &error);
  return write_to(c, output, slice_from_bytes(make(c->arena, &plan)));
}

static int run_make(cli *c) {
  int status;
  log_maker *maker = log_maker_of(c);
  if (maker && c->argument_count == 0)
    return make_log(c, maker);
  attestation_type type = cli_type(c, &status);
  if (status != CLI_OK)
    return status;
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return cli_usage(c, "--type is missing");
  if (c->argument_count > 0)
    return cli_usage(c, "`%s` is not an option; fields are set with --set",
                     c->arguments[0]);
  return cli_flag(c, "fields") ? print_fields(c, type)
                               : make_and_write(c, type);
}

const cli_verb verb_evidence_make = {
    "evidence make",
    "make synthetic evidence under a test root",
    "--type TYPE [--pki DIR [--collateral DIR]] [--set FIELD=VALUE].. -o FILE "
    "[--request FILE]",
    "maapol evidence make --type SgxEnclave --pki pki --set product-id=7 "
    "--set runtime-data=@key.json -o enclave.quote",
    make_options,
    run_make,
};
