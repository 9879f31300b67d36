/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts held against the schemas that are shipped (docs/schemas/), for
 * editors: what is wrong and where, and what could stand at a place.
 *
 *   schema s;
 *   schema_open(&s, a, "maatest");
 *   schema_check(&s, text, &document, &list);
 *
 * Of JSON Schema draft 7 exactly the keywords that these schemas use are
 * known; a test holds them to it. */
#ifndef LSP_SCHEMA_H
#define LSP_SCHEMA_H

#include "base/diagnostic.h"
#include "base/json_span.h"
#include "base/value.h"

/* Generated from docs/schemas/; ends with a NULL name. */
extern const struct schema_text {
  const char *name, *text; /* "maatest" */
} schema_texts[];

typedef struct schema_pattern schema_pattern;

typedef struct schema {
  arena *arena;
  value root;
  schema_pattern *patterns; /* that were compiled */
} schema;

typedef struct schema_finding {
  span where;
  const char *message;
} schema_finding;

typedef struct schema_findings {
  schema_finding *items;
  size_t count, capacity;
} schema_findings;

/* False: there is no schema of that name. */
bool schema_open(schema *s, arena *a, const char *name);

/* Adds what is wrong with the document, which json_read made of the text, up
 * to LIMIT_LSP_FINDINGS. */
void schema_check(schema *s, slice text, const value *document,
                  schema_findings *list);

/* Whether the value alone fits that schema. */
bool schema_fits(schema *s, const value *rule, const value *v);

/* The schemas that hold for what stands below `rule` at a member's name, or
 * with an empty name at an item: alternatives and conditions included, as far
 * as they name it. At most `room`; returns how many. */
size_t schema_below(schema *s, const value *rule, slice name,
                    const value **found, size_t room);

/* The rule itself, and those that it refers to or chooses between. */
size_t schema_parts(const schema *s, const value *rule, const value **found,
                    size_t room);

/* The names of all keywords; ends with NULL. For tests. */
extern const char *const schema_keywords[];

#endif
