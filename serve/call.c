/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/call.h"

#include "sign/jws_make.h"

enum { TOKEN_SECONDS = 3600 }; /* of all recorded policy tokens */

static const char json_type[] = "application/json; charset=utf-8";

void answer_text(call *c, const char *content_type, slice body) {
  c->response->status = 200;
  c->response->content_type = content_type;
  c->response->body = body;
}

static slice json_text(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

void answer_json(call *c, const value *body) {
  answer_text(c, json_type, json_text(c->arena, body));
}

void answer_string(call *c, slice text) {
  value v = value_text(text);
  answer_json(c, &v);
}

void answer_with_token(call *c, slice token) {
  object_builder body = object_in(c->arena);
  object_set(&body, SLICE("token"), value_text(token));
  value v = object_value(&body);
  answer_json(c, &v);
}

void answer_refusal(call *c, const refusal *r) {
  value body = refusal_body(c->arena, r);
  answer_json(c, &body);
  c->response->status = r->status;
  c->code = r->code;
}

void refuse(call *c, int status, const char *code, const char *format, ...) {
  buffer text = buffer_in(c->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  refusal r = {
      .status = status, .code = code, .message = buffer_slice(&text).data};
  answer_refusal(c, &r);
}

slice call_sign(call *c, const value *payload) {
  slice token = SLICE_EMPTY;
  if (!jws_make(c->arena, &c->service->signing_key, JWS_RS256,
                c->issuer->token_header, json_text(c->arena, payload), &token))
    refuse(c, 500, "InternalError", "The token cannot be signed.");
  return token;
}

slice call_sign_claims(call *c, object_builder *claims) {
  object_set(claims, SLICE("exp"), value_integer(c->now + TOKEN_SECONDS));
  object_set(claims, SLICE("iat"), value_integer(c->now));
  object_set(claims, SLICE("iss"), value_text(c->issuer->url));
  object_set(claims, SLICE("nbf"), value_integer(c->now));
  value payload = object_value(claims);
  return call_sign(c, &payload);
}

void answer_token(call *c, object_builder *claims) {
  slice token = call_sign_claims(c, claims);
  if (token.length)
    answer_with_token(c, token);
}

attestation_type call_type(call *c) {
  attestation_type type = attestation_type_from_name(c->type_name);
  if (type == ATTESTATION_TYPE_UNKNOWN)
    refuse(c, 400, "Bad request", "There is no attestation type '%.*s'.",
           SLICE_ARGS(c->type_name));
  return type;
}

slice call_argument(const call *c, const char *name) {
  return http_field_find(c->request->query, name);
}

static bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

slice call_text_body(const call *c) {
  slice s = c->request->body;
  while (s.length && is_blank(s.data[0]))
    s = (slice){s.data + 1, s.length - 1};
  while (s.length && is_blank(s.data[s.length - 1]))
    s.length--;
  if (s.length >= 2 && s.data[0] == '"' && s.data[s.length - 1] == '"')
    s = (slice){s.data + 1, s.length - 2};
  return s;
}
