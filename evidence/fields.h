/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-size structures of evidence as tables: one row per field serves the
 * parser, the dump and the maker of synthetic evidence.
 *
 *   uint64_t svn = field_number(report, &sgx_report_fields[SGX_SVN]);
 */
#ifndef EVIDENCE_FIELDS_H
#define EVIDENCE_FIELDS_H

#include "base/slice.h"

typedef enum field_format {
  FIELD_HEX,     /* bytes in memory order */
  FIELD_NUMBER,  /* unsigned, little-endian, up to 8 bytes */
  FIELD_FLAGS,   /* the same, shown in hex with the names of its bits */
  FIELD_RESERVED /* bytes that should be zero; shown only if they are not */
} field_format;

typedef struct field_bit {
  uint8_t bit; /* 0 is the lowest */
  const char *name;
} field_bit;

typedef struct field_row {
  const char *name;  /* for people and for --set: "product-id" */
  const char *title; /* the specification's own: "ISVPRODID" */
  uint16_t offset, size;
  field_format format;
  const field_bit *bits; /* of FIELD_FLAGS; the last has no name */
} field_row;

/* The field's bytes in a structure that is long enough for it. */
static inline bytes field_bytes(bytes structure, const field_row *f) {
  return (bytes){structure.data + f->offset, f->size};
}

/* A little-endian number of up to 8 bytes. */
static inline uint64_t little_endian(bytes number) {
  uint64_t result = 0;
  for (size_t i = number.length; i-- > 0;)
    result = result << 8 | number.data[i];
  return result;
}

static inline void little_endian_write(uint8_t *out, size_t size,
                                       uint64_t number) {
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(number >> (8 * i));
}

static inline uint64_t field_number(bytes structure, const field_row *f) {
  return little_endian(field_bytes(structure, f));
}

static inline bool bytes_are_zero(bytes b) {
  for (size_t i = 0; i < b.length; i++)
    if (b.data[i] != 0)
      return false;
  return true;
}

static inline bool bytes_equal(bytes a, bytes b) {
  return slice_equal(slice_from_bytes(a), slice_from_bytes(b));
}

static inline char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif
