/* SPDX-License-Identifier: Apache-2.0 */
#include "base/value.h"

#include "base/same_bytes.h"

/* --- names ---------------------------------------------------------------- */

static inline bool name_is(const member *m, slice name) {
  return m->name_length == name.length &&
         same_bytes(m->name, name.data, name.length);
}

const value *value_member(const value *object, slice name) {
  if (object->kind != VALUE_OBJECT || !object->count)
    return NULL;
  for (uint32_t i = 0; i < object->count; i++)
    if (name_is(&object->members[i], name))
      return &object->members[i].value;
  return NULL;
}

/* Of a name's length and ends: enough for names that people choose. Whoever
 * chooses them to collide ends in the sort below. */
static uint32_t name_hash(const member *m) {
  const char *name = m->name;
  size_t length = m->name_length;
  uint64_t first, last;
  if (length >= 8) {
    first = load_u64(name);
    last = load_u64(name + length - 8);
  } else if (length >= 4) {
    first = load_u32(name);
    last = load_u32(name + length - 4);
  } else {
    first = length ? (uint8_t)name[0] : 0;
    last = length ? (uint64_t)(uint8_t)name[length / 2] << 8 ^
                        (uint8_t)name[length - 1]
                  : 0;
  }
  uint64_t mixed = first * 0x9E3779B97F4A7C15u;
  mixed ^= (last + length) * 0xC2B2AE3D27D4EB4Fu;
  mixed ^= mixed >> 32;
  return (uint32_t)((mixed * 0xD6E8FEB86659FD93u) >> 32);
}

/* --- order ---------------------------------------------------------------- */

static inline int compare_names(const member *left, const member *right) {
  if (left->name_length >= 8 && right->name_length >= 8) {
    uint64_t l = load_order(left->name), r = load_order(right->name);
    if (l != r)
      return l < r ? -1 : 1;
  }
  return slice_compare(member_name(left), member_name(right));
}

static void merge(const member **to, const member **left, size_t left_count,
                  const member **right, size_t right_count) {
  while (left_count && right_count) {
    if (compare_names(*left, *right) <= 0) {
      *to++ = *left++;
      left_count--;
    } else {
      *to++ = *right++;
      right_count--;
    }
  }
  memcpy(to, left, left_count * sizeof *to);
  memcpy(to + left_count, right, right_count * sizeof *to);
}

static void sort_few(const member **items, size_t count) {
  for (size_t i = 1; i < count; i++) {
    const member *item = items[i];
    size_t place = i;
    for (; place && compare_names(items[place - 1], item) > 0; place--)
      items[place] = items[place - 1];
    items[place] = item;
  }
}

/* Stable, and O(n log n) whatever the names: libc's qsort promises neither. */
static const member **sort_members(arena *a, const member *members,
                                   size_t count) {
  enum { FEW = 8 };
  const member **items = ARENA_ARRAY(a, count, const member *);
  for (size_t i = 0; i < count; i++)
    items[i] = &members[i];
  for (size_t i = 0; i < count; i += FEW)
    sort_few(items + i, count - i < FEW ? count - i : FEW);
  if (count <= FEW)
    return items;
  const member **other = ARENA_ARRAY(a, count, const member *);
  for (size_t width = FEW; width < count; width *= 2) {
    for (size_t i = 0; i < count; i += 2 * width) {
      size_t left = count - i < width ? count - i : width;
      size_t right = count - i - left < width ? count - i - left : width;
      merge(other + i, items + i, left, items + i + left, right);
    }
    const member **swap = items;
    items = other;
    other = swap;
  }
  return items;
}

const member *const *value_sorted(arena *a, const value *object) {
  for (size_t i = 1; i < object->count; i++)
    if (compare_names(&object->members[i - 1], &object->members[i]) > 0)
      return (const member *const *)sort_members(a, object->members,
                                                 object->count);
  return NULL;
}

/* --- names that stand twice ----------------------------------------------- */

static const member *duplicate_by_sorting(arena *a, const member *members,
                                          size_t count) {
  const member **sorted = sort_members(a, members, count);
  for (size_t i = 1; i < count; i++)
    if (compare_names(sorted[i - 1], sorted[i]) == 0)
      return sorted[i];
  return NULL;
}

enum { PAIRS_MAX = 8, SLOTS_FEW = 512 };

static const member *duplicate_by_pairs(const member *members, size_t count) {
  uint32_t hashes[PAIRS_MAX];
  for (size_t i = 0; i < count; i++) {
    hashes[i] = name_hash(&members[i]);
    for (size_t j = 0; j < i; j++)
      if (hashes[i] == hashes[j] &&
          name_is(&members[j], member_name(&members[i])))
        return &members[i];
  }
  return NULL;
}

/* An open hash table of positions + 1, at least two slots a member. */
static const member *duplicate_by_hash(arena *a, const member *members,
                                       size_t count) {
  uint32_t few[SLOTS_FEW], *slots = few;
  size_t size = 32;
  while (size < count * 2)
    size *= 2;
  if (size > SLOTS_FEW)
    slots = ARENA_ARRAY(a, size, uint32_t);
  memset(slots, 0, size * sizeof *slots);
  size_t probes_left = count * 8;
  for (size_t i = 0; i < count; i++) {
    size_t slot = name_hash(&members[i]) & (size - 1);
    for (; slots[slot]; slot = (slot + 1) & (size - 1)) {
      if (name_is(&members[slots[slot] - 1], member_name(&members[i])))
        return &members[i];
      if (probes_left-- == 0)
        return duplicate_by_sorting(a, members, count);
    }
    slots[slot] = (uint32_t)i + 1;
  }
  return NULL;
}

