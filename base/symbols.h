/* SPDX-License-Identifier: Apache-2.0 */
/* Interned texts: equal texts have equal numbers. Numbers count from 1. */
#ifndef BASE_SYMBOLS_H
#define BASE_SYMBOLS_H

#include "base/arena.h"

typedef struct symbols {
  arena *arena;
  slice *texts;   /* texts[n - 1] is that of symbol n */
  uint64_t *hashes;
  uint32_t *slots; /* open addressing, a power of two; 0 is free */
  uint32_t count;
  uint32_t slot_count;
  size_t capacity, hash_capacity;
} symbols;

void symbols_init(symbols *s, arena *a);

/* The number of that text, which is kept, not copied. */
uint32_t symbols_intern(symbols *s, slice text);

/* The number, or 0 if the text is not interned. Changes nothing. */
uint32_t symbols_find(const symbols *s, slice text);

slice symbols_text(const symbols *s, uint32_t symbol);

/* Hash of a text for a table, which gives an address of its own as the seed:
 * the arena that it lives in. Addresses are random, so that nobody can write
 * texts that all fall into one place; and nothing may depend on the order of
 * places. */
uint64_t text_hash(slice text, const void *seed);

#endif
