/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "suite/root.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"

/* realpath with a buffer of our own: nothing of it can leak. */
const char *suite_real_path(arena *a, const char *path) {
  char *resolved = arena_alloc(a, PATH_MAX);
  return realpath(path, resolved);
}

static const char *joined(arena *a, const char *folder, const char *name) {
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s/%s", folder, name);
  return buffer_slice(&path).data;
}

/* The folder above; NULL above "/". */
static const char *parent(arena *a, const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash || !slash[1])
    return NULL;
  if (slash == path)
    return "/";
  return arena_string(a, slice_between(path, slash));
}

static bool is_below(const char *path, const char *root) {
  size_t length = strlen(root);
  if (strcmp(root, "/") == 0)
    return true;
  return strncmp(path, root, length) == 0 &&
         (path[length] == '/' || !path[length]);
}

static const char *repository_of(arena *a, const char *folder) {
  for (const char *f = folder; f; f = parent(a, f))
    if (access(joined(a, f, ".git"), F_OK) == 0)
      return f;
  return NULL;
}

bool suite_root_find(arena *a, const char *suite, suite_root *root,
                     const char **reason) {
  const char *here = suite_real_path(a, ".");
  const char *file = strcmp(suite, "-") == 0 ? joined(a, here ? here : ".", "-")
                                             : suite_real_path(a, suite);
  if (!here || !file) {
    *reason = strerror(errno);
    return false;
  }
  root->folder = parent(a, file);
  if (!root->folder)
    root->folder = "/";
  root->path = repository_of(a, root->folder);
  if (!root->path)
    root->path = is_below(root->folder, here) ? here : root->folder;
  return true;
}

const char *suite_root_resolve(arena *a, const suite_root *root, slice path,
                               const char **reason) {
  const char *name = arena_string(a, path);
  if (*name == '/') {
    *reason = "the path is absolute; a suite names files relative to its own "
              "folder";
    return NULL;
  }
  const char *found = suite_real_path(a, joined(a, root->folder, name));
  if (found && is_below(found, root->path))
    return found;
  const char *what = found ? "it lies outside of the repository"
                           : strerror(errno);
  *reason = arena_string(a, slice_from(what));
  return NULL;
}

const char *suite_relative(arena *a, const char *from, const char *to) {
  size_t common = 0, i = 0;
  for (; from[i] && from[i] == to[i]; i++)
    if (from[i] == '/')
      common = i + 1;
  if (!from[i] && to[i] == '/') /* inside of it */
    return arena_string(a, slice_from(to + i + 1));
  if (from[i] == '/' && !to[i]) /* one above it */
    common = i + 1;
  buffer path = buffer_in(a);
  for (const char *p = from + common; *p;) {
    buffer_text(&path, "../");
    p += strcspn(p, "/");
    p += *p == '/';
  }
  if (common <= strlen(to))
    buffer_text(&path, to + common);
  else
    path.length--; /* its slash */
  return buffer_slice(&path).data;
}
