/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of every claim that the service makes: for `maapol claims`,
 * and for whoever checks a policy against an attestation type.
 *
 *   const claim_entry *e =
 *       claim_catalogue_find(SLICE("x-ms-sgx-svn"), ATTESTATION_SGX_ENCLAVE);
 *   if (e && e->kind == VALUE_INTEGER) ..
 *
 * A new claim is one row of compiler/claim_rows.c; a test holds the rows
 * against the claims of evidence. */
#ifndef COMPILER_CLAIM_CATALOGUE_H
#define COMPILER_CLAIM_CATALOGUE_H

#include "base/buffer.h"
#include "base/value.h"
#include "compiler/attestation_type.h"

typedef enum claim_format {
  CLAIM_PLAIN,     /* true, a number, a text */
  CLAIM_HEX,       /* lower case, in the order of memory */
  CLAIM_BASE64,    /* RFC 4648 section 4, padded */
  CLAIM_BASE64URL, /* RFC 4648 section 5, without padding */
  CLAIM_JSON       /* object or array; policies get its text as a string */
} claim_format;

typedef enum claim_seen {
  CLAIM_SEEN_BY_BOTH, /* policies read it, the token repeats it */
  CLAIM_SEEN_BY_POLICY,
  CLAIM_SEEN_IN_TOKEN
} claim_seen;

typedef struct claim_entry {
  const char *name;
  unsigned types; /* CLAIM_TYPE(t) of those that have the claim */
  uint8_t kind;   /* VALUE_BOOLEAN, VALUE_INTEGER, VALUE_STRING: to a policy */
  uint8_t format; /* claim_format */
  uint8_t length; /* bytes that hex or base64 stand for; 0: any number */
  const char *meaning;
  const char *example;  /* a string without its quotes */
  const char *source;   /* who says so */
  uint8_t seen;         /* claim_seen */
  bool is_multi_valued; /* the service may give several claims of the name */
  bool is_read_only;    /* a policy cannot issue it */
  bool is_issued_by_policy;   /* not the service's: its default policy issues */
  const char *deprecated_for; /* the name to use instead, or NULL */
  const char *values;         /* "a|b": all that are known; NULL: any */
} claim_entry;

#define CLAIM_TYPE(type) (1u << (type))

/* Sorted by name, bytewise; ends with a NULL name. A name that types give
 * different values has several rows, no type more than one of them. */
extern const claim_entry claim_catalogue[];
extern const size_t claim_catalogue_count; /* without the end */

/* The row of that name for the type; ATTESTATION_TYPE_UNKNOWN: its first row.
 * NULL if there is none. */
const claim_entry *claim_catalogue_find(slice name, attestation_type type);

/* The nearest name that the type has (any type for UNKNOWN), for "did you
 * mean"; NULL if none is near. Scratch space comes from the arena. */
const char *claim_catalogue_near(arena *a, slice name, attestation_type type);

/* Whether evidence of that type has the claim; true for UNKNOWN. */
bool claim_entry_is_of(const claim_entry *e, attestation_type type);

/* "AttestationService" or "AttestationPolicy"; static. */
const char *claim_entry_issuer(const claim_entry *e);

/* Whether a text is written as the row says: its length, its digits, its known
 * values. JSON is only looked at from outside. Of claims that are no strings:
 * true, false or a decimal integer. */
bool claim_entry_fits(const claim_entry *e, slice text);

/* "64 lower-case hex digits". */
void claim_format_describe(buffer *out, const claim_entry *e);

#endif
