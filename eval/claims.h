/* SPDX-License-Identifier: Apache-2.0 */
/* Claims, independent of any policy: what evidence, a claims file or a token
 * gives, and what a policy issues. docs/language.md section "Claims". */
#ifndef EVAL_CLAIMS_H
#define EVAL_CLAIMS_H

#include "base/value.h"

typedef enum claim_kind {
  CLAIM_BOOLEAN,
  CLAIM_INTEGER,
  CLAIM_STRING
} claim_kind;

typedef struct claim {
  slice type;
  slice issuer;
  uint8_t kind; /* claim_kind */
  bool read_only;
  int64_t integer; /* 0 or 1 for a boolean */
  slice text;      /* of a string */
} claim;

#define ISSUER_SERVICE SLICE("AttestationService")
#define ISSUER_POLICY SLICE("AttestationPolicy")
#define ISSUER_CUSTOM SLICE("CustomClaim")

/* An ordered set: adding a claim equal to one present in type, value, issuer
 * and read-only mark changes nothing; the first keeps its place. */
typedef struct claim_list {
  arena *arena;
  claim *items;
  size_t count, capacity;
  uint32_t *slots; /* hash table over items, once there are many */
  size_t slot_count;
} claim_list;

static inline claim_list claims_in(arena *a) {
  return (claim_list){.arena = a};
}

/* The texts are kept, not copied. False when LIMIT_CLAIMS is reached. */
bool claims_add(claim_list *list, const claim *c);

typedef struct claims_error {
  const char *message; /* in the arena; names the member */
  size_t offset;       /* in the text read, if it is about a place */
} claims_error;

/* One JSON value as claims of that type: a boolean, integer or string is one
 * claim; an array of those several; an object, or an array that holds an
 * object or array, one string claim with its compact text. null, a fraction
 * and an integer beyond 64 bits are errors. `pcrs` from AttestationService is
 * read-only whatever read_only says. */
bool claims_add_value(claim_list *list, slice type, const value *v,
                      slice issuer, bool read_only, claims_error *error);

/* Every member of an object, issued by AttestationService. */
bool claims_add_object(claim_list *list, const value *object,
                       claims_error *error);

/* Reads a claims file: an object, an array of {type, value, issuer, readOnly}
 * or an MAA token (JWS compact; its signature is not looked at; iss, iat, nbf,
 * exp, jti and cnf are left out). */
bool claims_read(claim_list *list, slice text, claims_error *error);

/* A claims file of them: an array of {type, value, issuer, readOnly}, which
 * claims_read takes back. readOnly stands only where it is true. */
value claims_file(arena *a, const claim_list *list);

/* The value of a claim as JSON: a JSON text stays a string. */
value claim_json(const claim *c);

/* One value per type, an array in order where several claims share it. */
value claims_json(arena *a, const claim_list *list);

/* "Boolean", "Integer", "String". */
slice claim_kind_name(claim_kind kind);

#endif
