/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values: an immutable tree in an arena. Claims, event logs and JMESPath
 * work on it.
 *
 *   value v;
 *   json_error error;
 *   if (!json_read(a, text, 0, &v, &error))
 *     report(error.offset, error.message);
 *   const value *nonce = value_member(&v, SLICE("nonce"));
 *
 * RFC 8259, with these choices:
 * - an integer in the range of int64 (also written 1.0 or 1e2) is VALUE_INTEGER
 *   and exact, -0 is 0; any other number is VALUE_NUMBER, the double nearest
 *   to it; beyond the range of double it is an error;
 * - names of an object keep the order of the text and are sorted when written;
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
  /* Of a VALUE_NUMBER: the text had an integer beyond int64, and the number is
   * only near it. */
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

static inline value value_real(double number) {
  return (value){.kind = VALUE_NUMBER, .number = number};
}

/* The member of that name; NULL if there is none or it is not an object. */
const value *value_member(const value *object, slice name);

/* Same kind and content; objects in any order of names; numbers by what they
 * are worth, so that 1 and 1.0 are equal. The arena is for scratch space.
 * Recurses as deep as the values nest. */
bool value_equal(arena *a, const value *left, const value *right);

/* The same with a limit: *work is what may still be done (values, and sixteen
 * bytes at a time); if it ends below 0, the answer is false and means nothing.
 */
bool value_equal_within(arena *a, const value *left, const value *right,
                        int64_t *work);

/* -1, 0 or 1 as the left number is less than, equal to or greater than the
 * right one, exactly; each is an integer or a number. */
int value_compare_numbers(const value *left, const value *right);

/* The members of an object in bytewise order of their names, in the arena;
 * NULL if they already stand in that order. */
const member *const *value_sorted(arena *a, const value *object);

/* Of a name that stands twice: its second member. NULL if there is none. Takes
 * O(n log n) for any names. */
const member *value_duplicate(arena *a, const member *members, size_t count);

/* Builds an object member by member: for tokens and reports. Setting a name
 * that is there replaces its value, in its first place. */
typedef struct object_builder {
  arena *arena;
  member *members;
  size_t count, capacity;
} object_builder;

static inline object_builder object_in(arena *a) {
  return (object_builder){.arena = a};
}
void object_set(object_builder *o, slice name, value v);
/* The object so far; it does not change when more is set. */
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
  size_t offset;       /* byte of the text where the mistake is */
  const char *message; /* static; what was met and what could stand there */
  slice name;          /* the member concerned, if any (duplicate names) */
  /* It may be JSON all the same: a name stands twice, a number is beyond all
   * doubles, or a limit ended the reading. */
  bool is_refused;
} json_error;

/* Reads one JSON text; no NUL needs to stand behind it. The values point into
 * the arena (strings with escapes) and into `text` (strings without), which
 * must outlive them. LIMIT_JSON_BYTES and LIMIT_JSON_DEPTH hold.
 * flags: JSON_LAST_NAME_WINS; JSON_TRAILING_NUL accepts one NUL behind the
 * text, as the service does. False on error, with *error filled in. */
bool json_read(arena *a, slice text, unsigned flags, value *result,
               json_error *error);

typedef enum json_number_status {
  JSON_NUMBER_OK,
  JSON_NUMBER_SYNTAX, /* not a number of RFC 8259 section 6 */
  JSON_NUMBER_RANGE   /* beyond the range of double */
} json_number_status;

/* Reads a text that is one JSON number and nothing else, whatever the locale.
 * *result is set if that succeeds. What is nearer to 0 than any double is 0. */
json_number_status json_read_number(slice text, value *result);

/* Writing: compact, names sorted bytewise at every level, UTF-8 raw; \" \\ \b
 * \f \n \r \t escaped, other controls as \u00xx, "/" bare; numbers as
 * json_write_number does. */
void json_write(buffer *out, const value *v);

/* The same up to out->length == limit: false if there was more. */
bool json_write_limited(buffer *out, const value *v, size_t limit);

/* The same as json_write, indented by two blanks a level, for people. */
void json_write_pretty(buffer *out, const value *v);

/* One string with its quotes. */
void json_write_string(buffer *out, slice text);

void json_write_integer(buffer *out, int64_t integer);

/* The shortest text that reads back equal, laid out as ECMAScript does
 * (RFC 8785 section 3.2.2.3): no fraction if it is integral, an exponent from
 * 1e+21 on and below 1e-6. Infinity and NaN, which JSON does not have, give
 * null. */
void json_write_number(buffer *out, double number);

#endif
