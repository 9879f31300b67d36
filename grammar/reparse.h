/* SPDX-License-Identifier: Apache-2.0 */
/* A tree that follows its text: after an edit only the rules around it are read
 * again, and the places of what stands behind are moved.
 *
 *   tree = parse_tree(a, text, &parsed);
 *   ... the text is edited where it lies ...
 *   if (!reparse_tree(tree, a, &edit, &parsed))
 *     tree = parse_tree(another, text, &others);   // as if nothing were known
 */
#ifndef GRAMMAR_REPARSE_H
#define GRAMMAR_REPARSE_H

#include "grammar/ast.h"

/* Bytes [begin, end) became `length` bytes. */
typedef struct text_edited {
  uint32_t begin, end, length;
} text_edited;

/* tree->text still has the old length; its bytes are the new ones already, at
 * the same address, and new_length of them count. `parsed`: what parse_tree
 * found, in its order, and nothing else.
 *
 * True: tree and findings are exactly those that parse_tree would make of the
 * new text, but for has_syntax_errors, which tells of lexer and parser what
 * findings of theirs do not tell. False: the edit reaches beyond rules of one
 * section, or what was found elsewhere may depend on it; tree and findings are
 * of no use any more. */
bool reparse_tree(ast_policy *tree, arena *a, const text_edited *edit,
                  size_t new_length, diagnostics *parsed);

/* shift.c: places from `from` on move by `by` bytes (modulo 2^32). */
typedef struct shift {
  const char *text; /* of literals that point into it */
  uint32_t from, by;
  size_t length; /* before the edit */
} shift;

void shift_rules(const shift *s, ast_rule *rules);
void shift_sections(const shift *s, ast_section *sections);
void shift_versions(const shift *s, ast_version *versions);
void shift_finding(const shift *s, diagnostic *d);

#endif
