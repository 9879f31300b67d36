/* SPDX-License-Identifier: Apache-2.0 */
/* /attest: evidence to claims to decision to token. */
#include "base/render.h"
#include "serve/decisions.h"
#include "serve/issuers.h"
#include "serve/router.h"
#include "serve/seal.h"
#include "serve/tpm_challenge.h"
#include "token/attest.h"

static void refuse_attestation(call *c, const attest_result *result) {
  refusal r = refusal_of_service_error(&result->error);
  if (result->error.failure == FAILURE_POLICY_PARSING && result->policy) {
    const policy *p = result->policy;
    array_builder findings = array_in(c->arena);
    render_source source = {.path = "policy",
                            .text = p->text,
                            .was_wrapped = p->was_wrapped};
    render_json(&findings, &source, &p->findings);
    r.diagnostics = array_value(&findings);
  }
  answer_refusal(c, &r);
}

static void count_decision(call *c, const attest_request *request,
                           const attest_result *result) {
  static const decision_metric counters[] = {
      [ATTEST_UNUSABLE] = DECISION_COUNT_UNUSABLE,
      [ATTEST_REFUSED] = DECISION_COUNT_REFUSED,
      [ATTEST_PERMITTED] = DECISION_COUNT_PERMITTED};
  atomic_fetch_add(&c->service->metrics.decisions[counters[result->outcome]],
                   1);
  if (c->service->options.has_page)
    decisions_add(c->instance->decisions, c->arena, c->now, request, result);
}

/* The answer to a draft policy is never signed: whoever sends the policy could
 * have any token that he likes. */
static slice token_of(call *c, const attest_request *request,
                      const attest_result *result) {
  return request->has_draft ? result->token : call_sign(c, &result->payload);
}

/* The VM's key is read from the evidence once more: the attestation keeps
 * claims alone. */
static bool seal(call *c, const attest_request *request, slice *token) {
  evidence e;
  evidence_error error;
  const char *reason;
  if (!evidence_parse(c->arena, request->type, request->evidence, &e, &error))
    reason = error.message;
  else if (seal_token(c->arena, e.detail, *token, token, &reason))
    return true;
  refuse(c, 400, "InvalidParameter", "The token cannot be sealed: %s.",
         reason);
  return false;
}

static void answer(call *c, const attest_request *request,
                   const attest_result *result) {
  slice token = token_of(c, request, result);
  if (!token.length ||
      (request->type == ATTESTATION_AZURE_GUEST && !seal(c, request, &token)))
    return;
  if (request->type == ATTESTATION_TPM) {
    tpm_challenge_answer_report(c, token);
    return;
  }
  bool is_bare = request->form == API_PREVIEW ||
                 api_version_bit(c->api_version) == API_2018;
  if (is_bare)
    answer_string(c, token);
  else
    answer_with_token(c, token);
}

static void attest_request_of(call *c, const attest_request *request) {
  const service *s = c->service;
  verify_options verify = s->options.verify;
  verify.now = c->now;
  verify.no_words = true; /* no answer and no page shows them */
  verify.issuers = issuers_lend(s->issuers, c->arena);
  attest_options options = {.issuer = c->issuer->url,
                            .kid = s->kid,
                            .now = c->now,
                            .trace_refusals = s->options.has_page,
                            .no_token = !request->has_draft,
                            .verify = &verify};
  if (!request->has_draft) {
    const stored_policy *p =
        instance_policy(c->service, c->instance, c->arena, request->type);
    options.compiled = p ? p->policy : NULL;
    options.policy_signer = p ? p->signer : value_null();
    options.policy_hash = p ? p->hash : SLICE_EMPTY;
  }
  attest_result result;
  attest(c->arena, request, &options, &result);
  count_decision(c, request, &result);
  if (result.outcome == ATTEST_PERMITTED)
    answer(c, request, &result);
  else
    refuse_attestation(c, &result);
}

static void attest_body(call *c) {
  attest_request request;
  service_error error;
  notes remarks = notes_in(c->arena);
  attestation_type type = call_type(c);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    return;
  if (type == ATTESTATION_TPM && c->instance->mode == MODE_SHARED) {
    refuse(c, 400, "Bad request",
           "Tpm attestation is not supported by shared providers.");
    return;
  }
  if (!attest_request_read(c->arena, type, c->request->body, &request,
                           &remarks, &error)) {
    refusal r = refusal_of_service_error(&error);
    attest_result nothing;
    attest_refuse(c->arena, error, &nothing);
    request.type = type;
    request.has_draft = false;
    count_decision(c, &request, &nothing);
    answer_refusal(c, &r);
    return;
  }
  if (type == ATTESTATION_TPM && (tpm_challenge_answer(c, &request) ||
                                  !tpm_challenge_holds(c, &request)))
    return;
  attest_request_of(c, &request);
}

void operation_attest(call *c) { attest_body(c); }

void operation_attest_preview(call *c) { attest_body(c); }
