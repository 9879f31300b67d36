/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>

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

void *memory_alloc(size_t size) {
  return refused() ? NULL : malloc(size);
}

void *memory_resize(void *old, size_t size) {
  return refused() ? NULL : realloc(old, size);
}

void memory_free(void *block) {
  free(block);
}
