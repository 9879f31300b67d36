/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/form.h"

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

bool form_field(arena *a, slice form, const char *name, slice *result) {
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
