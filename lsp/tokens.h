/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a policy that is being written: tokens and what each stands for,
 * whether the text is right or not. The syntax tree leaves out what it cannot
 * understand; an editor asks about exactly that place. */
#ifndef LSP_TOKENS_H
#define LSP_TOKENS_H

#include "compiler/program.h"

typedef enum token_kind {
  TOKEN_COMMENT,
  TOKEN_STRING, /* with its quotes; it may lack the last one */
  TOKEN_NUMBER,
  TOKEN_WORD,
  TOKEN_MARK /* brackets, operators; anything else, byte by byte */
} token_kind;

typedef enum token_role {
  ROLE_NONE,
  ROLE_VERSION,
  ROLE_SECTION,
  ROLE_PROPERTY, /* of a test, or behind a dot */
  ROLE_ARGUMENT, /* claim, type, value of an action */
  ROLE_BINDING,  /* c of c:[..] */
  ROLE_USE,      /* c of c.value, claim=c */
  ROLE_FUNCTION,
  ROLE_ACTION,
  ROLE_BOOLEAN,
  ROLE_CLAIM_READ,    /* "t" of [type=="t"] */
  ROLE_CLAIM_WRITE,   /* of add, issue (type="t") */
  ROLE_PROPERTY_NAME, /* of issueproperty(type="t") */
  ROLE_VALUE          /* any other literal */
} token_role;

typedef struct word_token {
  span where;
  uint8_t kind;    /* token_kind */
  uint8_t role;    /* token_role */
  uint8_t section; /* section_kind that it stands in; COUNT: none */
  uint8_t action;  /* action_kind whose argument it is; COUNT: none */
  uint8_t depth;   /* of open brackets and parentheses before it, to 255 */
  uint32_t rule;   /* from 0; the number of `;` and braces before it */
} word_token;

typedef struct word_tokens {
  slice text;
  const word_token *items;
  size_t count;
} word_tokens;

word_tokens tokens_read(arena *a, slice text);

static inline slice token_text(const word_tokens *t, size_t i) {
  return (slice){t->text.data + t->items[i].where.begin,
                 t->items[i].where.end - t->items[i].where.begin};
}

bool token_is(const word_tokens *t, size_t i, const char *text);

/* A string without its quotes, as it is written. */
span token_inside(const word_tokens *t, size_t i);

/* The token that holds the offset, or a word or string that ends there; count
 * if there is none. Of two that touch, a word or a string goes before a mark.
 */
size_t token_at(const word_tokens *t, uint32_t offset);

/* The number of tokens that begin before the offset. */
size_t tokens_before(const word_tokens *t, uint32_t offset);

#endif
