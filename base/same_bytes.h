/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing short texts: names and type strings have 4 to 16 bytes, for which
 * a call of memcmp costs more than what it does. */
#ifndef BASE_SAME_BYTES_H
#define BASE_SAME_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t load_u64(const char *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline uint32_t load_u32(const char *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Eight bytes as a number that orders as they do. */
static inline uint64_t load_order(const char *p) {
  uint64_t v = load_u64(p);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}

/* Loads that overlap in the middle cover every byte. */
static inline bool same_bytes(const char *a, const char *b, size_t length) {
  if (length > 16)
    return load_u64(a) == load_u64(b) && memcmp(a + 8, b + 8, length - 8) == 0;
  if (length >= 8)
    return load_u64(a) == load_u64(b) &&
           load_u64(a + length - 8) == load_u64(b + length - 8);
  if (length >= 4)
    return load_u32(a) == load_u32(b) &&
           load_u32(a + length - 4) == load_u32(b + length - 4);
  for (size_t i = 0; i < length; i++)
    if (a[i] != b[i])
      return false;
  return true;
}

#endif
