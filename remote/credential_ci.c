/* SPDX-License-Identifier: Apache-2.0 */
/* The identity of a job in GitHub Actions or Azure Pipelines: its OpenID
 * Connect token, exchanged for an access token. No secret is stored. */
#include "base/limits.h"
#include "base/value.h"
#include "remote/credentials.h"

/* Where a job's token is asked for, and under which member it comes. */
typedef struct job_token {
  const char *system, *member, *method;
  url url;
  slice bearer;
} job_token;

static bool fetch(credentials *c, const job_token *job, slice *assertion) {
  remote *r = c->remote;
  http_request q = {.method = job->method, .url = job->url,
                    .bearer = job->bearer,
                    .has_body = strcmp(job->method, "POST") == 0,
                    .answer_max = (size_t)2 * LIMIT_CREDENTIAL_BYTES};
  http_add_header(r, &q, "Accept", SLICE("application/json"));
  if (q.has_body) {
    http_add_header(r, &q, "Content-Type", SLICE("application/json"));
    http_add_header(r, &q, "X-TFS-FedAuthRedirect", SLICE("Suppress"));
  }
  http_response response;
  if (!http_send(c->http, &q, &response))
    return false;
  value answer;
  json_error error;
  const value *found = NULL;
  if (json_read(r->arena, response.body, JSON_LAST_NAME_WINS, &answer, &error))
    found = value_member(&answer, slice_from(job->member));
  if (response.status == 200 && found && found->kind == VALUE_STRING &&
      found->count) {
    *assertion = value_string(found);
    remote_secret(r, *assertion);
    return true;
  }
  remote_fail(r, REMOTE_DENIED,
              "%s gives the job no identity token: HTTP status %ld",
              job->system, response.status);
  return false;
}

static bool set_url(credentials *c, job_token *job, const char *variable,
                    const char *base, const char *more, slice argument) {
  remote *r = c->remote;
  buffer b = buffer_in(r->arena);
  buffer_printf(&b, "%s%s%s%.*s", base, strchr(base, '?') ? "&" : "?", more,
                SLICE_ARGS(url_encoded(r->arena, argument)));
  const char *reason;
  if (!url_read(r->arena, buffer_slice(&b), &job->url, &reason))
    return remote_fail(r, REMOTE_INPUT, "%s: %s", variable, reason);
  if (!job->url.is_https &&
      !(c->settings.allows_plain_http && job->url.is_loopback))
    return remote_fail(r, REMOTE_INPUT, "%s: it is not https", variable);
  return true;
}

credential_outcome credential_github(credentials *c, access_token *t) {
  remote *r = c->remote;
  application app;
  const char *base = remote_variable(r, "ACTIONS_ID_TOKEN_REQUEST_URL");
  const char *bearer = remote_variable(r, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (!base || !bearer || !credential_application(c, "AZURE_TENANT_ID",
                                                  "AZURE_CLIENT_ID", &app))
    return CREDENTIAL_ABSENT;
  job_token job = {.system = "GitHub Actions", .member = "value",
                   .method = "GET",
                   .bearer = remote_secret_copy(r, slice_from(bearer))};
  slice assertion;
  if (!set_url(c, &job, "ACTIONS_ID_TOKEN_REQUEST_URL", base, "audience=",
               slice_from(c->cloud->audience)))
    return CREDENTIAL_FAILED;
  if (!fetch(c, &job, &assertion)) {
    remote_advise(r, "the job wants `permissions: id-token: write`");
    return CREDENTIAL_FAILED;
  }
  return credential_exchange_assertion(c, &app, assertion, t);
}

credential_outcome credential_pipelines(credentials *c, access_token *t) {
  remote *r = c->remote;
  application app;
  const char *base = remote_variable(r, "SYSTEM_OIDCREQUESTURI");
  const char *bearer = remote_variable(r, "SYSTEM_ACCESSTOKEN");
  const char *connection =
      remote_variable(r, "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID");
  if (!base || !bearer || !connection ||
      !credential_application(c, "AZURESUBSCRIPTION_TENANT_ID",
                              "AZURESUBSCRIPTION_CLIENT_ID", &app))
    return CREDENTIAL_ABSENT;
  job_token job = {.system = "Azure Pipelines", .member = "oidcToken",
                   .method = "POST",
                   .bearer = remote_secret_copy(r, slice_from(bearer))};
  slice assertion;
  if (!set_url(c, &job, "SYSTEM_OIDCREQUESTURI", base,
               "api-version=7.1&serviceConnectionId=",
               slice_from(connection)))
    return CREDENTIAL_FAILED;
  if (!fetch(c, &job, &assertion)) {
    remote_advise(r, "map System.AccessToken into the step's environment as "
                     "SYSTEM_ACCESSTOKEN, and let the pipeline use the "
                     "service connection");
    return CREDENTIAL_FAILED;
  }
  return credential_exchange_assertion(c, &app, assertion, t);
}
