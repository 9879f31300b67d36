/* SPDX-License-Identifier: Apache-2.0 */
/* Text and bytes that somebody else owns: a pointer and a length. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Text; not terminated, may hold NUL. `data` may be NULL when empty. */
typedef struct slice {
  const char *data;
  size_t length;
} slice;

/* Raw bytes, as evidence has them. */
typedef struct bytes {
  const uint8_t *data;
  size_t length;
} bytes;

#define SLICE(literal) ((slice){(literal), sizeof(literal) - 1})
#define SLICE_EMPTY ((slice){NULL, 0})

/* For printf: printf("%.*s", SLICE_ARGS(s)). Lengths are limited below INT_MAX
 * by base/limits.h. */
#define SLICE_ARGS(s) (int)(s).length, (s).length ? (s).data : ""

static inline slice slice_from(const char *text) {
  return (slice){text, text ? strlen(text) : 0};
}

static inline slice slice_between(const char *begin, const char *end) {
  return (slice){begin, (size_t)(end - begin)};
}

static inline bool slice_equal(slice a, slice b) {
  return a.length == b.length &&
         (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* ASCII letters of either case are equal. */
static inline bool slice_equal_ignore_case(slice a, slice b) {
  if (a.length != b.length)
    return false;
  for (size_t i = 0; i < a.length; i++) {
    char x = a.data[i], y = b.data[i];
    x = x >= 'A' && x <= 'Z' ? (char)(x + 32) : x;
    y = y >= 'A' && y <= 'Z' ? (char)(y + 32) : y;
    if (x != y)
      return false;
  }
  return true;
}

static inline bool slice_is(slice a, const char *text) {
  return slice_equal(a, slice_from(text));
}

/* Bytewise, as the service sorts names; a prefix comes first. */
static inline int slice_compare(slice a, slice b) {
  size_t shorter = a.length < b.length ? a.length : b.length;
  int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
  if (order != 0)
    return order;
  return (a.length > b.length) - (a.length < b.length);
}

static inline bool slice_starts_with(slice a, const char *prefix) {
  size_t length = strlen(prefix);
  return a.length >= length && memcmp(a.data, prefix, length) == 0;
}

static inline slice slice_from_bytes(bytes b) {
  return (slice){(const char *)b.data, b.length};
}

static inline bytes bytes_from_slice(slice s) {
  return (bytes){(const uint8_t *)s.data, s.length};
}

#endif
