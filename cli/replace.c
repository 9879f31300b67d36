/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(cli *c, const char *path) {
  cli_error(c, CLI_SYSTEM, "%s: cannot be written: %s", path,
            strerror(errno));
  return false;
}

/* The rename itself survives a crash only with its directory. */
static void sync_directory(cli *c, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *folder =
      arena_string(c->arena, (slice){path, (size_t)(slash - path)});
  int directory = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY);
  if (directory < 0)
    return;
  fsync(directory);
  close(directory);
}

static bool fill(int file, const struct stat *as, slice text) {
  /* Another owner is kept where we may; without it the mode still counts. */
  if (fchown(file, as->st_uid, as->st_gid) != 0 && errno != EPERM)
    return false;
  return fchmod(file, as->st_mode & 07777) == 0 && cli_write_all(file, text) &&
         fsync(file) == 0;
}

bool cli_replace(cli *c, const char *path, slice text) {
  char *resolved = realpath(path, NULL);
  if (!resolved)
    return failed(c, path);
  const char *target = arena_string(c->arena, slice_from(resolved));
  free(resolved);
  struct stat info;
  if (stat(target, &info) != 0)
    return failed(c, path);
  size_t length = strlen(target);
  static const char ending[] = ".XXXXXX";
  char *temporary = arena_alloc(c->arena, length + sizeof ending);
  memcpy(temporary, target, length);
  memcpy(temporary + length, ending, sizeof ending);
  int file = mkstemp(temporary);
  if (file < 0)
    return failed(c, path);
  bool done = fill(file, &info, text);
  done = close(file) == 0 && done && rename(temporary, target) == 0;
  if (!done) {
    int error = errno;
    unlink(temporary);
    errno = error;
    return failed(c, path);
  }
  sync_directory(c, target);
  return true;
}
