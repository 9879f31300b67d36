/* SPDX-License-Identifier: Apache-2.0 */
/* maapol policy set: a policy, or those of a directory, into force. */
#include <sys/stat.h>

#include "cli/remote/policy_file.h"
#include "cli/remote/policy_upload.h"
#include "cli/verbs.h"

static const char *const formats[] = {"human", "json", NULL};

static const cli_option options[] = {
    {"type", 't', "TYPE", "attestation type; else the policy's own comment "
                          "`maapol: type=TYPE` or file name says it"},
    {"no-check", 0, NULL, "send the policy whatever is wrong with it"},
    SIGNING_OPTIONS,
    {"audit", 0, "FILE", "record the change, and keep the old policy beside"},
    {"format", 'f', "human|json", "of the output (human)"},
    REMOTE_OPTIONS,
    {0}};

typedef struct job {
  session session;
  signing signing;
  audit log;
  bool as_json;
  array_builder reports;
} job;

static int set_one(job *j, const policy_file *file) {
  session *s = &j->session;
  slice token = SLICE_EMPTY;
  value report;
  int status = policy_file_token(s->cli, file, &j->signing, &token);
  if (status != CLI_OK)
    return status;
  if (s->is_dry)
    return session_show(s, OPERATION_POLICY_SET, file->type, token);
  status = policy_upload(s, &j->log, file->path, file->type, token, &report);
  if (status != CLI_OK)
    return status;
  array_add(&j->reports, report);
  if (!j->as_json)
    policy_report_print(s, &report, false);
  return CLI_OK;
}

static const char *otherwise(const cli *c) {
  return cli_flag(c, "no-check")
             ? NULL
             : "nothing is sent; --no-check sends it all the same";
}

static int set_file(job *j, const char *path) {
  cli *c = j->session.cli;
  policy_file file;
  int status = policy_file_read(c, path, otherwise(c), &file);
  if (status == CLI_OK && file.type == ATTESTATION_TYPE_UNKNOWN)
    return cli_usage(c, "--type is missing: %s", attestation_type_list());
  if (status == CLI_OK)
    status = set_one(j, &file);
  if (status == CLI_OK && j->as_json && !j->session.is_dry)
    session_print_json(&j->session, &j->reports.items[0]);
  return status;
}

/* All are read and checked before the first is sent. */
static int set_directory(job *j, const char *path) {
  cli *c = j->session.cli;
  policy_file by_type[ATTESTATION_TYPE_COUNT];
  int worst = policy_directory_read(c, path, otherwise(c), by_type);
  if (worst != CLI_OK)
    return worst;
  for (size_t i = 0; i < ATTESTATION_TYPE_COUNT; i++) {
    if (!by_type[i].path)
      continue;
    int status = set_one(j, &by_type[i]);
    worst = status > worst ? status : worst;
  }
  if (j->as_json && !j->session.is_dry) {
    value all = array_value(&j->reports);
    session_print_json(&j->session, &all);
  }
  return worst;
}

static bool is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int run(cli *c) {
  job j = {.reports = array_in(c->arena)};
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  if (c->argument_count != 1)
    return cli_usage(c, "one policy or directory is wanted");
  j.as_json = format == 1;
  int status = session_open(c, &j.session);
  if (status == CLI_OK)
    status = signing_read(c, &j.signing);
  if (status == CLI_OK)
    status = audit_open(&j.session, "set", &j.log);
  if (status != CLI_OK)
    return status;
  const char *path = c->arguments[0];
  return is_directory(path) ? set_directory(&j, path) : set_file(&j, path);
}

const cli_verb verb_policy_set = {
    "policy set",
    "put a policy into force, with proof",
    "FILE|DIR --endpoint URL [--type T] [--key FILE --cert PEM] "
    "[--audit FILE]",
    "maapol policy set release.maapolicy --type SgxEnclave "
    "--endpoint https://contoso.eus.attest.azure.net",
    options,
    run,
};
