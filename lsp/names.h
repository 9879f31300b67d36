/* SPDX-License-Identifier: Apache-2.0 */
/* Where a name is made and where it is read. Identifiers belong to their rule,
 * claim types and properties to the policy. */
#ifndef LSP_NAMES_H
#define LSP_NAMES_H

#include "lsp/tokens.h"

typedef struct name_place {
  span where; /* of the name, without quotes */
  bool is_definition;
  bool is_from_outside; /* it wants a claim of the evidence or the client */
} name_place;

typedef struct name_places {
  name_place *items; /* in the order of the text */
  size_t count;
  size_t definitions;
} name_places;

/* All places of the name that stands at the offset; none if no name does.
 * *token is its token. */
name_places names_at(arena *a, const word_tokens *t, uint32_t offset,
                     size_t *token);

#endif
