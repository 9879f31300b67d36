/* SPDX-License-Identifier: Apache-2.0 */
/* What the service's refusals mean and what to do about them: codes and texts
 * as recorded and documented, each met by people. */
#include "remote/answer.h"
#include "remote/endpoint.h"

typedef struct known_refusal {
  const char *code; /* NULL: any */
  const char *part; /* of the message; NULL: any */
  const char *advice;
} known_refusal;

static const known_refusal known[] = {
    {NULL, "Unsigned JWS specified",
     "this instance is isolated: sign the policy with the key of one of its "
     "signers (--key, --cert; maapol signer list)"},
    {NULL, "Unable to find issuer certificate",
     "the signer is not known to this instance, or its root has no "
     "BasicConstraints CA:TRUE (maapol signer list shows those that are)"},
    {NULL, "Could not find first period",
     "a token is wanted and a text was sent: maapol sign makes one"},
    {NULL, "Unknown base64 character",
     "a token is wanted and a text was sent: maapol sign makes one"},
    {NULL, "GetPolicyRootCertificates().empty()",
     "only isolated instances have policy signers; this one is in AAD mode"},
    {NULL, "policy has not been set",
     "set a policy of this type first: maapol policy set"},
    {NULL, "is not supported in the",
     "this region has no such attestation type"},
    {NULL, "does not match ReportData",
     "the runtime data is not what the evidence was made for"},
    {NULL, "does not match RuntimeData",
     "the runtime data is not what the evidence was made for"},
    {"PolicyEvaluationError", NULL,
     "the policy did not permit: maapol attest shows the deciding rule "
     "offline"},
    {"PolicyParsingError", NULL,
     "maapol check finds mistakes before they are sent"},
    {0}};

static bool has_part(slice text, const char *part) {
  size_t n = strlen(part);
  for (size_t i = 0; i + n <= text.length; i++)
    if (memcmp(text.data + i, part, n) == 0)
      return true;
  return false;
}

static const char *known_advice(const reply_error *error) {
  for (const known_refusal *k = known; k->advice; k++)
    if ((!k->code || slice_is(error->code, k->code)) &&
        (!k->part || has_part(error->text, k->part)))
      return k->advice;
  return NULL;
}

/* Data-plane roles: Owner of the resource alone opens nothing. */
static const char *role_advice(endpoint_operation operation) {
  bool reads = operation == OPERATION_POLICY_GET ||
               operation == OPERATION_SIGNERS_GET ||
               operation == OPERATION_ATTEST ||
               operation == OPERATION_CERTS ||
               operation == OPERATION_METADATA;
  return reads ? "the identity needs the role Attestation Reader (or "
                 "Attestation Contributor) on the provider; Owner is not "
                 "enough. New roles take some minutes"
               : "the identity needs the role Attestation Contributor on the "
                 "provider; Owner and Attestation Reader are not enough. New "
                 "roles take some minutes";
}

static remote_status status_of(long http_status) {
  if (http_status == 401 || http_status == 403)
    return REMOTE_DENIED;
  if (http_status == 400 || http_status == 409 || http_status == 413 ||
      http_status == 422)
    return REMOTE_REFUSED;
  return REMOTE_UNAVAILABLE;
}

/* Plain words for an answer without an error body. */
static const char *plain_reason(long http_status) {
  if (http_status >= 300 && http_status < 400)
    return "it sends elsewhere, and redirects are not followed";
  switch (http_status) {
  case 401:
    return "the access token is missing, expired or for another resource";
  case 403:
    return "it is forbidden";
  case 404:
    return "there is no such operation or attestation type";
  case 413:
    return "it is too large";
  case 429:
    return "too many requests";
  default:
    return http_status >= 500 ? "the service failed" : "it was refused";
  }
}

static const char *advice_of(endpoint *e, endpoint_operation operation,
                             long http_status, const reply_error *error) {
  if (http_status == 401 || http_status == 403)
    return role_advice(operation);
  if (http_status == 404)
    return "check --endpoint and --api-version: not every version has every "
           "type";
  if (http_status >= 300 && http_status < 400)
    return "give the endpoint that it leads to, if that is the right one";
  (void)e;
  return known_advice(error);
}

/* The parser's message has several lines; here it is one. */
static slice on_one_line(arena *a, slice text) {
  buffer out = buffer_in(a);
  for (size_t i = 0; i < text.length; i++) {
    bool is_break = text.data[i] == '\n' || text.data[i] == '\r';
    bool was_blank = out.length && out.data[out.length - 1] == ' ';
    if (!is_break)
      buffer_char(&out, text.data[i]);
    else if (!was_blank)
      buffer_char(&out, ' ');
  }
  return buffer_slice(&out);
}

bool endpoint_refused(endpoint *e, endpoint_operation operation,
                      attestation_type type, const http_response *response) {
  remote *r = e->remote;
  reply_error error;
  bool has_error = reply_error_read(r->arena, response->body, &error);
  slice reason = has_error && error.text.length
                     ? on_one_line(r->arena, reply_reason(error.text))
                     : slice_from(plain_reason(response->status));
  remote_fail(r, status_of(response->status),
              "%.*s answers %ld%s%.*s: %.*s", SLICE_ARGS(e->base.host),
              response->status, error.code.length ? " " : "",
              SLICE_ARGS(error.code), SLICE_ARGS(reason));
  r->failure.http_status = response->status;
  r->failure.code = error.code;
  r->failure.text = error.text;
  long s = response->status;
  r->failure.is_ambiguous = s == 408 || (s >= 500 && s != 501 && s != 503);
  (void)type;
  return remote_advise(r, advice_of(e, operation, s, &error));
}
