/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/reader.h"

#include "evidence/fields.h"

static void fill_in(arena *a, evidence_error *error, evidence_code code,
                    size_t offset, const char *format, va_list arguments) {
  buffer message = buffer_in(a);
  buffer_vprintf(&message, format, arguments);
  *error = (evidence_error){code, buffer_slice(&message).data, offset};
}

bool evidence_fail(arena *a, evidence_error *error, evidence_code code,
                   size_t offset, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fill_in(a, error, code, offset, format, arguments);
  va_end(arguments);
  return false;
}

void reader_fail(byte_reader *r, evidence_code code, size_t offset,
                 const char *format, ...) {
  if (r->failed)
    return;
  r->failed = true;
  va_list arguments;
  va_start(arguments, format);
  fill_in(r->arena, r->error, code, r->base + offset, format, arguments);
  va_end(arguments);
}

bytes reader_take(byte_reader *r, size_t length, const char *field) {
  if (length > reader_left(r))
    reader_fail(r, EVIDENCE_TRUNCATED, r->position,
                "the %s ends inside %s: %zu bytes wanted at offset %zu, "
                "%zu left",
                r->structure, field, length, r->base + r->position,
                reader_left(r));
  if (r->failed)
    return (bytes){NULL, 0};
  bytes result = {r->data.data + r->position, length};
  r->position += length;
  return result;
}

uint64_t reader_number(byte_reader *r, size_t size, const char *field) {
  return little_endian(reader_take(r, size, field));
}

byte_reader reader_part(byte_reader *r, size_t length, const char *part) {
  byte_reader inner = *r;
  inner.base = r->base + r->position;
  inner.position = 0;
  inner.data = reader_take(r, length, part);
  inner.structure = part;
  inner.failed = r->failed;
  return inner;
}
