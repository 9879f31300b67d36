/* SPDX-License-Identifier: Apache-2.0 */
/* JMESPath queries: text to checked tree. eval/jmespath.h evaluates it.
 *
 *   jmespath_error error;
 *   const jmespath_query *query = jmespath_compile(a, text, &error);
 *   if (!query)
 *     report(error.where, error.message, error.help);
 *
 * The language is that of the JMESPath specification (jmespath.org), with raw
 * strings (JEP-12) and the function equals_ignore_case, which the attestation
 * service adds. Text between backticks is JSON and nothing else; `!a.b` is
 * !(a.b); comparisons of the same level group to the left.
 */
#ifndef GRAMMAR_JMESPATH_H
#define GRAMMAR_JMESPATH_H

#include "grammar/jmespath_ast.h"

typedef enum jmespath_error_kind {
  JMESPATH_SYNTAX,
  JMESPATH_INVALID_TYPE,
  JMESPATH_INVALID_VALUE,
  JMESPATH_INVALID_ARITY,
  JMESPATH_UNKNOWN_FUNCTION,
  JMESPATH_LIMIT
} jmespath_error_kind;

typedef struct jmespath_error {
  jmespath_error_kind kind;
  span where;          /* in the query's text */
  const char *message; /* one line, no full stop; in the arena */
  const char *help;    /* what to write instead, or NULL */
} jmespath_error;

/* "syntax", "invalid-type", "invalid-value", "invalid-arity",
 * "unknown-function" (the names of the compliance suite), "limit". */
const char *jmespath_error_name(jmespath_error_kind kind);

/* Parses and checks a query: syntax, function names, argument counts, literal
 * arguments of a wrong type, slices with step 0. Everything it returns lives in
 * the arena, a copy of the text included. NULL on error, *error filled in. */
const jmespath_query *jmespath_compile(arena *a, slice text,
                                       jmespath_error *error);

#endif
