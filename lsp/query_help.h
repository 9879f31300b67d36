/* SPDX-License-Identifier: Apache-2.0 */
/* What the words of JMESPath mean, for hover, completion and signatures. */
#ifndef LSP_QUERY_HELP_H
#define LSP_QUERY_HELP_H

#include "base/buffer.h"
#include "grammar/jmespath_functions.h"
#include "lsp/query.h"

typedef struct query_function_help {
  const char *name;
  const char *parameters; /* "subject, search" */
  const char *result;
  const char *text;
  const char *example; /* a query that needs no document */
  const char *gives;   /* JSON of what it gives */
} query_function_help;

/* In the order of JMESPATH_FUNCTIONS; ends with a NULL name. */
extern const query_function_help query_functions[];

/* The row of that name, or NULL. */
const query_function_help *query_function_find(slice name);

/* "contains(subject, search): boolean" */
void query_function_signature(buffer *out, const query_function_help *f);

/* Text and example, in Markdown. */
void query_function_page(buffer *out, const query_function_help *f);

/* "integer", "array", .. Static. */
const char *event_field_type(const event_field *f);

/* Markdown of a token; nothing if there is nothing to say. */
void query_describe(buffer *out, const query_words *q, size_t token,
                    event_parent parent);

#endif
