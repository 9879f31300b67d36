/* SPDX-License-Identifier: Apache-2.0 */
/* What could be written where the cursor stands: shared by the files that
 * collect it. */
#ifndef LSP_COMPLETION_H
#define LSP_COMPLETION_H

#include "lsp/server.h"

/* LSP: CompletionItemKind. */
typedef enum completion_kind {
  KIND_FUNCTION = 3,
  KIND_FIELD = 5,
  KIND_VARIABLE = 6,
  KIND_MODULE = 9,
  KIND_PROPERTY = 10,
  KIND_VALUE = 12,
  KIND_KEYWORD = 14,
  KIND_SNIPPET = 15,
  KIND_OPERATOR = 24
} completion_kind;

typedef struct completion {
  lsp_request *request;
  array_builder list;
  const word_tokens *tokens;
  span replaced; /* the word or text that is being written */
  size_t before; /* the last token before it; COUNT of tokens: none */
  size_t after;  /* the first token behind it; COUNT of tokens: none */
  attestation_type type;
  bool in_string; /* what is offered stands between quotes already */
} completion;

typedef struct completion_item {
  const char *label;
  completion_kind kind;
  const char *detail;  /* or NULL */
  const char *group;   /* tells `resolve` where the page is; NULL: no page */
  const char *insert;  /* NULL: the label */
  const char *snippet; /* with places to fill in; NULL: none */
  const char *commit;  /* one character that takes the item, too; or NULL */
  char rank;           /* 'a' stands before 'b'; 0: as 'm' */
} completion_item;

/* Adds an item that takes the place of c->replaced. The texts must stay for
 * the request. */
void completion_offer(completion *c, const completion_item *item);

/* The same of a string of the policy: with quotes, unless the cursor stands in
 * some. */
void completion_offer_text(completion *c, const completion_item *item);

/* completion_values.c: what the property or argument before can be; or an
 * argument of a function. */
void completion_values(completion *c, bool in_call);
/* completion_query.c: in the string at token i, which is a query. */
void completion_query(completion *c, size_t i);
/* completion_comment.c: in the comment at token i. */
void completion_comment(completion *c, size_t i);

#endif
