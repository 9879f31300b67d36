/* SPDX-License-Identifier: Apache-2.0 */
/* libmaapol: policies of Microsoft Azure Attestation, checked and decided
 * offline. Permits or denies a set of claims:
 *
 *   #include <maapol.h>
 *
 *   bool admits(const char *policy_text, const char *claims_json) {
 *     maapol_policy *policy = NULL;
 *     maapol_claims *claims = NULL;
 *     maapol_result *result = NULL;
 *     maapol_status status =
 *         maapol_policy_compile(policy_text, strlen(policy_text), &policy);
 *     for (const maapol_finding *f = maapol_policy_findings(policy); f;
 *          f = f->next)
 *       printf("%u:%u: %s\n", f->where.begin.line, f->where.begin.column,
 *              f->message);
 *     if (status == MAAPOL_OK)
 *       status = maapol_claims_new(&claims);
 *     if (status == MAAPOL_OK)
 *       status = maapol_claims_add_json(claims, claims_json,
 *                                       strlen(claims_json));
 *     if (status == MAAPOL_OK)
 *       status = maapol_evaluate(policy, claims, 0, &result);
 *     if (status == MAAPOL_OK)
 *       printf("%s: %s\n",
 *              maapol_decision_name(maapol_result_decision(result)),
 *              maapol_result_reason(result));
 *     else
 *       printf("%s\n", maapol_status_text(status));
 *     bool permitted = maapol_result_decision(result) == MAAPOL_PERMIT;
 *     maapol_result_free(result);
 *     maapol_claims_free(claims);
 *     maapol_policy_free(policy);
 *     return permitted;
 *   }
 *
 * Built by: cc admits.c $(pkg-config --cflags --libs maapol)
 *
 * What holds everywhere
 *
 * Errors. Functions that can fail return a maapol_status, and set what they
 * give to NULL when they fail, unless they say otherwise. Everything else
 * cannot fail. Nothing prints, exits or aborts; memory that runs out is a
 * status. NULL where an object is wanted is MAAPOL_INVALID_ARGUMENT; a
 * function without a status gives NULL, 0, or the answer that admits nobody.
 *
 * Ownership. An object is freed by the function named after it, in any order;
 * freeing NULL does nothing. Arguments are only read, and copied where they
 * are kept. A structure or text that a getter gives belongs to the object
 * that was asked and stays as it is until that is freed. A text that comes
 * through a `char **` is the caller's: free it with maapol_string_free.
 *
 * Texts are UTF-8 with a NUL behind them. Where a length stands beside a text,
 * it may also hold NUL bytes; trust the length. Texts quote what came in:
 * escape them before they go to a terminal, as maapol_policy_render does.
 *
 * Threads. A policy, a result and an attestation do not change once they are
 * made: any threads may read them at once. Claims belong to one thread at a
 * time, also while they are evaluated, since they remember how they fit the
 * policy. Freeing an object must not overlap with its use.
 *
 * Structures may grow at their end in later versions, so take them by pointer
 * as they are given. Numbers of enumerators and codes never change meaning.
 */
#ifndef MAAPOL_H
#define MAAPOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MAAPOL_API __attribute__((visibility("default")))
#else
#define MAAPOL_API
#endif

/* --- what everything uses ------------------------------------------------- */

typedef enum maapol_status {
  MAAPOL_OK = 0,
  MAAPOL_NO_MEMORY = 1,        /* the system has none left */
  MAAPOL_LIMIT = 2,            /* too large: docs/limits.md */
  MAAPOL_INVALID_ARGUMENT = 3, /* NULL, an unknown flag, no UTF-8 .. */
  MAAPOL_INVALID_POLICY = 4,   /* findings that are errors */
  MAAPOL_INVALID_CLAIMS = 5,   /* maapol_claims_error says why */
  MAAPOL_INVALID_KEY = 6,      /* these are of maapol_sign.h */
  MAAPOL_NO_PASSPHRASE = 7,
  MAAPOL_WRONG_PASSPHRASE = 8,
  MAAPOL_WRONG_SIGNATURE = 9
} maapol_status;

/* What the status means, in a few words; static. */
MAAPOL_API const char *maapol_status_text(maapol_status status);

