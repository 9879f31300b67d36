/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: what a policy without errors says and hardly means. A group of rules
 * is one file and one row of the table in lint.c. The S checks and the checks
 * of queries run with policy_compile; these run on demand.
 *
 *   policy *p = policy_compile(a, text);
 *   lint_options o = {.type = ATTESTATION_SGX_ENCLAVE};
 *   policy_lint(a, p, &o);          // adds to p->findings, sorted again
 */
#ifndef COMPILER_LINT_H
#define COMPILER_LINT_H

#include "compiler/attestation_type.h"
#include "compiler/policy.h"

typedef struct lint_options {
  attestation_type type; /* UNKNOWN: what the text's directive says */
  bool layout;           /* F404 as well, which is `maapol fmt`'s business */
  size_t width;          /* of lines, for F404; 0: FORMAT_WIDTH */
} lint_options;

/* Adds the findings of all groups. Nothing is added to a text that could not
 * be understood at all. */
void policy_lint(arena *a, policy *p, const lint_options *options);

/* The type that a comment `// maapol: type=SgxEnclave` names; UNKNOWN if there
 * is none or it names none. */
attestation_type policy_directive_type(const ast_policy *tree);

/* The paths of comments "// maapol: sample=PATH", one after the other: begin
 * with *next == 0. Empty: there are no more. */
slice policy_directive_sample(const ast_policy *tree, size_t *next);

/* --- for the groups ------------------------------------------------------- */

typedef struct linter {
  arena *arena; /* for what a group keeps; nothing is freed before the policy */
  const policy *policy;
  const ast_policy *ast; /* always there */
  const program *program; /* NULL if the policy has errors */
  diagnostics *findings;
  attestation_type type; /* UNKNOWN: nothing is said about claims */
  bool never_permits; /* proven by lint_logic (L201) */
  /* Of the rules of authorizationrules, in order, proven by lint_logic: it is
   * never run, or a permit that some deny always overrules. NULL: unknown. */
  const bool *is_void;
} linter;

typedef struct lint_group {
  void (*run)(linter *l);
  bool needs_program; /* it is run for policies without errors only */
  bool needs_type;
} lint_group;

void lint_claims(linter *l);   /* C: lint_claims.c and its parts */
void lint_security(linter *l); /* X: lint_security.c */
void lint_style(linter *l);    /* F402, F403: lint_style.c */
void lint_logic(linter *l); /* L: lint_logic.c and its parts */
void lint_layout(linter *l, size_t width); /* F404: lint_layout.c */

#endif
