/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/directory.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/buffer.h"

bool name_ends_with(slice name, const char *ending) {
  slice end = slice_from(ending);
  return name.length >= end.length &&
         slice_equal_ignore_case(
             (slice){name.data + name.length - end.length, end.length}, end);
}

static int compare_names(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void close_directory(void *directory) { closedir(directory); }

static const char **list_files(arena *a, DIR *directory,
                               bool (*wanted)(slice name)) {
  size_t count = 0, capacity = 0;
  const char **names = NULL;
  for (struct dirent *d = readdir(directory); d; d = readdir(directory)) {
    slice name = slice_from(d->d_name);
    if (!wanted(name))
      continue;
    if (count == capacity)
      names = arena_grow(a, (void *)names, count, &capacity, sizeof *names);
    names[count++] = arena_string(a, name);
  }
  if (count == capacity)
    names = arena_grow(a, (void *)names, count, &capacity, sizeof *names);
  names[count] = NULL;
  qsort((void *)names, count, sizeof *names, compare_names);
  return names;
}

const char *const *directory_list(arena *a, const char *path,
                                  bool (*wanted)(slice name),
                                  const char **reason) {
  DIR *directory = opendir(path);
  if (!directory) {
    buffer text = buffer_in(a);
    buffer_printf(&text, "%s: not a directory that can be read", path);
    *reason = buffer_slice(&text).data;
    return NULL;
  }
  arena_defer(a, close_directory, directory);
  return list_files(a, directory, wanted);
}
