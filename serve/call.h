/* SPDX-License-Identifier: Apache-2.0 */
/* One request that an operation answers, and the forms of answers. */
#ifndef SERVE_CALL_H
#define SERVE_CALL_H

#include "serve/refusal.h"
#include "serve/service.h"

typedef struct operation operation;

typedef struct call {
  arena *arena;
  service *service;
  instance *instance;
  const issuer_name *issuer;
  const http_request *request;
  http_response *response;
  const operation *operation;
  slice type_name; /* {type} of the path, {tenant} of the token endpoint */
  slice api_version;
  int64_t now;
  unsigned signer_removals; /* by which list a signer was trusted */
  unsigned tries;           /* of the operation, this one included */
  bool is_to_repeat;        /* nothing was stored or answered */
  const char *code; /* of a refusal, for the log; NULL if it was answered */
} call;

/* 200 with that JSON. */
void answer_json(call *c, const value *body);
void answer_text(call *c, const char *content_type, slice body);

/* 200 with a JSON string, as the 2018 API answers. */
void answer_string(call *c, slice text);

/* 200 with {"token": JWS of the claims}; exp (an hour from now), iat, iss and
 * nbf are added. */
void answer_token(call *c, object_builder *claims);

/* {"token": text} */
void answer_with_token(call *c, slice token);

/* The JWS that answer_token sends; empty after a refusal. */
slice call_sign_claims(call *c, object_builder *claims);

/* Signed with the service's key. Empty after a refusal. */
slice call_sign(call *c, const value *payload);

void answer_refusal(call *c, const refusal *r);

/* Plain refusals of the front end. */
void refuse(call *c, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* {type}; UNKNOWN after a refusal. */
attestation_type call_type(call *c);

/* The value of a query argument; empty if there is none. */
slice call_argument(const call *c, const char *name);

/* The body without white space around it and without the quotes of a JSON
 * string. */
slice call_text_body(const call *c);

#endif
