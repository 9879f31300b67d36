/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include "cli/cli.h"

typedef struct path_list {
  const char **items;
  size_t count, capacity;
} path_list;

/* The policies that `path` names: itself, or, of a directory, every
 * *.maapolicy and *.policy below it, sorted; names with a leading dot and
 * symbolic links to directories are passed over. False after a message. */
bool find_policies(cli *c, const char *path, path_list *list);

#endif
