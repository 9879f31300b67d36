/* SPDX-License-Identifier: Apache-2.0 */
#include "base/markup.h"

#include "base/render.h"
#include "base/text.h"

static const char *entity(uint32_t c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return NULL;
  }
}

static void escape_one(buffer *out, slice one, uint32_t c) {
  const char *name = entity(c);
  if (name)
    buffer_text(out, name);
  else if (c == '\n' || c == '\t')
    buffer_char(out, (char)c);
  else if (c == 0xFFFE || c == 0xFFFF) /* https://www.w3.org/TR/xml/#charsets */
    buffer_printf(out, "\\u%04X", (unsigned)c);
  else
    render_escaped(out, one);
}

void markup_escape(buffer *out, slice text) {
  while (text.length) {
    uint32_t c = 0;
    size_t length = utf8_length(text, &c);
    if (!length)
      length = 1; /* no UTF-8: escaped as the byte it is */
    escape_one(out, (slice){text.data, length}, c);
    text = (slice){text.data + length, text.length - length};
  }
}
