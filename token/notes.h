/* SPDX-License-Identifier: Apache-2.0 */
/* Remarks beside a result: what was left out, assumed or ignored. */
#ifndef TOKEN_NOTES_H
#define TOKEN_NOTES_H

#include "base/buffer.h"
#include "base/value.h"

typedef struct notes {
  arena *arena;
  const char **items; /* one line each, no full stop */
  size_t count, capacity;
} notes;

static inline notes notes_in(arena *a) { return (notes){.arena = a}; }

void note_add(notes *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An array of strings. */
value notes_value(const notes *list);

#endif
