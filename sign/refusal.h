/* SPDX-License-Identifier: Apache-2.0 */
/* Why a token is refused: a stable code and one line. Each code has its row in
 * docs/token.md; a test compares. */
#ifndef SIGN_REFUSAL_H
#define SIGN_REFUSAL_H

#include "base/arena.h"

/* REFUSAL(id, name). Codes never change meaning. */
#define REFUSALS(REFUSAL)                                                      \
  REFUSAL(NONE, "none")                                                        \
  /* form: RFC 7515 section 7.1 */                                             \
  REFUSAL(NOT_COMPACT, "not-compact")                                          \
  REFUSAL(JSON_SERIALIZATION, "json-serialization")                            \
  REFUSAL(ENCRYPTED, "encrypted")                                              \
  REFUSAL(TOO_LARGE, "too-large")                                              \
  REFUSAL(BAD_BASE64URL, "bad-base64url")                                      \
  REFUSAL(BAD_HEADER, "bad-header")                                            \
  REFUSAL(BAD_PAYLOAD, "bad-payload")                                          \
  REFUSAL(DUPLICATE_MEMBER, "duplicate-member")                                \
  REFUSAL(JSON_LIMIT, "json-limit")                                            \
  REFUSAL(DETACHED_PAYLOAD, "detached-payload")                                \
  REFUSAL(UNENCODED_PAYLOAD, "unencoded-payload")                              \
  REFUSAL(CRITICAL_HEADER, "critical-header")                                  \
  /* algorithm and signature */                                                \
  REFUSAL(MISSING_ALGORITHM, "missing-algorithm")                              \
  REFUSAL(UNSUPPORTED_ALGORITHM, "unsupported-algorithm")                      \
  REFUSAL(SYMMETRIC_ALGORITHM, "symmetric-algorithm")                          \
  REFUSAL(UNSECURED, "unsecured")                                              \
  REFUSAL(UNSECURED_WITH_SIGNATURE, "unsecured-with-signature")                \
  REFUSAL(MISSING_SIGNATURE, "missing-signature")                              \
  REFUSAL(ALGORITHM_MISMATCH, "algorithm-mismatch")                            \
  REFUSAL(WRONG_SIGNATURE, "wrong-signature")                                  \
  /* keys */                                                                   \
  REFUSAL(NO_KEY, "no-key")                                                    \
  REFUSAL(UNKNOWN_KEY, "unknown-key")                                          \
  REFUSAL(UNUSABLE_KEY, "unusable-key")                                        \
  REFUSAL(KEY_TOO_SHORT, "key-too-short")                                      \
  REFUSAL(NO_CERTIFICATE, "no-certificate")                                    \
  REFUSAL(BAD_CERTIFICATE, "bad-certificate")                                  \
  REFUSAL(UNTRUSTED_CERTIFICATE, "untrusted-certificate")                      \
  /* claims: RFC 7519 section 4.1 */                                           \
  REFUSAL(WRONG_ISSUER, "wrong-issuer")                                        \
  REFUSAL(BAD_TIME, "bad-time")                                                \
  REFUSAL(NO_EXPIRY, "no-expiry")                                              \
  REFUSAL(EXPIRED, "expired")                                                  \
  REFUSAL(NOT_YET_VALID, "not-yet-valid")                                      \
  REFUSAL(ISSUED_IN_FUTURE, "issued-in-future")                                \
  /* evidence of the service in the certificate of its key */                  \
  REFUSAL(NO_SERVICE_EVIDENCE, "no-service-evidence")                          \
  REFUSAL(SERVICE_EVIDENCE, "service-evidence-refused")                        \
  REFUSAL(SERVICE_KEY, "service-key-not-bound")

typedef enum token_refusal_code {
#define REFUSAL(id, name) REFUSAL_##id,
  REFUSALS(REFUSAL)
#undef REFUSAL
      REFUSAL_COUNT
} token_refusal_code;

typedef struct token_refusal {
  token_refusal_code code;
  const char *reason; /* one line, no full stop; static or in the arena */
} token_refusal;

/* "wrong-signature"; static. */
const char *token_refusal_name(token_refusal_code code);

/* Fills in *why and returns false, so that readers can end with it. */
bool refuse_because(token_refusal *why, token_refusal_code code,
                    const char *reason);

#endif
