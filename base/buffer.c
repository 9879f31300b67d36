/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>

void buffer_reserve(buffer *b, size_t more) {
  if (more <= b->capacity - b->length)
    return;
  if (more > SIZE_MAX / 4 - b->length)
    arena_fail(b->arena, ARENA_LIMIT);
  size_t wanted = b->capacity ? b->capacity * 2 : 64;
  while (wanted < b->length + more)
    wanted *= 2;
  char *grown = arena_alloc(b->arena, wanted);
  if (b->length)
    memcpy(grown, b->data, b->length);
  b->data = grown;
  b->capacity = wanted;
}

void buffer_add(buffer *b, slice text) {
  if (!text.length)
    return;
  buffer_reserve(b, text.length);
  memcpy(b->data + b->length, text.data, text.length);
  b->length += text.length;
}

void buffer_text(buffer *b, const char *text) {
  buffer_add(b, slice_from(text));
}

void buffer_vprintf(buffer *b, const char *format, va_list arguments) {
  enum { ROOM = 96 }; /* for most texts, so that one pass does */
  va_list again;
  va_copy(again, arguments);
  buffer_reserve(b, ROOM);
  size_t room = b->capacity - b->length;
  int length = vsnprintf(b->data + b->length, room, format, arguments);
  if (length > 0 && (size_t)length >= room) {
    buffer_reserve(b, (size_t)length + 1);
    vsnprintf(b->data + b->length, (size_t)length + 1, format, again);
  }
  b->length += length > 0 ? (size_t)length : 0;
  va_end(again);
}

void buffer_printf(buffer *b, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(b, format, arguments);
  va_end(arguments);
}

slice buffer_slice(buffer *b) {
  buffer_reserve(b, 1);
  b->data[b->length] = 0;
  return (slice){b->data, b->length};
}

void buffer_hex(buffer *b, bytes data) {
  static const char digits[] = "0123456789abcdef";
  buffer_reserve(b, data.length * 2);
  for (size_t i = 0; i < data.length; i++) {
    b->data[b->length++] = digits[data.data[i] >> 4];
    b->data[b->length++] = digits[data.data[i] & 15];
  }
}
