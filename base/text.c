/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

enum { NAME_MAX = 63 };

size_t utf8_length(slice text, uint32_t *code_point) {
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (!text.length)
    return 0;
  const unsigned char *p = (const unsigned char *)text.data;
  uint32_t value = p[0];
  size_t length = value < 0x80   ? 1
                  : value < 0xC2 ? 0
                  : value < 0xE0 ? 2
                  : value < 0xF0 ? 3
                  : value < 0xF5 ? 4
                                 : 0;
  if (length == 0 || length > text.length)
    return 0;
  if (length > 1)
    value &= 0x7Fu >> length;
  for (size_t i = 1; i < length; i++) {
    if ((p[i] & 0xC0) != 0x80)
      return 0;
    value = value << 6 | (p[i] & 0x3Fu);
  }
  if (value < least[length] || value > 0x10FFFF ||
      (value >= 0xD800 && value <= 0xDFFF))
    return 0;
  if (code_point)
    *code_point = value;
  return length;
}

size_t utf8_error(slice text) {
  size_t i = 0;
  while (i < text.length) {
    if ((unsigned char)text.data[i] < 0x80) {
      i++;
      continue;
    }
    size_t n =
        utf8_length((slice){text.data + i, text.length - i}, NULL);
    if (!n)
      return i;
    i += n;
  }
  return i;
}

size_t utf8_encode(uint32_t c, char *out) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xC0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3F));
  out[2] = (char)(0x80 | (c >> 6 & 0x3F));
  out[3] = (char)(0x80 | (c & 0x3F));
  return 4;
}

bool percent_decode(buffer *out, slice text, bool is_form) {
  bool good = true;
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    bool has_two = c == '%' && i + 2 < text.length;
    int high = has_two ? hex_digit(text.data[i + 1]) : -1;
    int low = has_two ? hex_digit(text.data[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      c = (char)(high << 4 | low);
      i += 2;
    } else if (c == '%') {
      good = false;
    } else if (c == '+' && is_form) {
      c = ' ';
    }
    buffer_char(out, c);
  }
  return good;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }

/* Three rows of the usual table are enough for swaps of neighbours. */
unsigned edit_distance(slice a, slice b, unsigned limit) {
  unsigned rows[3][NAME_MAX + 1];
  size_t longer = a.length > b.length ? a.length : b.length;
  if (longer - (a.length + b.length - longer) > limit)
    return limit + 1; /* each edit changes the length by one at most */
  if (longer > NAME_MAX)
    return slice_equal(a, b) ? 0 : limit + 1;
  for (unsigned j = 0; j <= b.length; j++)
    rows[0][j] = j;
  for (unsigned i = 1; i <= a.length; i++) {
    unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
    row[0] = i;
    for (unsigned j = 1; j <= b.length; j++) {
      char x = lower(a.data[i - 1]), y = lower(b.data[j - 1]);
      unsigned best = above[j - 1] + (x != y);
      best = smaller(best, above[j] + 1);
      best = smaller(best, row[j - 1] + 1);
      if (i > 1 && j > 1 && x == lower(b.data[j - 2]) &&
          lower(a.data[i - 2]) == y)
        best = smaller(best, rows[(i + 1) % 3][j - 2] + 1);
      row[j] = best;
    }
  }
  unsigned distance = rows[a.length % 3][b.length];
  return distance > limit ? limit + 1 : distance;
}

const char *did_you_mean(slice name, const char *const *candidates) {
  const char *best = NULL;
  unsigned best_distance = (unsigned)name.length / 3;
  if (best_distance < 1)
    best_distance = 1;
  if (best_distance > 4)
    best_distance = 4;
  for (; *candidates; candidates++) {
    unsigned d = edit_distance(name, slice_from(*candidates), best_distance);
    if (d <= best_distance && (!best || d < best_distance)) {
      best = *candidates;
      best_distance = d;
    }
  }
  return best;
}
