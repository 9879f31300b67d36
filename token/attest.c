/* SPDX-License-Identifier: Apache-2.0 */
#include "token/attest.h"

#include "eval/report.h"
#include "evidence/collateral.h"
#include "sign/policy_hash.h"
#include "token/default_policies.h"
#include "token/payload.h"
#include "token/policy_token.h"
#include "token/service_claims.h"
#include "token/tpm_rules.h"

/* One attestation on its way. Each step returns false once the result is a
 * refusal. */
typedef struct run {
  arena *arena;
  const attest_request *request;
  const attest_options *options;
  attest_result *result;
  evidence evidence;
  evaluation configuration;
  value service;       /* the service's claims that the policy sees */
  value policy_signer; /* null unless the policy is signed */
} run;

static bool refuse(run *r, attest_outcome outcome, service_error error) {
  r->result->outcome = outcome;
  r->result->error = error;
  return false;
}

#define REFUSE(r, outcome, failure, ...) \
  refuse((r), (outcome),                 \
         service_error_make((r)->arena, (failure), __VA_ARGS__))

/* --- policy --------------------------------------------------------------- */

static slice choose_policy(run *r) {
  const attest_options *options = r->options;
  if (options->policy.data) {
    r->result->source = POLICY_GIVEN;
    if (r->request->has_draft)
      note_add(&r->result->notes,
               "the request's draft policy is not used: another policy is "
               "given");
    return options->policy;
  }
  if (r->request->has_draft) {
    r->result->source = POLICY_DRAFT;
    return r->request->draft_policy;
  }
  r->result->source = POLICY_DEFAULT;
  return default_policy(r->request->type);
}

/* The service stores no policy whose signature does not hold. */
static bool check_signature(run *r, slice given) {
  slice token = policy_token_find(r->arena, given);
  if (policy_token_signer(r->arena, token, &r->policy_signer) !=
      POLICY_SIGNED_WRONGLY)
    return true;
  return REFUSE(r, ATTEST_REFUSED, FAILURE_PARAMETER,
                "the policy token's signature does not hold under the "
                "certificate that it names");
}

static bool use_compiled(run *r) {
  r->result->source = POLICY_GIVEN;
  r->result->policy = r->options->compiled;
  r->policy_signer = r->options->policy_signer;
  return r->result->policy->program ||
         REFUSE(r, ATTEST_UNUSABLE, FAILURE_POLICY_PARSING,
                "the policy has errors");
}

static bool compile_policy(run *r) {
  if (r->options->compiled)
    return use_compiled(r);
  slice text = choose_policy(r);
  if (!text.data && r->request->type == ATTESTATION_TPM)
    return REFUSE(r, ATTEST_UNUSABLE, FAILURE_BAD_REQUEST,
                  "A VBS attestation policy has not been set on the "
                  "attestation provider.");
  if (!text.data)
    return REFUSE(r, ATTEST_UNUSABLE, FAILURE_BAD_REQUEST,
                  "there is no policy for this attestation type");
  r->result->policy = policy_compile(r->arena, text);
  const policy *p = r->result->policy;
  if (p->program)
    return check_signature(r, p->given);
  return refuse(r, ATTEST_UNUSABLE,
                service_error_of_policy(r->arena, &p->findings, p->text));
}

/* --- evidence ------------------------------------------------------------- */

static void note_other_type(run *r) {
  attestation_type other = evidence_detect(r->request->evidence);
  if (other != ATTESTATION_TYPE_UNKNOWN && other != r->request->type)
    note_add(&r->result->notes, "the evidence begins as that of type %s does",
             attestation_type_name(other));
}

static bool parse_evidence(run *r) {
  evidence_error problem;
  if (!evidence_parse(r->arena, r->request->type, r->request->evidence,
                      &r->evidence, &problem)) {
    note_other_type(r);
    r->result->verification.reason = "the evidence could not be read";
    return REFUSE(r, ATTEST_UNUSABLE, FAILURE_EVIDENCE, "%s (byte %zu)",
                  problem.message, problem.offset);
  }
  r->result->verification = r->evidence.verification;
  return true;
}

/* The service's words for a platform that is behind (its documentation), and
 * ours for all else. */
