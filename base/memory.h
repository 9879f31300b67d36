/* SPDX-License-Identifier: Apache-2.0 */
/* The one door to the system's allocator, so that the test build can make
 * the Nth allocation fail (make test-memory). */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* As malloc, realloc and free. */
void *memory_alloc(size_t size);
void *memory_resize(void *old, size_t size);
void memory_free(void *block);

/* For a program that runs long and does the same again and again: what was
 * freed is kept for what comes, instead of going back to the system. */
void memory_keep(void);

/* Blocks of this size and more may be backed by huge pages: a large policy is
 * bound by page faults otherwise. */
enum { MEMORY_LARGE = 2 << 20 };

#ifdef MAAPOL_FAILING_ALLOCATOR
/* Lets `count` allocations succeed and every later one fail; negative: all
 * succeed. Returns how many were asked for since the last call. */
long memory_fail_after(long count);
#endif

#endif
