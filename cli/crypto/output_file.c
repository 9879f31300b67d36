/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int failure(cli *c, const char *path) {
  return cli_error(c, CLI_SYSTEM, "cannot write %s: %s", path,
                   strerror(errno));
}

static bool close_written(int to, bool written) {
  int error = errno;
  bool closed = close(to) == 0;
  if (!written)
    errno = error;
  return written && closed;
}

static int write_in_place(cli *c, const char *path, slice content) {
  int to = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (to < 0 || !close_written(to, cli_write_all(to, content)))
    return failure(c, path);
  return CLI_OK;
}

static int replace(cli *c, const char *path, slice content) {
  buffer name = buffer_in(c->arena);
  buffer_printf(&name, "%s.%ld.new", path, (long)getpid());
  const char *fresh = buffer_slice(&name).data;
  int to = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (to < 0)
    return failure(c, path);
  bool written = cli_write_all(to, content) && fsync(to) == 0;
  if (close_written(to, written) && rename(fresh, path) == 0)
    return CLI_OK;
  int error = errno;
  unlink(fresh);
  errno = error;
  return failure(c, path);
}

int output_file_write(cli *c, const char *path, slice content) {
  if (strcmp(path, "-") == 0) {
    buffer_add(&c->out, content);
    return CLI_OK;
  }
  struct stat status;
  bool exists = stat(path, &status) == 0;
  if (exists && !S_ISREG(status.st_mode))
    return write_in_place(c, path, content);
  return replace(c, path, content);
}
