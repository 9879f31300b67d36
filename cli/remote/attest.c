/* SPDX-License-Identifier: Apache-2.0 */
/* maapol attest --endpoint: the service attests. What it answers is verified
 * before anything of it is shown. */
#include "base/base64.h"
#include "base/limits.h"
#include "base/render.h"
#include "cli/crypto/attest_input.h"
#include "cli/evaluation_output.h"
#include "cli/remote/session.h"
#include "cli/verbs.h"
#include "compiler/unwrap.h"
#include "remote/answer.h"

static const char *const formats[] = {"human", "claims", "token", "json",
                                      NULL};
enum { FORMAT_HUMAN, FORMAT_CLAIMS, FORMAT_TOKEN, FORMAT_JSON };

typedef struct job {
  session session;
  attestation_type type;
  slice body;
  slice nonce;   /* as text; empty: none was sent */
  bool is_draft; /* a draft policy is sent: the answer is unsigned */
  int format;
} job;

/* --- the request ---------------------------------------------------------- */

static value base64url_value(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static void set_data(arena *a, object_builder *o, slice name,
                     const bound_data *data) {
  if (data->kind == DATA_ABSENT)
    return;
  object_builder inner = object_in(a);
  object_set(&inner, SLICE("data"), base64url_value(a, data->bytes));
  object_set(&inner, SLICE("dataType"),
             value_text(data->kind == DATA_JSON ? SLICE("JSON")
                                                : SLICE("Binary")));
  object_set(o, name, object_value(&inner));
}

static slice evidence_name(attestation_type type) {
  switch (type) {
  case ATTESTATION_OPEN_ENCLAVE:
  case ATTESTATION_SEV_SNP_VM:
    return SLICE("report");
  case ATTESTATION_AZURE_GUEST:
    return SLICE("attestationInfo");
  case ATTESTATION_TPM:
    return SLICE("data");
  default:
    return SLICE("quote");
  }
}

/* --policy as the service wants it: the bare text. */
static int draft_text(cli *c, slice *text) {
  const char *path = cli_value(c, "policy");
  slice given;
  diagnostics findings;
  diagnostics_init(&findings, c->arena);
  *text = SLICE_EMPTY;
  if (!path)
    return CLI_OK;
  if (!cli_read(c, path, LIMIT_POLICY_BYTES, &given))
    return CLI_INPUT;
  *text = given;
  if (unwrap_policy(c->arena, given, text, &findings) == UNWRAP_FAILED)
    return cli_error(c, CLI_INPUT, "%s: %s", path, findings.first->message);
  return text->length ? CLI_OK
                      : cli_error(c, CLI_INPUT,
                                  "%s: there is no policy in it", path);
}

/* The form of 2018-09-01-preview. */
static value preview_body(arena *a, const attest_request *q, slice draft) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("Quote"), base64url_value(a, q->evidence));
  if (q->runtime.kind != DATA_ABSENT)
    object_set(&o, SLICE("EnclaveHeldData"),
               base64url_value(a, q->runtime.bytes));
  if (draft.length)
    object_set(&o, SLICE("DraftPolicyForAttestation"), value_text(draft));
  return object_value(&o);
}

static value current_body(arena *a, const attest_request *q, slice draft) {
  object_builder o = object_in(a);
  object_set(&o, evidence_name(q->type), base64url_value(a, q->evidence));
  set_data(a, &o, SLICE("runtimeData"), &q->runtime);
  set_data(a, &o, SLICE("initTimeData"), &q->init_time);
  if (draft.length)
    object_set(&o, SLICE("draftPolicyForAttestation"), value_text(draft));
  if (q->has_nonce)
    object_set(&o, SLICE("nonce"), value_text(q->nonce));
  return object_value(&o);
}

