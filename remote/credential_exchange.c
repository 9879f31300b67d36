/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint of Microsoft Entra ID (OAuth 2.0 client credentials, RFC
 * 6749 section 4.4, RFC 7523). */
#include <time.h>

#include "base/limits.h"
#include "base/value.h"
#include "remote/credentials.h"

/* --- answers -------------------------------------------------------------- */

static slice text_of(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* A whole number, or its text; -1 if it is neither. */
static int64_t number_of(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  value read;
  if (v && v->kind == VALUE_STRING &&
      json_read_number(value_string(v), &read) == JSON_NUMBER_OK)
    v = &read;
  bool whole = v && v->kind == VALUE_INTEGER && v->integer >= 0;
  return whole ? v->integer : -1;
}

/* What to do about the codes that people meet. */
static const char *advice_for(slice description) {
  static const struct {
    const char *code, *advice;
  } known[] = {
      {"AADSTS7000215",
       "the client secret is wrong: give its value, not its id"},
      {"AADSTS7000222", "the client secret has expired: make a new one"},
      {"AADSTS700016",
       "AZURE_CLIENT_ID names no application of the tenant AZURE_TENANT_ID"},
      {"AADSTS90002", "AZURE_TENANT_ID names no tenant of this cloud"},
      {"AADSTS700027",
       "the certificate is not registered with the application"},
      {"AADSTS70021",
       "the application has no federated credential for this issuer and "
       "subject"},
      {"AADSTS700211",
       "the application has no federated credential for this issuer"},
      {"AADSTS700212",
       "the federated credential is for another audience: check --cloud"},
      {"AADSTS700213",
       "the application has no federated credential for this issuer and "
       "subject"},
      {"AADSTS700021", "AZURE_CLIENT_ID is not the assertion's application"},
      {"AADSTS700023",
       "the assertion is for another tenant or cloud: check AZURE_TENANT_ID "
       "and --cloud"},
      {"AADSTS7000272",
       "the provider that signed the token publishes no key of that kid"},
      {"AADSTS700024", "the assertion has expired: check this machine's clock"},
      {"AADSTS500011", "the resource is not known there: check --cloud"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    size_t length = strlen(known[i].code);
    if (slice_starts_with(description, known[i].code) &&
        description.length > length &&
        (description.data[length] < '0' || description.data[length] > '9'))
      return known[i].advice;
  }
  return NULL;
}

static credential_outcome refused(credentials *c, const char *where,
                                  long status, const value *answer) {
  remote *r = c->remote;
  slice error = text_of(answer, "error");
  slice text = text_of(answer, "error_description");
  if (!text.length)
    text = text_of(answer, "message");
  const char *line_end = text.length ? memchr(text.data, '\r', text.length)
                                     : NULL;
  if (!line_end && text.length)
    line_end = memchr(text.data, '\n', text.length);
  slice line = line_end ? slice_between(text.data, line_end) : text;
  remote_fail(r, REMOTE_DENIED, "%s gives no token: %s%.*s%s%.*s", where,
              error.length ? "" : "HTTP status ",
              SLICE_ARGS(error), line.length ? ": " : "", SLICE_ARGS(line));
  if (!error.length) {
    remote_fail(r, REMOTE_DENIED, "%s gives no token: HTTP status %ld%s%.*s",
                where, status, line.length ? ": " : "", SLICE_ARGS(line));
  }
  if (status >= 500 || status == 429)
    r->failure.status = REMOTE_UNAVAILABLE;
  r->failure.http_status = status;
  remote_advise(r, advice_for(text));
  return CREDENTIAL_FAILED;
}

static bool is_header_text(slice token) {
  for (size_t i = 0; i < token.length; i++)
    if (token.data[i] <= ' ' || token.data[i] == 0x7f)
      return false;
  return token.length && token.length <= LIMIT_CREDENTIAL_BYTES;
}

credential_outcome credential_read_answer(credentials *c, const char *where,
                                          const http_response *response,
                                          access_token *token) {
  remote *r = c->remote;
  value answer = value_null();
  json_error error;
  bool is_object = json_read(r->arena, response->body, JSON_LAST_NAME_WINS,
                             &answer, &error) &&
                   answer.kind == VALUE_OBJECT;
  if (!is_object)
    answer = value_null();
  slice text = text_of(&answer, "access_token");
  remote_secret(r, text);
  if (response->status != 200)
    return refused(c, where, response->status, &answer);
  if (!is_header_text(text)) {
    remote_fail(r, REMOTE_UNAVAILABLE, "%s answers without a token", where);
    return CREDENTIAL_FAILED;
  }
  token->text = text;
  int64_t on = number_of(&answer, "expires_on");
  int64_t in = number_of(&answer, "expires_in");
  if (on > 0)
    token->expires_at = on;
  else if (in >= 0 && in < INT32_MAX)
    token->expires_at = (int64_t)time(NULL) + in;
  return CREDENTIAL_OK;
}

/* --- requests ------------------------------------------------------------- */

credential_outcome credential_exchange(credentials *c, const application *app,
                                       slice proof, access_token *token) {
  remote *r = c->remote;
  http_request q = {.method = "POST", .has_body = true,
                    .answer_max = (size_t)2 * LIMIT_CREDENTIAL_BYTES};
  if (!credential_token_url(c, app->tenant, &q.url))
    return CREDENTIAL_FAILED;
  slice client = url_encoded(r->arena, app->client);
  buffer scope = buffer_in(r->arena), form = buffer_in(r->arena);
  buffer_printf(&scope, "%s/.default", c->cloud->resource);
  slice encoded = url_encoded(r->arena, buffer_slice(&scope));
  buffer_reserve(&form, proof.length + client.length + encoded.length + 128);
  buffer_printf(&form,
                "client_id=%.*s&scope=%.*s&grant_type=client_credentials&",
                SLICE_ARGS(client), SLICE_ARGS(encoded));
  buffer_add(&form, proof);
  q.body = buffer_slice(&form);
  remote_secret(r, q.body);
  http_add_header(r, &q, "Content-Type",
                  SLICE("application/x-www-form-urlencoded"));
  http_add_header(r, &q, "Accept", SLICE("application/json"));
  http_response response;
  if (!http_send(c->http, &q, &response))
    return CREDENTIAL_FAILED;
  return credential_read_answer(c, arena_string(r->arena, q.url.origin),
                                &response, token);
}

credential_outcome credential_exchange_assertion(credentials *c,
                                                 const application *app,
                                                 slice assertion,
                                                 access_token *token) {
  static const char type[] =
      "&client_assertion_type="
      "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
  buffer proof = buffer_in(c->remote->arena);
  slice encoded = url_encoded(c->remote->arena, assertion);
  remote_secret(c->remote, encoded);
  buffer_reserve(&proof, encoded.length + sizeof type + 32);
  buffer_text(&proof, "client_assertion=");
  buffer_add(&proof, encoded);
  buffer_text(&proof, type);
  slice text = buffer_slice(&proof);
  remote_secret(c->remote, text);
  return credential_exchange(c, app, text, token);
}
