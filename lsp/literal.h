/* SPDX-License-Identifier: Apache-2.0 */
/* What a string of the policy says, and where each byte of it is written.
 * Source: docs/language.md, "Strings". */
#ifndef LSP_LITERAL_H
#define LSP_LITERAL_H

#include "base/diagnostic.h"

typedef struct literal_text {
  slice text; /* without escapes; a NUL stands behind it */
  const uint32_t *places; /* in the policy, of each byte and of the end */
} literal_text;

/* inside: without the quotes. An escape that is wrong stands for itself. */
literal_text literal_read(arena *a, slice policy, span inside);

#endif
