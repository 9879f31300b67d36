/* SPDX-License-Identifier: Apache-2.0 */
/* libmaapol: verifying and showing tokens (JWS) of Microsoft Azure
 * Attestation. What holds everywhere stands at the top of maapol.h.
 *
 *   #include <maapol_token.h>
 *
 *   bool believes(const char *token, const char *jwks, int64_t now) {
 *     maapol_token_options options = {
 *         .size = sizeof options,
 *         .now = now,
 *         .issuer = "https://sharedeus.eus.attest.azure.net"};
 *     maapol_keys *keys = NULL;
 *     maapol_token *t = NULL;
 *     maapol_status status = maapol_keys_read(jwks, strlen(jwks), &keys);
 *     if (status == MAAPOL_OK)
 *       status = maapol_token_verify(token, strlen(token), keys, &options, &t);
 *     bool verified = maapol_token_is_verified(t);
 *     if (verified)
 *       puts(maapol_token_claims(t));
 *     else if (t)
 *       printf("%s: %s\n", maapol_token_code(t), maapol_token_reason(t));
 *     maapol_token_free(t);
 *     maapol_keys_free(keys);
 *     return verified;
 *   }
 *
 * Threads. A token does not change once it is made. Keys belong to one thread
 * at a time, also while they verify.
 */
#ifndef MAAPOL_TOKEN_H
#define MAAPOL_TOKEN_H

#include "maapol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- keys ----------------------------------------------------------------- */

/* Public keys with which tokens verify. */
typedef struct maapol_keys maapol_keys;

/* Reads a JWK set (RFC 7517), as /certs answers, one JWK, or PEM with
 * certificates and public keys.
 * text, length: need no NUL behind them; not kept.
 * *keys: set if MAAPOL_OK. Where the text is no set they are there too, without
 * any key, so that maapol_keys_error can be read; nothing verifies with them.
 * Result: MAAPOL_OK, MAAPOL_LIMIT for more than 4 MiB, MAAPOL_NO_MEMORY,
 * MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_keys_read(const char *text, size_t length,
                                          maapol_keys **keys);
MAAPOL_API void maapol_keys_free(maapol_keys *keys);

/* How many keys can be used. */
MAAPOL_API size_t maapol_keys_count(const maapol_keys *keys);

/* Why the text was no set of keys; NULL if it was one. */
MAAPOL_API const char *maapol_keys_error(const maapol_keys *keys);

/* --- verifying ------------------------------------------------------------ */

/* A token, verified or refused. */
typedef struct maapol_token maapol_token;

enum {
  /* Accept alg none: nothing is proven then. */
  MAAPOL_TOKEN_ALLOW_UNSECURED = 1,
  /* It is a policy owner's: accept what the service accepts of its SDKs
   * (docs/token.md). */
  MAAPOL_TOKEN_OF_POLICY_OWNER = 2,
  /* Verify the evidence in the certificate of the signing key. */
  MAAPOL_TOKEN_SERVICE_EVIDENCE = 4,
  /* Accept a token without the claim exp, which never expires. */
  MAAPOL_TOKEN_ALLOW_NO_EXPIRY = 8
};

typedef struct maapol_token_options {
  size_t size;        /* sizeof(maapol_token_options) */
  int64_t now;        /* seconds since the epoch */
  int64_t leeway;     /* seconds by which exp, nbf, iat may miss; >= 0 */
  const char *issuer; /* iss must be equal; NULL: any */
  const char *trust;  /* PEM: certificates to which x5c may lead; NULL: x5c
                       * does not count */
  const char *roots;  /* directory of roots for service evidence, or NULL */
  unsigned min_rsa_bits; /* 0: 2048 */
  unsigned flags;
} maapol_token_options;

/* Verifies a token: form, signature, issuer, times. White space and an
 * answer's body around it are passed over.
 * keys: may be NULL where options->trust is given, or the token is unsecured.
 * *token: set if MAAPOL_OK, verified or not: ask maapol_token_is_verified.
 * Result: MAAPOL_OK, MAAPOL_LIMIT for more than 16 MiB, MAAPOL_NO_MEMORY,
 * MAAPOL_INVALID_ARGUMENT: also if trust has no certificate, or roots cannot
 * be read. */
MAAPOL_API maapol_status maapol_token_verify(
    const char *text, size_t length, const maapol_keys *keys,
    const maapol_token_options *options, maapol_token **token);
MAAPOL_API void maapol_token_free(maapol_token *token);

/* Whether everything holds; false of NULL. */
MAAPOL_API bool maapol_token_is_verified(const maapol_token *token);

/* The code of the refusal, "wrong-signature" (docs/token.md); NULL of a
 * verified token. Static. */
MAAPOL_API const char *maapol_token_code(const maapol_token *token);

/* The same in words; NULL of a verified token. */
MAAPOL_API const char *maapol_token_reason(const maapol_token *token);

/* The claims as JSON; NULL unless the token is verified and has an object. */
MAAPOL_API const char *maapol_token_claims(const maapol_token *token);

/* Steps, key, evidence of the service, as `maapol token verify --format json`
 * prints them; *json is the caller's. */
MAAPOL_API maapol_status maapol_token_report_json(const maapol_token *token,
                                                  char **json);

/* --- showing -------------------------------------------------------------- */

/* What stands in a token, whoever made it, as `maapol token show --format
 * json` prints it; *json is the caller's. Nothing is verified.
 * Result: as maapol_token_verify; MAAPOL_INVALID_ARGUMENT if it is no token. */
MAAPOL_API maapol_status maapol_token_show_json(const char *text,
                                                size_t length, char **json);

#ifdef __cplusplus
}
#endif

#endif
