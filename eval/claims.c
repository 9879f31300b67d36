/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/claims.h"

#include "base/limits.h"
#include "base/symbols.h"
#include "eval/claims_insert.h"

/* Below this many, comparing is faster than hashing. */
enum { HASH_FROM = 48 };

slice claim_kind_name(claim_kind kind) {
  static const char *const names[] = {"Boolean", "Integer", "String"};
  return slice_from(names[kind]);
}

/* Lengths first: most claims differ in them. */
static bool claim_equal(const claim *a, const claim *b) {
  return a->type.length == b->type.length &&
         a->text.length == b->text.length && a->integer == b->integer &&
         a->kind == b->kind && a->read_only == b->read_only &&
         slice_equal(a->type, b->type) && slice_equal(a->text, b->text) &&
         slice_equal(a->issuer, b->issuer);
}

static uint32_t claim_hash(const claim_list *list, const claim *c) {
  uint64_t h = text_hash(c->type, list->arena) * 31 +
               text_hash(c->text, list->arena);
  h = h * 31 + (uint64_t)c->integer * 0x9E3779B97F4A7C15u + c->kind;
  return (uint32_t)(h ^ h >> 32);
}

static void hash_place(claim_list *list, uint32_t index) {
  size_t mask = list->slot_count - 1;
  size_t i = claim_hash(list, &list->items[index]) & mask;
  while (list->slots[i])
    i = (i + 1) & mask;
  list->slots[i] = index + 1;
}

static void hash_make_room(claim_list *list) {
  if ((list->count + 1) * 2 <= list->slot_count)
    return;
  if (!list->slot_count)
    list->slot_count = 64;
  while (list->slot_count < (list->count + 1) * 2)
    list->slot_count *= 2;
  list->slots =
      arena_zalloc(list->arena, list->slot_count * sizeof *list->slots);
  for (uint32_t i = 0; i < list->count; i++)
    hash_place(list, i);
}

/* `from`: claims before it are known to be others. */
static bool is_present(const claim_list *list, const claim *c, size_t from) {
  if (!list->slot_count) {
    for (size_t i = from; i < list->count; i++)
      if (claim_equal(&list->items[i], c))
        return true;
    return false;
  }
  size_t mask = list->slot_count - 1;
  size_t i = claim_hash(list, c) & mask;
  for (; list->slots[i]; i = (i + 1) & mask)
    if (claim_equal(&list->items[list->slots[i] - 1], c))
      return true;
  return false;
}

static claims_insertion insert(claim_list *list, const claim *c,
                               size_t from) {
  if (is_present(list, c, from))
    return CLAIMS_PRESENT;
  if (list->count >= LIMIT_CLAIMS)
    return CLAIMS_FULL;
  if (list->count - from >= HASH_FROM || list->slot_count)
    hash_make_room(list);
  list->items = arena_grow(list->arena, list->items, list->count,
                           &list->capacity, sizeof *list->items);
  list->items[list->count++] = *c;
  if (list->slot_count)
    hash_place(list, (uint32_t)list->count - 1);
  return CLAIMS_ADDED;
}

claims_insertion claims_insert(claim_list *list, const claim *c) {
  return insert(list, c, 0);
}

bool claims_append(claim_list *list, const claim *c) {
  if (list->count >= LIMIT_CLAIMS)
    return false;
  list->items = arena_grow(list->arena, list->items, list->count,
                           &list->capacity, sizeof *list->items);
  list->items[list->count++] = *c;
  return true;
}

bool claims_add(claim_list *list, const claim *c) {
  return claims_insert(list, c) != CLAIMS_FULL;
}

/* From JSON. */

static bool fail(claim_list *list, claims_error *error, slice type,
                 const char *what) {
  buffer b = buffer_in(list->arena);
  buffer_printf(&b, "claim %.*s: %s", SLICE_ARGS(type), what);
  error->message = buffer_slice(&b).data;
  return false;
}

