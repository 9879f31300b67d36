/* SPDX-License-Identifier: Apache-2.0 */
/* From a place in the decoded text of a string back to the policy, so that a
 * finding about a query points into the literal. */
#include "base/text.h"
#include "grammar/lexer_quotes.h"
#include "grammar/parse.h"

static uint32_t unit(const char *p) {
  uint32_t code = 0;
  for (int i = 2; i < 6; i++)
    code = code << 4 | (uint32_t)hex_digit(p[i]);
  return code;
}

/* Bytes that an escape takes in the policy and gives in the string. The
 * string was read without a finding, so escapes are whole. */
static size_t escape_length(const char *p, size_t *decoded) {
  char utf8[4];
  *decoded = 1;
  if (p[1] != 'u')
    return 2;
  uint32_t first = unit(p);
  if (first >= 0xD800 && first <= 0xDBFF) {
    *decoded = 4;
    return 12;
  }
  *decoded = utf8_encode(first, utf8);
  return 6;
}

uint32_t string_place(slice text, span literal, size_t offset) {
  const char *p = text.data + literal.begin;
  const char *end = text.data + literal.end;
  size_t quote = quote_length((const unsigned char *)p,
                              (const unsigned char *)end);
  p += quote ? quote : 1;
  for (size_t decoded = 0; decoded < offset && p < end;) {
    size_t given = 1;
    p += *p == '\\' ? escape_length(p, &given) : 1;
    decoded += given;
  }
  return (uint32_t)((p < end ? p : end) - text.data);
}
