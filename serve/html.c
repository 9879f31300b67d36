/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/html.h"

#include "base/render.h"

static const char *entity_of(char c) {
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

static void add_markup_free(buffer *out, slice text) {
  for (size_t i = 0; i < text.length; i++) {
    const char *entity = entity_of(text.data[i]);
    if (entity)
      buffer_text(out, entity);
    else
      buffer_char(out, text.data[i]);
  }
}

static void add_visible(buffer *out, slice part) {
  buffer visible = buffer_in(out->arena);
  render_escaped(&visible, part);
  add_markup_free(out, buffer_slice(&visible));
}

void html_text(buffer *out, slice text) {
  size_t begin = 0;
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    if (c != '\n' && c != '\t')
      continue;
    add_visible(out, (slice){text.data + begin, i - begin});
    buffer_char(out, c);
    begin = i + 1;
  }
  if (begin < text.length)
    add_visible(out, (slice){text.data + begin, text.length - begin});
}

/* --- forms ---------------------------------------------------------------- */

static int digit_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool decode(slice text, buffer *out) {
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    if (c == '%') {
      int high = i + 2 < text.length ? digit_of(text.data[i + 1]) : -1;
      int low = high >= 0 ? digit_of(text.data[i + 2]) : -1;
      if (low < 0)
        return false;
      c = (char)(high * 16 + low);
      i += 2;
    } else if (c == '+') {
      c = ' ';
    }
    if (c == '\n' && out->length && out->data[out->length - 1] == '\r')
      out->length--;
    buffer_char(out, c);
  }
  return true;
}

static slice next_pair(slice *rest) {
  const char *end = memchr(rest->data, '&', rest->length);
  slice pair = end ? slice_between(rest->data, end) : *rest;
  size_t used = pair.length + (end ? 1 : 0);
  *rest = (slice){rest->data + used, rest->length - used};
  return pair;
}

bool html_form_field(arena *a, slice form, const char *name, slice *result) {
  buffer out = buffer_in(a);
  size_t length = strlen(name);
  while (form.length) {
    slice pair = next_pair(&form);
    if (pair.length <= length || memcmp(pair.data, name, length) != 0 ||
        pair.data[length] != '=')
      continue;
    slice text = {pair.data + length + 1, pair.length - length - 1};
    if (!decode(text, &out))
      return false;
    break;
  }
  *result = buffer_slice(&out);
  return true;
}
