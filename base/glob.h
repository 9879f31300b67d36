/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of paths, as .gitignore files have them. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/arena.h"

/* Whether the path, relative and with '/' between names, matches. `*` is any
 * text without '/', `?` any character but '/', `**` any text; `**` and '/' may
 * match nothing together. A pattern without '/' is held against the last
 * name. Takes pattern times path steps, whatever the pattern; the arena is for
 * one row of them. */
bool glob_matches(arena *a, slice pattern, slice path);

#endif
