/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a structure from its beginning to its end. The first failure sticks,
 * so that a parser reads field after field and asks once:
 *
 *   byte_reader r = reader_over(a, raw, "SGX quote", error);
 *   header = reader_take(&r, 48, "the header");
 *   size = (uint32_t)reader_number(&r, 4, "the signature data length");
 *   if (r.failed) return false;            // *error says where and why
 */
#ifndef EVIDENCE_READER_H
#define EVIDENCE_READER_H

#include "evidence/evidence.h"

typedef struct byte_reader {
  arena *arena;
  bytes data;
  size_t position;
  size_t base;           /* offset of data in the whole evidence */
  const char *structure; /* for messages: "SGX quote" */
  evidence_error *error;
  bool failed;
} byte_reader;

static inline byte_reader reader_over(arena *a, bytes data,
                                      const char *structure,
                                      evidence_error *error) {
  return (byte_reader){
      .arena = a, .data = data, .structure = structure, .error = error};
}

/* The next length bytes, which point into data. On failure {NULL, 0},
 * and a message that names the field. */
bytes reader_take(byte_reader *r, size_t length, const char *field);

/* The next size bytes (up to 8) as a little-endian number; 0 on failure. */
uint64_t reader_number(byte_reader *r, size_t size, const char *field);

/* Bytes not read yet. */
static inline size_t reader_left(const byte_reader *r) {
  return r->data.length - r->position;
}

/* A reader over the next length bytes alone; r goes behind them. */
byte_reader reader_part(byte_reader *r, size_t length, const char *part);

/* Fails with a code and message about the byte at offset (in r's data). Does
 * nothing if the reader failed before. */
void reader_fail(byte_reader *r, evidence_code code, size_t offset,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Fills in *error; returns false, for `return evidence_fail(..)`. */
bool evidence_fail(arena *a, evidence_error *error, evidence_code code,
                   size_t offset, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