/* "0.1.0"; static. */
MAAPOL_API const char *maapol_version(void);

/* Frees a text that came through a `char **`. */
MAAPOL_API void maapol_string_free(char *text);

/* A policy that was compiled, with what was found on the way. */
typedef struct maapol_policy maapol_policy;
/* Claims that a policy is asked about. */
typedef struct maapol_claims maapol_claims;
/* What a policy said about claims. */
typedef struct maapol_result maapol_result;
/* What the service would answer to evidence. */
typedef struct maapol_attestation maapol_attestation;

/* A place in the policy's text. */
typedef struct maapol_place {
  uint32_t offset; /* in bytes, from 0 */
  uint32_t line;   /* from 1 */
  uint32_t column; /* from 1, in characters (Unicode code points) */
} maapol_place;

/* From begin up to, not including, end. */
typedef struct maapol_range {
  maapol_place begin, end;
} maapol_range;

/* --- policies ------------------------------------------------------------- */

/* Compiles a policy: its text, or a policy token (JWS) or base64url text
 * around it, which is unwrapped. A signature is not verified here.
 * text, length: need no NUL behind them; not kept.
 * *policy: set if MAAPOL_OK, or MAAPOL_INVALID_POLICY, so that the findings
 * can be read.
 * Result: MAAPOL_OK if it can be evaluated, perhaps with warnings;
 * MAAPOL_INVALID_POLICY if there are errors; MAAPOL_LIMIT for a text of more
 * than 64 MiB; MAAPOL_NO_MEMORY; MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_policy_compile(const char *text, size_t length,
                                               maapol_policy **policy);

/* Results, attestations and claims may outlive the policy that they were made
 * with: what they need of it stays until they are freed too. */
MAAPOL_API void maapol_policy_free(maapol_policy *policy);

/* The text that places count in: what stands inside, if it was unwrapped.
 * *length, if length is not NULL: its bytes. */
MAAPOL_API const char *maapol_policy_text(const maapol_policy *policy,
                                          size_t *length);

/* Whether it came as a policy token or base64url text. */
MAAPOL_API bool maapol_policy_is_wrapped(const maapol_policy *policy);

typedef enum maapol_severity {
  MAAPOL_SEVERITY_INFO = 0,
  MAAPOL_SEVERITY_WARNING = 1,
  MAAPOL_SEVERITY_ERROR = 2
} maapol_severity;

/* A second place that a finding speaks of. */
typedef struct maapol_label {
  const struct maapol_label *next;
  maapol_range where;
  const char *text;
} maapol_label;

/* Replaces a range, which may be empty, by a text. */
typedef struct maapol_edit {
  const struct maapol_edit *next;
  maapol_range where;
  const char *text;
  size_t text_length;
} maapol_edit;

typedef enum maapol_applicability {
  MAAPOL_FIX_SAFE = 1,  /* keeps or restores what the author plainly meant */
  MAAPOL_FIX_UNSAFE = 2 /* may change the meaning: a person should look */
} maapol_applicability;

typedef struct maapol_fix {
  const struct maapol_fix *next;
  maapol_applicability applicability;
  const char *title;
  const maapol_edit *edits; /* in the order of the text, not overlapping */
} maapol_fix;

typedef struct maapol_finding {
  const struct maapol_finding *next;
  const char *code; /* "P002"; `maapol explain P002` is its page */
  const char *name; /* "assignment-in-condition" */
  maapol_severity severity;
  const char *message; /* one line, no full stop */
  const char *help;    /* what to write instead, or NULL */
  maapol_range where;
  const maapol_label *labels;
  const maapol_fix *fixes;
} maapol_finding;

/* The first finding, in the order of the text; NULL if there is none. Of more
 * than 1,000 the rest is only counted. */
MAAPOL_API const maapol_finding *
maapol_policy_findings(const maapol_policy *policy);

/* How many there are, those that were only counted included. A policy with
 * errors cannot be evaluated. */
MAAPOL_API size_t maapol_policy_error_count(const maapol_policy *policy);
MAAPOL_API size_t maapol_policy_warning_count(const maapol_policy *policy);

