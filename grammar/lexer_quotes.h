/* SPDX-License-Identifier: Apache-2.0 */
/* The quotes that word processors write in place of ". */
#ifndef GRAMMAR_LEXER_QUOTES_H
#define GRAMMAR_LEXER_QUOTES_H

#include <stddef.h>

/* Length in bytes of the typographic quote at p, 0 if there is none:
 * U+2018 to U+201F, U+2032, U+2033, U+00AB, U+00BB, U+FF02. */
static inline size_t quote_length(const unsigned char *p,
                                  const unsigned char *end) {
  if (end - p >= 3 && p[0] == 0xE2 && p[1] == 0x80)
    return (p[2] >= 0x98 && p[2] <= 0x9F) || p[2] == 0xB2 || p[2] == 0xB3 ? 3
                                                                         : 0;
  if (end - p >= 2 && p[0] == 0xC2)
    return p[1] == 0xAB || p[1] == 0xBB ? 2 : 0;
  return end - p >= 3 && p[0] == 0xEF && p[1] == 0xBC && p[2] == 0x82 ? 3 : 0;
}

#endif