static bool add_one(claim_list *list, claim *c, const value *v, size_t from,
                    claims_error *error) {
  c->integer = 0;
  c->text = SLICE_EMPTY;
  switch ((value_kind)v->kind) {
  case VALUE_BOOLEAN:
    c->kind = CLAIM_BOOLEAN;
    c->integer = v->boolean;
    break;
  case VALUE_INTEGER:
    c->kind = CLAIM_INTEGER;
    c->integer = v->integer;
    break;
  case VALUE_STRING:
    c->kind = CLAIM_STRING;
    c->text = value_string(v);
    break;
  case VALUE_NULL:
    return fail(list, error, c->type, "null is no value of a claim");
  case VALUE_NUMBER:
    return fail(list, error, c->type,
                v->is_rounded ? "the integer does not fit in 64 bits"
                              : "a fraction is no value of a claim");
  case VALUE_ARRAY:
  case VALUE_OBJECT: {
    buffer b = buffer_in(list->arena);
    json_write(&b, v);
    c->kind = CLAIM_STRING;
    c->text = buffer_slice(&b);
  }
  }
  if (insert(list, c, from) == CLAIMS_FULL)
    return fail(list, error, c->type, "there are too many claims");
  return true;
}

static bool holds_structure(const value *array) {
  for (uint32_t i = 0; i < array->count; i++)
    if (array->items[i].kind >= VALUE_ARRAY)
      return true;
  return false;
}

/* `from` as in is_present. */
static bool add_value(claim_list *list, claim *c, const value *v, size_t from,
                      claims_error *error) {
  if (!c->type.length)
    return fail(list, error, c->type, "its type is empty");
  if (slice_is(c->type, "pcrs") && slice_equal(c->issuer, ISSUER_SERVICE))
    c->read_only = true;
  if (v->kind != VALUE_ARRAY || holds_structure(v))
    return add_one(list, c, v, from, error);
  for (uint32_t i = 0; i < v->count; i++)
    if (!add_one(list, c, &v->items[i], from, error))
      return false;
  return true;
}

bool claims_add_value(claim_list *list, slice type, const value *v,
                      slice issuer, bool read_only, claims_error *error) {
  claim c = {.type = type, .issuer = issuer, .read_only = read_only};
  return add_value(list, &c, v, 0, error);
}

/* Names of an object are distinct, so a member can only equal itself: unless
 * other claims were there before. */
bool claims_add_object(claim_list *list, const value *object,
                       claims_error *error) {
  bool is_alone = list->count == 0;
  for (uint32_t i = 0; i < object->count; i++) {
    const member *m = &object->members[i];
    claim c = {.type = member_name(m), .issuer = ISSUER_SERVICE};
    if (!add_value(list, &c, &m->value, is_alone ? list->count : 0, error))
      return false;
  }
  return true;
}

/* To JSON. */

value claim_json(const claim *c) {
  return c->kind == CLAIM_BOOLEAN   ? value_boolean(c->integer != 0)
         : c->kind == CLAIM_INTEGER ? value_integer(c->integer)
                                    : value_text(c->text);
}

/* Claims of one type gathered behind its first: a hash of types keeps it
 * linear. */
value claims_json(arena *a, const claim_list *list) {
  symbols types;
  symbols_init(&types, a);
  array_builder *values = ARENA_ARRAY(a, list->count, array_builder);
  for (size_t i = 0; i < list->count; i++) {
    uint32_t before = types.count;
    uint32_t type = symbols_intern(&types, list->items[i].type);
    if (types.count != before)
      values[type - 1] = array_in(a);
    array_add(&values[type - 1], claim_json(&list->items[i]));
  }
  member *members = ARENA_ARRAY(a, types.count, member);
  for (uint32_t i = 0; i < types.count; i++) {
    slice name = types.texts[i];
    members[i] = (member){name.data, (uint32_t)name.length,
                          values[i].count == 1 ? values[i].items[0]
                                               : array_value(&values[i])};
  }
  return (value){
      .kind = VALUE_OBJECT, .count = types.count, .members = members};
}