/* "info", "warning", "error"; static. */
MAAPOL_API const char *maapol_severity_name(maapol_severity severity);

typedef enum maapol_format {
  MAAPOL_FORMAT_HUMAN = 0,  /* excerpts with carets */
  MAAPOL_FORMAT_COLOUR = 1, /* the same with the colours of a terminal */
  MAAPOL_FORMAT_PLAIN = 2,  /* PATH:LINE:COL: SEVERITY[CODE]: TEXT, a line
                             * for each finding */
  MAAPOL_FORMAT_JSON = 3    /* an array, as `findings` of `maapol check` */
} maapol_format;

/* The findings as text, empty if there are none ("[]" as JSON). Control
 * characters are escaped in every format.
 * path: what to call the policy; NULL: "policy".
 * *text: the caller's.
 * Result: MAAPOL_OK, MAAPOL_NO_MEMORY, MAAPOL_LIMIT,
 * MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_policy_render(const maapol_policy *policy,
                                              maapol_format format,
                                              const char *path, char **text);

/* Bytes of a hash as text, the NUL behind it included. */
enum { MAAPOL_HASH_SIZE = 44 };

/* Claim x-ms-policy-hash, by which relying parties pin a policy:
 * base64url(SHA-256(base64url(text))). White space and comments count.
 * hash: gets the text; empty on failure.
 * Result: MAAPOL_OK; MAAPOL_INVALID_POLICY for one with errors;
 * MAAPOL_NO_MEMORY, MAAPOL_LIMIT, MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_policy_hash(const maapol_policy *policy,
                                            char hash[MAAPOL_HASH_SIZE]);

/* Claim x-ms-policy-token-hash: base64url(SHA-256(token)) of the token as it
 * was given, or of the one without signature that clients make of a text. As
 * maapol_policy_hash otherwise. */
MAAPOL_API maapol_status maapol_policy_token_hash(const maapol_policy *policy,
                                                  char hash[MAAPOL_HASH_SIZE]);

/* --- claims --------------------------------------------------------------- */

typedef enum maapol_claim_kind {
  MAAPOL_CLAIM_BOOLEAN = 0,
  MAAPOL_CLAIM_INTEGER = 1,
  MAAPOL_CLAIM_STRING = 2
} maapol_claim_kind;

typedef struct maapol_claim {
  const struct maapol_claim *next;
  const char *type;
  size_t type_length;
  const char *issuer;
  size_t issuer_length;
  maapol_claim_kind kind;
  bool is_read_only;
  int64_t integer;    /* 0 or 1 if it is a boolean */
  const char *string; /* NULL if it is no string */
  size_t string_length;
} maapol_claim;

/* An empty set of claims.
 * Result: MAAPOL_OK, MAAPOL_NO_MEMORY, MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_claims_new(maapol_claims **claims);

/* Results may outlive their claims. */
MAAPOL_API void maapol_claims_free(maapol_claims *claims);

/* Add one claim. One that equals a claim present in type, value, issuer and
 * read-only mark changes nothing. Several claims may share a type.
 * type: not empty.
 * issuer: NULL for "AttestationService", whose claims come from evidence;
 * "CustomClaim" is what the client sends; not empty.
 * is_read_only: no rule may issue it. `pcrs` of AttestationService always is.
 * Result: MAAPOL_OK; MAAPOL_LIMIT for more than 100,000 claims or a string of
 * more than 64 MiB; MAAPOL_INVALID_ARGUMENT, for a text that is not UTF-8
 * too; MAAPOL_NO_MEMORY, after which every further use of the claims fails
 * with it: half of them could mean something else. */
MAAPOL_API maapol_status maapol_claims_add_boolean(maapol_claims *claims,
                                                   const char *type, bool value,
                                                   const char *issuer,
                                                   bool is_read_only);
MAAPOL_API maapol_status maapol_claims_add_integer(maapol_claims *claims,
                                                   const char *type,
                                                   int64_t value,
                                                   const char *issuer,
                                                   bool is_read_only);
MAAPOL_API maapol_status maapol_claims_add_string(
    maapol_claims *claims, const char *type, const char *value,
    size_t value_length, const char *issuer, bool is_read_only);

