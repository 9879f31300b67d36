/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets share. A target's name is its file's; its seeds are in
 * seeds/NAME, its dictionary is NAME.dict. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Must hold for every input. */
#define HOLDS(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);          \
      abort();                                                                 \
    }                                                                          \
  } while (0)

/* Runs check(arena, input) in an arena of its own; the input has a NUL behind
 * it. Running out of the arena's limit is no failure. */
static inline int fuzz_in_arena(const uint8_t *data, size_t size,
                                void (*check)(arena *a, slice input)) {
  arena a;
  jmp_buf limit_reached;
  arena_init(&a, (size_t)64 << 20);
  if (!ARENA_GUARD(&a, limit_reached))
    check(&a, arena_copy(&a, (slice){(const char *)data, size}));
  arena_free(&a);
  return 0;
}

#endif