const member *value_duplicate(arena *a, const member *members, size_t count) {
  if (count < 2)
    return NULL;
  if (count <= PAIRS_MAX)
    return duplicate_by_pairs(members, count);
  return duplicate_by_hash(a, members, count);
}

/* Each name once, in the place of its first member, with the value of its
 * last. Returns how many there are. */
static size_t keep_last(arena *a, const member *members, size_t count,
                        member *to) {
  const member **sorted = sort_members(a, members, count);
  const member **last = ARENA_ARRAY(a, count, const member *);
  for (size_t i = 0, first = 0; i < count; i++) {
    if (compare_names(sorted[first], sorted[i]) != 0)
      first = i;
    last[sorted[i] - members] = NULL;
    last[sorted[first] - members] = sorted[i];
  }
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (last[i])
      to[kept++] = *last[i];
  return kept;
}

/* --- builders ------------------------------------------------------------- */

void object_set(object_builder *o, slice name, value v) {
  if (o->count == o->capacity)
    o->members = arena_grow(o->arena, o->members, o->count, &o->capacity,
                            sizeof *o->members);
  o->members[o->count++] = (member){name.data, (uint32_t)name.length, v};
}

value object_value(const object_builder *o) {
  value result = {.kind = VALUE_OBJECT, .count = (uint32_t)o->count};
  result.members = o->members;
  if (value_duplicate(o->arena, o->members, o->count)) {
    member *members = ARENA_ARRAY(o->arena, o->count, member);
    result.count = (uint32_t)keep_last(o->arena, o->members, o->count, members);
    result.members = members;
  }
  return result;
}

void array_add(array_builder *b, value v) {
  if (b->count == b->capacity)
    b->items = arena_grow(b->arena, b->items, b->count, &b->capacity,
                          sizeof *b->items);
  b->items[b->count++] = v;
}

value array_value(const array_builder *b) {
  return (value){
      .kind = VALUE_ARRAY, .count = (uint32_t)b->count, .items = b->items};
}

/* --- comparing ------------------------------------------------------------ */

static int compare_integers(int64_t left, int64_t right) {
  return (left > right) - (left < right);
}

/* Exact: a double as large as 2^63 is beyond every integer, a smaller one has
 * an integral part that is an int64. */
static int compare_mixed(int64_t left, double right) {
  if (right >= 0x1p63)
    return -1;
  if (right < -0x1p63)
    return 1;
  int64_t whole = (int64_t)right;
  if (left != whole)
    return compare_integers(left, whole);
  double rest = right - (double)whole;
  return (rest < 0) - (rest > 0);
}

int value_compare_numbers(const value *left, const value *right) {
  if (left->kind == VALUE_INTEGER && right->kind == VALUE_INTEGER)
    return compare_integers(left->integer, right->integer);
  if (left->kind == VALUE_INTEGER)
    return compare_mixed(left->integer, right->number);
  if (right->kind == VALUE_INTEGER)
    return -compare_mixed(right->integer, left->number);
  return (left->number > right->number) - (left->number < right->number);
}

static bool arrays_equal(arena *a, const value *left, const value *right,
                         int64_t *work) {
  for (size_t i = 0; i < left->count; i++)
    if (!value_equal_within(a, &left->items[i], &right->items[i], work))
      return false;
  return true;
}

static bool objects_equal(arena *a, const value *left, const value *right,
                          int64_t *work) {
  const member *const *left_order = NULL, *const *right_order = NULL;
  bool same_order = true;
  for (size_t i = 0; i < left->count && same_order; i++)
    same_order = name_is(&left->members[i], member_name(&right->members[i]));
  if (!same_order) {
    *work -= (int64_t)left->count * 16; /* of sorting */
    if (*work < 0)
      return false;
    left_order = value_sorted(a, left);
    right_order = value_sorted(a, right);
  }
  for (size_t i = 0; i < left->count; i++) {
    const member *l = left_order ? left_order[i] : &left->members[i];
    const member *r = right_order ? right_order[i] : &right->members[i];
    if (!name_is(l, member_name(r)) ||
        !value_equal_within(a, &l->value, &r->value, work))
      return false;
  }
  return true;
}

static inline bool is_number(const value *v) {
  return v->kind == VALUE_INTEGER || v->kind == VALUE_NUMBER;
}

bool value_equal_within(arena *a, const value *left, const value *right,
                        int64_t *work) {
  if (is_number(left) && is_number(right))
    return value_compare_numbers(left, right) == 0;
  if (left->kind != right->kind)
    return false;
  if (left->kind == VALUE_NULL)
    return true;
  if (left->kind == VALUE_BOOLEAN)
    return left->boolean == right->boolean;
  if (left->count != right->count)
    return false;
  if (left->string == right->string) /* or items, or members: shared */
    return true;
  *work -= 1 + left->count / 16;
  if (*work < 0)
    return false;
  if (left->kind == VALUE_STRING)
    return same_bytes(left->string, right->string, left->count);
  if (left->kind == VALUE_ARRAY)
    return arrays_equal(a, left, right, work);
  return objects_equal(a, left, right, work);
}

bool value_equal(arena *a, const value *left, const value *right) {
  int64_t work = INT64_MAX;
  return value_equal_within(a, left, right, &work);
}
