/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of every kind: from the bytes that a client sends to the claims
 * that a policy sees.
 *
 *   evidence e;
 *   evidence_error error;
 *   if (!evidence_parse(a, ATTESTATION_SGX_ENCLAVE, raw, &e, &error))
 *     return refuse(error.code, error.message, error.offset);
 *   if (evidence_check_runtime_data(&e, data) != BINDING_HOLDS)
 *     return refuse_binding();
 *   claims_add_object(&incoming, &e.claims, &problem);
 *   claims_add_object(&incoming, &e.legacy_claims, &problem);
 *
 * Parsing proves nothing: every byte may be an attacker's until
 * e.verification says otherwise. A new kind is one row in evidence/kinds.c and
 * one file.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include "base/value.h"
#include "compiler/attestation_type.h"

/* Why evidence was refused: CODE(id, name). Codes never change meaning. */
#define EVIDENCE_CODES(CODE)                                                   \
  CODE(NONE, "none")                                                           \
  CODE(TRUNCATED, "truncated")     /* it ends inside a field */                \
  CODE(LENGTH, "wrong-length")     /* a length field contradicts */            \
  CODE(VERSION, "wrong-version")   /* of the structure */                      \
  CODE(KEY_TYPE, "wrong-key-type") /* not ECDSA-256 with P-256 */              \
  CODE(VENDOR, "wrong-vendor")     /* another quoting enclave */               \
  CODE(FORMAT, "wrong-format")     /* local report, unknown UUID .. */         \
  CODE(ENCODING, "wrong-encoding") /* neither base64 nor hex nor raw */        \
  CODE(JSON, "invalid-json")       /* of a JSON shell or runtime data */       \
  CODE(TOO_LARGE, "too-large")     /* beyond base/limits.h */                  \
  CODE(UNREADABLE, "unreadable")   /* the file */                              \
  CODE(TYPE, "wrong-type")         /* no such kind, or not this one */         \
  CODE(FIELD, "unknown-field")     /* of synthetic evidence */                 \
  CODE(VALUE, "invalid-value")     /* for such a field */                      \
  CODE(CRYPTO, "crypto-failure")   /* OpenSSL refused */                       \
  CODE(FILE, "file-failure")       /* a file could not be written */

typedef enum evidence_code {
#define CODE(id, name) EVIDENCE_##id,
  EVIDENCE_CODES(CODE)
#undef CODE
      EVIDENCE_CODE_COUNT
} evidence_code;

typedef struct evidence_error {
  evidence_code code;
  const char *message; /* in the arena; one line, no full stop */
  size_t offset;       /* byte of the evidence that the message is about */
} evidence_error;

/* "wrong-version"; static. */
const char *evidence_code_name(evidence_code code);

/* How far the evidence was verified. Zero is NOT_VERIFIED: forgetting to set
 * it cannot make evidence trusted. Only verification, never parsing, sets
 * another value. */
typedef enum verification_status {
  VERIFICATION_NOT_DONE,  /* nothing was looked at */
  VERIFICATION_FAILED,    /* looked at, and something does not hold */
  VERIFICATION_SIGNATURE, /* every signature and chain holds */
  VERIFICATION_FULL       /* and revocation and the TCB status */
} verification_status;

typedef enum step_result {
  STEP_FAILED, /* zero: forgetting to set it is a failure */
  STEP_PASSED,
  STEP_SKIPPED /* could not be done: a root or collateral is missing */
} step_result;

/* One thing that was checked (evidence/verify.h). */
typedef struct verification_step {
  struct verification_step *next;
  step_result result;
  const char *what; /* "quote signature" */
  const char *with; /* the key or certificate used; may be NULL */
  const char *why;  /* one line; may be NULL */
} verification_step;

typedef struct evidence_verification {
  verification_status status;
  const char *reason; /* why it is not verified; static or in the arena */
  const verification_step *steps;
  const char *tcb_status; /* as the vendor names it, or NULL */
  const char *root; /* at which the first chain ends: "Intel SGX Root CA", or
                     * the file's name; or NULL */
} evidence_verification;

static inline bool evidence_is_verified(const evidence_verification *v) {
  return v->status == VERIFICATION_SIGNATURE || v->status == VERIFICATION_FULL;
}

typedef struct evidence {
  attestation_type type;
  bytes raw;         /* as sent; quotehash is over exactly these */
  bytes report_data; /* points into raw; empty if the kind has none */
  bytes init_data;   /* where the hash of the init-time data stands, or empty */
  /* An object: what policies see and the token repeats, without the claims of
   * runtime data. x-ms-attestation-type is among them. */
  value claims;
  /* An object: deprecated names, which only policies see ($svn ..). */
  value legacy_claims;
  /* An object: what only the token carries (x-ms-sgx-collateral with
   * quotehash, and its older name). */
  value token_claims;
  /* An object: claims that the client sends, under names that no other claim
   * has. Their issuer is CustomClaim. */
  value custom_claims;
  evidence_verification verification;
  const void *detail; /* the kind's own structure, e.g. sgx_quote */
} evidence;

/* Parses evidence of a type. raw must outlive the result, which points into
 * it; everything else lives in the arena. False: *error is filled in, *result
 * is not usable. */
bool evidence_parse(arena *a, attestation_type type, bytes raw,
                    evidence *result, evidence_error *error);

/* The kind whose structure the bytes begin with; for files that do not say.
 * ATTESTATION_TYPE_UNKNOWN if none does. */
attestation_type evidence_detect(bytes raw);

/* Whether data is the one that the evidence was made for. */
typedef enum binding_status {
  BINDING_HOLDS,
  BINDING_MISMATCH,     /* the hash differs, or bytes behind it are not zero */
  BINDING_NOT_SUPPORTED /* this evidence has no place for such a hash */
} binding_status;

/* SHA-256(data) is the first half of the report data, the rest is zero. */
binding_status evidence_check_runtime_data(const evidence *e, bytes data);

/* SHA-256(data) is what the enclave or VM was started with. For SGX: the first
 * 32 bytes of CONFIGID, which an enclave without KSS does not have. */
binding_status evidence_check_init_data(const evidence *e, bytes data);

/* The claims that runtime data brings, once its binding holds: x-ms-runtime
 * for JSON (one NUL behind the text is tolerated, as the service does), the
 * kind's names of "enclave held data" for binary. False: the data is not JSON.
 */
bool evidence_runtime_claims(arena *a, const evidence *e, bytes data,
                             bool is_json, value *claims,
                             evidence_error *error);

#endif
