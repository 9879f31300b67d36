/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "base/text.h"

static const char standard_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(buffer *out, bytes data, const char *digits, bool pad) {
  buffer_reserve(out, data.length / 3 * 4 + 4);
  char *to = out->data + out->length;
  const uint8_t *from = data.data;
  size_t left = data.length;
  for (; left >= 3; left -= 3, from += 3) {
    uint32_t group = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
    *to++ = digits[group >> 18];
    *to++ = digits[group >> 12 & 63];
    *to++ = digits[group >> 6 & 63];
    *to++ = digits[group & 63];
  }
  if (left) {
    uint32_t group = (uint32_t)from[0] << 16;
    if (left == 2)
      group |= (uint32_t)from[1] << 8;
    *to++ = digits[group >> 18];
    *to++ = digits[group >> 12 & 63];
    if (left == 2)
      *to++ = digits[group >> 6 & 63];
    for (size_t i = left; pad && i < 3; i++)
      *to++ = '=';
  }
  out->length = (size_t)(to - out->data);
}

void base64url_encode(buffer *out, bytes data) {
  encode(out, data, url_digits, false);
}

void base64_encode(buffer *out, bytes data) {
  encode(out, data, standard_digits, true);
}

enum { NOT_A_DIGIT = 64, NO = NOT_A_DIGIT };

/* The value of every byte as a digit; of four it depends on the alphabet. */
#define NO8 NO, NO, NO, NO, NO, NO, NO, NO
#define NO32 NO8, NO8, NO8, NO8
#define VALUES(plus, minus, slash, line)                                      \
  {NO32, NO8, NO, NO, NO, plus, NO, minus, NO, slash,                         \
   52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO,            \
   NO, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,                      \
   15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO, NO, NO, line,          \
   NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,            \
   41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO, NO, NO, NO,            \
   NO32, NO32, NO32, NO32}

static const uint8_t values[][256] = {
    [BASE64_STANDARD] = VALUES(62, NO, 63, NO),
    [BASE64_URL] = VALUES(NO, 62, NO, 63),
    [BASE64_EITHER] = VALUES(62, 62, 63, 63),
};

/* Takes the padding off; false if it is not what the length asks for. */
static bool strip_padding(slice *text) {
  size_t length = text->length, pads = 0;
  while (pads < length && text->data[length - 1 - pads] == '=')
    pads++;
  text->length = length - pads;
  if (text->length % 4 == 1)
    return false;
  return pads == 0 || (length % 4 == 0 && pads <= 2);
}

/* Two or three digits at the end; their spare bits must be zero, so that one
 * text stands for one content. */
static bool decode_tail(const uint8_t *table, slice tail, uint8_t *to) {
  uint32_t group = 0, bad = 0;
  for (size_t i = 0; i < tail.length; i++) {
    uint8_t digit = table[(uint8_t)tail.data[i]];
    bad |= digit & NOT_A_DIGIT;
    group = group << 6 | (digit & 63);
  }
  group <<= 6 * (4 - tail.length);
  to[0] = (uint8_t)(group >> 16);
  if (tail.length == 3)
    to[1] = (uint8_t)(group >> 8);
  uint32_t spare = tail.length == 3 ? 0xFF : 0xFFFF;
  return !bad && !(group & spare);
}

bool base64_decode(arena *a, slice text, base64_alphabet alphabet,
                   bytes *result) {
  *result = (bytes){NULL, 0};
  if (!strip_padding(&text))
    return false;
  const uint8_t *table = values[alphabet];
  size_t groups = text.length / 4, tail = text.length % 4;
  size_t length = groups * 3 + (tail ? tail - 1 : 0);
  uint8_t *data = arena_alloc(a, length + 1), *to = data;
  const uint8_t *from = (const uint8_t *)text.data;
  uint32_t bad = 0;
  for (size_t i = 0; i < groups; i++, from += 4, to += 3) {
    uint32_t d0 = table[from[0]], d1 = table[from[1]];
    uint32_t d2 = table[from[2]], d3 = table[from[3]];
    bad |= d0 | d1 | d2 | d3;
    uint32_t group = d0 << 18 | d1 << 12 | d2 << 6 | d3;
    to[0] = (uint8_t)(group >> 16);
    to[1] = (uint8_t)(group >> 8);
    to[2] = (uint8_t)group;
  }
  if (bad & NOT_A_DIGIT)
    return false;
  if (tail && !decode_tail(table, (slice){(const char *)from, tail}, to))
    return false;
  data[length] = 0;
  *result = (bytes){data, length};
  return true;
}

bool hex_decode(arena *a, slice text, bytes *result) {
  *result = (bytes){NULL, 0};
  if (text.length % 2)
    return false;
  uint8_t *data = arena_alloc(a, text.length / 2 + 1);
  for (size_t i = 0; i < text.length; i += 2) {
    int high = hex_digit(text.data[i]), low = hex_digit(text.data[i + 1]);
    if (high < 0 || low < 0)
      return false;
    data[i / 2] = (uint8_t)(high << 4 | low);
  }
  data[text.length / 2] = 0;
  *result = (bytes){data, text.length / 2};
  return true;
}
