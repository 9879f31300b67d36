/* SPDX-License-Identifier: Apache-2.0 */
/* A token laid open, whoever made it: its kind, header, claims explained from
 * the catalogue, times as dates, certificates, and the policy inside. Nothing
 * of it is verified (token/verify.h). */
#ifndef TOKEN_SHOW_H
#define TOKEN_SHOW_H

#include "sign/jws.h"

typedef enum token_kind {
  TOKEN_OTHER,
  TOKEN_ATTESTATION,        /* the service's decision about evidence */
  TOKEN_POLICY,             /* its answer: the policy in force */
  TOKEN_POLICY_RESULT,      /* its answer to a set or reset */
  TOKEN_CERTIFICATES,       /* its answer: who may set policies */
  TOKEN_CERTIFICATE_RESULT, /* its answer to an addition or removal */
  TOKEN_OWNERS_POLICY,      /* a policy as uploaded */
  TOKEN_OWNERS_CERTIFICATE, /* a certificate to add or remove */
  TOKEN_RESET,              /* no payload: no policy, or away with it */
  TOKEN_KIND_COUNT
} token_kind;

typedef struct token_view {
  slice text; /* the token itself */
  jws token;
  token_refusal form; /* why verification would refuse its form, or NONE */
  token_kind kind;
  value claims; /* the payload; null if it is no object */
  const struct token_view *policy_token; /* in the claim x-ms-policy, or NULL */
  bool has_policy;
  slice policy; /* the text, where has_policy */
} token_view;

/* The token in what people have: bare, with white space or quotes around it,
 * or in the body of an answer, {"token":".."}. Points into given, or into the
 * arena. */
slice token_unwrap(arena *a, slice given);

/* Reads a token to show it; text must outlive the result. False: it is none,
 * and *why says so. */
bool token_view_read(arena *a, slice text, token_view *result,
                     token_refusal *why);

/* "attestation token", "policy token" ..; static. */
const char *token_kind_name(token_kind kind);

/* {"kind","refused","header","claims","times","meanings","certificates",
 * "policy":{"text","policyHash","policyTokenHash"},"policyToken"}; null where
 * there is nothing. */
value token_view_report(arena *a, const token_view *v);

/* The same for people. */
void token_view_write(buffer *out, const token_view *v);

#endif