/* Adds all claims of a claims file, or none: an object {"type": value, ..}
 * (issuer AttestationService, an array makes several claims), an array of
 * {"type", "value", "issuer", "readOnly"}, or a token of the service, whose
 * signature is not verified.
 * text, length: need no NUL behind them; not kept.
 * Result: as above; MAAPOL_INVALID_CLAIMS if the text is refused. */
MAAPOL_API maapol_status maapol_claims_add_json(maapol_claims *claims,
                                                const char *text,
                                                size_t length);

/* Why the last addition was refused with MAAPOL_INVALID_CLAIMS, until the next
 * one; NULL if it was not. *offset, if offset is not NULL: the byte of the
 * JSON text that it is about, or 0. */
MAAPOL_API const char *maapol_claims_error(const maapol_claims *claims,
                                           size_t *offset);

MAAPOL_API size_t maapol_claims_count(const maapol_claims *claims);

/* The claims as an object {"type": value, ..}, an array where several share a
 * type; names sorted.
 * *json: the caller's.
 * Result: MAAPOL_OK, MAAPOL_NO_MEMORY, MAAPOL_LIMIT,
 * MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_claims_json(const maapol_claims *claims,
                                            char **json);

/* --- decisions ------------------------------------------------------------ */

/* Zero is no permit. */
typedef enum maapol_decision {
  MAAPOL_DENY = 0,
  MAAPOL_PERMIT = 1,
  MAAPOL_ERROR = 2 /* evaluation failed: nothing is issued, nobody admitted */
} maapol_decision;

/* "deny", "permit", "error"; static. */
MAAPOL_API const char *maapol_decision_name(maapol_decision decision);

/* Flags. */
enum { MAAPOL_TRACE = 1 /* say of every rule what became of it */ };

/* Decides a policy over claims: configurationrules, authorizationrules and,
 * after a permit, issuancerules.
 * claims: are not changed, but remember how they fit the last four policies,
 * so that asking again is cheap.
 * flags: 0 or MAAPOL_TRACE.
 * *result: set if MAAPOL_OK, whatever the decision.
 * Result: MAAPOL_OK; MAAPOL_INVALID_POLICY for one with errors;
 * MAAPOL_NO_MEMORY, MAAPOL_LIMIT, MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_evaluate(const maapol_policy *policy,
                                         maapol_claims *claims, unsigned flags,
                                         maapol_result **result);

/* The decision alone, several times faster: nothing is kept but memory that
 * the next call uses again.
 * *decision: MAAPOL_ERROR unless MAAPOL_OK is returned.
 * Result: as maapol_evaluate. */
MAAPOL_API maapol_status maapol_decide(const maapol_policy *policy,
                                       maapol_claims *claims,
                                       maapol_decision *decision);

MAAPOL_API void maapol_result_free(maapol_result *result);

/* A rule of the policy. */
typedef struct maapol_rule {
  uint32_t number;     /* from 1, in the order of the text */
  const char *section; /* "authorizationrules" .. */
  maapol_range where;  /* with its `;` */
  const char *text;    /* as it stands, perhaps in several lines */
} maapol_rule;

/* Why the evaluation failed. */
typedef struct maapol_evaluation_error {
  const char *code;    /* the service's: "PolicyEvaluationError" */
  const char *message; /* function, argument, what it got */
  maapol_range where;
} maapol_evaluation_error;

/* What became of a rule. */
typedef struct maapol_trace {
  const struct maapol_trace *next;
  const maapol_rule *rule;
  bool fired;
  uint32_t condition; /* from 1: the first that did not hold; 0 if it fired */
  const char *text;   /* what it did, or the claim that came nearest */
} maapol_trace;

/* A remark beside a result: what was left out, assumed or ignored. */
typedef struct maapol_note {
  const struct maapol_note *next;
  const maapol_rule *rule; /* NULL if it is not about a rule */
  const char *text;
} maapol_note;

/* Of NULL: MAAPOL_ERROR. */
MAAPOL_API maapol_decision maapol_result_decision(const maapol_result *result);

/* Why it was decided so, in one line that names rule and place. */
MAAPOL_API const char *maapol_result_reason(const maapol_result *result);

