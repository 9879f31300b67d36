/* SPDX-License-Identifier: Apache-2.0 */
/* Text to syntax tree (design: the policy language, section "Text"). */
#ifndef GRAMMAR_PARSE_H
#define GRAMMAR_PARSE_H

#include "grammar/ast.h"

/* Parses policy text, which must be followed by a NUL that its length does not
 * count, and stay while the tree is used. Every syntax error is added to
 * findings (P codes); there is always a tree, which holds what could be
 * understood. The caller has dealt with other encodings and wrappers
 * (grammar/recognise.h). */
ast_policy *parse_policy(arena *a, slice text, diagnostics *findings);

/* The first half of it: what lexer and parser find. */
ast_policy *parse_tree(arena *a, slice text, diagnostics *findings);

/* The second half. Reports what the grammar let pass: P002, P004 to P009 and
 * others that are marked in the tree. */
void report_mistakes(const ast_policy *policy, diagnostics *findings);

/* Where byte `offset` of a string's decoded text stands in the policy:
 * `literal` is the whole token, which must have no finding of its own. */
uint32_t string_place(slice text, span literal, size_t offset);

extern const char *const section_names[];  /* end with NULL */
extern const char *const action_names[];
extern const char *const property_names[];

#endif
