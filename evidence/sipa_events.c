/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/sipa_events.h"

#include "base/limits.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"

enum { TAG_BYTES = 8 }; /* number and length */

/* By ascending number. */
static const sipa_event rows[] = {
#define EVENT(number, name, format) {number, #name, SIPA_##format},
    SIPA_EVENTS(EVENT)
#undef EVENT
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

/* Values of SIPA_NAMED whose names Microsoft's samples compare with. */
static const struct {
  uint32_t number, value;
  const char *name;
} names[] = {
    {0x000a0007, 1, "HypervisorEnforcedCodeIntegrityEnable"},
};

const sipa_event *sipa_event_of(uint32_t number) {
  size_t low = 0, high = ROW_COUNT;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (rows[middle].number == number)
      return &rows[middle];
    if (rows[middle].number < number)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

const sipa_event *sipa_event_named(slice name) {
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (slice_is(name, rows[i].name))
      return &rows[i];
  return NULL;
}

bool sipa_next(bytes *rest, sipa_tagged *result) {
  if (rest->length < TAG_BYTES)
    return false;
  uint64_t length = little_endian((bytes){rest->data + 4, 4});
  if (length > rest->length - TAG_BYTES)
    return false;
  result->number = (uint32_t)little_endian((bytes){rest->data, 4});
  result->data = (bytes){rest->data + TAG_BYTES, (size_t)length};
  rest->data += TAG_BYTES + length;
  rest->length -= TAG_BYTES + (size_t)length;
  return true;
}

bool sipa_detect(bytes data) {
  sipa_tagged t;
  bool known = false;
  while (sipa_next(&data, &t))
    known |= sipa_event_of(t.number) != NULL;
  return known && data.length == 0;
}

/* --- scalars -------------------------------------------------------------- */

/* An integer of up to 8 bytes that JSON's readers keep exact. */
static bool number_in(bytes data, value *result) {
  if (data.length == 0 || data.length > 8)
    return false;
  uint64_t number = little_endian(data);
  if (number > INT64_MAX)
    return false;
  *result = value_integer((int64_t)number);
  return true;
}

/* 0 and 1 are false and true; nothing else is taken for either. */
static bool flag_in(bytes data, value *result) {
  value number;
  if (!number_in(data, &number) || number.integer > 1)
    return false;
  *result = value_boolean(number.integer == 1);
  return true;
}

static bool text_in(arena *a, bytes data, value *result) {
  slice text;
  if (!event_utf16(a, data, &text))
    return false;
  *result = value_text(text);
  return true;
}

static bool object_of_number(arena *a, const sipa_event *row, bytes data,
                             value *result) {
  value number;
  object_builder object = object_in(a);
  if (!number_in(data, &number))
    return false;
  object_set(&object, SLICE("Value"), number);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == row->number && names[i].value == number.integer)
      object_set(&object, SLICE("String"),
                 value_text(slice_from(names[i].name)));
  *result = object_value(&object);
  return true;
}

static value scalar(arena *a, const sipa_event *row, bytes data) {
  value result;
  bool good = false;
  if (row->format == SIPA_FLAG)
    good = flag_in(data, &result);
  else if (row->format == SIPA_NUMBER)
    good = number_in(data, &result);
  else if (row->format == SIPA_TEXT)
    good = text_in(a, data, &result);
  else if (row->format == SIPA_VALUE || row->format == SIPA_NAMED)
    good = object_of_number(a, row, data, &result);
  return good ? result : event_raw(a, data);
}

/* --- groups --------------------------------------------------------------- */

typedef struct group group;

/* What an object has of one event. */
typedef struct slot {
  const sipa_event *row; /* NULL: of unknown ones */
  array_builder all;
  group *inner; /* of SIPA_GROUP: all of them are one object */
} slot;

/* At most one slot of each row, so that finding one is bounded. */
struct group {
  slot *slots;
  size_t count, capacity;
};

static slot *slot_for(arena *a, group *g, const sipa_event *row) {
  for (size_t i = 0; i < g->count; i++)
    if (g->slots[i].row == row)
      return &g->slots[i];
  g->slots = arena_grow(a, g->slots, g->count, &g->capacity, sizeof *g->slots);
  slot *s = &g->slots[g->count++];
  *s = (slot){.row = row, .all = array_in(a)};
  return s;
}

static bool is_always_array(const sipa_event *row) {
  return !row || row->format == SIPA_LIST || row->format == SIPA_GROUPS;
}

/* Equal scalars are one. They are compared with the first alone: where all are
 * equal that is enough, and elsewhere it does no harm that some are told
 * twice. */
static void add_value(arena *a, slot *s, value v) {
  if (s->all.count > 0 && !is_always_array(s->row) &&
      value_equal(a, &s->all.items[0], &v))
    return;
  array_add(&s->all, v);
}

static value unknown_value(arena *a, const sipa_tagged *t) {
  object_builder object = object_in(a);
  object_set(&object, SLICE("Id"), value_integer(t->number));
  object_set(&object, SLICE("RawData"), event_base64url(a, t->data));
  return object_value(&object);
}

static value group_value(arena *a, const group *g);

static value slot_value(arena *a, const slot *s) {
  if (s->inner)
    return group_value(a, s->inner);
  if (s->all.count == 1 && !is_always_array(s->row))
    return s->all.items[0];
  return array_value(&s->all);
}

/* Calls itself no deeper than decode_group did. */
static value group_value(arena *a, const group *g) {
  member *members = ARENA_ARRAY(a, g->count, member);
  for (size_t i = 0; i < g->count; i++) {
    const sipa_event *row = g->slots[i].row;
    slice name = slice_from(row ? row->name : "EVENT_UNKNOWN");
    members[i] = (member){.name = name.data,
                          .name_length = (uint32_t)name.length,
                          .value = slot_value(a, &g->slots[i])};
  }
  return (value){.kind = VALUE_OBJECT,
                 .count = (uint32_t)g->count,
                 .members = members};
}

static bool decode_group(arena *a, bytes data, unsigned depth, group *g);

static bool add_group(arena *a, slot *s, bytes data, unsigned depth) {
  if (depth == LIMIT_EVENT_DEPTH)
    return false;
  if (s->row->format == SIPA_GROUP) {
    if (!s->inner)
      s->inner = ARENA_NEW(a, group);
    return decode_group(a, data, depth + 1, s->inner);
  }
  group inner = {0};
  if (!decode_group(a, data, depth + 1, &inner))
    return false;
  array_add(&s->all, group_value(a, &inner));
  return true;
}

static bool decode_group(arena *a, bytes data, unsigned depth, group *g) {
  sipa_tagged t;
  while (sipa_next(&data, &t)) {
    const sipa_event *row = sipa_event_of(t.number);
    slot *s = slot_for(a, g, row);
    if (!row)
      add_value(a, s, unknown_value(a, &t));
    else if (row->format != SIPA_GROUP && row->format != SIPA_GROUPS)
      add_value(a, s, scalar(a, row, t.data));
    else if (!add_group(a, s, t.data, depth))
      return false;
  }
  return data.length == 0;
}

bool sipa_decode(arena *a, bytes data, value *result) {
  group all = {0};
  if (!decode_group(a, data, 0, &all))
    return false;
  *result = group_value(a, &all);
  return true;
}