/* The rule that denied, failed or permitted first; NULL if none did. The one
 * that permitted is known only with MAAPOL_TRACE. */
MAAPOL_API const maapol_rule *maapol_result_rule(const maapol_result *result);

/* NULL unless the decision is MAAPOL_ERROR. */
MAAPOL_API const maapol_evaluation_error *
maapol_result_error(const maapol_result *result);

/* The first of the claims issued, in their order; NULL if there is none. There
 * is none unless it was permitted. */
MAAPOL_API const maapol_claim *
maapol_result_issued(const maapol_result *result);

/* The first of the properties set, in the order of rules, each as a claim. Of
 * several with one name the last one counts. As above otherwise. */
MAAPOL_API const maapol_claim *
maapol_result_properties(const maapol_result *result);

/* The property of that name that counts, or NULL. */
MAAPOL_API const maapol_claim *
maapol_result_property(const maapol_result *result, const char *name);

/* The first entry, in the order in which rules ran; NULL without
 * MAAPOL_TRACE. */
MAAPOL_API const maapol_trace *maapol_result_trace(const maapol_result *result);

/* Warnings of the run; NULL if there is none. */
MAAPOL_API const maapol_note *maapol_result_notes(const maapol_result *result);

/* Parts of a result as JSON: compact, names sorted. The claims issued, the
 * properties that count, and all incoming claims at the end, those that rules
 * added included: objects as in maapol_claims_json.
 * *json: the caller's.
 * Result: MAAPOL_OK, MAAPOL_NO_MEMORY, MAAPOL_LIMIT,
 * MAAPOL_INVALID_ARGUMENT. */
MAAPOL_API maapol_status maapol_result_issued_json(const maapol_result *result,
                                                   char **json);
MAAPOL_API maapol_status
maapol_result_properties_json(const maapol_result *result, char **json);
MAAPOL_API maapol_status maapol_result_claims_json(const maapol_result *result,
                                                   char **json);

/* The whole: an object with decision, reason, rule, error, issued, properties,
 * claims, trace and notes, as `maapol eval --format json` prints it. As above
 * otherwise. */
MAAPOL_API maapol_status maapol_result_report_json(const maapol_result *result,
                                                   char **json);

/* --- attestation ---------------------------------------------------------- */

/* Zero is no permit. */
typedef enum maapol_outcome {
  MAAPOL_OUTCOME_UNUSABLE = 0, /* request, evidence or policy are broken */
  MAAPOL_OUTCOME_REFUSED = 1,  /* denied, an error, data of something else */
  MAAPOL_OUTCOME_PERMITTED = 2
} maapol_outcome;

/* How far evidence is to be verified. What cannot be, for whatever reason, is
 * refused before the policy is asked. */
typedef enum maapol_verify {
  MAAPOL_VERIFY_SIGNATURE = 0, /* every signature, up to a root */
  MAAPOL_VERIFY_FULL = 1,      /* and collateral, revocation, TCB status */
  MAAPOL_VERIFY_NONE = 2
} maapol_verify;

/* How far it was verified. If it was not, all that it says may be an attacker's
 * word, a permit included. */
typedef enum maapol_verification {
  MAAPOL_NOT_VERIFIED = 0,
  MAAPOL_VERIFICATION_FAILED = 1,
  MAAPOL_VERIFIED_SIGNATURE = 2, /* every signature and chain holds */
  MAAPOL_VERIFIED_FULL = 3       /* and revocation and the TCB status */
} maapol_verification;

typedef enum maapol_data_kind {
  MAAPOL_DATA_ABSENT = 0,
  MAAPOL_DATA_BINARY = 1,
  MAAPOL_DATA_JSON = 2
} maapol_data_kind;

/* Data whose hash the evidence holds. */
typedef struct maapol_data {
  maapol_data_kind kind;
  const void *bytes;
  size_t length;
} maapol_data;

/* A request in parts. Set all of it to zero, then size, then what is there. */
typedef struct maapol_request {
  size_t size;          /* sizeof(maapol_request) */
  const char *type;     /* "SgxEnclave" ..; NULL: as the evidence begins */
  const void *evidence; /* the quote or report itself, not base64 */
  size_t evidence_length;
  maapol_data runtime_data;
  maapol_data init_time_data;
  const char *nonce; /* goes into the token unchanged; or NULL */
} maapol_request;

