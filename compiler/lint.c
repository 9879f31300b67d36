/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/lint.h"

static const lint_group groups[] = {
    {lint_claims, false, true},
    {lint_logic, true, false},
    {lint_security, true, true}, /* asks what the logic has proven */
    {lint_style, false, false}, /* last: the least important */
    {NULL, false, false},       /* the end */
};

static slice comment_text(const ast_policy *p, const ast_comment *c) {
  slice s = ast_text(p, c->where);
  return c->is_block ? (slice){s.data, 0} : (slice){s.data + 2, s.length - 2};
}

static void pass_blanks(slice *s) {
  while (s->length && (*s->data == ' ' || *s->data == '\t'))
    s->data++, s->length--;
}

/* What follows "maapol:" at the start of a comment; false: it is another. */
static bool read_directive(slice comment, slice *rest) {
  static const char mark[] = "maapol:";
  pass_blanks(&comment);
  if (!slice_starts_with(comment, mark))
    return false;
  *rest = (slice){comment.data + sizeof mark - 1,
                  comment.length - (sizeof mark - 1)};
  pass_blanks(rest);
  while (rest->length && (rest->data[rest->length - 1] == ' ' ||
                          rest->data[rest->length - 1] == '\t'))
    rest->length--;
  return true;
}

/* "type=NAME", and nothing behind it. */
static attestation_type directive_type(slice s) {
  static const char option[] = "type=";
  if (!slice_starts_with(s, option))
    return ATTESTATION_TYPE_UNKNOWN;
  return attestation_type_from_name(
      (slice){s.data + sizeof option - 1, s.length - (sizeof option - 1)});
}

attestation_type policy_directive_type(const ast_policy *tree) {
  attestation_type type = ATTESTATION_TYPE_UNKNOWN;
  slice said;
  for (size_t i = 0; i < tree->comment_count && !type; i++)
    if (read_directive(comment_text(tree, &tree->comments[i]), &said))
      type = directive_type(said);
  return type;
}

/* "sample=PATH" */
static slice directive_sample(slice s) {
  static const char option[] = "sample=";
  if (!slice_starts_with(s, option))
    return SLICE_EMPTY;
  return (slice){s.data + sizeof option - 1, s.length - (sizeof option - 1)};
}

slice policy_directive_sample(const ast_policy *tree, size_t *next) {
  slice said, path = SLICE_EMPTY;
  for (; *next < tree->comment_count && !path.length; ++*next)
    if (read_directive(comment_text(tree, &tree->comments[*next]), &said))
      path = directive_sample(said);
  return path;
}

/* F407: the rules that need a type would be silent, and nobody told. */
static void lint_directives(linter *l) {
  slice said;
  for (size_t i = 0; i < l->ast->comment_count; i++) {
    const ast_comment *c = &l->ast->comments[i];
    if (!read_directive(comment_text(l->ast, c), &said) ||
        directive_type(said) || directive_sample(said).length)
      continue;
    diagnostic *d = diagnose(l->findings, CODE_F407, c->where,
                             "this comment names no attestation type");
    diagnostic_help(l->findings, d,
                    "write // maapol: type=T; types are %s",
                    attestation_type_list());
  }
}

void policy_lint(arena *a, policy *p, const lint_options *options) {
  linter l = {.arena = a,
              .policy = p,
              .ast = p->ast,
              .program = p->program,
              .findings = &p->findings,
              .type = options->type};
  if (p->ast->first_token >= p->text.length)
    return; /* S001 says it */
  if (!l.type)
    l.type = policy_directive_type(p->ast);
  lint_directives(&l);
  for (const lint_group *g = groups; g->run; g++)
    if ((l.program || !g->needs_program) && (l.type || !g->needs_type))
      g->run(&l);
  if (options->layout)
    lint_layout(&l, options->width);
  diagnostics_sort(&p->findings);
}
