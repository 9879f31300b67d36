/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a whole input. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"

typedef enum file_status {
  FILE_OK,
  FILE_UNREADABLE, /* missing, a directory, no permission: errno says */
  FILE_TOO_LARGE
} file_status;

/* Reads the file, or standard input for "-", into the arena with a NUL behind
 * it. At most limit bytes. On failure *reason is a text for people, in the
 * arena. */
file_status file_read(arena *a, const char *path, size_t limit, slice *text,
                      const char **reason);

#endif
