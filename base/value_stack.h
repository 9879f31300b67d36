/* SPDX-License-Identifier: Apache-2.0 */
/* A stack on which the items of unfinished arrays and objects wait, until they
 * are copied into the arena at their final size. It begins in memory of the
 * caller's and moves to the heap when it outgrows that. */
#ifndef BASE_VALUE_STACK_H
#define BASE_VALUE_STACK_H

#include "base/value.h"

typedef struct value_block value_block;

typedef struct value_stack {
  value *items;
  uint32_t used, capacity;
  arena *arena;
  value_block *block; /* on the heap; the arena frees it if nobody else does */
} value_stack;

static inline void value_stack_init(value_stack *s, arena *a, value *first,
                                    uint32_t capacity) {
  *s = (value_stack){first, 0, capacity, a, NULL};
}

/* Room for one more at least. Jumps to the arena's guard without memory. */
void value_stack_grow(value_stack *s);

static inline void value_stack_push(value_stack *s, value v) {
  if (s->used == s->capacity)
    value_stack_grow(s);
  s->items[s->used++] = v;
}

/* Takes the values from `base` on as an array in the arena. */
value value_stack_take(value_stack *s, uint32_t base);

void value_stack_release(value_stack *s);

#endif
