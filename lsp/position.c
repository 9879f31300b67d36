/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/position.h"

#include "base/text.h"

static const char *const names[] = {"utf-16", "utf-8", "utf-32"};

bool position_encoding_from_name(slice name, position_encoding *encoding) {
  for (int i = 0; i < 3; i++)
    if (slice_is(name, names[i])) {
      *encoding = (position_encoding)i;
      return true;
    }
  return false;
}

const char *position_encoding_name(position_encoding encoding) {
  return names[encoding];
}

/* Units of the character at the start; *length is its bytes. */
static uint32_t units_of_one(slice text, position_encoding encoding,
                             size_t *length) {
  *length = (unsigned char)*text.data < 0x80 ? 1 : utf8_length(text, NULL);
  if (!*length) /* not UTF-8: each byte counts */
    *length = 1;
  if (encoding == POSITION_UTF8)
    return (uint32_t)*length;
  return encoding == POSITION_UTF16 && *length == 4 ? 2 : 1;
}

uint32_t position_units(slice text, position_encoding encoding) {
  uint32_t units = 0;
  if (encoding == POSITION_UTF8)
    return (uint32_t)text.length;
  for (size_t i = 0, length; i < text.length; i += length)
    units += units_of_one((slice){text.data + i, text.length - i}, encoding,
                          &length);
  return units;
}

editor_place position_of(const line_index *lines, uint32_t offset,
                         position_encoding encoding) {
  if (offset > lines->text.length)
    offset = (uint32_t)lines->text.length;
  uint32_t line = line_index_position(lines, offset).line;
  uint32_t begin = lines->starts[line - 1];
  slice before = {lines->text.data + begin, offset - begin};
  return (editor_place){line - 1, position_units(before, encoding)};
}

editor_place position_near(const line_index *lines, uint32_t offset,
                           position_encoding encoding, position_memo *memo) {
  uint32_t line = memo->place.line;
  bool is_near = memo->text && memo->text == lines->text.data &&
                 offset >= memo->offset && offset <= lines->text.length &&
                 (line + 1 >= lines->count ||
                  offset < lines->starts[line + 1]);
  if (is_near) {
    slice between = {lines->text.data + memo->offset,
                     offset - memo->offset};
    memo->place.character += position_units(between, encoding);
  } else {
    memo->place = position_of(lines, offset, encoding);
  }
  memo->text = lines->text.data;
  memo->offset = offset;
  return memo->place;
}

uint32_t position_offset(const line_index *lines, editor_place place,
                         position_encoding encoding) {
  if (place.line >= lines->count)
    return (uint32_t)lines->text.length;
  slice line = line_index_line(lines, place.line + 1);
  uint32_t units = 0;
  size_t at = 0;
  while (at < line.length) {
    size_t length;
    units += units_of_one((slice){line.data + at, line.length - at}, encoding,
                          &length);
    if (units > place.character)
      break;
    at += length;
  }
  return lines->starts[place.line] + (uint32_t)at;
}
