/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>

#include "base/memory.h"

struct arena_block {
  arena_block *previous;
  size_t size;
  max_align_t data[];
};

struct arena_cleanup {
  arena_cleanup *previous;
  void (*release)(void *);
  void *object;
};

#ifdef MAAPOL_FAILING_ALLOCATOR
/* Each allocation is a block, so that each can fail, and a sanitizer sees
 * what is written beyond it. */
enum { BLOCK_FIRST = 1, BLOCK_MAX = 1 };
#else
enum { BLOCK_FIRST = 4096, BLOCK_MAX = MEMORY_LARGE };
#endif

void arena_init(arena *a, size_t limit) {
  *a = (arena){.limit = limit};
}

static void run_cleanups(arena *a) {
  while (a->cleanups) {
    arena_cleanup *c = a->cleanups;
    a->cleanups = c->previous;
    c->release(c->object);
  }
}

void arena_free(arena *a) {
  run_cleanups(a);
  while (a->blocks) {
    arena_block *b = a->blocks;
    a->blocks = b->previous;
    memory_free(b);
  }
  *a = (arena){.limit = a->limit};
}

/* The current block is the largest that was not asked for as a whole. */
void arena_reset(arena *a) {
  run_cleanups(a);
  jmp_buf *guard = a->guard;
  arena_block *kept = a->blocks;
  if (kept && kept->size <= BLOCK_MAX) {
    a->blocks = kept->previous;
    kept->previous = NULL;
  } else {
    kept = NULL;
  }
  arena_free(a);
  a->guard = guard;
  if (kept) {
    a->blocks = kept;
    a->used = kept->size;
    a->next = (char *)kept->data;
    a->end = (char *)kept + kept->size;
  }
}

_Noreturn void arena_fail(arena *a, arena_failure why) {
  a->failure = why;
  assert(a->guard && "an arena is used without a guard");
  longjmp(*a->guard, 1);
}

/* Blocks double from 4 KiB to 2 MiB: a small policy costs one page, a large
 * one few system calls. What is larger than a quarter of the next block gets
 * a block of its own, so that little is wasted. */
void *arena_alloc_slow(arena *a, size_t size) {
  if (size > SIZE_MAX / 2)
    arena_fail(a, ARENA_LIMIT);
  size_t rounded = (size + (size == 0) + 7) & ~(size_t)7;
  size_t block_size = BLOCK_FIRST;
  while (block_size < a->used && block_size < BLOCK_MAX)
    block_size *= 2;
  bool alone = rounded > block_size / 4 && a->blocks;
  size_t need = sizeof(arena_block) + rounded;
  if (alone || need > block_size)
    block_size = need;
  if (need > a->limit - a->used)
    arena_fail(a, ARENA_LIMIT);
  if (block_size > a->limit - a->used)
    block_size = a->limit - a->used;
  arena_block *b = memory_alloc(block_size);
  if (!b)
    arena_fail(a, ARENA_NO_MEMORY);
  b->size = block_size;
  a->used += block_size;
  char *data = (char *)b->data;
  if (alone) { /* the current block keeps its free rest */
    b->previous = a->blocks->previous;
    a->blocks->previous = b;
    return data;
  }
  b->previous = a->blocks;
  a->blocks = b;
  a->next = data + rounded;
  a->end = (char *)b + block_size;
  return data;
}

void *arena_zalloc(arena *a, size_t size) {
  return memset(arena_alloc(a, size), 0, size);
}

void *arena_array(arena *a, size_t count, size_t size) {
  if (size && count > SIZE_MAX / size)
    arena_fail(a, ARENA_LIMIT);
  return arena_alloc(a, count * size);
}

void *arena_grow(arena *a, void *items, size_t count, size_t *capacity,
                 size_t size) {
  if (count < *capacity)
    return items;
  size_t wanted = *capacity ? *capacity * 2 : 8;
  void *grown = arena_array(a, wanted, size);
  if (count)
    memcpy(grown, items, count * size);
  *capacity = wanted;
  return grown;
}

char *arena_string(arena *a, slice text) {
  char *copy = arena_alloc(a, text.length + 1);
  if (text.length)
    memcpy(copy, text.data, text.length);
  copy[text.length] = 0;
  return copy;
}

slice arena_copy(arena *a, slice text) {
  return (slice){arena_string(a, text), text.length};
}

/* If there is no memory to remember the object, it is released at once. */
void arena_defer(arena *a, void (*release)(void *), void *object) {
  jmp_buf *outer = a->guard, failure;
  if (ARENA_GUARD(a, failure)) {
    a->guard = outer;
    release(object);
    arena_fail(a, a->failure);
  }
  arena_cleanup *c = arena_alloc(a, sizeof *c);
  a->guard = outer;
  *c = (arena_cleanup){a->cleanups, release, object};
  a->cleanups = c;
}
