/* SPDX-License-Identifier: Apache-2.0 */
/* maapol policy reset, policy rollback: back to the service's default, or to
 * the policy before. */
#include "base/limits.h"
#include "cli/remote/policy_file.h"
#include "cli/remote/policy_upload.h"
#include "cli/verbs.h"
#include "sign/policy_hash.h"

static const char *const formats[] = {"human", "json", NULL};

typedef struct job {
  session session;
  signing signing;
  audit log;
  attestation_type type;
  bool as_json;
} job;

static int job_begin(cli *c, const char *action, job *j) {
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  *j = (job){.as_json = format == 1};
  int status = session_open(c, &j->session);
  if (status == CLI_OK)
    status = session_type(&j->session, &j->type);
  if (status == CLI_OK)
    status = signing_read(c, &j->signing);
  if (status == CLI_OK)
    status = audit_open(&j->session, action, &j->log);
  return status;
}

static int reset_by(job *j, slice token) {
  session *s = &j->session;
  value report;
  if (s->is_dry)
    return session_show(s, OPERATION_POLICY_RESET, j->type, token);
  int status = policy_upload_reset(s, &j->log, j->type, token, &report);
  if (status == CLI_OK)
    policy_report_print(s, &report, j->as_json);
  return status;
}

/* --- reset ---------------------------------------------------------------- */

static const cli_option reset_options[] = {
    {"type", 't', "TYPE", "attestation type of the policy"},
    SIGNING_OPTIONS,
    {"audit", 0, "FILE", "record the change, and keep the old policy beside"},
    {"format", 'f', "human|json", "of the output (human)"},
    REMOTE_OPTIONS,
    {0}};

/* A reset token of a file, as `sign --reset` writes it. */
static int read_token(cli *c, const char *path, slice *token) {
  slice given;
  if (!cli_read(c, path, LIMIT_TOKEN_BYTES, &given))
    return CLI_INPUT;
  while (given.length && given.data[given.length - 1] <= ' ')
    given.length--;
  size_t dots = 0;
  bool is_empty = false;
  for (size_t i = 0; i < given.length; i++) {
    dots += given.data[i] == '.';
    is_empty |= given.data[i] == '.' && i + 1 < given.length &&
                given.data[i + 1] == '.';
    if (given.data[i] <= ' ')
      dots = SIZE_MAX / 2;
  }
  if (dots != 2 || !is_empty)
    return cli_error(c, CLI_INPUT, "%s: it is no reset token", path);
  *token = given;
  return CLI_OK;
}

static int run_reset(cli *c) {
  job j = {0};
  slice token = SLICE_EMPTY;
  if (c->argument_count > 1)
    return cli_usage(c, "`%s` is one word too many", c->arguments[1]);
  int status = job_begin(c, "reset", &j);
  if (status != CLI_OK)
    return status;
  if (c->argument_count && j.signing.is_signed)
    return cli_usage(c, "a token is given already: --key and --pfx make one");
  status = c->argument_count ? read_token(c, c->arguments[0], &token)
                             : signing_token(&j.signing, SLICE_EMPTY, &token);
  return status == CLI_OK ? reset_by(&j, token) : status;
}

const cli_verb verb_policy_reset = {
    "policy reset",
    "back to the service's default policy",
    "[TOKEN] --endpoint URL --type T [--key FILE --cert PEM] [--audit FILE]",
    "maapol policy reset --type SgxEnclave "
    "--endpoint https://contoso.eus.attest.azure.net",
    reset_options,
    run_reset,
};

/* --- rollback ------------------------------------------------------------- */

static const cli_option rollback_options[] = {
    {"type", 't', "TYPE", "attestation type of the policy"},
    {"audit", 0, "FILE", "that `policy set --audit` wrote"},
    {"force", 0, NULL, "also if another policy is in force by now"},
    SIGNING_OPTIONS,
    {"format", 'f', "human|json", "of the output (human)"},
    REMOTE_OPTIONS,
    {0}};

/* What is to be undone must be what is in force. */
static int check_in_force(job *j, const audit_entry *entry) {
  session *s = &j->session;
  deployed_policy now;
  if (!deployed_get(&s->endpoint, j->type, &now))
    return session_failed(s);
  if (slice_equal(now.token_hash, entry->after_hash) ||
      cli_flag(s->cli, "force"))
    return CLI_OK;
  return cli_error(s->cli, CLI_NO,
                   "the policy in force (%.*s) is not the one that the audit "
                   "file says was set last (%.*s): somebody changed it since; "
                   "--force rolls back all the same",
                   SLICE_ARGS(now.token_hash), SLICE_ARGS(entry->after_hash));
}

/* The old token as it was, unless there is a key to sign its text anew. */
static int old_token(job *j, const audit_entry *entry, slice *token) {
  cli *c = j->session.cli;
  policy_file file;
  int status = policy_file_read(c, entry->file, NULL, &file);
  if (status != CLI_OK)
    return status;
  if (!slice_equal(policy_token_hash(c->arena, file.token),
                   entry->before_hash))
    return cli_error(c, CLI_INPUT,
                     "%s: it is not the policy that was kept (its hash is not "
                     "%.*s)", entry->file, SLICE_ARGS(entry->before_hash));
  *token = file.token;
  if (!j->signing.is_signed)
    return CLI_OK;
  file.token = SLICE_EMPTY;
  return policy_file_token(c, &file, &j->signing, token);
}

static int roll_back(job *j, const audit_entry *entry) {
  session *s = &j->session;
  slice token = SLICE_EMPTY;
  value report;
  int status;
  if (entry->was_default || !entry->file) {
    status = signing_token(&j->signing, SLICE_EMPTY, &token);
    return status == CLI_OK ? reset_by(j, token) : status;
  }
  status = old_token(j, entry, &token);
  if (status != CLI_OK)
    return status;
  if (s->is_dry)
    return session_show(s, OPERATION_POLICY_SET, j->type, token);
  status = policy_upload(s, &j->log, entry->file, j->type, token, &report);
  if (status == CLI_OK)
    policy_report_print(s, &report, j->as_json);
  return status;
}

static int run_rollback(cli *c) {
  job j = {0};
  audit_entry entry = {0};
  if (c->argument_count)
    return cli_usage(c, "`%s` is one word too many", c->arguments[0]);
  if (!cli_value(c, "audit"))
    return cli_usage(c, "--audit is missing: the file that `policy set "
                        "--audit` wrote");
  int status = job_begin(c, "rollback", &j);
  if (status == CLI_OK)
    status = audit_find(&j.session, j.type, &entry);
  if (status == CLI_OK && !j.session.is_dry)
    status = check_in_force(&j, &entry);
  return status == CLI_OK ? roll_back(&j, &entry) : status;
}

const cli_verb verb_policy_rollback = {
    "policy rollback",
    "restore the policy before the last change",
    "--audit FILE --endpoint URL --type T [--force]",
    "maapol policy rollback --audit policies.audit --type SgxEnclave "
    "--endpoint https://contoso.eus.attest.azure.net",
    rollback_options,
    run_rollback,
};
