/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a whole input. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"

typedef enum file_status {
  FILE_OK,
  FILE_UNREADABLE, /* missing, a directory, no permission, a read error */
  FILE_TOO_LARGE
} file_status;

/* Reads the file, pipe or terminal, or standard input for "-", into the arena
 * with a NUL behind the text that its length does not count. At most limit
 * bytes. On failure *reason says why in words, without the path ("no such file
 * or directory"); it lives in the arena or is static. On success it is NULL. */
file_status file_read(arena *a, const char *path, size_t limit, slice *text,
                      const char **reason);

/* The same of a regular file alone ("-" is a name), and it never waits: whoever
 * opens a named pipe waits until somebody writes to it. */
file_status file_read_regular(arena *a, const char *path, size_t limit,
                              slice *text, const char **reason);

#endif
