/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdbool.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef MAAPOL_FAILING_ALLOCATOR
static long remaining = -1; /* the test build is single-threaded */
static long asked;

long memory_fail_after(long count) {
  long before = asked;
  asked = 0;
  remaining = count;
  return before;
}

static bool refused(void) {
  asked++;
  if (remaining < 0)
    return false;
  if (remaining == 0)
    return true;
  remaining--;
  return false;
}
#else
static inline bool refused(void) { return false; }
#endif

void memory_keep(void) {
#ifdef M_TRIM_THRESHOLD
  enum { KEPT = 8 << 20 };
  mallopt(M_TRIM_THRESHOLD, KEPT);
  mallopt(M_MMAP_THRESHOLD, KEPT);
#endif
}

static size_t round_up(size_t size) {
  return (size + MEMORY_LARGE - 1) & ~((size_t)MEMORY_LARGE - 1);
}

/* posix_memalign and not mmap, so that the checkers know of the block. */
void *memory_alloc(size_t size) {
  void *block = NULL;
  if (refused())
    return NULL;
  if (size < MEMORY_LARGE)
    return malloc(size);
  if (size > SIZE_MAX - MEMORY_LARGE ||
      posix_memalign(&block, MEMORY_LARGE, round_up(size)) != 0)
    return NULL;
#ifdef MADV_HUGEPAGE
  madvise(block, round_up(size), MADV_HUGEPAGE); /* only a hint */
#endif
  return block;
}

void *memory_resize(void *old, size_t size) {
  return refused() ? NULL : realloc(old, size);
}

void memory_free(void *block) {
  free(block);
}
