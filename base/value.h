/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values: an immutable tree in an arena. Claims, event logs and JMESPath
 * work on it. RFC 8259, with the choices of docs/json.md:
 *
 * - an integer in the range of int64 (also written 1.0 or 1e2) is VALUE_INTEGER
 *   and exact; any other number is VALUE_NUMBER;
 * - names of an object keep the order of the text; value_sort_key order is
 *   made when it is written;
 * - a name that stands twice in one object is an error of the reader, unless
 *   JSON_LAST_NAME_WINS is asked for;
 * - invalid UTF-8 and lone surrogates are errors; \u0000 is a NUL in the text.
 */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"

typedef enum value_kind {
  VALUE_NULL,
  VALUE_BOOLEAN,
  VALUE_INTEGER,
  VALUE_NUMBER,
  VALUE_STRING,
  VALUE_ARRAY,
  VALUE_OBJECT
} value_kind;

typedef struct value value;
typedef struct member member;

struct value {
  uint8_t kind;
  /* An integer of the text was beyond int64: the number is only near it. */
  uint8_t is_rounded;
  uint32_t count; /* bytes of a string, items of an array, of an object */
  union {
    bool boolean;
    int64_t integer;
    double number;
    const char *string;
    const value *items;
    const member *members;
  };
};

struct member {
  const char *name;
  uint32_t name_length;
  value value;
};

static inline slice value_string(const value *v) {
  return (slice){v->string, v->count};
}

static inline slice member_name(const member *m) {
  return (slice){m->name, m->name_length};
}

static inline value value_null(void) { return (value){.kind = VALUE_NULL}; }
static inline value value_boolean(bool b) {
  return (value){.kind = VALUE_BOOLEAN, .boolean = b};
}
static inline value value_integer(int64_t i) {
  return (value){.kind = VALUE_INTEGER, .integer = i};
}
static inline value value_text(slice s) {
  return (value){
      .kind = VALUE_STRING, .count = (uint32_t)s.length, .string = s.data};
}

/* The member of that name, or NULL. */
const value *value_member(const value *object, slice name);

/* Builds an object member by member: for tokens and reports. Adding a name
 * that is there replaces its value. */
typedef struct object_builder {
  arena *arena;
  member *members;
  size_t count, capacity;
} object_builder;

static inline object_builder object_in(arena *a) {
  return (object_builder){.arena = a};
}
void object_set(object_builder *o, slice name, value v);
value object_value(const object_builder *o);

typedef struct array_builder {
  arena *arena;
  value *items;
  size_t count, capacity;
} array_builder;

static inline array_builder array_in(arena *a) {
  return (array_builder){.arena = a};
}
void array_add(array_builder *b, value v);
value array_value(const array_builder *b);

/* Reading. */

enum { JSON_LAST_NAME_WINS = 1, JSON_TRAILING_NUL = 2 };

typedef struct json_error {
  size_t offset;       /* byte of the text at which reading stopped */
  const char *message; /* static; what was met and what could stand there */
  slice name;          /* the member concerned, if any (duplicate names) */
} json_error;

/* Reads one JSON text. The values point into the arena (strings with escapes)
 * and into `text` (strings without), which must outlive them.
 * flags: JSON_LAST_NAME_WINS; JSON_TRAILING_NUL accepts one NUL behind the
 * text, as the service does. False on error, with *error filled in. */
bool json_read(arena *a, slice text, unsigned flags, value *result,
               json_error *error);

/* Writing: compact, names sorted bytewise at every level, UTF-8 raw, escapes
 * as design "JSON text out" says: \" \\ \b \f \n \r \t, other controls \u00xx,
 * "/" bare, integral numbers without a fraction. */
void json_write(buffer *out, const value *v);

/* The same, indented by two blanks a level, for people. */
void json_write_pretty(buffer *out, const value *v);

/* One string with its quotes. */
void json_write_string(buffer *out, slice text);

/* A number as json_write does: shortest text that reads back equal. */
void json_write_number(buffer *out, double number);

#endif
