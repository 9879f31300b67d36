/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of a text that is known to parse, for the formatter: where they are,
 * and what white space stood before them. */
#ifndef COMPILER_FORMAT_SCAN_H
#define COMPILER_FORMAT_SCAN_H

#include "base/diagnostic.h"

typedef enum format_kind {
  FORMAT_END,
  FORMAT_WORD, /* names, numbers, strings and operators: nothing between */
  FORMAT_OPEN, /* [ or ( */
  FORMAT_CLOSE,
  FORMAT_COMMA,
  FORMAT_AND,
  FORMAT_ARROW,
  FORMAT_SEMICOLON,
  FORMAT_LEFT_BRACE,
  FORMAT_RIGHT_BRACE,
  FORMAT_LINE_COMMENT,
  FORMAT_BLOCK_COMMENT
} format_kind;

typedef struct format_token {
  uint32_t begin, end;
  uint32_t width;    /* code points */
  uint32_t partner;  /* of FORMAT_OPEN: the index of what closes it */
  uint8_t kind;      /* format_kind */
  uint8_t newlines;  /* before it: 0, 1 or 2 (a blank line) */
  bool ends_line;    /* a comment behind which the line ends */
} format_token;

typedef struct format_scanner {
  const char *begin, *cursor, *end;
} format_scanner;

/* The text has a NUL behind it, as for the parser. */
format_token format_scan(format_scanner *s);

static inline bool format_is_comment(const format_token *t) {
  return t->kind >= FORMAT_LINE_COMMENT;
}

#endif
