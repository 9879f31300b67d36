/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/settings.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "evidence/reader.h"
#include "sign/digest.h"

bool setting_refuse(const setting *s, const char *wanted) {
  return evidence_fail(s->arena, s->error, EVIDENCE_VALUE, 0,
                       "field %.*s: %s, not \"%.*s\"", SLICE_ARGS(s->name),
                       wanted, SLICE_ARGS(s->text));
}

bool setting_hex(const setting *s, uint8_t *to, size_t size) {
  bytes data;
  if (hex_decode(s->arena, s->text, &data) && data.length == size) {
    memcpy(to, data.data, size);
    return true;
  }
  buffer wanted = buffer_in(s->arena);
  buffer_printf(&wanted, "%zu bytes as %zu hex digits are wanted", size,
                2 * size);
  return setting_refuse(s, buffer_slice(&wanted).data);
}

/* Decimal, or hexadecimal behind 0x. */
static bool read_number(slice text, uint64_t limit, uint64_t *number) {
  unsigned base = 10;
  if (slice_starts_with(text, "0x") || slice_starts_with(text, "0X")) {
    base = 16;
    text = (slice){text.data + 2, text.length - 2};
  }
  *number = 0;
  for (size_t i = 0; i < text.length; i++) {
    unsigned digit = (unsigned)hex_digit(text.data[i]); /* none: very large */
    if (digit >= base || *number > (limit - digit) / base)
      return false;
    *number = *number * base + digit;
  }
  return text.length > 0;
}

bool setting_number(const setting *s, uint8_t *to, size_t size) {
  uint64_t limit = size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
  uint64_t number;
  if (read_number(s->text, limit, &number)) {
    little_endian_write(to, size, number);
    return true;
  }
  buffer wanted = buffer_in(s->arena);
  buffer_printf(&wanted, "a number from 0 to %llu is wanted",
                (unsigned long long)limit);
  return setting_refuse(s, buffer_slice(&wanted).data);
}

bool setting_boolean(const setting *s, bool *result) {
  *result = slice_is(s->text, "true");
  if (*result || slice_is(s->text, "false"))
    return true;
  return setting_refuse(s, "true or false is wanted");
}

bool setting_bit(const setting *s, uint8_t *flags, unsigned bit) {
  bool on;
  if (!setting_boolean(s, &on))
    return false;
  uint8_t mask = (uint8_t)(1u << bit % 8);
  flags += bit / 8;
  *flags = (uint8_t)(on ? *flags | mask : *flags & ~mask);
  return true;
}

bool setting_data(const setting *s, evidence_data *to) {
  slice content = s->text;
  if (slice_starts_with(content, "@")) {
    const char *path =
        arena_string(s->arena, (slice){content.data + 1, content.length - 1});
    const char *reason;
    if (file_read(s->arena, path, LIMIT_EVIDENCE_BYTES, &content, &reason) !=
        FILE_OK)
      return evidence_fail(s->arena, s->error, EVIDENCE_UNREADABLE, 0,
                           "field %.*s: %s: %s", SLICE_ARGS(s->name), path,
                           reason);
  }
  value parsed;
  json_error problem;
  to->is_given = true;
  to->data = bytes_from_slice(content);
  if (!to->is_typed)
    to->is_json =
        json_read(s->arena, content, JSON_TRAILING_NUL, &parsed, &problem) &&
        parsed.kind == VALUE_OBJECT;
  return true;
}

bool setting_data_type(const setting *s, evidence_data *to) {
  to->is_typed = true;
  to->is_json = slice_is(s->text, "JSON");
  return to->is_json || slice_is(s->text, "Binary") ||
         setting_refuse(s, "JSON or Binary is wanted");
}

bool setting_bound_data(const setting *s, evidence_data *to, uint8_t *field,
                        size_t size) {
  if (!setting_data(s, to))
    return false;
  memset(field, 0, size);
  digest_sha256(s->arena, to->data, field);
  return true;
}

bool setting_field(const setting *s, uint8_t *structure, const field_row *row) {
  uint8_t *to = structure + row->offset;
  if (row->format == FIELD_HEX)
    return setting_hex(s, to, row->size);
  return setting_number(s, to, row->size);
}

const field_row *setting_row(const field_row *rows, size_t count, slice name) {
  for (size_t i = 0; i < count; i++)
    if (slice_is(name, rows[i].name))
      return &rows[i];
  return NULL;
}

/* --- by name -------------------------------------------------------------- */

bool setting_split(arena *a, void *recipe, slice text, setting *result,
                   evidence_error *error) {
  const char *equals = text.length ? memchr(text.data, '=', text.length) : NULL;
  if (!equals)
    return evidence_fail(a, error, EVIDENCE_FIELD, 0,
                         "FIELD=VALUE is wanted, not \"%.*s\"",
                         SLICE_ARGS(text));
  *result =
      (setting){a, recipe, slice_between(text.data, equals),
                slice_between(equals + 1, text.data + text.length), error};
  return true;
}

bool setting_unknown(const setting *s, const char *const *names) {
  const char *near = did_you_mean(s->name, names);
  buffer message = buffer_in(s->arena);
  buffer_printf(&message, "there is no field \"%.*s\"", SLICE_ARGS(s->name));
  if (near)
    buffer_printf(&message, "; did you mean %s?", near);
  buffer_text(&message, " Fields are");
  for (size_t i = 0; names[i]; i++)
    buffer_printf(&message, "%s %s", i ? "," : "", names[i]);
  return evidence_fail(s->arena, s->error, EVIDENCE_FIELD, 0, "%s",
                       buffer_slice(&message).data);
}

bool setting_apply(arena *a, const setting_table *table, void *recipe,
                   slice text, evidence_error *error) {
  setting s = {0};
  if (!setting_split(a, recipe, text, &s, error))
    return false;
  for (size_t i = 0; i < table->count; i++)
    if (slice_is(s.name, table->rules[i].name))
      return table->rules[i].apply(&s);
  bool found = false;
  bool good = table->apply_other(&s, &found);
  return found ? good : setting_unknown(&s, table->names(a));
}