static bool refuse_unverified(run *r) {
  const evidence_verification *v = &r->result->verification;
  if (v->status == VERIFICATION_FAILED && v->tcb_status)
    return REFUSE(r, ATTEST_REFUSED, FAILURE_EVIDENCE,
                  "the device on which the quote was generated does not meet "
                  "the baseline requirements: %s",
                  v->reason);
  return REFUSE(r, ATTEST_REFUSED, FAILURE_EVIDENCE,
                "the evidence could not be verified: %s", v->reason);
}

static bool verify_evidence(run *r) {
  const verify_options *options = r->options->verify;
  if (!options)
    return true;
  verify_options configured = tpm_configured(options, &r->configuration);
  evidence_verify(r->arena, &r->evidence, &configured);
  r->result->verification = r->evidence.verification;
  if (options->collateral)
    collateral_add_hashes(r->arena, &r->evidence, options->collateral);
  if (options->collateral && options->level != VERIFY_FULL)
    note_add(&r->result->notes,
             "collateral: its hashes stand in the token, but it was not "
             "checked");
  return options->level == VERIFY_NONE ||
         evidence_is_verified(&r->result->verification) ||
         refuse_unverified(r);
}

static bool check_bindings(run *r) {
  service_error error;
  if (!service_check_bindings(r->arena, &r->evidence, r->request, &error))
    return refuse(r, ATTEST_REFUSED, error);
  if (!service_claims_build(r->arena, &r->evidence, r->request, &r->service,
                            &error))
    return refuse(r, ATTEST_UNUSABLE, error);
  return true;
}

/* --- evaluation ----------------------------------------------------------- */

static bool evaluation_failed(run *r) {
  r->result->was_evaluated = true;
  return REFUSE(r, ATTEST_REFUSED, FAILURE_POLICY_EVALUATION, "%s",
                r->result->evaluation.message);
}

static bool evaluate_settings(run *r, unsigned flags) {
  return evaluate_configuration(r->result->policy->program, r->arena, flags,
                                &r->configuration);
}

static bool run_configuration(run *r) {
  if (evaluate_settings(r, r->options->flags))
    return true;
  if (r->options->trace_refusals)
    evaluate_settings(r, r->options->flags | EVALUATE_TRACE);
  r->result->evaluation = r->configuration;
  return evaluation_failed(r);
}

static bool add_custom_claims(run *r, claim_list *incoming,
                              claims_error *problem) {
  const value *claims = &r->evidence.custom_claims;
  for (uint32_t i = 0; i < claims->count; i++)
    if (!claims_add_value(incoming, member_name(&claims->members[i]),
                          &claims->members[i].value, SLICE("CustomClaim"),
                          false, problem))
      return false;
  return true;
}

static bool gather_claims(run *r, claim_list *incoming) {
  claims_error problem = {0};
  if (claims_add_object(incoming, &r->service, &problem) &&
      claims_add_object(incoming, &r->evidence.legacy_claims, &problem) &&
      add_custom_claims(r, incoming, &problem))
    return true;
  return REFUSE(r, ATTEST_UNUSABLE, FAILURE_PARAMETER,
                "the evidence and its data make no claims: %s",
                problem.message ? problem.message : "too many of them");
}

static decision evaluate_rules(run *r, const claim_list *incoming,
                               unsigned flags) {
  attest_result *result = r->result;
  evaluate(result->policy->program, incoming, r->arena, flags,
           &result->evaluation);
  evaluation_join(&r->configuration, &result->evaluation);
  result->was_evaluated = true;
  return result->evaluation.decision;
}

static bool decide(run *r) {
  attest_result *result = r->result;
  claim_list incoming = claims_in(r->arena);
  if (!gather_claims(r, &incoming))
    return false;
  decision first = evaluate_rules(r, &incoming, r->options->flags);
  if (first == DECISION_PERMIT)
    return true;
  if (r->options->trace_refusals) { /* the first decision stands */
    evaluate_settings(r, r->options->flags | EVALUATE_TRACE);
    evaluate_rules(r, &incoming, r->options->flags | EVALUATE_TRACE);
  }
  if (first == DECISION_ERROR)
    return evaluation_failed(r);
  bool denied = result->evaluation.reason == REASON_DENY_RULE;
  return REFUSE(r, ATTEST_REFUSED, FAILURE_POLICY_EVALUATION, "%s",
                denied ? "A Deny claim was issued, authorization failed."
                       : "No Permit claim was issued in the "
                         "authorizationrules section, authorization failed.");
}

