/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a suite names. A suite comes with a pull request: it must not
 * make the program read, and quote in its messages, files outside of the
 * repository. Paths are relative to the suite's folder; the file itself, behind
 * all symbolic links, must lie below the root: the nearest folder above the
 * suite that has .git, else the current directory if the suite lies below it,
 * else the suite's own folder. */
#ifndef SUITE_ROOT_H
#define SUITE_ROOT_H

#include "base/arena.h"

typedef struct suite_root {
  const char *folder;   /* of the suite, resolved */
  const char *path;     /* the root, resolved */
} suite_root;

/* Of the suite at that path; "-" stands in the current directory. False:
 * *reason says why the path cannot be resolved. */
bool suite_root_find(arena *a, const char *suite, suite_root *root,
                     const char **reason);

/* The resolved path of a file that the suite names; NULL: *reason says why it
 * is refused (absolute, not there, outside of the root). Both live in the
 * arena. */
const char *suite_root_resolve(arena *a, const suite_root *root, slice path,
                               const char **reason);

/* The path of `to` as seen from the folder `from`; both are resolved. */
const char *suite_relative(arena *a, const char *from, const char *to);

/* The real path of a file or folder, in the arena; NULL if there is none
 * (errno says why). */
const char *suite_real_path(arena *a, const char *path);

#endif
