/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, digits, percent signs and "did you mean". */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buffer.h"

/* Length in bytes of the well-formed UTF-8 sequence at the start of `text`
 * (RFC 3629: shortest form, no surrogates, up to U+10FFFF); 0 if there is
 * none. *code_point gets its value; it may be NULL. */
size_t utf8_length(slice text, uint32_t *code_point);

/* Offset of the first byte that is not well-formed; text.length if none. */
size_t utf8_error(slice text);

/* Writes the code point as UTF-8; returns the bytes written, 1 to 4. */
size_t utf8_encode(uint32_t code_point, char *out);

/* The value of a hexadecimal digit; -1: it is none. */
static inline int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends the text, its percent signs decoded (RFC 3986, section 2.1), in
 * forms (application/x-www-form-urlencoded) a plus sign as a blank. A percent
 * sign without two digits stands for itself; the result is then false. */
bool percent_decode(buffer *out, slice text, bool is_form);

/* Edit distance (Damerau: a swap counts one) of two names, at most `limit`;
 * limit + 1 if it is more. ASCII case counts nothing. */
unsigned edit_distance(slice a, slice b, unsigned limit);

/* The candidate nearest to `name`, if it is near enough to be a slip of the
 * pen (a third of the length at most); else NULL. candidates ends with NULL. */
const char *did_you_mean(slice name, const char *const *candidates);

#endif
