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

/* From the tree on. */
static void judge(policy *p, arena *a) {
  report_mistakes(p->ast, &p->findings);
  p->ast->has_syntax_errors |= p->findings.errors > 0;
  check_policy(p->ast, &p->findings);
  diagnostics_sort(&p->findings);
  if (!p->findings.errors)
    p->program = program_lower(a, p->ast);
}

policy *policy_compile(arena *a, slice text) {
  policy *p = ARENA_NEW(a, policy);
  p->given = p->text = text;
  diagnostics_init(&p->findings, a);
  if (!find_text(p, a)) {
    p->ast = empty_tree(a, p->text);
    return p;
  }
  p->ast = parse_tree(a, p->text, &p->findings);
  judge(p, a);
  return p;
}

bool policy_is_plain(arena *scratch, slice text) {
  policy p = {.given = text, .text = text};
  diagnostics_init(&p.findings, scratch);
  return find_text(&p, scratch) && !p.was_wrapped && !p.findings.count;
}

policy *policy_judge(arena *a, ast_policy *tree, const diagnostics *parsed) {
  policy *p = ARENA_NEW(a, policy);
  p->given = p->text = tree->text;
  p->ast = tree;
  diagnostics_init(&p->findings, a);
  diagnostics_copy(&p->findings, parsed);
  judge(p, a);
  return p;
}
