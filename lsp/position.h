/* SPDX-License-Identifier: Apache-2.0 */
/* Places as editors count them. Source: Language Server Protocol 3.17,
 * "Position": lines from 0; characters from 0, in units of the encoding that
 * client and server agreed on. */
#ifndef LSP_POSITION_H
#define LSP_POSITION_H

#include "base/diagnostic.h"

typedef enum position_encoding {
  POSITION_UTF16, /* what holds if nothing else was agreed on */
  POSITION_UTF8,
  POSITION_UTF32
} position_encoding;

typedef struct editor_place {
  uint32_t line, character;
} editor_place;

/* "utf-8", "utf-16", "utf-32". False for any other word. */
bool position_encoding_from_name(slice name, position_encoding *encoding);
const char *position_encoding_name(position_encoding encoding);

/* Units that a well-formed text takes. */
uint32_t position_units(slice text, position_encoding encoding);

editor_place position_of(const line_index *lines, uint32_t offset,
                         position_encoding encoding);

/* The last place that was asked for, so that many places in one long line are
 * not each counted from its begin: a policy in one line is common. Zero it when
 * the text changes. */
typedef struct position_memo {
  const char *text;
  uint32_t offset;
  editor_place place;
} position_memo;

/* The same as position_of. */
editor_place position_near(const line_index *lines, uint32_t offset,
                           position_encoding encoding, position_memo *memo);

/* The offset of a place. What is behind the end of its line stands for the end
 * of the line, a line behind the last for the end of the text, the middle of a
 * character for its begin. */
uint32_t position_offset(const line_index *lines, editor_place place,
                         position_encoding encoding);

#endif
