/* SPDX-License-Identifier: Apache-2.0 */
/* One instance of the service: its operations over REST, its keys, and the
 * proof of its answers.
 *
 *   endpoint e;
 *   if (!endpoint_open(&e, r, http, credentials, &settings) ||
 *       !endpoint_call(&e, OPERATION_POLICY_GET, type, SLICE_EMPTY, &answer))
 *     report(r->failure);
 *   use(&answer.claims);          // signed by the instance, and its own
 *
 * Every token that comes back is verified by the keys of /certs, which TLS
 * proves. No answer that does not verify is used.
 */
#ifndef REMOTE_ENDPOINT_H
#define REMOTE_ENDPOINT_H

#include "base/value.h"
#include "compiler/attestation_type.h"
#include "remote/credentials.h"
#include "sign/jwk.h"

typedef enum endpoint_operation {
  OPERATION_METADATA,
  OPERATION_CERTS,
  OPERATION_POLICY_GET,
  OPERATION_POLICY_SET,
  OPERATION_POLICY_RESET,
  OPERATION_SIGNERS_GET,
  OPERATION_SIGNERS_ADD,
  OPERATION_SIGNERS_REMOVE,
  OPERATION_ATTEST
} endpoint_operation;

/* Ends with NULL; the first is what the released SDKs send. */
extern const char *const endpoint_versions[];

typedef struct endpoint_settings {
  const char *url;
  const char *api_version;   /* NULL: the first of endpoint_versions */
  bool allows_any_host;      /* also others get the access token */
  bool allows_plain_http;    /* of loopback */
  int64_t leeway;            /* seconds by which the clocks may differ */
} endpoint_settings;

typedef struct endpoint {
  remote *remote;
  http_client *http;
  credentials *credentials; /* NULL: no operation that wants a token */
  endpoint_settings settings;
  url base;
  slice issuer;     /* the URL without a slash at its end */
  jwk_set keys;     /* of /certs, once fetched */
  slice keys_text;
  bool has_keys;
} endpoint;

typedef struct endpoint_answer {
  slice body;
  slice token;     /* of the service; or the data of Tpm */
  bool is_data;    /* it is not a token */
  bool is_proven;  /* signed by the instance: claims is an object */
  value claims;
  value key;       /* {"kid","key"} of what signed it; null otherwise */
} endpoint_answer;

/* False: REMOTE_INPUT, for a URL or api-version that cannot be used. */
bool endpoint_open(endpoint *e, remote *r, http_client *http,
                   credentials *identity,
                   const endpoint_settings *settings);

/* The request that endpoint_call would send; without a token, but with a mark
 * in its place, unless with_token. body: the policy token or JSON. */
bool endpoint_request(endpoint *e, endpoint_operation operation,
                      attestation_type type, slice body, bool with_token,
                      http_request *request);

/* Sends it and proves the answer. False: r->failure; a refusal of the service
 * has its HTTP status, code, text and advice. Where the preview answers a
 * change without a token, is_proven is false. */
bool endpoint_call(endpoint *e, endpoint_operation operation,
                   attestation_type type, slice body,
                   endpoint_answer *answer);

/* Fetches /certs (once; again if `anew`). */
bool endpoint_keys(endpoint *e, bool anew);

/* Proves a token by the instance's keys: signature, issuer, times. Fetches the
 * keys again for a kid that is not among them. claims: an object. */
bool endpoint_prove(endpoint *e, slice token, endpoint_answer *answer);

/* The same, but a token without a signature (of a draft policy) is read too;
 * answer->is_proven says which it is. */
bool endpoint_prove_draft(endpoint *e, slice token, endpoint_answer *answer);

bool endpoint_is_preview(const endpoint *e);

/* --- inside remote/ ------------------------------------------------------- */

/* Sets r->failure for an answer that is not 200. */
bool endpoint_refused(endpoint *e, endpoint_operation operation,
                      attestation_type type, const http_response *response);

#endif
