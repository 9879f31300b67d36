/* SPDX-License-Identifier: Apache-2.0 */
/* One arena per document or request: everything is freed at once.
 *
 *   arena a;
 *   jmp_buf failure;
 *   arena_init(&a, LIMIT_ARENA_BYTES);
 *   if (ARENA_GUARD(&a, failure)) {   // memory ran out somewhere below
 *     arena_free(&a);
 *     return STATUS_MEMORY;
 *   }
 *   node *n = ARENA_NEW(&a, node);    // never NULL
 *   arena_free(&a);
 *
 * An allocation never returns NULL: when memory or the arena's limit runs out
 * it jumps to the guard, so that no path below needs a check (as Lua does).
 * Whatever is not memory (an OpenSSL object, a file) is registered with
 * arena_defer, which releases it when the arena is freed.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>

#include "base/slice.h"

typedef struct arena_block arena_block;
typedef struct arena_cleanup arena_cleanup;

typedef enum arena_failure {
  ARENA_OK,
  ARENA_NO_MEMORY, /* the system has none left */
  ARENA_LIMIT      /* the arena's own limit was reached */
} arena_failure;

typedef struct arena {
  char *next, *end;
  arena_block *blocks;
  arena_cleanup *cleanups;
  size_t used;  /* bytes taken from the system */
  size_t limit; /* of `used` */
  jmp_buf *guard;
  arena_failure failure;
} arena;

/* limit: bytes that the arena may take from the system at most. */
void arena_init(arena *a, size_t limit);
void arena_free(arena *a);

/* Forgets all contents, runs the cleanups, keeps the current block: for a loop
 * over many requests. */
void arena_reset(arena *a);

/* Evaluates to 0 at first, and to nonzero when an allocation below failed
 * (a->failure says why). Locals changed after the guard must be volatile. */
#define ARENA_GUARD(a, env) ((a)->guard = &(env), setjmp(env))

/* Uninitialised memory, aligned to 8 bytes; a size of 0 gives some too. */
__attribute__((returns_nonnull)) void *arena_alloc_slow(arena *a,
                                                        size_t size);

__attribute__((returns_nonnull)) static inline void *arena_alloc(
    arena *a, size_t size) {
  size_t rounded = (size + (size == 0) + 7) & ~(size_t)7;
  if (rounded >= size && rounded <= (size_t)(a->end - a->next)) {
    void *result = a->next;
    a->next += rounded;
    return result;
  }
  return arena_alloc_slow(a, size);
}

__attribute__((returns_nonnull)) void *arena_zalloc(arena *a, size_t size);

/* count * size, with the overflow checked. */
__attribute__((returns_nonnull)) void *arena_array(arena *a, size_t count,
                                                   size_t size);

#define ARENA_NEW(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) \
  ((type *)arena_array((a), (count), sizeof(type)))

/* Doubles a growing array inside the arena; the old copy stays until the
 * arena goes. capacity is updated. */
void *arena_grow(arena *a, void *items, size_t count, size_t *capacity,
                 size_t size);

/* A copy, with a NUL behind it that the length does not count. */
slice arena_copy(arena *a, slice text);
char *arena_string(arena *a, slice text);

/* release(object) runs when the arena is freed or reset, last one first. */
void arena_defer(arena *a, void (*release)(void *), void *object);

/* Jumps to the guard, as a failed allocation does. */
_Noreturn void arena_fail(arena *a, arena_failure why);

#endif
