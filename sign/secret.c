/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

enum { READ_STEP = 4096 };

void secret_wipe(secret *s) {
  OPENSSL_secure_clear_free(s->data, s->capacity + 1);
  *s = (secret){0};
}

static void release(void *object) { secret_wipe(object); }

static char *room_for(arena *a, size_t capacity) {
  char *data = OPENSSL_secure_zalloc(capacity + 1);
  if (!data)
    arena_fail(a, ARENA_NO_MEMORY);
  return data;
}

secret *secret_make(arena *a, size_t capacity) {
  secret *s = ARENA_NEW(a, secret);
  arena_defer(a, release, s);
  s->data = room_for(a, capacity);
  s->capacity = capacity;
  return s;
}

static void grow(arena *a, secret *s, size_t capacity) {
  secret larger = {room_for(a, capacity), s->length, capacity};
  memcpy(larger.data, s->data, s->length);
  secret_wipe(s);
  *s = larger;
}

secret *secret_read(arena *a, int descriptor, size_t limit,
                    const char **reason) {
  secret *s = secret_make(a, READ_STEP);
  while (true) {
    if (s->length == s->capacity)
      grow(a, s, 2 * s->capacity);
    ssize_t got =
        read(descriptor, s->data + s->length, s->capacity - s->length);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      *reason = errno == EISDIR  ? "it is a directory"
                : errno == EBADF ? "it is not open"
                                 : "it cannot be read";
      return NULL;
    }
    s->length += (size_t)got;
    if (got == 0)
      break;
    if (s->length > limit) {
      *reason = "it is too large";
      return NULL;
    }
  }
  s->data[s->length] = 0;
  return s;
}

static const char *open_failure(int error) {
  switch (error) {
  case ENOENT:
    return "no such file or directory";
  case EACCES:
  case EPERM:
    return "permission denied";
  default:
    return "it cannot be opened";
  }
}

/* Closed with the arena should an allocation jump while it is read. */
static void close_descriptor(void *object) {
  int *descriptor = object;
  if (*descriptor >= 0)
    close(*descriptor);
  *descriptor = -1;
}

secret *secret_read_file(arena *a, const char *path, size_t limit,
                         const char **reason) {
  int *descriptor = ARENA_NEW(a, int);
  *descriptor = -1;
  arena_defer(a, close_descriptor, descriptor);
  *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (*descriptor < 0) {
    *reason = open_failure(errno);
    return NULL;
  }
  secret *s = secret_read(a, *descriptor, limit, reason);
  close_descriptor(descriptor);
  return s;
}
