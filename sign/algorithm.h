/* SPDX-License-Identifier: Apache-2.0 */
/* The signature algorithms of JWS (RFC 7518 section 3.1) that are used here.
 * HMAC is left out on purpose: who can verify it can sign. */
#ifndef SIGN_ALGORITHM_H
#define SIGN_ALGORITHM_H

#include "base/slice.h"
#include "sign/digest.h"

typedef enum jws_algorithm {
  JWS_NONE, /* unsecured: no signature */
  JWS_RS256,
  JWS_RS384,
  JWS_RS512,
  JWS_PS256,
  JWS_PS384,
  JWS_PS512,
  JWS_ES256,
  JWS_ES384,
  JWS_ES512,
  JWS_UNKNOWN /* also their number */
} jws_algorithm;

typedef enum jws_key_type {
  JWS_KEY_NONE,
  JWS_KEY_RSA, /* "RSA" in a JWK */
  JWS_KEY_EC   /* "EC" */
} jws_key_type;

typedef struct jws_algorithm_facts {
  const char *name; /* as in a header */
  jws_key_type key_type;
  bool is_pss;             /* RSASSA-PSS: salt as long as the digest, MGF1 of
                            * the same hash (RFC 7518 section 3.5) */
  digest_algorithm digest; /* of nothing for JWS_NONE */
  const char *curve;       /* crv of the JWK; NULL unless EC */
  const char *group;       /* OpenSSL's other name of it */
  size_t number_bytes;     /* of r and of s; 0 unless EC */
} jws_algorithm_facts;

/* Of JWS_NONE too. Must not be asked for JWS_UNKNOWN. */
const jws_algorithm_facts *jws_algorithm_of(jws_algorithm algorithm);

/* The name in a header; "unknown" of JWS_UNKNOWN. */
const char *jws_algorithm_name(jws_algorithm algorithm);

/* Exactly that name, in that case (RFC 7515 section 4.1.1); JWS_UNKNOWN for
 * any other. */
jws_algorithm jws_algorithm_from_name(slice name);

/* "RSA" or "EC"; "none" of JWS_KEY_NONE. */
const char *jws_key_type_name(jws_key_type type);

#endif
