/* SPDX-License-Identifier: Apache-2.0 */
/* The files below folders, some names at a time, for those who have no time:
 *
 *   walk w;
 *   walk_init(&w, a);
 *   walk_add(&w, "/home/me/policies");
 *   while (walk_step(&w, 64, found, context)) ...
 *
 * Names with a leading dot, node_modules and symbolic links are passed over;
 * what cannot be read, too. */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include "base/arena.h"

enum { WALK_DEPTH_MAX = 64 };

typedef struct walk_folder {
  const char *path;
  int depth;
} walk_folder;

typedef struct walk {
  arena *arena;
  walk_folder *waiting; /* the last one comes next */
  size_t count, capacity;
  walk_folder now;
  void *open;   /* the directory that is being read, or NULL */
  size_t seen;  /* folders that were begun */
} walk;

/* path: of a file; it lives for the call. */
typedef void (*walk_found)(void *context, const char *path);

/* The arena holds what waits, and closes what is open when it is freed. */
void walk_init(walk *w, arena *a);
/* path: of a folder; it is copied. */
void walk_add(walk *w, const char *path);
/* Whether walking would pass that path over, below its folder. */
bool walk_hides(slice path_below);
/* Reads at most `names` names. False: nothing is left. */
bool walk_step(walk *w, size_t names, walk_found found, void *context);

#endif
