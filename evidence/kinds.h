/* SPDX-License-Identifier: Apache-2.0 */
/* The table of evidence kinds: one row and one file for each. */
#ifndef EVIDENCE_KINDS_H
#define EVIDENCE_KINDS_H

#include "evidence/make.h"
#include "evidence/show.h"
#include "evidence/verify.h"

typedef struct evidence_kind {
  attestation_type type;
  const char *structure; /* "SGX quote" */
  /* Whether a file begins as this kind does. */
  bool (*detect)(bytes raw);
  /* Gets *result with type, raw and verification set; sets the rest. */
  bool (*parse)(arena *a, bytes raw, evidence *result, evidence_error *error);
  /* The structure, field by field. */
  void (*show)(const evidence *e, shown *out);
  /* Synthetic evidence, and the fields that it takes, ending with NULL. */
  bool (*make)(arena *a, const evidence_recipe *recipe, evidence_made *result,
               evidence_error *error);
  const char *const *(*make_fields)(arena *a);
  /* Names under which the token carries binary runtime data; ends with NULL.
   */
  const char *const *held_data_claims;
  /* Adds the steps of verification. NULL: there is no verifier yet. */
  void (*verify)(verifier *v);
  /* Adds claims that only verified evidence has; called once it is. May be
   * NULL. */
  void (*add_verified_claims)(arena *a, evidence *e);
} evidence_kind;

/* NULL if there is no row for the type. */
const evidence_kind *evidence_kind_of(attestation_type type);

#endif
