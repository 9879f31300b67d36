/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/policy.h"

#include "base/limits.h"
#include "compiler/check.h"
#include "compiler/unwrap.h"
#include "grammar/parse.h"
#include "grammar/recognise.h"

static ast_policy *empty_tree(arena *a, slice text) {
  ast_policy *tree = ARENA_NEW(a, ast_policy);
  tree->text = text;
  tree->has_syntax_errors = true;
  return tree;
}

static bool find_text(policy *p, arena *a) {
  if (p->given.length > LIMIT_POLICY_BYTES) {
    diagnose(&p->findings, CODE_P018, (span){0, 0},
             "the text has %zu bytes; %d are allowed", p->given.length,
             LIMIT_POLICY_BYTES);
    return false;
  }
  unwrap_status status =
      unwrap_policy(a, p->given, &p->text, &p->findings);
  p->was_wrapped = status == UNWRAP_DONE;
  return status != UNWRAP_FAILED &&
         recognise_policy_text(p->text, &p->findings);
}

policy *policy_compile(arena *a, slice text) {
  policy *p = ARENA_NEW(a, policy);
  p->given = p->text = text;
  diagnostics_init(&p->findings, a);
  if (!find_text(p, a)) {
    p->ast = empty_tree(a, p->text);
    return p;
  }
  p->ast = parse_policy(a, p->text, &p->findings);
  check_policy(p->ast, &p->findings);
  diagnostics_sort(&p->findings);
  if (!p->findings.errors)
    p->program = program_lower(a, p->ast);
  return p;
}
