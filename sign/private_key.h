/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys that sign JWS: RSA of 2048 to 8192 bits, EC on P-256, P-384 and
 * P-521. What a key was read from is in sign/key_source.h. Keys are released
 * with the arena; OpenSSL cleanses them.
 *
 *   private_key key;
 *   if (private_key_make(a, JWS_ES256, 0, &key) != PRIVATE_KEY_OK) ..
 *   bytes signature;
 *   if (!private_key_sign(a, &key, JWS_ES256, message, &signature)) ..
 */
#ifndef SIGN_PRIVATE_KEY_H
#define SIGN_PRIVATE_KEY_H

#include <openssl/types.h>

#include "base/arena.h"
#include "sign/algorithm.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192 };

typedef enum private_key_status {
  PRIVATE_KEY_OK,
  PRIVATE_KEY_UNREADABLE,       /* no private key in a form that is known */
  PRIVATE_KEY_NO_PASSPHRASE,    /* encrypted, and nobody knows the words */
  PRIVATE_KEY_WRONG_PASSPHRASE, /* or damaged, which looks the same */
  PRIVATE_KEY_UNSUITED          /* another type, curve or size */
} private_key_status;

typedef struct private_key_contexts private_key_contexts;

typedef struct private_key {
  private_key_contexts *contexts; /* prepared, one for each algorithm */
  EVP_PKEY *pair; /* its public half too: verify with it as it is */
  jws_key_type type;
  jws_algorithm algorithm; /* RS256, or the one of the curve */
  int bits;                /* of the modulus, or of the curve's order */
} private_key;

/* A fresh key pair that suits the algorithm; bits only of RSA, 0: 2048.
 * UNSUITED for JWS_NONE and other sizes. Jumps to the guard if OpenSSL cannot
 * make one. */
private_key_status private_key_make(arena *a, jws_algorithm algorithm,
                                    int bits, private_key *result);

/* Takes a key that OpenSSL made and releases it with the arena, whatever the
 * result: OK or UNSUITED. *reason (static) says what does not suit. */
private_key_status private_key_take(arena *a, EVP_PKEY *pair,
                                    private_key *result, const char **reason);

/* Whether keys of that kind make signatures of that algorithm. An EC key has
 * one algorithm (RFC 7518 section 3.4), an RSA key six. */
bool private_key_suits(const private_key *key, jws_algorithm algorithm);

/* *signature: in the arena; of EC r||s. False if the algorithm does not suit
 * the key, or its holder (a token, a provider) refuses. Any number of threads
 * may use one key. */
bool private_key_sign(arena *a, const private_key *key,
                      jws_algorithm algorithm, bytes message,
                      bytes *signature);

/* The public half as DER of SubjectPublicKeyInfo (RFC 5280 section 4.1). */
bytes private_key_public_der(arena *a, const private_key *key);

#endif
