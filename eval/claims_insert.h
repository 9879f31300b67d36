/* SPDX-License-Identifier: Apache-2.0 */
/* claims_add for those who must know what became of it. */
#ifndef EVAL_CLAIMS_INSERT_H
#define EVAL_CLAIMS_INSERT_H

#include "eval/claims.h"

typedef enum claims_insertion {
  CLAIMS_PRESENT, /* an equal claim is there: nothing changed */
  CLAIMS_ADDED,
  CLAIMS_FULL /* LIMIT_CLAIMS */
} claims_insertion;

claims_insertion claims_insert(claim_list *list, const claim *c);

/* Adds at the end even if an equal claim is there: for properties, of which
 * the last one set counts. The list is a plain array from then on. False when
 * LIMIT_CLAIMS is reached. */
bool claims_append(claim_list *list, const claim *c);

#endif
