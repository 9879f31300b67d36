/* SPDX-License-Identifier: Apache-2.0 */
#include "base/symbols.h"

void symbols_init(symbols *s, arena *a) {
  *s = (symbols){.arena = a};
}

static uint64_t load8(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

static uint64_t mix(uint64_t a, uint64_t b) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Multiply-and-fold over words of eight bytes; the last word overlaps. Without
 * a seed, a text can bring the state to zero and go on as it likes: a million
 * texts of one hash are made in seconds. */
uint64_t text_hash(slice text, const void *seed) {
  const uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu;
  const char *p = text.data;
  size_t n = text.length;
  uint64_t h = mix(k1 ^ (uint64_t)(uintptr_t)seed, k0) ^ k0 ^ n;
  if (n >= 8) {
    for (; n > 8; n -= 8, p += 8)
      h = mix(h ^ load8(p), k1);
    return mix(h ^ load8(p + n - 8), k0);
  }
  uint64_t word = 0;
  for (size_t i = 0; i < n; i++)
    word = word << 8 | (unsigned char)p[i];
  return mix(h ^ word, k0);
}

uint32_t symbols_find(const symbols *s, slice text) {
  if (!s->slot_count)
    return 0;
  uint64_t hash = text_hash(text, s->arena);
  uint32_t mask = s->slot_count - 1;
  for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
    uint32_t symbol = s->slots[i];
    if (!symbol)
      return 0;
    if (s->hashes[symbol - 1] == hash &&
        slice_equal(s->texts[symbol - 1], text))
      return symbol;
  }
}

static void place(symbols *s, uint32_t symbol) {
  uint32_t mask = s->slot_count - 1;
  uint32_t i = (uint32_t)s->hashes[symbol - 1] & mask;
  while (s->slots[i])
    i = (i + 1) & mask;
  s->slots[i] = symbol;
}

static void make_room(symbols *s) {
  if ((s->count + 1) * 2 <= s->slot_count)
    return;
  s->slot_count = s->slot_count ? s->slot_count * 2 : 32;
  s->slots = arena_zalloc(s->arena, s->slot_count * sizeof *s->slots);
  for (uint32_t symbol = 1; symbol <= s->count; symbol++)
    place(s, symbol);
}

uint32_t symbols_intern(symbols *s, slice text) {
  uint32_t found = symbols_find(s, text);
  if (found)
    return found;
  make_room(s);
  s->texts = arena_grow(s->arena, s->texts, s->count, &s->capacity,
                        sizeof *s->texts);
  s->hashes = arena_grow(s->arena, s->hashes, s->count, &s->hash_capacity,
                         sizeof *s->hashes);
  s->texts[s->count] = text;
  s->hashes[s->count] = text_hash(text, s->arena);
  place(s, ++s->count);
  return s->count;
}

slice symbols_text(const symbols *s, uint32_t symbol) {
  return symbol ? s->texts[symbol - 1] : SLICE_EMPTY;
}
