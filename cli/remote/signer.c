/* SPDX-License-Identifier: Apache-2.0 */
/* maapol signer list, add, remove: the policy signers of an isolated
 * instance. */
#include "cli/remote/signer_input.h"
#include "cli/verbs.h"

static const char *const formats[] = {"human", "json", NULL};

/* --- list ----------------------------------------------------------------- */

static const cli_option list_options[] = {
    {"format", 'f', "human|json", "of the output (human)"},
    REMOTE_OPTIONS,
    {0}};

static int run_list(cli *c) {
  session s;
  policy_signer_list list;
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  int status = session_open_wordless(c, &s);
  if (status != CLI_OK)
    return status;
  if (s.is_dry)
    return session_show(&s, OPERATION_SIGNERS_GET, ATTESTATION_TYPE_UNKNOWN,
                        SLICE_EMPTY);
  if (!signers_get(&s.endpoint, &list))
    return session_failed(&s);
  signers_print(&s, &list, format == 1);
  return CLI_OK;
}

const cli_verb verb_signer_list = {
    "signer list",
    "the policy signers of an isolated instance",
    "--endpoint URL [--format human|json]",
    "maapol signer list --endpoint https://contoso.eus.attest.azure.net",
    list_options,
    run_list,
};

/* --- add, remove ---------------------------------------------------------- */

static const cli_option change_options[] = {
    SIGNING_OPTIONS,
    {"audit", 0, "FILE", "record the change"},
    {"format", 'f', "human|json", "of the output (human)"},
    REMOTE_OPTIONS,
    {0}};

typedef struct job {
  session session;
  signing signing;
  audit log;
  X509 *certificate;
  slice token;
} job;

static int job_read(cli *c, bool adds, job *j) {
  certificate_chain chain;
  if (c->argument_count != 1)
    return cli_usage(c, "one certificate is wanted");
  int status = session_open(c, &j->session);
  if (status == CLI_OK)
    status = signing_read(c, &j->signing);
  if (status == CLI_OK && !j->signing.is_signed)
    return cli_usage(c, "--key is missing: a signer of the instance signs the "
                        "change");
  if (status == CLI_OK)
    status = signer_certificates(c, c->arguments[0], &chain);
  if (status != CLI_OK)
    return status;
  j->certificate = chain.items[0];
  status = signer_token(&j->signing, &chain, &j->token);
  if (status == CLI_OK)
    status = audit_open(&j->session, adds ? "signer add" : "signer remove",
                        &j->log);
  return status;
}

static int change(cli *c, bool adds) {
  job j = {0};
  policy_signer_list list;
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  int status = job_read(c, adds, &j);
  session *s = &j.session;
  if (status != CLI_OK)
    return status;
  if (s->is_dry)
    return session_show(s, adds ? OPERATION_SIGNERS_ADD
                                : OPERATION_SIGNERS_REMOVE,
                        ATTESTATION_TYPE_UNKNOWN, j.token);
  status = signer_change(s, &j.log, adds, j.certificate, j.token, &list);
  if (status != CLI_OK)
    return status;
  signers_print(s, &list, format == 1);
  return CLI_OK;
}

static int run_add(cli *c) { return change(c, true); }
static int run_remove(cli *c) { return change(c, false); }

const cli_verb verb_signer_add = {
    "signer add",
    "let another certificate sign policies",
    "NEW.pem --key FILE --cert PEM --endpoint URL [--audit FILE]",
    "maapol signer add new.pem --key old.key --cert old.pem "
    "--endpoint https://contoso.eus.attest.azure.net",
    change_options,
    run_add,
};

const cli_verb verb_signer_remove = {
    "signer remove",
    "no longer let a certificate sign policies",
    "OLD.pem --key FILE --cert PEM --endpoint URL [--audit FILE]",
    "maapol signer remove old.pem --key new.key --cert new.pem "
    "--endpoint https://contoso.eus.attest.azure.net",
    change_options,
    run_remove,
};
