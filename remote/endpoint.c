/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/endpoint.h"

#include <time.h>

#include "base/limits.h"
#include "remote/answer.h"
#include "token/verify.h"

const char *const endpoint_versions[] = {"2020-10-01",
                                         "2022-08-01",
                                         "2022-09-01-preview",
                                         "2022-09-01",
                                         "2025-06-01",
                                         "2026-03-11-preview",
                                         "2018-09-01",
                                         "2018-09-01-preview",
                                         NULL};

typedef struct operation_row {
  const char *method;
  const char *path; /* %s: the attestation type */
  const char *content_type;
  const char *preview_method, *preview_path; /* of 2018; NULL: the same */
  bool wants_token, has_version, is_quoted;
  http_repeat repeat;
} operation_row;

static const operation_row operations[] = {
    [OPERATION_METADATA] = {.method = "GET",
                            .path = "/.well-known/openid-configuration"},
    [OPERATION_CERTS] = {.method = "GET", .path = "/certs"},
    [OPERATION_POLICY_GET] =
        {"GET", "/policies/%s", NULL, "GET",
         "/operations/policy/current?tee=%s", true, true, false, HTTP_REPEAT},
    [OPERATION_POLICY_SET] =
        {"PUT", "/policies/%s", "text/plain", "PUT",
         "/operations/policy/current?tee=%s", true, true, false,
         HTTP_REPEAT_UNSENT},
    [OPERATION_POLICY_RESET] =
        {"POST", "/policies/%s:reset", "text/plain", "POST",
         "/operations/policy/current?tee=%s", true, true, false,
         HTTP_REPEAT_UNSENT},
    [OPERATION_SIGNERS_GET] =
        {"GET", "/certificates", NULL, "GET",
         "/operations/policy/certificates", true, true, false, HTTP_REPEAT},
    [OPERATION_SIGNERS_ADD] =
        {"POST", "/certificates:add", "application/json", "PUT",
         "/operations/policy/certificates", true, true, true,
         HTTP_REPEAT_UNSENT},
    [OPERATION_SIGNERS_REMOVE] =
        {"POST", "/certificates:remove", "application/json", "POST",
         "/operations/policy/certificates", true, true, true,
         HTTP_REPEAT_UNSENT},
    [OPERATION_ATTEST] = {.method = "POST",
                          .path = "/attest/%s",
                          .content_type = "application/json",
                          .has_version = true,
                          .repeat = HTTP_REPEAT},
};

/* --- the endpoint --------------------------------------------------------- */

bool endpoint_is_preview(const endpoint *e) {
  return strncmp(e->settings.api_version, "2018-", 5) == 0;
}

static bool check_version(endpoint *e) {
  remote *r = e->remote;
  buffer all = buffer_in(r->arena);
  if (!e->settings.api_version)
    e->settings.api_version = endpoint_versions[0];
  for (size_t i = 0; endpoint_versions[i]; i++) {
    if (strcmp(endpoint_versions[i], e->settings.api_version) == 0)
      return true;
    buffer_printf(&all, "%s%s", i ? ", " : "", endpoint_versions[i]);
  }
  return remote_fail(r, REMOTE_INPUT,
                     "there is no api-version %s; versions are %.*s",
                     e->settings.api_version,
                     SLICE_ARGS(buffer_slice(&all)));
}

bool endpoint_open(endpoint *e, remote *r, http_client *http,
                   credentials *identity,
                   const endpoint_settings *settings) {
  *e = (endpoint){.remote = r, .http = http, .credentials = identity,
                  .settings = *settings};
  const char *reason;
  if (!url_read(r->arena, slice_from(settings->url), &e->base, &reason))
    return remote_fail(r, REMOTE_INPUT, "--endpoint %s: %s", settings->url,
                       reason);
  if (e->base.query.length)
    return remote_fail(r, REMOTE_INPUT, "--endpoint %s: it has a query (?)",
                       settings->url);
  if (!e->base.is_https && !e->base.is_loopback)
    return remote_fail(r, REMOTE_INPUT,
                       "--endpoint %s: only https is spoken over a network",
                       settings->url);
  if (!e->base.is_https && !settings->allows_plain_http) {
    remote_fail(r, REMOTE_INPUT, "--endpoint %s: it is not https",
                settings->url);
    return remote_advise(r, "--http allows plain http to this machine");
  }
  while (e->base.path.length &&
         e->base.path.data[e->base.path.length - 1] == '/')
    e->base.path.length--;
  buffer issuer = buffer_in(r->arena);
  buffer_printf(&issuer, "%.*s%.*s", SLICE_ARGS(e->base.origin),
                SLICE_ARGS(e->base.path));
  e->issuer = buffer_slice(&issuer);
  return check_version(e);
}

