/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a JMESPath query in a string of the policy, whether the query is
 * right or not. The parser leaves out what it cannot understand; an editor asks
 * about exactly that place.
 *
 *   if (query_is(tokens, i)) {
 *     query_words q = query_read(a, tokens, i);
 *     size_t word = query_at(&q, query_offset(&q, offset));
 *   }
 *
 * Source: JMESPath specification, "Grammar". */
#ifndef LSP_QUERY_H
#define LSP_QUERY_H

#include "compiler/event_fields.h"
#include "lsp/literal.h"
#include "lsp/tokens.h"

typedef enum query_token_kind {
  QUERY_TOKEN_FIELD, /* name or "name" */
  QUERY_TOKEN_KEY,   /* name of {name: ..} */
  QUERY_TOKEN_FUNCTION,
  QUERY_TOKEN_NUMBER,
  QUERY_TOKEN_RAW,     /* 'text' */
  QUERY_TOKEN_LITERAL, /* `json` */
  QUERY_TOKEN_MARK
} query_token_kind;

typedef struct query_token {
  span where; /* in the query's text */
  uint8_t kind;
  bool is_open; /* its end quote is missing */
} query_token;

typedef struct query_words {
  slice text; /* without the escapes of the policy's string */
  const uint32_t *places; /* in the policy, of each byte of text and its end */
  const query_token *items;
  size_t count;
} query_words;

/* Whether the string is the second argument of JmesPath(..). */
bool query_is(const word_tokens *t, size_t i);

query_words query_read(arena *a, const word_tokens *t, size_t i);

/* From the query's text to the policy. */
span query_place(const query_words *q, span where);
/* From the policy to the query's text. */
uint32_t query_offset(const query_words *q, uint32_t offset);

/* The token that holds the offset of the query's text, or a word that ends
 * there; count: none. */
size_t query_at(const query_words *q, uint32_t offset);
slice query_token_text(const query_words *q, size_t i);
/* Of a field, without quotes. */
slice query_name(const query_words *q, size_t i);
bool query_token_is(const query_words *q, size_t i, const char *text);

/* The open parenthesis of the call around the offset; *commas: arguments before
 * it. count: none. */
size_t query_open_call(const query_words *q, uint32_t offset,
                       uint32_t *commas);

/* What the fields that can stand at a token are members of. `t` and `string`
 * say which claim is asked. */
event_parent query_parent(const query_words *q, size_t token,
                          const word_tokens *t, size_t string);

#endif
