/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/cose_cbor.h"

enum { ONE_BYTE = 24, EIGHT_BYTES = 27 };

static uint64_t big_endian(bytes number) {
  uint64_t result = 0;
  for (size_t i = 0; i < number.length; i++)
    result = result << 8 | number.data[i];
  return result;
}

static uint64_t take_argument(byte_reader *r, unsigned low, const char *what) {
  size_t at = r->position;
  if (low < ONE_BYTE)
    return low;
  if (low > EIGHT_BYTES) {
    reader_fail(r, EVIDENCE_FORMAT, at - 1,
                "%s has no definite length or no defined head (CBOR %u)", what,
                low);
    return 0;
  }
  uint64_t result =
      big_endian(reader_take(r, (size_t)1 << (low - ONE_BYTE), what));
  if (result <= INT64_MAX)
    return result;
  reader_fail(r, EVIDENCE_TOO_LARGE, at, "%s has a number beyond 63 bits",
              what);
  return 0;
}

cbor_item cbor_next(byte_reader *r, const char *what) {
  static const cbor_item nothing = {.type = CBOR_SIMPLE};
  bytes head = reader_take(r, 1, what);
  if (r->failed)
    return nothing;
  cbor_item item = {.type = (cbor_type)(head.data[0] >> 5)};
  item.argument = take_argument(r, head.data[0] & 0x1f, what);
  if (item.type == CBOR_BYTES || item.type == CBOR_TEXT)
    item.content = reader_take(r, (size_t)item.argument, what);
  return r->failed ? nothing : item;
}

cbor_item cbor_take(byte_reader *r, cbor_type type, const char *what) {
  static const char *const names[] = {"a number",      "a negative number",
                                      "a byte string", "a text",
                                      "an array",      "a map",
                                      "a tag",         "a simple value"};
  size_t at = r->position;
  cbor_item item = cbor_next(r, what);
  if (!r->failed && item.type != type)
    reader_fail(r, EVIDENCE_FORMAT, at, "%s is %s, but %s is wanted", what,
                names[item.type], names[type]);
  return item;
}

/* Without recursion: counts the items that are still to come. Each takes a
 * byte at least, so that a count beyond what is left is an error at once. */
void cbor_skip(byte_reader *r, const char *what) {
  uint64_t left = 1;
  while (left > 0 && !r->failed) {
    size_t at = r->position;
    cbor_item item = cbor_next(r, what);
    left--;
    if (item.type == CBOR_TAG)
      left++;
    if (item.type != CBOR_ARRAY && item.type != CBOR_MAP)
      continue;
    uint64_t more = item.argument;
    if (more > reader_left(r))
      reader_fail(r, EVIDENCE_TRUNCATED, at,
                  "%s announces more items than there are bytes", what);
    else
      left += item.type == CBOR_MAP ? 2 * more : more;
  }
}

bool cbor_integer(const cbor_item *item, int64_t *number) {
  *number = (int64_t)item->argument;
  if (item->type == CBOR_NEGATIVE)
    *number = -1 - *number;
  return item->type == CBOR_UNSIGNED || item->type == CBOR_NEGATIVE;
}

void cbor_add(buffer *out, cbor_type type, uint64_t argument) {
  unsigned major = (unsigned)type << 5;
  if (argument < ONE_BYTE) {
    buffer_char(out, (char)(uint8_t)(major | argument));
    return;
  }
  unsigned power = 0; /* of two: bytes of the argument */
  while (power < 3 && argument >> (8 << power))
    power++;
  buffer_char(out, (char)(uint8_t)(major | (ONE_BYTE + power)));
  for (unsigned i = 1u << power; i-- > 0;)
    buffer_char(out, (char)(uint8_t)(argument >> (8 * i)));
}

void cbor_add_integer(buffer *out, int64_t number) {
  if (number < 0)
    cbor_add(out, CBOR_NEGATIVE, (uint64_t)(-1 - number));
  else
    cbor_add(out, CBOR_UNSIGNED, (uint64_t)number);
}

void cbor_add_bytes(buffer *out, bytes content) {
  cbor_add(out, CBOR_BYTES, content.length);
  buffer_add(out, slice_from_bytes(content));
}

void cbor_add_text(buffer *out, slice text) {
  cbor_add(out, CBOR_TEXT, text.length);
  buffer_add(out, text);
}
