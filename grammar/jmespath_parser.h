/* SPDX-License-Identifier: Apache-2.0 */
/* What lexer, grammar and node building of JMESPath share. */
#ifndef GRAMMAR_JMESPATH_PARSER_H
#define GRAMMAR_JMESPATH_PARSER_H

#include "grammar/jmespath.h"

typedef struct jmespath_parser {
  arena *arena;
  slice text; /* with a NUL behind it */
  const unsigned char *begin, *cursor, *end;
  unsigned depth; /* of open brackets */
  unsigned nots;  /* directly before the cursor */
  unsigned level; /* of operands, while the tree is checked */
  jmespath_error *error;
  bool has_failed;
  jmespath_node *root; /* of what was parsed */
} jmespath_parser;

typedef struct jmespath_chain {
  jmespath_node *first, *last;
} jmespath_chain;

typedef struct jmespath_bound {
  int64_t number;
  bool is_given;
} jmespath_bound;

union jmespath_semantic {
  slice name;
  value literal;
  int64_t number;
  jmespath_bound bound;
  jmespath_node *node;
  jmespath_chain chain;
  jmespath_operands operands;
};

/* Records an error; the first one stays. */
void jmespath_fail(jmespath_parser *p, jmespath_error_kind kind, span where,
                   const char *help, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* --- lexer ------------------------------------------------------------- */

/* The next token (a code of the parser), its value and place. At the end 0;
 * TOKEN_INVALID once an error is recorded. */
int jmespath_next_token(jmespath_parser *p, union jmespath_semantic *out,
                        span *where);

/* What stands in a token; text is the token without its quotes, where its place
 * with them. False once an error is recorded. */
bool jmespath_read_quoted(jmespath_parser *p, span where, slice *name);
bool jmespath_read_raw(jmespath_parser *p, span where, value *literal);
bool jmespath_read_literal(jmespath_parser *p, span where, value *literal);
bool jmespath_read_number(jmespath_parser *p, span where, int64_t *number);

/* Reports a byte that begins no token. */
void jmespath_report_stray(jmespath_parser *p, span where);

/* --- nodes ------------------------------------------------------------- */

jmespath_node *jmespath_node_new(jmespath_parser *p, jmespath_kind kind,
                                 span where);
/* With operands, which may be empty. */
jmespath_node *jmespath_node_of(jmespath_parser *p, jmespath_kind kind,
                                span where, jmespath_operands operands);

jmespath_chain jmespath_chain_of(jmespath_node *node);
jmespath_chain jmespath_chain_add(jmespath_chain chain, jmespath_node *step);

jmespath_operands jmespath_operands_of(jmespath_node *first);
jmespath_operands jmespath_operands_add(jmespath_operands operands,
                                        jmespath_node *node);

/* left OPERATOR right; joins the operands of a chain of the same operator. */
jmespath_chain jmespath_join(jmespath_parser *p, jmespath_kind kind, span where,
                             jmespath_chain left, jmespath_chain right);
jmespath_chain jmespath_compare(jmespath_parser *p,
                                jmespath_comparator comparator, span where,
                                jmespath_chain left, jmespath_chain right);

jmespath_node *jmespath_slice(jmespath_parser *p, span where,
                              jmespath_bound start, jmespath_bound end,
                              jmespath_bound step);

/* --- errors ------------------------------------------------------------ */

/* Wording of a syntax error: met and expected are texts of tokens. */
void jmespath_report_syntax(jmespath_parser *p, span where, int met,
                            const char *met_text, const char *const *expected,
                            size_t expected_count);

/* The static checks after parsing, and what the evaluator wants to know of the
 * nodes: grammar/jmespath_check.c. */
bool jmespath_check(jmespath_parser *p);

#endif