static int body_of_evidence(cli *c, job *j, slice draft) {
  attest_input input;
  int status = attest_input_read(c, &input);
  if (status != CLI_OK)
    return status;
  attest_request *q = &input.request;
  if (q->type == ATTESTATION_SEV_SNP_VM &&
      (!q->evidence.length || q->evidence.data[0] != '{'))
    return cli_error(c, CLI_INPUT, "the service wants {\"SnpReport\", "
                     "\"VcekCertChain\"} in JSON, not the bare report");
  value body = endpoint_is_preview(&j->session.endpoint)
                   ? preview_body(c->arena, q, draft)
                   : current_body(c->arena, q, draft);
  buffer text = buffer_in(c->arena);
  json_write(&text, &body);
  j->type = q->type;
  j->body = buffer_slice(&text);
  j->nonce = q->has_nonce ? q->nonce : SLICE_EMPTY;
  return CLI_OK;
}

/* As the service reads it: a name in any case, of a number its digits. What the
 * service cannot read it refuses, so that no nonce is missed. */
static slice nonce_of(cli *c, attestation_type type, slice body) {
  attest_request request;
  service_error error;
  notes remarks = notes_in(c->arena);
  bool can_be_read =
      attest_request_read(c->arena, type, body, &request, &remarks, &error);
  return can_be_read && request.has_nonce ? request.nonce : SLICE_EMPTY;
}

/* A whole request goes as it is, but for a draft of the command line. */
static int body_of_request(cli *c, job *j, slice draft) {
  int status = session_type(&j->session, &j->type);
  if (status != CLI_OK)
    return status;
  const char *path = cli_value(c, "request");
  value v;
  json_error error;
  if (!cli_read(c, path, LIMIT_REQUEST_BYTES, &j->body))
    return CLI_INPUT;
  if (!json_read(c->arena, j->body, JSON_LAST_NAME_WINS, &v, &error) ||
      v.kind != VALUE_OBJECT)
    return cli_error(c, CLI_INPUT, "%s: it is no JSON object", path);
  const value *own = value_member(&v, SLICE("draftPolicyForAttestation"));
  const value *nonce = value_member(&v, SLICE("nonce"));
  j->nonce = nonce && nonce->kind == VALUE_STRING
                 ? value_string(nonce)
                 : nonce_of(c, j->type, j->body);
  j->is_draft = own && own->kind == VALUE_STRING && own->count;
  if (!draft.length)
    return CLI_OK;
  object_builder o = object_in(c->arena);
  for (uint32_t i = 0; i < v.count; i++)
    object_set(&o, member_name(&v.members[i]), v.members[i].value);
  object_set(&o, SLICE("draftPolicyForAttestation"), value_text(draft));
  value whole = object_value(&o);
  buffer text = buffer_in(c->arena);
  json_write(&text, &whole);
  j->body = buffer_slice(&text);
  return CLI_OK;
}

/* --- the answer ----------------------------------------------------------- */

static int print_json(job *j, const value *v) {
  session_print_json(&j->session, v);
  return CLI_OK;
}

static value outcome_of(job *j, const endpoint_answer *answer) {
  object_builder o = object_in(j->session.cli->arena);
  object_set(&o, SLICE("claims"), answer->claims);
  object_set(&o, SLICE("decision"), value_text(SLICE("permit")));
  object_set(&o, SLICE("draft"), value_boolean(j->is_draft));
  object_set(&o, SLICE("endpoint"), value_text(session_issuer(&j->session)));
  object_set(&o, SLICE("token"), value_text(answer->token));
  object_set(&o, SLICE("verified"), value_boolean(answer->is_proven));
  return object_value(&o);
}

static int print_token(job *j, const endpoint_answer *answer) {
  cli *c = j->session.cli;
  if (j->format == FORMAT_CLAIMS)
    return print_json(j, &answer->claims);
  if (j->format == FORMAT_TOKEN) {
    cli_print(c, "%.*s\n", SLICE_ARGS(answer->token));
    return CLI_OK;
  }
  if (j->format == FORMAT_JSON) {
    value outcome = outcome_of(j, answer);
    return print_json(j, &outcome);
  }
  cli_print(c, "decision: permit\ntoken: %s\ntoken claims:\n",
            answer->is_proven
                ? "verified by the keys of the instance"
                : "of a draft policy, without signature: for trying out");
  cli_print_payload(c, &answer->claims);
  return CLI_OK;
}

/* Sealed for a TPM, or the next message of its protocol: nothing of it can be
 * verified here. */
