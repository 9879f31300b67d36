/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

/* Closed by the arena should reading end in a failed allocation. */
typedef struct open_file {
  int descriptor; /* -1 once closed */
} open_file;

static void close_file(void *object) {
  open_file *file = object;
  if (file->descriptor >= 0)
    close(file->descriptor);
  file->descriptor = -1;
}

/* strerror is not safe with threads, and strerror_r has two forms. */
static const char *error_text(arena *a, int error) {
  switch (error) {
  case ENOENT:
    return "no such file or directory";
  case EACCES:
  case EPERM:
    return "permission denied";
  case EISDIR:
    return "it is a directory";
  case ENOTDIR:
    return "a part of the path is not a directory";
  case ELOOP:
    return "too many symbolic links";
  case ENAMETOOLONG:
    return "the name is too long";
  case EMFILE:
  case ENFILE:
    return "too many open files";
  case EBADF:
    return "it is not open";
  case EIO:
    return "input/output error";
  default:
    break;
  }
  buffer text = buffer_in(a);
  buffer_printf(&text, "system error %d", error);
  return buffer_slice(&text).data;
}

static file_status unreadable(arena *a, int error, const char **reason) {
  *reason = error_text(a, error);
  return FILE_UNREADABLE;
}

static file_status too_large(arena *a, size_t limit, const char **reason) {
  buffer text = buffer_in(a);
  buffer_printf(&text, "it has more than %zu bytes", limit);
  *reason = buffer_slice(&text).data;
  return FILE_TOO_LARGE;
}

/* Reads to the end of the file, but no more than limit + 1 bytes. 0 or errno.
 * expected: a regular file's size, so that one block of memory is enough. */
static int read_all(buffer *out, int descriptor, size_t limit,
                    size_t expected) {
  enum { STEP = 64 << 10 };
  buffer_reserve(out, (expected ? expected : STEP) + 2);
  while (out->length <= limit) {
    if (out->capacity - out->length < 2)
      buffer_reserve(out, STEP);
    size_t room = out->capacity - out->length - 1; /* the NUL */
    if (room > limit + 1 - out->length)
      room = limit + 1 - out->length;
    ssize_t got = read(descriptor, out->data + out->length, room);
    if (got == 0)
      return 0;
    if (got > 0)
      out->length += (size_t)got;
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

static file_status read_open(arena *a, int descriptor, size_t limit,
                             slice *text, const char **reason) {
  struct stat status;
  if (fstat(descriptor, &status) != 0)
    return unreadable(a, errno, reason);
  if (S_ISDIR(status.st_mode))
    return unreadable(a, EISDIR, reason);
  size_t expected = 0;
  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    if ((uintmax_t)status.st_size > limit)
      return too_large(a, limit, reason);
    expected = (size_t)status.st_size;
  }
  buffer contents = buffer_in(a);
  int error = read_all(&contents, descriptor, limit, expected);
  if (error)
    return unreadable(a, error, reason);
  if (contents.length > limit)
    return too_large(a, limit, reason);
  *text = buffer_slice(&contents);
  return FILE_OK;
}

/* NULL: *reason says why it cannot be opened. */
static open_file *open_input(arena *a, const char *path, int flags,
                             const char **reason) {
  open_file *file = arena_alloc(a, sizeof *file);
  file->descriptor = -1;
  arena_defer(a, close_file, file);
  do
    file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
  while (file->descriptor < 0 && errno == EINTR);
  if (file->descriptor >= 0)
    return file;
  unreadable(a, errno, reason);
  return NULL;
}

file_status file_read(arena *a, const char *path, size_t limit, slice *text,
                      const char **reason) {
  *text = SLICE_EMPTY;
  *reason = NULL;
  if (strcmp(path, "-") == 0)
    return read_open(a, STDIN_FILENO, limit, text, reason);
  open_file *file = open_input(a, path, 0, reason);
  if (!file)
    return FILE_UNREADABLE;
  file_status status = read_open(a, file->descriptor, limit, text, reason);
  close_file(file);
  return status;
}

file_status file_read_regular(arena *a, const char *path, size_t limit,
                              slice *text, const char **reason) {
  struct stat info;
  *text = SLICE_EMPTY;
  *reason = NULL;
  open_file *file = open_input(a, path, O_NONBLOCK, reason);
  if (!file)
    return FILE_UNREADABLE;
  bool is_other = fstat(file->descriptor, &info) == 0 &&
                  !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
  file_status status = FILE_UNREADABLE;
  if (is_other)
    *reason = "it is no regular file";
  else
    status = read_open(a, file->descriptor, limit, text, reason);
  close_file(file);
  return status;
}
