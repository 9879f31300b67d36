/* SPDX-License-Identifier: Apache-2.0 */
/* JMESPath evaluation.
 *
 *   const jmespath_query *query = jmespath_compile(a, text, &error);
 *   value result;
 *   if (!query || !jmespath_search(query, a, &input, &result, &error))
 *     report(jmespath_error_name(error.kind), error.where, error.message);
 */
#ifndef EVAL_JMESPATH_H
#define EVAL_JMESPATH_H

#include "grammar/jmespath.h"

/* Evaluates a compiled query, which threads may share. *result shares values
 * with the input and the query and lives in the arena otherwise; it nests at
 * most LIMIT_QUERY_GROWTH levels deeper than the input. False on error, *error
 * filled in: wrong types, or a limit (grammar/jmespath_limits.h) on steps, on
 * values made or on bytes of text made. Ordering anything but numbers gives
 * null, as the specification says. */
bool jmespath_search(const jmespath_query *query, arena *a, const value *input,
                     value *result, jmespath_error *error);

/* The same, and the result as JSON text: compact, names sorted. A text of more
 * than LIMIT_RESULT_BYTES is an error of kind JMESPATH_LIMIT: a result can
 * share a value often. */
bool jmespath_search_text(const jmespath_query *query, arena *a,
                          const value *input, slice *text,
                          jmespath_error *error);

#endif
