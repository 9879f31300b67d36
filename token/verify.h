/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of tokens: of the service (attestation, policy, certificates)
 * and of policy owners (policy, reset, certificate tokens).
 *
 *   token_verify_options o = {.now = now, .keys = &keys};
 *   token_verification v;
 *   if (!token_verify(a, text, &o, &v))
 *     return refuse(token_refusal_name(v.why.code), v.why.reason);
 *   use(&v.claims);
 *
 * The algorithm is the key's (RFC 8725 section 3.1): what the header names
 * must be one of its, and never chooses it. Keys that the header brings (jku,
 * jwk, x5u) are not looked at, its x5c only where a certificate is trusted.
 */
#ifndef TOKEN_VERIFY_H
#define TOKEN_VERIFY_H

#include "evidence/verify.h"
#include "sign/jwk.h"
#include "sign/jws.h"

typedef struct token_verify_options {
  int64_t now;         /* seconds since the epoch */
  int64_t leeway;      /* seconds by which exp, nbf and iat may miss; >= 0 */
  const jwk_set *keys; /* or NULL */
  /* Certificates to which the header's x5c may lead; NULL: x5c does not count.
   * All of them are taken as given, whatever builtin_count says. */
  const trust_roots *trust;
  slice issuer;          /* the claim iss must be equal; empty: any */
  unsigned rsa_bits_min; /* 0: RSA_BITS_SECURE */
  bool allow_unsecured;  /* alg none */
  bool allow_no_expiry;  /* no claim exp; policy owners' tokens have none */
  bool no_steps; /* leave out steps that hold: their words take time */
  /* The token is a policy owner's: a policy, a reset, a certificate. Then what
   * the service takes from its SDKs is taken: the names RSA256 and ECDH256,
   * and any other name of a signature, for the algorithm that the key has;
   * x5c inside jwk; ECDSA signatures in DER; no payload in a reset. */
  bool is_policy_owners;
  /* Its signer's certificate counts whoever issued it, as for an instance in
   * AAD mode. Only with is_policy_owners. */
  bool any_signer;
  /* The certificate of the signing key must carry evidence of the service's
   * own enclave or VM that is bound to the key; verified by these options.
   * NULL: not looked at. */
  const verify_options *service_evidence;
} token_verify_options;

typedef struct token_verification {
  bool is_verified;
  token_refusal why; /* unless is_verified */
  const verification_step *steps;
  jws token;        /* as far as it was read */
  value claims;     /* an object where has_claims; else null */
  bool has_claims;  /* false: no payload, or none in JSON */
  const char *key;  /* "RSA 2048"; NULL if no key verified it */
  slice kid;        /* of that key in its set; may be empty */
  X509 *certificate;      /* of that key, or NULL */
  const char *root;       /* at which x5c ends, or NULL */
  const evidence *service; /* the service's own evidence, or NULL */
} token_verification;

/* Verifies a token; text must outlive the result. Returns and sets
 * is_verified. An unsecured token that is allowed counts as verified, and has
 * no key. */
bool token_verify(arena *a, slice text, const token_verify_options *options,
                  token_verification *result);

/* {"verified", "code", "reason", "algorithm", "kid", "key", "root", "claims",
 * "service-evidence", "steps"}; null where there is nothing to say. */
value token_verification_report(arena *a, const token_verification *v);

/* The steps, one line each, and the result. */
void token_verification_write(buffer *out, const token_verification *v);

/* "2021-07-16T18:33:30Z" of seconds since the epoch; beyond the years 0 to
 * 9999 the number itself. */
slice token_time(arena *a, int64_t seconds);

/* --- inside token/ -------------------------------------------------------- */

/* Adds steps about the evidence that the certificate carries. key: the
 * certificate's own. False: *why says what does not hold. */
bool service_evidence_verify(verifier *v, X509 *certificate, public_key *key,
                             const verify_options *options,
                             const evidence **service, token_refusal *why);

/* base64 of SHA-256 of the key in PEM and a NUL: what the service's evidence
 * is bound to, and the kid of its own key. */
slice service_key_id(arena *a, const public_key *key);

#endif