/* --- requests ------------------------------------------------------------- */

/* The access token opens the instances of this identity: nobody else gets it.
 */
static bool may_have_token(endpoint *e) {
  remote *r = e->remote;
  if (e->settings.allows_any_host || e->base.is_loopback ||
      url_is_attestation_service(&e->base))
    return true;
  remote_fail(r, REMOTE_INPUT,
              "%.*s is no host of the attestation service: it gets no access "
              "token", SLICE_ARGS(e->base.host));
  return remote_advise(r, "instances are below attest.azure.net, .us and .cn; "
                          "--allow-endpoint trusts this one all the same");
}

static bool add_token(endpoint *e, bool with_token, http_request *q) {
  access_token token;
  if (!may_have_token(e))
    return false;
  q->bearer = SLICE("***");
  if (!with_token)
    return true;
  if (!e->credentials)
    return remote_fail(e->remote, REMOTE_DENIED, "there is no credential");
  if (!credentials_token(e->credentials, &token))
    return false;
  q->bearer = token.text;
  return true;
}

static void set_target(endpoint *e, const char *path, attestation_type type,
                       bool has_version, url *target) {
  arena *a = e->remote->arena;
  buffer whole = buffer_in(a), query = buffer_in(a);
  buffer_printf(&whole, "%.*s", SLICE_ARGS(e->base.path));
  for (const char *p = path; *p; p++)
    if (p[0] == '%' && p[1] == 's')
      buffer_text(&whole, attestation_type_name(type)), p++;
    else
      buffer_char(&whole, *p);
  slice text = buffer_slice(&whole);
  const char *mark = memchr(text.data, '?', text.length);
  const char *end = text.data + text.length;
  target->path = mark ? slice_between(text.data, mark) : text;
  if (mark)
    buffer_add(&query, slice_between(mark + 1, end));
  if (has_version)
    buffer_printf(&query, "%sapi-version=%s", mark ? "&" : "",
                  e->settings.api_version);
  target->query = buffer_slice(&query);
}

bool endpoint_request(endpoint *e, endpoint_operation operation,
                      attestation_type type, slice body, bool with_token,
                      http_request *q) {
  remote *r = e->remote;
  const operation_row *row = &operations[operation];
  bool is_old = endpoint_is_preview(e) && row->preview_path;
  *q = (http_request){.method = is_old ? row->preview_method : row->method,
                      .url = e->base,
                      .repeat = row->repeat,
                      .body = body,
                      .has_body = row->content_type != NULL};
  set_target(e, is_old ? row->preview_path : row->path, type,
             row->has_version, &q->url);
  http_add_header(r, q, "Accept",
                  operation == OPERATION_CERTS
                      ? SLICE("application/jwk+json, application/json")
                      : SLICE("application/json"));
  if (row->content_type)
    http_add_header(r, q, "Content-Type", slice_from(row->content_type));
  if (row->is_quoted) { /* certificates go as a JSON string */
    buffer quoted = buffer_in(r->arena);
    json_write_string(&quoted, body);
    q->body = buffer_slice(&quoted);
  }
  bool wants = row->wants_token || (operation == OPERATION_ATTEST &&
                                    type == ATTESTATION_TPM);
  return !wants || add_token(e, with_token, q);
}

/* --- keys and proof ------------------------------------------------------- */