/* --- token ---------------------------------------------------------------- */

static bool is_sgx(attestation_type type) {
  return type == ATTESTATION_SGX_ENCLAVE || type == ATTESTATION_OPEN_ENCLAVE;
}

/* The TCB baseline that the policy asks for. Without configurationrules the
 * service uses its own and says so too (recorded November 2022). */
static value tcb_identifier(const run *r) {
  const claim *c = evaluation_property(&r->configuration,
                                       SLICE("x-ms-sgx-tcbidentifier"));
  return c ? claim_json(c) : value_text(SLICE("azuredefault"));
}

static void note_missing_hashes(run *r) {
  const value *hashes = value_member(&r->evidence.token_claims,
                                     SLICE("x-ms-sgx-collateral"));
  if (!hashes || hashes->count == 1)
    note_add(&r->result->notes,
             "x-ms-sgx-collateral has quotehash only: its other six hashes "
             "need collateral");
  else if (hashes->count < 7)
    note_add(&r->result->notes,
             "x-ms-sgx-collateral lacks hashes of collateral that is not "
             "given");
}

/* Of TPM evidence nearly everything is for the policy to issue or not. */
static bool is_in_token(const run *r, slice name) {
  return r->request->type != ATTESTATION_TPM || tpm_claim_is_in_token(name);
}

static void add_members(object_builder *o, const value *object) {
  for (uint32_t i = 0; i < object->count; i++)
    object_set(o, member_name(&object->members[i]), object->members[i].value);
}

static value service_payload(run *r) {
  object_builder o = object_in(r->arena);
  for (uint32_t i = 0; i < r->service.count; i++)
    if (is_in_token(r, member_name(&r->service.members[i])))
      object_set(&o, member_name(&r->service.members[i]),
                 r->service.members[i].value);
  add_members(&o, &r->evidence.token_claims);
  if (is_sgx(r->request->type)) {
    object_set(&o, SLICE("x-ms-sgx-tcbidentifier"), tcb_identifier(r));
    note_missing_hashes(r);
  }
  return object_value(&o);
}

static slice issuer_url(slice issuer) {
  while (issuer.length && issuer.data[issuer.length - 1] == '/')
    issuer.length--;
  return issuer;
}

static slice hash_of_policy(const run *r) {
  const attest_options *options = r->options;
  return options->compiled && options->policy_hash.length
             ? options->policy_hash
             : policy_hash(r->arena, r->result->policy->text);
}

static void build_token(run *r) {
  attest_result *result = r->result;
  payload_parts parts = {
      .issued = &result->evaluation.issued,
      .service = service_payload(r),
      .issuer = issuer_url(r->options->issuer),
      .now = r->options->now,
      .lifetime = r->request->type == ATTESTATION_TPM
                      ? tpm_token_lifetime(&result->evaluation)
                      : TOKEN_LIFETIME_SECONDS,
      .nonce = r->request->nonce,
      .has_nonce = r->request->has_nonce,
      .policy_hash = hash_of_policy(r),
      .policy_signer = r->policy_signer,
  };
  result->payload = payload_build(r->arena, &parts, &result->notes);
  if (!r->options->no_token)
    result->token = unsecured_token(r->arena, parts.issuer, r->options->kid,
                                    &result->payload);
  result->outcome = ATTEST_PERMITTED;
}

void attest_refuse(arena *a, service_error error, attest_result *result) {
  *result = (attest_result){
      .outcome = ATTEST_UNUSABLE,
      .error = error,
      .verification.reason = "the evidence was not looked at",
      .notes = notes_in(a),
      .payload = value_null(),
  };
}

void attest(arena *a, const attest_request *request,
            const attest_options *options, attest_result *result) {
  run r = {
      .arena = a, .request = request, .options = options, .result = result};
  attest_refuse(a, (service_error){0}, result);
  if (!compile_policy(&r) || !parse_evidence(&r) || !run_configuration(&r) ||
      !verify_evidence(&r) || !check_bindings(&r))
    return;
  if (!evidence_is_verified(&result->verification))
    note_add(&result->notes, "evidence: signatures not verified");
  tpm_note_trust(&r.evidence, &result->notes);
  if (!decide(&r))
    return;
  build_token(&r);
}
