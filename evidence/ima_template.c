/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/ima_template.h"

#include "base/base64.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"

static const struct {
  const char *name, *fields;
} templates[] = {
    {"ima", "d|n"},
    {"ima-ng", "d-ng|n-ng"},
    {"ima-ngv2", "d-ngv2|n-ng"},
    {"ima-sig", "d-ng|n-ng|sig"},
    {"ima-sigv2", "d-ngv2|n-ng|sig"},
    {"ima-buf", "d-ng|n-ng|buf"},
    {"ima-modsig", "d-ng|n-ng|sig|d-modsig|modsig"},
    {"evm-sig", "d-ng|n-ng|evmsig|xattrnames|xattrlengths|xattrvalues|iuid|"
                "igid|imode"},
};

slice ima_template_fields(slice name) {
  for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
    if (slice_is(name, templates[i].name))
      return slice_from(templates[i].fields);
  return name.length > 0 && memchr(name.data, '|', name.length) ? name
                                                                : SLICE_EMPTY;
}

bool ima_next_field(slice *fields, slice *field) {
  if (fields->length == 0)
    return false;
  const char *bar = memchr(fields->data, '|', fields->length);
  const char *end = fields->data + fields->length;
  *field = slice_between(fields->data, bar ? bar : end);
  *fields = slice_between(bar ? bar + 1 : end, end);
  return true;
}

/* --- decoding ------------------------------------------------------------- */

/* "sha256:", a NUL and the digest; "ima:" or "verity:" may stand before. */
static bool decode_digest(ima_event *e, bytes data) {
  const uint8_t *end =
      data.length ? memchr(data.data, '\0', data.length) : NULL;
  if (!end || end == data.data || end[-1] != ':')
    return false;
  slice name = {(const char *)data.data, (size_t)(end - data.data) - 1};
  const char *colon =
      name.length > 0 ? memchr(name.data, ':', name.length) : NULL;
  if (colon) {
    e->digest_type = slice_between(name.data, colon);
    name = slice_between(colon + 1, name.data + name.length);
  }
  e->hash_name = name;
  e->file_digest =
      (bytes){end + 1, data.length - (size_t)(end + 1 - data.data)};
  return true;
}

static bool decode_name(arena *a, ima_event *e, bytes data) {
  return event_utf8(a, data, &e->file_name);
}

static bool decode_field(arena *a, ima_event *e, slice field, bytes data) {
  if (slice_is(field, "d-ng") || slice_is(field, "d-ngv2"))
    return decode_digest(e, data);
  if (slice_is(field, "n-ng"))
    return decode_name(a, e, data);
  if (slice_is(field, "sig"))
    e->signature = data;
  else if (slice_is(field, "buf"))
    e->data = data;
  return true;
}

static bool decode_first(arena *a, ima_event *e) {
  bytes data = e->template_data;
  if (data.length != IMA_FILE_DIGEST_BYTES + IMA_NAME_BYTES)
    return false;
  e->hash_name = SLICE("sha1");
  e->file_digest = (bytes){data.data, IMA_FILE_DIGEST_BYTES};
  return decode_name(
      a, e, (bytes){data.data + IMA_FILE_DIGEST_BYTES, IMA_NAME_BYTES});
}

bool ima_decode(arena *a, ima_event *e) {
  slice fields = ima_template_fields(e->template_name), field;
  bytes rest = e->template_data;
  if (fields.length == 0)
    return true;
  if (ima_is_first_template(e->template_name))
    return decode_first(a, e);
  while (ima_next_field(&fields, &field)) {
    if (rest.length < 4)
      return false;
    uint64_t length = little_endian((bytes){rest.data, 4});
    rest = (bytes){rest.data + 4, rest.length - 4};
    if (length > rest.length ||
        !decode_field(a, e, field, (bytes){rest.data, (size_t)length}))
      return false;
    rest = (bytes){rest.data + length, rest.length - (size_t)length};
  }
  return rest.length == 0;
}

/* --- encoding ------------------------------------------------------------- */

static void put_length(buffer *out, size_t length) {
  uint8_t raw[4];
  little_endian_write(raw, sizeof raw, length);
  buffer_add(out, slice_from_bytes((bytes){raw, sizeof raw}));
}

static void put_field(buffer *out, slice data) {
  put_length(out, data.length);
  buffer_add(out, data);
}

/* Splits at the last occurrence of c; false if there is none. */
static bool split_last(slice text, char c, slice *before, slice *behind) {
  for (size_t i = text.length; i-- > 0;)
    if (text.data[i] == c) {
      *before = (slice){text.data, i};
      *behind = (slice){text.data + i + 1, text.length - i - 1};
      return true;
    }
  return false;
}

/* "sha256:HEX" */
static bool put_digest(arena *a, buffer *out, slice text) {
  slice name, hex;
  bytes raw;
  if (!split_last(text, ':', &name, &hex) || !hex_decode(a, hex, &raw))
    return false;
  put_length(out, name.length + 2 + raw.length);
  buffer_add(out, name);
  buffer_add(out, (slice){":", 2});
  buffer_add(out, slice_from_bytes(raw));
  return true;
}

static void put_name(buffer *out, slice name) {
  put_length(out, name.length + 1);
  buffer_add(out, name);
  buffer_char(out, '\0');
}

static bool put_first(arena *a, buffer *out, slice digest, slice name) {
  bytes raw;
  if (!hex_decode(a, digest, &raw) || raw.length != IMA_FILE_DIGEST_BYTES ||
      name.length >= IMA_NAME_BYTES)
    return false;
  buffer_add(out, slice_from_bytes(raw));
  buffer_add(out, name);
  for (size_t i = name.length; i < IMA_NAME_BYTES; i++)
    buffer_char(out, '\0');
  return true;
}

/* Names may have blanks: the last field is what follows the last one. */
bool ima_encode_line(arena *a, slice text, ima_event *e) {
  buffer out = buffer_in(a);
  slice fields = ima_template_fields(e->template_name), tail = SLICE_EMPTY;
  const char *blank =
      text.length > 0 ? memchr(text.data, ' ', text.length) : NULL;
  if (!blank)
    return false;
  slice digest = slice_between(text.data, blank);
  slice name = slice_between(blank + 1, text.data + text.length);
  bool has_tail = slice_is(fields, "d-ng|n-ng|sig") ||
                  slice_is(fields, "d-ngv2|n-ng|sig") ||
                  slice_is(fields, "d-ng|n-ng|buf");
  bytes raw;
  if (slice_is(fields, "d|n")) {
    if (!put_first(a, &out, digest, name))
      return false;
  } else if (has_tail || slice_is(fields, "d-ng|n-ng") ||
             slice_is(fields, "d-ngv2|n-ng")) {
    if (has_tail && !split_last(name, ' ', &name, &tail))
      return false;
    if (!put_digest(a, &out, digest) || !hex_decode(a, tail, &raw))
      return false;
    put_name(&out, name);
    if (has_tail)
      put_field(&out, slice_from_bytes(raw));
  } else {
    return false;
  }
  e->template_data = bytes_from_slice(buffer_slice(&out));
  return true;
}
