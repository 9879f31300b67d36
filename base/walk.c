/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* d_type */
#include "base/walk.h"

#include <dirent.h>
#include <sys/stat.h>

static void close_open(void *walk_) {
  walk *w = walk_;
  if (w->open)
    closedir(w->open);
  w->open = NULL;
}

void walk_init(walk *w, arena *a) {
  *w = (walk){.arena = a};
  arena_defer(a, close_open, w);
}

static void add(walk *w, const char *path, int depth) {
  if (w->count == w->capacity)
    w->waiting = arena_grow(w->arena, w->waiting, w->count, &w->capacity,
                            sizeof *w->waiting);
  w->waiting[w->count++] = (walk_folder){path, depth};
}

void walk_add(walk *w, const char *path) {
  add(w, arena_string(w->arena, slice_from(path)), 0);
}

static bool is_hidden(slice name) {
  return slice_starts_with(name, ".") || slice_is(name, "node_modules");
}

bool walk_hides(slice path_below) {
  while (path_below.length) {
    const char *slash = memchr(path_below.data, '/', path_below.length);
    size_t length = slash ? (size_t)(slash - path_below.data)
                          : path_below.length;
    if (is_hidden((slice){path_below.data, length}))
      return true;
    length += slash != NULL;
    path_below.data += length;
    path_below.length -= length;
  }
  return false;
}

/* Not every file system says it with the name. */
static unsigned char kind_of(const struct dirent *e, const char *path) {
  struct stat info;
  if (e->d_type != DT_UNKNOWN)
    return e->d_type;
  if (lstat(path, &info) != 0)
    return DT_UNKNOWN;
  return S_ISDIR(info.st_mode) ? DT_DIR
         : S_ISREG(info.st_mode) ? DT_REG
                                 : DT_UNKNOWN;
}

/* The path is built on the stack of the call: most names are not kept. */
static void look_at(walk *w, const struct dirent *e, walk_found found,
                    void *context) {
  enum { PATH_SIZE = 4096 };
  char path[PATH_SIZE];
  size_t folder = strlen(w->now.path), name = strlen(e->d_name);
  if (is_hidden(slice_from(e->d_name)) || folder + name + 2 > sizeof path)
    return;
  memcpy(path, w->now.path, folder);
  if (folder && path[folder - 1] != '/')
    path[folder++] = '/';
  memcpy(path + folder, e->d_name, name + 1);
  unsigned char kind = kind_of(e, path);
  if (kind == DT_DIR && w->now.depth < WALK_DEPTH_MAX)
    add(w, arena_string(w->arena, slice_from(path)), w->now.depth + 1);
  else if (kind == DT_REG)
    found(context, path);
}

bool walk_step(walk *w, size_t names, walk_found found, void *context) {
  while (names && (w->open || w->count)) {
    if (!w->open) {
      w->now = w->waiting[--w->count];
      w->open = opendir(w->now.path);
      w->seen++;
      names--;
      continue;
    }
    const struct dirent *e = readdir(w->open);
    if (e)
      look_at(w, e, found, context);
    else
      close_open(w);
    names--;
  }
  return w->open || w->count;
}
