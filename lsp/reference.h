/* SPDX-License-Identifier: Apache-2.0 */
/* What the words of the language mean, for hover and completion. */
#ifndef LSP_REFERENCE_H
#define LSP_REFERENCE_H

#include "compiler/claim_catalogue.h"
#include "compiler/program.h"

typedef struct word_help {
  const char *name;
  const char *text; /* Markdown, one line or more */
} word_help;

typedef struct function_help {
  const char *name;
  const char *parameters[2]; /* the second may be NULL */
  const char *result;
  const char *text;
  const char *example;
} function_help;

extern const word_help section_help[];  /* in the order of section_kind */
extern const word_help action_help[];   /* of action_kind */
extern const word_help property_help[]; /* of property_kind */
extern const word_help argument_help[]; /* ends with a NULL name */
extern const word_help settings_help[]; /* of policy_properties; so does this */
extern const function_help function_helps[]; /* of function_kind */

/* The row of that name in a table that ends with NULL, or NULL. */
const word_help *word_help_find(const word_help *table, slice name);
const function_help *function_help_find(slice name);

/* "JmesPath(json, query): JSON text" */
void function_signature(buffer *out, const function_help *f);

/* Markdown of a claim, as `maapol claims NAME` tells it. */
void claim_page(buffer *out, const claim_entry *e);

/* "Boolean", "Integer", "String". */
const char *claim_type_name(const claim_entry *e);

#endif
