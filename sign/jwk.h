/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys as the service and others publish them: JWK and JWK sets (RFC
 * 7517, RFC 7518 section 6), certificates and public keys in PEM.
 *
 *   jwk_set keys;
 *   const char *reason;
 *   if (!jwk_set_read(a, text, &keys, &reason))
 *     return refuse(reason);
 *
 * One key of a set that cannot be used does not spoil the others: it stays in
 * the set with its reason. A key's certificate only carries it, as for the
 * service's clients; who trusts the file trusts its keys.
 */
#ifndef SIGN_JWK_H
#define SIGN_JWK_H

#include "base/value.h"
#include "sign/public_key.h"

typedef struct jwk {
  slice kid; /* where has_kid */
  bool has_kid;
  public_key *key;    /* NULL: it cannot be used, and */
  const char *reason; /* why; static */
  X509 *certificate;  /* the first of x5c, or NULL */
  /* The only algorithm that the key is for; JWS_UNKNOWN: any of its type. */
  jws_algorithm algorithm;
} jwk;

typedef struct jwk_set {
  jwk *items;
  size_t count;
} jwk_set;

/* Reads one JWK; private and unknown members are passed over. A key that has
 * both its numbers and a certificate must be the same in both. */
void jwk_read(arena *a, const value *object, jwk *result);

/* Reads {"keys":[..]}, one JWK, or PEM with any number of certificates and
 * public keys. text must outlive the result. False: *reason (in the arena)
 * says why it is no set; a set without keys is one. */
bool jwk_set_read(arena *a, slice text, jwk_set *result, const char **reason);

/* Whether the set has a key of that kid, usable or not. */
bool jwk_set_has(const jwk_set *set, slice kid);

/* One certificate in base64 of its DER, as x5c has it (RFC 7517 section 4.7):
 * released with the arena; NULL if it is none. */
X509 *jwk_certificate(arena *a, slice base64);

#endif
