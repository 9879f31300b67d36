/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two texts, line by line, in the unified form that patch
 * and git apply take. */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/buffer.h"

/* Appends "--- a/PATH", "+++ b/PATH" and the hunks with three lines of
 * context; nothing if the texts are equal. Control characters of the path are
 * escaped. With `colour`, lines are coloured for a terminal, and control
 * characters in them escaped. The fewest possible lines are shown as changed,
 * unless that would take long (E. Myers, "An O(ND) Difference Algorithm",
 * 1986, with at most DIFF_EDITS_MAX edits): then all between the first and the
 * last line that differ. */
void diff_write(buffer *out, const char *path, slice before, slice after,
                bool colour);

enum { DIFF_EDITS_MAX = 2000 };

#endif
