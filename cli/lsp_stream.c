/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp_stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/limits.h"

/* So much can be written without waiting when poll says that there is room
 * (POSIX, write: PIPE_BUF); to make the file itself non-blocking would change
 * it for the other processes that have it. */
enum { STEP = PIPE_BUF, KEPT_MAX = 1 << 20, END_MS = 5000 };

void lsp_stream_init(lsp_stream *s, int file, jmp_buf *guard) {
  *s = (lsp_stream){.file = file};
  arena_init(&s->memory, LIMIT_ARENA_BYTES);
  s->memory.guard = guard;
  s->waiting = buffer_in(&s->memory);
}

void lsp_stream_free(lsp_stream *s) { arena_free(&s->memory); }

size_t lsp_stream_waiting(const lsp_stream *s) {
  return s->waiting.length - s->begin;
}

static bool has_room(const lsp_stream *s, int timeout_ms) {
  struct pollfd out = {.fd = s->file, .events = POLLOUT};
  return poll(&out, 1, timeout_ms) > 0;
}

static size_t write_step(lsp_stream *s, slice text) {
  size_t length = text.length < STEP ? text.length : STEP;
  ssize_t n = write(s->file, text.data, length);
  if (n < 0 && errno != EINTR && errno != EAGAIN)
    s->is_broken = true;
  return n > 0 ? (size_t)n : 0;
}

/* A long session must not keep what its longest answer needed. */
static void forget(lsp_stream *s) {
  jmp_buf *guard = s->memory.guard;
  if (s->waiting.capacity > KEPT_MAX) {
    arena_free(&s->memory);
    s->memory.guard = guard;
    s->waiting = buffer_in(&s->memory);
  }
  s->waiting.length = s->begin = 0;
}

void lsp_stream_flush(lsp_stream *s) {
  while (!s->is_broken && lsp_stream_waiting(s) && has_room(s, 0))
    s->begin += write_step(s, (slice){s->waiting.data + s->begin,
                                      lsp_stream_waiting(s)});
  if (s->is_broken || !lsp_stream_waiting(s))
    forget(s);
}

void lsp_stream_send(lsp_stream *s, slice message) {
  if (s->is_broken)
    return;
  if (s->begin > s->waiting.length / 2) {
    s->waiting.length -= s->begin;
    memmove(s->waiting.data, s->waiting.data + s->begin, s->waiting.length);
    s->begin = 0;
  }
  buffer_printf(&s->waiting, "Content-Length: %zu\r\n\r\n", message.length);
  buffer_add(&s->waiting, message);
  lsp_stream_flush(s);
}

void lsp_stream_end(lsp_stream *s) {
  while (!s->is_broken && lsp_stream_waiting(s) && has_room(s, END_MS))
    lsp_stream_flush(s);
}
