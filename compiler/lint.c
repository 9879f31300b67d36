/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/lint.h"

static const lint_group groups[] = {
    {lint_claims, false, true},
    {lint_security, true, true},
    {lint_logic, true, false},
    {lint_style, false, false}, /* last: the least important */
    {NULL, false, false},       /* the end */
};

static slice comment_text(const ast_policy *p, const ast_comment *c) {
  slice s = ast_text(p, c->where);
  return c->is_block ? SLICE_EMPTY : (slice){s.data + 2, s.length - 2};
}

static void pass_blanks(slice *s) {
  while (s->length && (*s->data == ' ' || *s->data == '\t'))
    s->data++, s->length--;
}

/* "maapol: type=NAME", alone in its comment. */
static attestation_type directive_type(slice s) {
  static const char mark[] = "maapol:", option[] = "type=";
  pass_blanks(&s);
  if (!slice_starts_with(s, mark))
    return ATTESTATION_TYPE_UNKNOWN;
  s = (slice){s.data + sizeof mark - 1, s.length - (sizeof mark - 1)};
  pass_blanks(&s);
  if (!slice_starts_with(s, option))
    return ATTESTATION_TYPE_UNKNOWN;
  s = (slice){s.data + sizeof option - 1, s.length - (sizeof option - 1)};
  while (s.length && (s.data[s.length - 1] == ' ' ||
                      s.data[s.length - 1] == '\t'))
    s.length--;
  return attestation_type_from_name(s);
}

attestation_type policy_directive_type(const ast_policy *tree) {
  attestation_type type = ATTESTATION_TYPE_UNKNOWN;
  for (size_t i = 0; i < tree->comment_count && !type; i++)
    type = directive_type(comment_text(tree, &tree->comments[i]));
  return type;
}

void policy_lint(arena *a, policy *p, const lint_options *options) {
  linter l = {a,           p,
              p->ast,      p->program,
              &p->findings, options->type};
  if (p->ast->first_token >= p->text.length)
    return; /* S001 says it */
  if (!l.type)
    l.type = policy_directive_type(p->ast);
  for (const lint_group *g = groups; g->run; g++)
    if ((l.program || !g->needs_program) && (l.type || !g->needs_type))
      g->run(&l);
  if (options->layout)
    lint_layout(&l, options->width);
  diagnostics_sort(&p->findings);
}
