/* SPDX-License-Identifier: Apache-2.0 */
/* maapol signer rotate: one policy signer takes the place of another. The old
 * one is removed last, and only by the new one, after that has proven that it
 * can sign. */
#include "cli/remote/policy_upload.h"
#include "cli/remote/signer_input.h"
#include "cli/verbs.h"
#include "sign/policy_hash.h"

static const cli_option options[] = {
    {"type", 't', "TYPE", "whose policy the new signer signs anew, as proof"},
    {"new-key", 0, "FILE|URI", "private key of the new signer"},
    {"new-cert", 0, "FILE", "its certificate and those above it"},
    {"new-pfx", 0, "FILE", "PKCS #12: its key and certificates"},
    {"new-passphrase-env", 0, "NAME", "variable that holds its passphrase"},
    {"new-passphrase-file", 0, "FILE", "file whose first line it is"},
    {"new-passphrase-fd", 0, "N", "open descriptor from which to read it"},
    SIGNING_OPTIONS,
    {"audit", 0, "FILE", "record the changes, and keep the old policy"},
    REMOTE_OPTIONS,
    {0}};

typedef struct job {
  session session;
  signing old, new;
  attestation_type type;
  audit log;
} job;

static int job_read(cli *c, job *j) {
  if (c->argument_count)
    return cli_usage(c, "`%s` is one word too many", c->arguments[0]);
  if (!key_input_is_given(c))
    return cli_usage(c, "--key is missing: that of the signer to be replaced");
  if (!cli_value(c, "new-key") && !cli_value(c, "new-pfx"))
    return cli_usage(c, "--new-key is missing: that of the signer to come");
  int status = session_open(c, &j->session);
  if (status == CLI_OK)
    status = session_type(&j->session, &j->type);
  if (status == CLI_OK)
    status = signing_read(c, &j->old);
  if (status == CLI_OK)
    status = signing_read_new(c, &j->new);
  if (status == CLI_OK)
    status = audit_open(&j->session, "signer rotate", &j->log);
  return status;
}

static X509 *leaf_of(const signing *s) { return s->signer.chain.items[0]; }

static void say(job *j, int step, const char *what) {
  cli_print(j->session.cli, "%d of 3: %s\n", step, what);
  cli_flush(j->session.cli); /* the next step may take long, or fail */
}

/* --- the steps ------------------------------------------------------------ */

static int add_new(job *j) {
  slice token = SLICE_EMPTY;
  policy_signer_list list;
  int status = signer_token(&j->old, &j->new.signer.chain, &token);
  if (status != CLI_OK)
    return status;
  if (j->session.is_dry)
    return session_show(&j->session, OPERATION_SIGNERS_ADD,
                        ATTESTATION_TYPE_UNKNOWN, token);
  status = signer_change(&j->session, &j->log, true, leaf_of(&j->new), token,
                         &list);
  if (status == CLI_OK)
    say(j, 1, "the new signer is added");
  return status;
}

/* The policy in force, signed anew: its text and policy hash stay. */
static int prove_new(job *j) {
  session *s = &j->session;
  deployed_policy now;
  slice token = SLICE_EMPTY;
  value report;
  if (!deployed_get(&s->endpoint, j->type, &now))
    return session_failed(s);
  if (!now.text.length)
    return cli_error(s->cli, CLI_NO, "no policy of type %s is set that the "
                     "new signer could sign: choose another --type",
                     attestation_type_name(j->type));
  int status = signing_token(&j->new, policy_payload(s->cli->arena, now.text),
                             &token);
  if (status != CLI_OK)
    return status;
  if (s->is_dry)
    return session_show(s, OPERATION_POLICY_SET, j->type, token);
  status = policy_upload(s, &j->log, "the policy in force", j->type, token,
                         &report);
  if (status == CLI_OK)
    say(j, 2, "the new signer has signed the policy in force anew, and the "
              "service takes it");
  return status;
}

static int remove_old(job *j) {
  slice token = SLICE_EMPTY;
  policy_signer_list list;
  int status = signer_token(&j->new, &j->old.signer.chain, &token);
  if (status != CLI_OK)
    return status;
  if (j->session.is_dry)
    return session_show(&j->session, OPERATION_SIGNERS_REMOVE,
                        ATTESTATION_TYPE_UNKNOWN, token);
  status = signer_change(&j->session, &j->log, false, leaf_of(&j->old), token,
                         &list);
  if (status != CLI_OK)
    return status;
  say(j, 3, "the old signer is removed");
  signers_print(&j->session, &list, false);
  return CLI_OK;
}

static int run(cli *c) {
  job j = {0};
  int status = job_read(c, &j);
  if (status != CLI_OK)
    return status;
  if (slice_equal(signer_thumbprint(c->arena, leaf_of(&j.old)),
                  signer_thumbprint(c->arena, leaf_of(&j.new))))
    return cli_usage(c, "the new certificate is the old one");
  status = add_new(&j);
  if (status != CLI_OK)
    return status;
  if (j.session.is_dry)
    return remove_old(&j);
  status = prove_new(&j);
  if (status != CLI_OK)
    return cli_error(c, status, "both signers stay: run the same command "
                                "again, or remove the new one");
  return remove_old(&j);
}

const cli_verb verb_signer_rotate = {
    "signer rotate",
    "replace a policy signer: add, prove, remove",
    "--key OLD --cert OLD.pem --new-key NEW --new-cert NEW.pem --type T "
    "--endpoint URL",
    "maapol signer rotate --key old.key --cert old.pem --new-key new.key "
    "--new-cert new.pem --type SgxEnclave "
    "--endpoint https://contoso.eus.attest.azure.net",
    options,
    run,
};
