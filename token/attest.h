/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation without the service: evidence, a policy and a clock in; the
 * decision, the claims and the token that the service would give out.
 *
 *   attest_request request;
 *   attest_result result;
 *   if (!attest_request_read(a, ATTESTATION_SGX_ENCLAVE, body, &request,
 *                            &remarks, &error)) ...
 *   attest(a, &request, &options, &result);
 *   if (result.outcome == ATTEST_PERMITTED) print(result.token);
 *   else refuse(result.error.code, result.error.text);
 *
 * The steps: parse the evidence, run configurationrules, which see no claims
 * and may say what verification has to demand; verify the evidence, check that
 * it was made for the data sent, gather the service's claims, decide, build
 * the token. If evidence is to be verified and is not, for whatever reason, no
 * rule that decides or issues is run. If it is not to be verified, the result
 * says so, and its token is never a signed one.
 */
#ifndef TOKEN_ATTEST_H
#define TOKEN_ATTEST_H

#include "compiler/policy.h"
#include "eval/evaluate.h"
#include "evidence/verify.h"
#include "token/request.h"

/* Zero is no permit: forgetting to set it admits nobody. */
typedef enum attest_outcome {
  ATTEST_UNUSABLE, /* request, evidence or policy are broken or missing */
  ATTEST_REFUSED,  /* the answer is no: denied, an error, not bound */
  ATTEST_PERMITTED
} attest_outcome;

typedef enum policy_source {
  POLICY_GIVEN,
  POLICY_DRAFT,
  POLICY_DEFAULT
} policy_source;

typedef struct attest_options {
  /* Policy text or token with a NUL behind it, as file_read gives. NULL data:
   * the request's draft, else the type's default policy. */
  slice policy;
  /* Instead: compiled before, for many requests, without errors and from a
   * token whose signature holds. Only read. NULL: see policy. */
  policy *compiled;
  value policy_signer; /* claim x-ms-policy-signer of compiled, or null */
  slice policy_hash;   /* of compiled, by policy_hash(); empty: made anew */
  slice issuer;   /* URL of the instance; slashes at its end are dropped */
  slice kid;      /* of the token's header; empty: it has none */
  int64_t now;    /* seconds since the epoch */
  unsigned flags; /* EVALUATE_TRACE */
  /* What is no permit is evaluated once more with EVALUATE_TRACE, so that the
   * reason can be shown, and what is permitted does not cost it. */
  bool trace_refusals;
  bool no_token;  /* leave the token empty: its payload is all that counts */
  /* How far to verify the evidence; NULL: not at all. */
  const verify_options *verify;
} attest_options;

typedef struct attest_result {
  attest_outcome outcome;
  service_error error; /* FAILURE_NONE if permitted */
  policy_source source;
  policy *policy;      /* NULL if no policy was looked at */
  bool was_evaluated;  /* evaluation is filled in, configurationrules' part
                        * included */
  evaluation evaluation;
  evidence_verification verification;
  value payload; /* an object; null unless permitted */
  slice token;   /* unsecured; empty unless permitted, or with no_token */
  notes notes;
} attest_result;

/* Fills in *result, which lives in the arena with all that it points to, but
 * for what request and options point to. */
void attest(arena *a, const attest_request *request,
            const attest_options *options, attest_result *result);

/* The result for a request that could not be read (attest_request_read). */
void attest_refuse(arena *a, service_error error, attest_result *result);

/* The report of `maapol attest --format json`: decision, reason, error,
 * issued, properties, claims, trace, verification, notes. */
value attest_report(arena *a, const attest_result *result);

#endif