/* Set all of it to zero, then size, now and what is wanted. */
typedef struct maapol_attest_options {
  size_t size;                 /* sizeof(maapol_attest_options) */
  int64_t now;                 /* seconds since the epoch */
  const maapol_policy *policy; /* NULL: the request's draft policy, else the
                                * service's default policy for the type */
  const char *issuer;          /* URL of the instance; NULL:
                                * "https://maapol.invalid" */
  unsigned flags;              /* 0 or MAAPOL_TRACE */
  maapol_verify verify;
  const char *roots;      /* a directory of certificates to trust besides the
                           * built-in roots, or NULL */
  const char *collateral; /* a directory of collateral, or NULL */
} maapol_attest_options;

/* Answers a request as the service would: parses the evidence, verifies it,
 * checks that it was made for the data sent, decides, builds the token.
 * *attestation: set if MAAPOL_OK, whatever the outcome; broken evidence, a
 * policy with errors and a directory that cannot be read are outcomes.
 * Result: MAAPOL_OK; MAAPOL_INVALID_ARGUMENT, for an unknown type, data
 * without a kind or a wrong size of a structure too; MAAPOL_NO_MEMORY;
 * MAAPOL_LIMIT. */
MAAPOL_API maapol_status maapol_attest(const maapol_request *request,
                                       const maapol_attest_options *options,
                                       maapol_attestation **attestation);

/* The same for a body as clients post it to /attest/TYPE. A body that is no
 * request is an outcome too.
 * body, length: need no NUL behind them; not kept. */
MAAPOL_API maapol_status maapol_attest_json(
    const char *type, const char *body, size_t length,
    const maapol_attest_options *options, maapol_attestation **attestation);

MAAPOL_API void maapol_attestation_free(maapol_attestation *attestation);

/* Of NULL: MAAPOL_OUTCOME_UNUSABLE. Look at the verification too before
 * anything is admitted. */
MAAPOL_API maapol_outcome
maapol_attestation_outcome(const maapol_attestation *attestation);

/* A refusal as the service words it. */
typedef struct maapol_refusal {
  int http_status;
  const char *code;    /* "PolicyEvaluationError" .. */
  const char *text;    /* what is wrong */
  const char *message; /* the same in the service's frame */
} maapol_refusal;

/* NULL if it was permitted. */
MAAPOL_API const maapol_refusal *
maapol_attestation_refusal(const maapol_attestation *attestation);

/* What the policy said, a part of the attestation, not to be freed; NULL if no
 * rule was run. */
MAAPOL_API const maapol_result *
maapol_attestation_result(const maapol_attestation *attestation);

/* Findings in the policy that was asked; NULL if there is none. */
MAAPOL_API const maapol_finding *
maapol_attestation_findings(const maapol_attestation *attestation);

MAAPOL_API maapol_verification
maapol_attestation_verification(const maapol_attestation *attestation);

/* "not verified", "failed", "signature", "full"; static. */
MAAPOL_API const char *
maapol_verification_name(maapol_verification verification);

/* Why it is not verified, or NULL if it is. The report has every step. */
MAAPOL_API const char *
maapol_attestation_verification_reason(const maapol_attestation *attestation);

/* The payload of the token as JSON, names sorted; NULL unless permitted. */
MAAPOL_API const char *
maapol_attestation_claims(const maapol_attestation *attestation);

/* The token without a signature (algorithm "none"), as the service makes it
 * for a draft policy; NULL unless permitted. No proof of anything. */
MAAPOL_API const char *
maapol_attestation_token(const maapol_attestation *attestation);

/* Notes of the attestation; those of the policy stand in its result. */
MAAPOL_API const maapol_note *
maapol_attestation_notes(const maapol_attestation *attestation);

/* The whole, as `maapol attest --format json` prints it. As
 * maapol_result_report_json otherwise. */
MAAPOL_API maapol_status maapol_attestation_report_json(
    const maapol_attestation *attestation, char **json);

#ifdef __cplusplus
}
#endif

#endif
