/* SPDX-License-Identifier: Apache-2.0 */
/* Making JWS in the compact serialisation (RFC 7515 section 7.1). Header and
 * payload are taken byte for byte: hashes are over them, and members have the
 * order in which a client sends them.
 *
 *   slice token;
 *   if (!jws_make(a, &key, JWS_RS256, SLICE("{\"alg\":\"RS256\"}"), payload,
 *                 &token)) ..
 */
#ifndef SIGN_JWS_MAKE_H
#define SIGN_JWS_MAKE_H

#include "sign/private_key.h"

/* base64url(header).base64url(payload): what is signed (section 5.1). */
slice jws_signing_input(arena *a, slice header, slice payload);

/* signing_input.base64url(signature); of an empty signature the unsecured
 * form, which ends with the dot. */
slice jws_attach(arena *a, slice signing_input, bytes signature);

/* The whole token; the caller's header names the algorithm. False as
 * private_key_sign. */
bool jws_make(arena *a, const private_key *key, jws_algorithm algorithm,
              slice header, slice payload, slice *token);

/* Appendix A.5: no signature. */
slice jws_make_unsecured(arena *a, slice header, slice payload);

#endif
