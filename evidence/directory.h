/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a directory that a user names. */
#ifndef EVIDENCE_DIRECTORY_H
#define EVIDENCE_DIRECTORY_H

#include "base/arena.h"

/* Names of the directory's files that are wanted, sorted bytewise so that the
 * file system's order changes nothing; NULL ends them. NULL instead of a list:
 * *reason says that the directory cannot be read. All of it in the arena. */
const char *const *directory_list(arena *a, const char *path,
                                  bool (*wanted)(slice name),
                                  const char **reason);

/* Whether the name ends so, in any case of letters. */
bool name_ends_with(slice name, const char *ending);

#endif
