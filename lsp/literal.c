/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/literal.h"

#include "base/text.h"

/* The unit of \uXXXX; -1: it is none. */
static int32_t unit(slice s) {
  int32_t code = 0;
  if (s.length < 6 || s.data[0] != '\\' || s.data[1] != 'u')
    return -1;
  for (int i = 2; i < 6; i++) {
    int digit = hex_digit(s.data[i]);
    if (digit < 0)
      return -1;
    code = code * 16 + digit;
  }
  return code;
}

/* Writes what an escape stands for; the bytes that it takes. One that is wrong
 * stands for itself. */
static size_t unescape(slice s, char *out, size_t *made) {
  static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *name =
      s.length > 1 && s.data[1] ? strchr(names, s.data[1]) : NULL;
  int32_t code = unit(s);
  *made = 1;
  *out = name ? meanings[name - names] : *s.data;
  if (name)
    return 2;
  if (code < 0)
    return 1;
  int32_t low = unit((slice){s.data + 6, s.length - 6});
  bool is_pair = code >= 0xD800 && code < 0xDC00 && low >= 0xDC00 &&
                 low < 0xE000;
  if (is_pair)
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  else if (code >= 0xD800 && code < 0xE000)
    return 1;
  *made = utf8_encode((uint32_t)code, out);
  return is_pair ? 12 : 6;
}

literal_text literal_read(arena *a, slice policy, span inside) {
  size_t length = inside.end - inside.begin, n = 0;
  char *text = arena_alloc(a, length + 4);
  uint32_t *places = ARENA_ARRAY(a, length + 4, uint32_t);
  for (uint32_t i = inside.begin; i < inside.end;) {
    size_t made = 1, taken = 1;
    text[n] = policy.data[i];
    if (policy.data[i] == '\\')
      taken = unescape((slice){policy.data + i, inside.end - i}, text + n,
                       &made);
    for (size_t k = 0; k < made; k++)
      places[n + k] = i;
    n += made;
    i += (uint32_t)taken;
  }
  text[n] = 0;
  places[n] = inside.end;
  return (literal_text){{text, n}, places};
}
