/* SPDX-License-Identifier: Apache-2.0 */
/* One layout for every policy, whatever its white space was. Only white space
 * between tokens changes: strings and comments keep their bytes, and comments
 * their places between tokens and at the ends of lines. docs/fmt.md shows the
 * style.
 *
 *   format_result f = format_policy(a, p->ast, FORMAT_WIDTH);
 *   if (!format_is_proven(a, p->ast, f.text))
 *     refuse();
 *   write(f.text);
 *
 * Lines between `// maapol-fmt off` and `// maapol-fmt on` (or the end of the
 * section or text that they stand in) are left as they are. */
#ifndef COMPILER_FORMAT_H
#define COMPILER_FORMAT_H

#include "grammar/ast.h"

enum { FORMAT_WIDTH = 100, FORMAT_WIDTH_MIN = 20, FORMAT_WIDTH_MAX = 1000 };

/* What stands on lines of its own: the version, the head and the end of a
 * section, a rule, a comment between them, a part that is left as it is. */
typedef struct format_item {
  span before, after; /* in the text that came in, in the one made */
} format_item;

typedef struct format_result {
  slice text; /* in the arena; a NUL stands behind it */
  const format_item *items; /* in the order of the text */
  size_t count;
} format_result;

/* The text must parse without syntax errors (format_is_possible). width in
 * code points; what has no place to be broken may be longer. */
format_result format_policy(arena *a, const ast_policy *policy, size_t width);

/* Whether the text has no syntax errors, so that its layout can be changed. */
bool format_is_possible(const ast_policy *policy,
                        const diagnostics *findings);

/* Whether `text` has the same tree as the policy, token for token as they are
 * spelled, and the same comments in the same order. To be asked before
 * anything is written. */
bool format_is_proven(arena *a, const ast_policy *policy, slice text);

/* The edit that lays out what stands in `range`: whole items, from the start
 * of a line. *replaced: bytes of the text that came in, *text: what takes
 * their place. False: nothing in the range changes. For editors. */
bool format_range(const ast_policy *policy, const format_result *whole,
                  span range, span *replaced, slice *text);

#endif
