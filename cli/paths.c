/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 64 };

void path_list_add(cli *c, path_list *list, const char *path) {
  list->items = arena_grow(c->arena, list->items, list->count,
                           &list->capacity, sizeof *list->items);
  list->items[list->count++] = path;
}

static bool ends_with(const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n > m && strcmp(name + n - m, end) == 0;
}

static bool is_named(const char *name, const file_kind *kind) {
  for (size_t i = 0; kind->endings[i]; i++)
    if (ends_with(name, kind->endings[i]))
      return true;
  return false;
}

static void close_directory(void *directory) { closedir(directory); }

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of a directory, sorted, so that the order is the same everywhere. */
static bool names_of(cli *c, const char *path, path_list *names) {
  DIR *directory = opendir(path);
  if (!directory) {
    cli_error(c, CLI_INPUT, "%s: %s", path, strerror(errno));
    return false;
  }
  arena_defer(c->arena, close_directory, directory);
  for (struct dirent *e = readdir(directory); e; e = readdir(directory))
    if (e->d_name[0] != '.')
      path_list_add(c, names, arena_string(c->arena, slice_from(e->d_name)));
  if (names->count)
    qsort(names->items, names->count, sizeof *names->items, by_name);
  return true;
}

/* Not base/walk, which passes over in silence what a check has to look at or to
 * refuse: links to files, node_modules, directories that cannot be read or are
 * too deep. And it says nothing of the order. */
static bool walk(cli *c, const char *path, const file_kind *kind,
                 path_list *list, int depth) {
  path_list names = {0};
  if (depth > DEPTH_MAX) {
    cli_error(c, CLI_INPUT, "%s: directories are nested too deeply", path);
    return false;
  }
  bool all_read = names_of(c, path, &names);
  for (size_t i = 0; i < names.count; i++) {
    buffer b = buffer_in(c->arena);
    if (strcmp(path, ".") != 0)
      buffer_printf(&b, "%s%s", path, ends_with(path, "/") ? "" : "/");
    buffer_text(&b, names.items[i]);
    const char *inner = buffer_slice(&b).data;
    struct stat info;
    if (lstat(inner, &info) != 0)
      continue;
    if (S_ISDIR(info.st_mode))
      all_read &= walk(c, inner, kind, list, depth + 1);
    else if (is_named(inner, kind))
      path_list_add(c, list, inner);
  }
  return all_read;
}

bool find_files(cli *c, const char *path, const file_kind *kind,
                path_list *list) {
  struct stat info;
  size_t before = list->count;
  if (strcmp(path, "-") == 0 || stat(path, &info) != 0 ||
      !S_ISDIR(info.st_mode)) {
    path_list_add(c, list, path); /* if it cannot be read, reading says why */
    return true;
  }
  if (!walk(c, path, kind, list, 0))
    return false;
  if (list->count == before)
    cli_error(c, CLI_INPUT, "%s: there is no %s below it", path, kind->words);
  return list->count != before;
}

bool find_policies(cli *c, const char *path, path_list *list) {
  static const file_kind policies = {{".maapolicy", ".policy", NULL},
                                     "policy (*.maapolicy, *.policy)"};
  return find_files(c, path, &policies, list);
}
