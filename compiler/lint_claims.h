/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the C rules: what is known of each name of a claim,
 * found once for each name and not once for each condition. */
#ifndef COMPILER_LINT_CLAIMS_H
#define COMPILER_LINT_CLAIMS_H

#include "compiler/claim_catalogue.h"
#include "compiler/lint_view.h"

typedef struct claim_name {
  const claim_entry *entry;   /* the type's row, or NULL */
  const claim_entry *foreign; /* else another type's, or NULL */
  const char *near;           /* else the nearest name of the type */
  bool is_near_known;
  bool is_added;   /* some rule of the policy makes claims of the name */
  bool is_copied;  /* some rule issues or adds the service's own again */
  bool is_read;    /* some condition asks for it, of a rule perhaps */
  bool is_changed; /* a rule before this one added it, with other values */
  bool is_several; /* a rule before this one may have added several values */
} claim_name;

typedef struct claim_linter {
  linter *lint;
  const ast_policy *ast;
  diagnostics *findings;
  symbols names;
  claim_name *known; /* known[symbol - 1] */
  size_t capacity;
  bool adds_anything; /* a rule's type is computed: any name may be added */
  bool copies_anything; /* a rule adds again what has no one type */
  const uint32_t *placeholders; /* where P015 has spoken, sorted */
  size_t placeholder_count;
  const rule_view *rule; /* being checked */
} claim_linter;

/* Valid until the next look-up. */
claim_name *claim_name_of(claim_linter *c, slice name);

/* Whether the service itself can put such a claim before the condition, and
 * no rule before it gives the name other values. */
bool claim_is_service_only(const condition_view *v, const claim_name *n);

/* lint_claim_values.c: C104 to C107. */
void lint_claim_values(claim_linter *c, const condition_view *v,
                       const claim_name *n);

/* lint_claim_sets.c: C110. */
void lint_claim_sets(claim_linter *c, const condition_view *v,
                     const claim_name *n);
bool claim_may_be_several(claim_linter *c, const ast_expr *e,
                          const ast_condition *before);

#endif
