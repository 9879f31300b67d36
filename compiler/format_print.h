/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the formatter share. */
#ifndef COMPILER_FORMAT_PRINT_H
#define COMPILER_FORMAT_PRINT_H

#include "base/buffer.h"
#include "compiler/format_scan.h"

enum { FORMAT_INDENT = 2 };

typedef struct format_printer {
  slice text; /* that came in */
  size_t width;
  buffer out;
  size_t column; /* code points in this line */
  bool at_start;      /* nothing stands in this line yet */
  bool pending;       /* a line break is due before the next token, .. */
  size_t indent;      /* .. which is indented so far */
  size_t continuation; /* indent after a comment in the middle of things */
  uint8_t last;       /* format_kind */
} format_printer;

/* The next token goes on a new line. */
static inline void format_break(format_printer *p, size_t indent) {
  p->pending = true;
  p->indent = indent;
}

/* Ends the line; an empty one follows if `blank`. */
void format_newline(format_printer *p, size_t indent, bool blank);

/* Prints a token behind its break or blank. */
void format_put(format_printer *p, const format_token *t);

/* Prints the tokens of one statement, up to its semicolon, in one line or in
 * several as they fit; the line that it begins in is indented by `indent`. */
void format_statement(format_printer *p, format_token *tokens, size_t count,
                      size_t indent);

#endif
