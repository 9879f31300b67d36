/* SPDX-License-Identifier: Apache-2.0 */
#include "base/value_stack.h"

#include "base/memory.h"

struct value_block {
  value *items;
};

static void release_block(void *object) {
  value_block *block = object;
  memory_free(block->items);
  block->items = NULL;
}

static value *move_to_heap(value_stack *s, size_t size) {
  value_block *block = ARENA_NEW(s->arena, value_block);
  arena_defer(s->arena, release_block, block);
  s->block = block;
  value *items = memory_alloc(size);
  if (items)
    memcpy(items, s->items, s->used * sizeof *items);
  return items;
}

void value_stack_grow(value_stack *s) {
  if (s->capacity > UINT32_MAX / 4)
    arena_fail(s->arena, ARENA_LIMIT);
  uint32_t capacity = s->capacity * 2;
  size_t size = capacity * sizeof *s->items;
  value *items =
      s->block ? memory_resize(s->block->items, size) : move_to_heap(s, size);
  if (!items)
    arena_fail(s->arena, ARENA_NO_MEMORY);
  s->block->items = s->items = items;
  s->capacity = capacity;
}

value value_stack_take(value_stack *s, uint32_t base) {
  uint32_t count = s->used - base;
  value *items = arena_alloc(s->arena, count * sizeof *items);
  if (count)
    memcpy(items, s->items + base, count * sizeof *items);
  s->used = base;
  return (value){.kind = VALUE_ARRAY, .count = count, .items = items};
}

void value_stack_release(value_stack *s) {
  if (s->block)
    release_block(s->block);
}