bool endpoint_keys(endpoint *e, bool anew) {
  remote *r = e->remote;
  http_request q;
  http_response response;
  const char *reason;
  if (e->has_keys && !anew)
    return true;
  if (!endpoint_request(e, OPERATION_CERTS, ATTESTATION_TYPE_UNKNOWN,
                        SLICE_EMPTY, false, &q))
    return false;
  q.answer_max = LIMIT_KEY_SET_BYTES;
  if (!http_send(e->http, &q, &response))
    return false;
  if (response.status != 200)
    return endpoint_refused(e, OPERATION_CERTS, ATTESTATION_TYPE_UNKNOWN,
                            &response);
  if (!jwk_set_read(r->arena, response.body, &e->keys, &reason))
    return remote_fail(r, REMOTE_UNTRUSTED, "%.*s/certs: %s",
                       SLICE_ARGS(e->issuer), reason);
  e->keys_text = response.body;
  e->has_keys = true;
  return true;
}

static bool prove(endpoint *e, slice token, bool allow_unsecured,
                  endpoint_answer *answer) {
  remote *r = e->remote;
  token_verification v;
  if (!endpoint_keys(e, false))
    return false;
  for (int attempt = 0;; attempt++) {
    token_verify_options options = {.now = (int64_t)time(NULL),
                                    .leeway = e->settings.leeway,
                                    .keys = &e->keys,
                                    .issuer = e->issuer,
                                    .allow_unsecured = allow_unsecured};
    if (token_verify(r->arena, token, &options, &v))
      break;
    bool is_known = !v.token.has_kid || jwk_set_has(&e->keys, v.token.kid);
    if (!is_known && attempt == 0) {
      if (!endpoint_keys(e, true))
        return false;
      continue;
    }
    remote_fail(r, REMOTE_UNTRUSTED,
                "the answer does not verify by %.*s/certs: %s: %s",
                SLICE_ARGS(e->issuer), token_refusal_name(v.why.code),
                v.why.reason);
    return remote_advise(r, v.why.code == REFUSAL_WRONG_ISSUER
                                ? "give the endpoint as the instance names "
                                  "itself (maapol metadata)"
                                : NULL);
  }
  if (!v.has_claims)
    return remote_fail(r, REMOTE_UNTRUSTED,
                       "the answer is a token without claims");
  answer->is_proven = v.key != NULL;
  answer->claims = v.claims;
  if (v.key) {
    object_builder key = object_in(r->arena);
    object_set(&key, SLICE("kid"), value_text(v.kid));
    object_set(&key, SLICE("key"), value_text(slice_from(v.key)));
    answer->key = object_value(&key);
  }
  return true;
}

bool endpoint_prove(endpoint *e, slice token, endpoint_answer *answer) {
  return prove(e, token, false, answer);
}

bool endpoint_prove_draft(endpoint *e, slice token, endpoint_answer *answer) {
  return prove(e, token, true, answer);
}

/* --- calls ---------------------------------------------------------------- */

static bool is_change(endpoint_operation operation) {
  return operation == OPERATION_POLICY_SET ||
         operation == OPERATION_POLICY_RESET ||
         operation == OPERATION_SIGNERS_ADD ||
         operation == OPERATION_SIGNERS_REMOVE;
}

bool endpoint_call(endpoint *e, endpoint_operation operation,
                   attestation_type type, slice body,
                   endpoint_answer *answer) {
  remote *r = e->remote;
  http_request q;
  http_response response;
  *answer = (endpoint_answer){0};
  if (!endpoint_request(e, operation, type, body, true, &q) ||
      !http_send(e->http, &q, &response))
    return false;
  answer->body = response.body;
  if (response.status != 200)
    return endpoint_refused(e, operation, type, &response);
  if (operation == OPERATION_CERTS || operation == OPERATION_METADATA ||
      operation == OPERATION_ATTEST)
    return true;
  if (!reply_token(r->arena, response.body, &answer->token,
                    &answer->is_data) ||
      answer->is_data) {
    if (endpoint_is_preview(e) && is_change(operation))
      return true;
    remote_fail(r, REMOTE_UNTRUSTED, "%s %.*s: the answer holds no token",
                q.method, SLICE_ARGS(q.url.path));
    r->failure.is_ambiguous = true;
    return false;
  }
  if (endpoint_prove(e, answer->token, answer))
    return true;
  r->failure.is_ambiguous = true;
  return false;
}
