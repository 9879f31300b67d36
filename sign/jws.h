/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a JWS in the compact serialisation (RFC 7515 section 7.1), strictly:
 * what two readers could understand in two ways is refused.
 *
 *   jws token;
 *   token_refusal why;
 *   if (!jws_read(a, text, 0, &token, &why))
 *     return say(token_refusal_name(why.code), why.reason);
 *
 * Nothing of it is proven: token/verify.h does that.
 */
#ifndef SIGN_JWS_H
#define SIGN_JWS_H

#include "base/value.h"
#include "sign/algorithm.h"
#include "sign/refusal.h"

enum {
  /* What the service takes of policy owners, proven on recorded requests:
   * other names of algorithms (`RSA256`, `ECDH256`), padding, and no payload
   * in a token that resets a policy. */
  JWS_OF_POLICY_OWNER = 1,
  /* To look at a token that may never be accepted: any algorithm or none, any
   * extension, empty parts. Never to verify it. */
  JWS_TO_SHOW = 2
};

typedef struct jws {
  bytes signing_input; /* up to the second dot */
  slice header_text;   /* JSON, in the arena */
  value header;        /* an object */
  slice payload;       /* decoded, in the arena, with a NUL behind it */
  bytes signature;     /* decoded, in the arena; empty if unsecured */
  /* What the header names; JWS_UNKNOWN only by those flags. */
  jws_algorithm algorithm;
  slice algorithm_name;
  slice kid;
  bool has_kid;
} jws;

/* Reads a token; white space around it is no part of it and refused. The text
 * must outlive the result. False: *why says what is refused. An unsecured token
 * is read (algorithm JWS_NONE, no signature): to accept it is for the caller
 * to decide. */
bool jws_read(arena *a, slice text, unsigned flags, jws *result,
              token_refusal *why);

/* The payload as an object, its names unique. False: BAD_PAYLOAD,
 * DUPLICATE_MEMBER or JSON_LIMIT. */
bool jws_claims(arena *a, const jws *token, value *claims, token_refusal *why);

#endif
