/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals as the service words them: an HTTP status, a stable code and a
 * message, {"error":{"code","message"[,"innererror"]}} on the wire.
 *
 * What the attestation enclave refuses has the form
 *   Attestation Enclave operation failed with NUMBER: ...TEXT...
 * with a NUMBER and a standing phrase of its own, and repeats itself as
 * innererror. What the front end refuses is a plain sentence.
 */
#ifndef TOKEN_SERVICE_ERROR_H
#define TOKEN_SERVICE_ERROR_H

#include "base/diagnostic.h"
#include "base/value.h"

typedef enum service_failure {
  FAILURE_NONE,
  FAILURE_POLICY_EVALUATION, /* no permit, a deny, an evaluation error */
  FAILURE_POLICY_PARSING,    /* the policy text is wrong */
  FAILURE_EVIDENCE,          /* malformed, or not made for the data sent */
  FAILURE_PARAMETER,         /* another part of the request is wrong */
  FAILURE_BAD_REQUEST        /* the front end refuses: no body, no policy */
} service_failure;

typedef struct service_error {
  service_failure failure;
  int http_status;
  const char *code;    /* "PolicyEvaluationError"; static */
  const char *text;    /* what is wrong, alone, without the enclave's frame */
  const char *message; /* the whole message */
} service_error;

/* A refusal; the format gives its text. Everything lives in the arena. */
service_error service_error_make(arena *a, service_failure failure,
                                 const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first error among the findings of a policy as the service's parser
 * reports it: offending symbol, line, column, failure message, failing rule.
 * text: the policy text that the findings count in. */
service_error service_error_of_policy(arena *a, const diagnostics *findings,
                                      slice text);

/* {"error":{"code":..,"message":..[,"innererror":{..}]}} */
value service_error_body(arena *a, const service_error *error);

/* {"code":..,"message":..} */
value service_error_value(arena *a, const service_error *error);

#endif
