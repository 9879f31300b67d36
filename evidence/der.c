/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/der.h"

enum { LONG_TAG = 0x1f, LONG_LENGTH = 0x80, LENGTH_BYTES_MAX = 4 };

static bool take_length(bytes *rest, size_t *length) {
  if (rest->length == 0)
    return false;
  uint8_t first = rest->data[0];
  rest->data++, rest->length--;
  *length = first;
  if (first < LONG_LENGTH)
    return true;
  size_t count = first & ~(unsigned)LONG_LENGTH;
  if (count == 0 || count > LENGTH_BYTES_MAX || count > rest->length)
    return false;
  *length = 0;
  for (size_t i = 0; i < count; i++)
    *length = *length << 8 | rest->data[i];
  rest->data += count;
  rest->length -= count;
  return true;
}

bool der_next(bytes *rest, uint8_t *tag, bytes *content) {
  bytes left = *rest;
  size_t length;
  if (left.length == 0 || (left.data[0] & LONG_TAG) == LONG_TAG)
    return false;
  *tag = left.data[0];
  left.data++, left.length--;
  if (!take_length(&left, &length) || length > left.length)
    return false;
  *content = (bytes){left.data, length};
  *rest = (bytes){left.data + length, left.length - length};
  return true;
}

bool der_next_named(bytes *rest, bytes *oid, uint8_t *tag, bytes *content) {
  uint8_t entry_tag, oid_tag;
  bytes entry;
  return der_next(rest, &entry_tag, &entry) && entry_tag == DER_SEQUENCE &&
         der_next(&entry, &oid_tag, oid) && oid_tag == DER_OID &&
         der_next(&entry, tag, content) && entry.length == 0;
}

bool der_number(bytes content, uint64_t *number) {
  if (content.length == 0 || content.length > 7 || content.data[0] & 0x80)
    return false;
  *number = 0;
  for (size_t i = 0; i < content.length; i++)
    *number = *number << 8 | content.data[i];
  return true;
}

void der_add(buffer *out, uint8_t tag, bytes content) {
  buffer_char(out, (char)tag);
  size_t length = content.length;
  if (length < LONG_LENGTH) {
    buffer_char(out, (char)length);
  } else {
    unsigned count = 1;
    while (count < LENGTH_BYTES_MAX && length >> (8 * count))
      count++;
    buffer_char(out, (char)(LONG_LENGTH | count));
    while (count-- > 0)
      buffer_char(out, (char)(uint8_t)(length >> (8 * count)));
  }
  buffer_add(out, slice_from_bytes(content));
}

/* Shortest form; a leading zero keeps it from being negative. */
void der_add_number(buffer *out, uint8_t tag, uint64_t number) {
  uint8_t content[9];
  size_t begin = sizeof content;
  do {
    content[--begin] = (uint8_t)number;
    number >>= 8;
  } while (number > 0);
  if (content[begin] & 0x80)
    content[--begin] = 0;
  der_add(out, tag, (bytes){content + begin, sizeof content - begin});
}
