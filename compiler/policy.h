/* SPDX-License-Identifier: Apache-2.0 */
/* From policy text to program, with every finding on the way.
 *
 *   policy *p = policy_compile(a, text);
 *   if (p->program) evaluate(p->program, ...);     // no errors
 *   else for (diagnostic *d = p->findings.first; d; d = d->next) ...
 */
#ifndef COMPILER_POLICY_H
#define COMPILER_POLICY_H

#include "base/diagnostic.h"
#include "compiler/program.h"
#include "grammar/ast.h"

typedef struct policy {
  slice given;       /* the bytes that came in: text, or a token around it */
  slice text;        /* the policy text that the positions count in */
  bool was_wrapped;  /* a policy token or base64url text was unwrapped */
  ast_policy *ast;   /* always there, whatever the text */
  diagnostics findings;
  program *program;  /* NULL when there is an error */
} policy;

/* text must stay while the policy is used, and have a NUL behind it that its
 * length does not count (file_read and arena_copy give that). */
policy *policy_compile(arena *a, slice text);

/* Whether policy_compile would parse the text as it is, and say nothing before
 * that: it stands in no token and looks like nothing else. */
bool policy_is_plain(arena *scratch, slice text);

/* The same as policy_compile of a plain text whose tree is known, with what the
 * parser found (grammar/parse.h: parse_tree). The tree is used, and must stay;
 * of `parsed` copies are made. */
policy *policy_judge(arena *a, ast_policy *tree, const diagnostics *parsed);

#endif
