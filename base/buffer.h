/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows at its end, in an arena. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>

#include "base/arena.h"

typedef struct buffer {
  arena *arena;
  char *data;
  size_t length, capacity;
} buffer;

static inline buffer buffer_in(arena *a) {
  return (buffer){.arena = a};
}

/* Makes room for `more` bytes behind the end. */
void buffer_reserve(buffer *b, size_t more);

void buffer_add(buffer *b, slice text);
void buffer_text(buffer *b, const char *text);
void buffer_printf(buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(buffer *b, const char *format, va_list arguments);

static inline void buffer_char(buffer *b, char c) {
  if (b->length == b->capacity)
    buffer_reserve(b, 1);
  b->data[b->length++] = c;
}

/* The text so far; a NUL stands behind it. Valid until the next append. */
slice buffer_slice(buffer *b);

/* Lower-case hex of some bytes. */
void buffer_hex(buffer *b, bytes data);

#endif
