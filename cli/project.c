/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* realpath with NULL */
#include "cli/project.h"

#include <stdlib.h>
#include <sys/stat.h>

/* Without '/' at its end, so that "/" is "". */
static const char *resolve(cli *c, const char *path) {
  char *found = realpath(path, NULL);
  if (!found)
    return NULL;
  const char *kept = arena_string(c->arena, slice_from(found));
  free(found);
  return strcmp(kept, "/") == 0 ? "" : kept;
}

bool project_is_root(cli *c, const char *directory) {
  buffer b = buffer_in(c->arena);
  struct stat info;
  buffer_printf(&b, "%s/.git", directory);
  return stat(buffer_slice(&b).data, &info) == 0;
}

const char *project_parent(cli *c, const char *directory) {
  const char *slash = strrchr(directory, '/');
  if (!slash)
    return NULL;
  return arena_string(c->arena, slice_between(directory, slash));
}

const char *project_below(const char *path, const char *directory) {
  size_t length = strlen(directory);
  if (strncmp(path, directory, length) != 0 || path[length] != '/')
    return NULL;
  return path + length + 1;
}

void project_init(project *p, cli *c) {
  const char *here = resolve(c, ".");
  *p = (project){.cli = c, .here = here ? here : ""};
  p->root = p->here;
  for (const char *d = p->here; d; d = project_parent(c, d))
    if (project_is_root(c, d)) {
      p->root = d;
      return;
    }
}

/* The text up to the last '/'; "." if there is none. */
static slice directory_part(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash)
    return SLICE(".");
  return slash == path ? SLICE("/") : slice_between(path, slash);
}

const char *project_directory(project *p, const char *path) {
  if (strcmp(path, "-") == 0)
    return p->here;
  slice part = directory_part(path);
  if (p->given && slice_is(part, p->given))
    return p->resolved;
  p->given = arena_string(p->cli->arena, part);
  p->resolved = slice_is(part, ".") ? p->here : resolve(p->cli, p->given);
  return p->resolved;
}

const char *project_absolute(project *p, const char *path) {
  const char *directory = project_directory(p, path);
  if (!directory)
    return NULL;
  const char *slash = strrchr(path, '/');
  buffer b = buffer_in(p->cli->arena);
  buffer_printf(&b, "%s/%s", directory, slash ? slash + 1 : path);
  return buffer_slice(&b).data;
}

const char *project_path(project *p, const char *path) {
  if (strcmp(path, "-") == 0)
    return path;
  const char *absolute = project_absolute(p, path);
  if (!absolute)
    return path;
  const char *below = project_below(absolute, p->root);
  return below ? below : absolute;
}
