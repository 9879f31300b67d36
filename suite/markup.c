/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/markup.h"

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

/* https://www.w3.org/TR/xml/#charsets; C1 and DEL are allowed and a nuisance.
 */
static bool is_allowed(uint32_t c) {
  if (c < 0x20)
    return c == '\t' || c == '\n' || c == '\r';
  return (c < 0x7F || c > 0x9F) && c != 0xFFFE && c != 0xFFFF;
}

static bool is_directional(uint32_t c) {
  return (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

void markup_escape(buffer *out, slice text) {
  while (text.length) {
    uint32_t c = 0;
    size_t length = utf8_length(text, &c);
    const char *name = length ? entity(c) : NULL;
    if (name)
      buffer_text(out, name);
    else if (!length || !is_allowed(c))
      buffer_text(out, "\xEF\xBF\xBD");
    else if (is_directional(c))
      buffer_printf(out, "[U+%04X]", (unsigned)c);
    else
      buffer_add(out, (slice){text.data, length});
    length = length ? length : 1;
    text = (slice){text.data + length, text.length - length};
  }
}
