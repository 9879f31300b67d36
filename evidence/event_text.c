/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/event_text.h"

#include "base/base64.h"
#include "base/text.h"
#include "evidence/fields.h"

enum {
  SURROGATE_FIRST = 0xd800,
  SURROGATE_LOW = 0xdc00,
  SURROGATE_LAST = 0xdfff,
  PLANE = 0x10000 /* code points from here on have two units */
};

static uint32_t unit_at(bytes raw, size_t i) {
  return (uint32_t)raw.data[2 * i] | (uint32_t)raw.data[2 * i + 1] << 8;
}

/* The code point at unit *i, which goes behind it; 0 if there is none. */
static uint32_t next_code_point(bytes raw, size_t *i) {
  size_t count = raw.length / 2;
  uint32_t high = unit_at(raw, (*i)++);
  if (high < SURROGATE_FIRST || high > SURROGATE_LAST)
    return high;
  if (high >= SURROGATE_LOW || *i == count)
    return 0;
  uint32_t low = unit_at(raw, (*i)++);
  if (low < SURROGATE_LOW || low > SURROGATE_LAST)
    return 0;
  return PLANE + ((high - SURROGATE_FIRST) << 10) + (low - SURROGATE_LOW);
}

bool event_utf16(arena *a, bytes raw, slice *result) {
  buffer text = buffer_in(a);
  if (raw.length % 2 != 0)
    return false;
  while (raw.length >= 2 && unit_at(raw, raw.length / 2 - 1) == 0)
    raw.length -= 2;
  for (size_t i = 0; i < raw.length / 2;) {
    char encoded[4];
    uint32_t code_point = next_code_point(raw, &i);
    if (code_point == 0)
      return false;
    buffer_add(&text, (slice){encoded, utf8_encode(code_point, encoded)});
  }
  *result = buffer_slice(&text);
  return true;
}

bool event_utf8(arena *a, bytes raw, slice *result) {
  slice text = slice_from_bytes(raw);
  while (text.length > 0 && text.data[text.length - 1] == '\0')
    text.length--;
  if (utf8_error(text) != text.length ||
      (text.length > 0 && memchr(text.data, '\0', text.length)))
    return false;
  *result = arena_copy(a, text);
  return true;
}

static void write_unit(buffer *out, uint32_t unit) {
  buffer_char(out, (char)(unit & 0xff));
  buffer_char(out, (char)(unit >> 8));
}

bool event_write_utf16(buffer *out, slice text) {
  if (utf8_error(text) != text.length)
    return false;
  for (size_t i = 0; i < text.length;) {
    uint32_t c = 0;
    i += utf8_length((slice){text.data + i, text.length - i}, &c);
    if (c >= PLANE) {
      write_unit(out, SURROGATE_FIRST + ((c - PLANE) >> 10));
      c = SURROGATE_LOW + ((c - PLANE) & 0x3ff);
    }
    write_unit(out, c);
  }
  return true;
}

value event_guid(arena *a, const uint8_t guid[GUID_BYTES]) {
  buffer text = buffer_in(a);
  buffer_printf(&text, "%08X-%04X-%04X-",
                (unsigned)little_endian((bytes){guid, 4}),
                (unsigned)little_endian((bytes){guid + 4, 2}),
                (unsigned)little_endian((bytes){guid + 6, 2}));
  for (size_t i = 8; i < GUID_BYTES; i++)
    buffer_printf(&text, i == 10 ? "-%02X" : "%02X", guid[i]);
  return value_text(buffer_slice(&text));
}

value event_base64url(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

value event_raw(arena *a, bytes data) {
  object_builder object = object_in(a);
  object_set(&object, SLICE("RawData"), event_base64url(a, data));
  return object_value(&object);
}

value event_hex(arena *a, bytes data) {
  buffer text = buffer_in(a);
  buffer_hex(&text, data);
  return value_text(buffer_slice(&text));
}

value event_string(arena *a, slice text) {
  return value_text(arena_copy(a, text));
}