static int print_opaque(job *j, slice text) {
  cli *c = j->session.cli;
  cli_error(c, CLI_OK, "note: the answer is for the attested machine; it is "
                       "not verified here");
  cli_print(c, "%.*s\n", SLICE_ARGS(text));
  return CLI_OK;
}

static bool is_jws(slice text) {
  return text.length && memchr(text.data, '.', text.length);
}

/* Of any other type the answer is a token that must verify. */
static bool is_for_machine(const job *j, const endpoint_answer *answer) {
  return j->type == ATTESTATION_TPM
             ? answer->is_data
             : j->type == ATTESTATION_AZURE_GUEST && !is_jws(answer->token);
}

static bool has_nonce(job *j, const endpoint_answer *answer) {
  if (!j->nonce.length)
    return true;
  const value *nonce = value_member(&answer->claims, SLICE("nonce"));
  if (nonce && nonce->kind == VALUE_STRING &&
      slice_equal(value_string(nonce), j->nonce))
    return true;
  return remote_fail(&j->session.remote, REMOTE_UNTRUSTED,
                     "the token has not the nonce that was sent");
}

static int take_answer(job *j, endpoint_answer *answer) {
  session *s = &j->session;
  if (!reply_token(s->cli->arena, answer->body, &answer->token,
                    &answer->is_data)) {
    remote_fail(&s->remote, REMOTE_UNTRUSTED, "the answer holds no token");
    return session_failed(s);
  }
  if (is_for_machine(j, answer))
    return print_opaque(j, answer->token);
  bool good = j->is_draft
                  ? endpoint_prove_draft(&s->endpoint, answer->token, answer)
                  : endpoint_prove(&s->endpoint, answer->token, answer);
  if (!good || !has_nonce(j, answer))
    return session_failed(s);
  return print_token(j, answer);
}

/* The service's code first, as offline. */
static int refused(session *s) {
  const remote_failure *f = &s->remote.failure;
  const char *path = cli_value(s->cli, "policy");
  if (path && slice_is(f->code, "PolicyParsingError"))
    return session_failed_policy(s, path);
  if (!f->code.length || f->status != REMOTE_REFUSED)
    return session_failed(s);
  slice reason = reply_reason(f->text);
  buffer line = buffer_in(s->cli->arena), text = buffer_in(s->cli->arena);
  for (size_t i = 0; i < reason.length; i++) {
    bool is_break = reason.data[i] == '\n' || reason.data[i] == '\r';
    buffer_char(&text, is_break ? ' ' : reason.data[i]);
  }
  render_escaped(&line, f->code);
  buffer_text(&line, ": ");
  render_escaped(&line, buffer_slice(&text));
  buffer_char(&line, '\n');
  cli_print_error(s->cli, buffer_slice(&line));
  return session_advise(s);
}

static int run(cli *c) {
  static cli_verb shown; /* messages say what the user typed */
  job j = {0};
  slice draft;
  endpoint_answer answer;
  shown = *c->verb;
  shown.name = "attest";
  c->verb = &shown;
  j.format = cli_choice(c, "format", formats);
  if (j.format < 0)
    return CLI_USAGE;
  int status = session_open(c, &j.session);
  if (status == CLI_OK)
    status = draft_text(c, &draft);
  if (status != CLI_OK)
    return status;
  status = cli_value(c, "request") ? body_of_request(c, &j, draft)
                                   : body_of_evidence(c, &j, draft);
  if (status != CLI_OK)
    return status;
  j.is_draft |= draft.length > 0;
  if (j.session.is_dry)
    return session_show(&j.session, OPERATION_ATTEST, j.type, j.body);
  if (!endpoint_call(&j.session.endpoint, OPERATION_ATTEST, j.type, j.body,
                     &answer))
    return refused(&j.session);
  return take_answer(&j, &answer);
}

const cli_verb verb_remote_attest = {
    "remote-attest",
    "evidence to decision to token, by the service",
    "--endpoint URL --type T (--request R | --quote F | ..)",
    "maapol attest --endpoint https://sharedeus.eus.attest.azure.net "
    "--quote quote.bin",
    attest_options_table,
    run,
};
