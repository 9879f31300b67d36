/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/symbols.h"
#include "eval/engine.h"

enum { HASH_FROM = 16 };

static uint32_t value_hash(const value_set *set, const set_value *v) {
  uint64_t h = text_hash(v->text, set->arena) ^
               ((uint64_t)v->integer * 0x9E3779B97F4A7C15u + v->kind);
  return (uint32_t)(h ^ h >> 32);
}

static void hash_place(value_set *set, size_t index) {
  size_t mask = set->slot_count - 1;
  size_t i = value_hash(set, &set->items[index]) & mask;
  while (set->slots[i])
    i = (i + 1) & mask;
  set->slots[i] = (uint32_t)index + 1;
}

static void hash_make_room(value_set *set) {
  if ((set->count + 1) * 2 <= set->slot_count)
    return;
  set->slot_count = set->slot_count ? set->slot_count * 2 : 64;
  set->slots = arena_zalloc(set->arena, set->slot_count * sizeof *set->slots);
  for (size_t i = 0; i < set->count; i++)
    hash_place(set, i);
}

static set_value *find(const value_set *set, const set_value *v) {
  if (!set->slot_count) {
    for (size_t i = 0; i < set->count; i++)
      if (set_value_equal(&set->items[i], v))
        return &set->items[i];
    return NULL;
  }
  size_t mask = set->slot_count - 1;
  for (size_t i = value_hash(set, v) & mask; set->slots[i]; i = (i + 1) & mask)
    if (set_value_equal(&set->items[set->slots[i] - 1], v))
      return &set->items[set->slots[i] - 1];
  return NULL;
}

bool set_contains(const value_set *set, const set_value *v) {
  return find(set, v) != NULL;
}

bool set_is_read_only(const value_set *set) {
  for (size_t i = 0; i < set->count; i++)
    if (set->items[i].read_only)
      return true;
  return false;
}

bool set_add(value_set *set, const set_value *v) {
  set_value *present = find(set, v);
  if (present) {
    present->read_only |= v->read_only;
    return true;
  }
  if (set->count >= LIMIT_SET_VALUES)
    return false;
  if (set->count >= HASH_FROM)
    hash_make_room(set);
  set->items = arena_grow(set->arena, set->items, set->count, &set->capacity,
                          sizeof *set->items);
  set->items[set->count++] = *v;
  if (set->slot_count)
    hash_place(set, set->count - 1);
  return true;
}
