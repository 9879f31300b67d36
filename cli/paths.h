/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include "cli/cli.h"

typedef struct path_list {
  const char **items;
  size_t count, capacity;
} path_list;

void path_list_add(cli *c, path_list *list, const char *path);

typedef struct file_kind {
  const char *endings[3]; /* of names; ends with NULL */
  const char *words;      /* "suite (*.maatest.json)" */
} file_kind;

/* The files that `path` names: itself, or, of a directory, all of that kind
 * below it, sorted; names with a leading dot and symbolic links to directories
 * are passed over. They are added to the list. False after a message. */
bool find_files(cli *c, const char *path, const file_kind *kind,
                path_list *list);

/* The policies: *.maapolicy and *.policy. */
bool find_policies(cli *c, const char *path, path_list *list);

#endif
