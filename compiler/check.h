/* SPDX-License-Identifier: Apache-2.0 */
/* The S checks: what a policy means, beyond its syntax. */
#ifndef COMPILER_CHECK_H
#define COMPILER_CHECK_H

#include "compiler/program.h"

/* Adds S findings and F401 to `findings`. */
void check_policy(const ast_policy *policy, diagnostics *findings);

/* Between the files of the checker. */

typedef struct checker {
  const ast_policy *policy;
  diagnostics *findings;
  unsigned version; /* 10, 11, 12 */
  section_kind section;
  const ast_rule *rule;
  bool is_misplaced; /* its action cannot stand in this section */
  const ast_condition *condition; /* being checked; NULL in the action */
} checker;

/* What is known of a value before it runs. */
typedef enum static_type {
  STATIC_UNKNOWN,
  STATIC_BOOLEAN,
  STATIC_INTEGER,
  STATIC_STRING
} static_type;

static_type check_expr(checker *c, const ast_expr *e);
static_type static_type_of(const checker *c, const ast_expr *e);
const char *static_type_name(static_type type);

void check_conditions(checker *c);
void check_action(checker *c);

/* The condition that binds the name, before `before` (NULL: in the whole
 * rule); the last one counts. */
const ast_condition *find_binding(const checker *c, slice name,
                                  const ast_condition *before);

static inline slice checker_text(const checker *c, span where) {
  return ast_text(c->policy, where);
}

/* lint_jmespath.c: what a literal query says and hardly means. */
void lint_query(checker *c, const ast_expr *call, const ast_expr *literal,
                const jmespath_query *query);

/* Adds "did you mean" and, with_fix, a safe fix. */
void suggest(checker *c, diagnostic *d, span where, slice name,
             const char *const *candidates, bool with_fix);

#endif
