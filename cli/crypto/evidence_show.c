/* SPDX-License-Identifier: Apache-2.0 */
/* maapol evidence show. */
#include "base/file.h"
#include "base/limits.h"
#include "cli/verbs.h"
#include "evidence/decode.h"
#include "evidence/event_file.h"
#include "evidence/show.h"

enum { FORMAT_HUMAN, FORMAT_JSON, FORMAT_EVENTS, FORMAT_CLAIMS };
static const char *const formats[] = {"human", "json", "events", "claims",
                                      NULL};

static const cli_option options[] = {
    {"type", 't', "TYPE", "attestation type, if the file does not tell"},
    {"format", 0, "FORMAT",
     "human or json; claims: a claims file for eval; events: the events of an "
     "event log, for query"},
    {0}};

static int unusable(cli *c, const char *path, const evidence_error *error) {
  return cli_error(c, CLI_INPUT, "%s: %s (%s at byte %zu)", path,
                   error->message, evidence_code_name(error->code),
                   error->offset);
}

static int print_json(cli *c, const value *v) {
  json_write_pretty(&c->out, v);
  buffer_char(&c->out, '\n');
  return CLI_OK;
}

/* --- event logs ----------------------------------------------------------- */

/* As policies get them, or not at all: a log that event_claims refuses would
 * show an author what the service does not. */
static bool log_claims(cli *c, const event_file *f, value *events,
                       evidence_error *error) {
  event_logs logs = event_file_logs(f);
  return event_claims(c->arena, &logs, events, error);
}

static value claims_file(cli *c, const event_file *f, value events) {
  object_builder o = object_in(c->arena);
  object_set(&o, SLICE("events"), events);
  object_set(&o, SLICE("pcrs"), event_file_pcrs(c->arena, f));
  return object_value(&o);
}

static int print_logs(cli *c, const event_file *f, int format) {
  evidence_error error = {0};
  value v;
  bool good;
  if (format == FORMAT_HUMAN)
    good = event_file_show_text(&c->out, f, &error);
  else if (format == FORMAT_JSON)
    good = event_file_show(c->arena, f, &v, &error);
  else
    good = log_claims(c, f, &v, &error);
  if (!good)
    return unusable(c, c->arguments[0], &error);
  if (format == FORMAT_HUMAN)
    return CLI_OK;
  if (format == FORMAT_CLAIMS)
    v = claims_file(c, f, v);
  return print_json(c, &v);
}

/* --- evidence ------------------------------------------------------------- */

static int print_evidence(cli *c, const evidence *e, int format) {
  if (format == FORMAT_HUMAN) {
    evidence_show_text(&c->out, e);
    return CLI_OK;
  }
  if (format == FORMAT_CLAIMS)
    return print_json(c, &e->claims);
  if (format == FORMAT_EVENTS) {
    const value *events = value_member(&e->claims, SLICE("events"));
    return events ? print_json(c, events)
                  : cli_error(c, CLI_INPUT, "%s: it has no event log",
                              c->arguments[0]);
  }
  value dump = evidence_show(c->arena, e);
  return print_json(c, &dump);
}

static int show_evidence(cli *c, const char *path, attestation_type type,
                         const evidence_input *input, int format) {
  evidence_error error;
  evidence e;
  if (type == ATTESTATION_TYPE_UNKNOWN)
    type = input->type;
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return cli_error(c, CLI_INPUT,
                     "%s: it begins like no known evidence; --type names what "
                     "it should be",
                     path);
  if (!evidence_parse(c->arena, type, input->raw, &e, &error))
    return unusable(c, path, &error);
  return print_evidence(c, &e, format);
}

/* A measurement list in ASCII is no base64, so logs are looked for before and
 * behind the decoding. */
static bool read_input(cli *c, const char *path, evidence_input *input,
                       evidence_error *error, bool *is_log) {
  slice text;
  const char *reason;
  file_status status =
      file_read(c->arena, path, LIMIT_REQUEST_BYTES, &text, &reason);
  if (status != FILE_OK) {
    *error = (evidence_error){status == FILE_TOO_LARGE ? EVIDENCE_TOO_LARGE
                                                       : EVIDENCE_UNREADABLE,
                              reason, 0};
    return false;
  }
  *input = (evidence_input){.raw = bytes_from_slice(text)};
  *is_log = evidence_detect(input->raw) == ATTESTATION_TYPE_UNKNOWN &&
            event_file_detect(input->raw);
  if (*is_log)
    return true;
  if (!evidence_decode(c->arena, text, input, error))
    return false;
  *is_log = input->type == ATTESTATION_TYPE_UNKNOWN &&
            event_file_detect(input->raw);
  return true;
}

static int show_files(cli *c, attestation_type type, int format) {
  event_file *logs = ARENA_NEW(c->arena, event_file);
  for (size_t i = 0; i < c->argument_count; i++) {
    const char *path = c->arguments[i];
    evidence_input input;
    evidence_error error = {0};
    bool is_log;
    if (!read_input(c, path, &input, &error, &is_log))
      return unusable(c, path, &error);
    is_log &= type == ATTESTATION_TYPE_UNKNOWN || type == ATTESTATION_TPM;
    if (!is_log && c->argument_count == 1)
      return show_evidence(c, path, type, &input, format);
    if (!is_log)
      return cli_usage(c, "%s is no event log; only those of one machine are "
                          "shown together",
                       path);
    if (!event_file_add(c->arena, input.raw, logs, &error))
      return unusable(c, path, &error);
  }
  return print_logs(c, logs, format);
}

static int run_show(cli *c) {
  int status, format = cli_choice(c, "format", formats);
  attestation_type type = cli_type(c, &status);
  if (format < 0 || status != CLI_OK)
    return CLI_USAGE;
  if (c->argument_count == 0 || c->argument_count > 2)
    return cli_usage(c, "one FILE is wanted, or a boot log and a measurement "
                        "list");
  return show_files(c, type, format);
}

const cli_verb verb_evidence_show = {
    "evidence show",
    "decode evidence or event logs, with names",
    "[--type TYPE] [--format FORMAT] FILE [FILE]",
    "maapol evidence show enclave.quote",
    options,
    run_show,
};
