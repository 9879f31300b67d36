/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GRAMMAR_LEXER_H
#define GRAMMAR_LEXER_H

#include "grammar/ast.h"

union policy_semantic;

typedef struct lexer {
  const unsigned char *begin, *cursor, *end;
  const unsigned char *token; /* where the last token begins */
  arena *arena;
  diagnostics *findings;
  ast_comment *comments;
  size_t comment_count, comment_capacity;
  unsigned depth;          /* of open parentheses */
  unsigned braces;         /* open: 0 between sections */
  int last;                /* the last token */
  bool seen_token;
  bool in_brackets;
  diagnostic *escaped;     /* the P016, which is said once */
  fix *unescape;           /* of it */
  size_t escape_count;
  bool reported_depth;
  bool open_comment;
} lexer;

void lexer_init(lexer *l, arena *a, slice text, diagnostics *findings);

/* Passes over text between sections, up to the next section or the end. */
void lexer_skip_prose(lexer *l);

/* The next token (a code of the parser), its value and place. At the end 0. */
int lexer_next(lexer *l, union policy_semantic *value, span *where);

/* lexer_string.c: a string token whose quote is at l->cursor[-1] (ASCII) or
 * typographic, `quote_length` bytes before the cursor. */
int lexer_string(lexer *l, union policy_semantic *value, size_t quote_length);

/* Reports a string beyond the limit (P018) and makes it invalid. */
void lexer_check_length(lexer *l, ast_expr *string);

/* Whether a closing quote before this character closed another string. */
bool string_runs_on(unsigned char next);

/* lexer_stray.c: whatever is not a token and not ordinary white space: says
 * what it is and passes over it. Returns a token code, or -1 to go on. */
int lexer_stray(lexer *l, union policy_semantic *value);

/* It said something that it says once, of the first place only. */
static inline bool lexer_spoke_once(const lexer *l) {
  return l->escaped || l->reported_depth;
}

static inline span lexer_span(const lexer *l, const unsigned char *from,
                              const unsigned char *to) {
  return (span){(uint32_t)(from - l->begin), (uint32_t)(to - l->begin)};
}

#endif
