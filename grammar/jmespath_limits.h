/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of JMESPath, as base/limits.h has them for the rest. Exceeding one is
 * an error of kind JMESPATH_LIMIT. */
#ifndef GRAMMAR_JMESPATH_LIMITS_H
#define GRAMMAR_JMESPATH_LIMITS_H

#ifdef MAAPOL_TINY_LIMITS
#define LIMIT(name, normal, tiny) enum { name = (tiny) }
#else
#define LIMIT(name, normal, tiny) enum { name = (normal) }
#endif

/* A generated list of 1,000 hashes to compare with has 100 kB. */
LIMIT(LIMIT_QUERY_BYTES, 256 << 10, 1024);
/* Brackets and `!`; people write three. */
LIMIT(LIMIT_QUERY_DEPTH, 64, 8);
/* Operators inside each other, brackets too; between two brackets four kinds
 * can nest, and comparisons without end. The evaluator recurses as deep. */
LIMIT(LIMIT_QUERY_LEVELS, 512, 64);
/* Operands of one function, list or hash. */
LIMIT(LIMIT_QUERY_OPERANDS, 4096, 16);
/* Levels that a query may add to the nesting of its input, so that no result
 * nests deeper than that plus LIMIT_JSON_DEPTH. */
LIMIT(LIMIT_QUERY_GROWTH, 64, 8);
/* Projections inside each other, each over items of the one before, so that the
 * evaluator's stack stays below 200 kB. */
LIMIT(LIMIT_QUERY_RECURSION, 256, 32);
/* Nodes visited, and bytes and members compared by the dozen: a third of a
 * second. A filter over an event log of 8 MB takes a million. */
LIMIT(LIMIT_QUERY_STEPS, 20000000, 20000);
/* Items that one evaluation puts into new arrays and objects: 64 to 128 MB. */
LIMIT(LIMIT_QUERY_VALUES, 4 << 20, 4096);

#undef LIMIT
#endif
