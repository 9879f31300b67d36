/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of JMESPath, one row each:
 * F(name, fewest arguments, most, type of the first, type of the others). */
#ifndef GRAMMAR_JMESPATH_FUNCTIONS_H
#define GRAMMAR_JMESPATH_FUNCTIONS_H

#include "base/value.h"

/* Types of an argument: a set of value kinds, or one of the special ones. */
enum {
  TYPE_NULL = 1 << VALUE_NULL,
  TYPE_BOOLEAN = 1 << VALUE_BOOLEAN,
  TYPE_NUMBER = 1 << VALUE_INTEGER | 1 << VALUE_NUMBER,
  TYPE_STRING = 1 << VALUE_STRING,
  TYPE_ARRAY = 1 << VALUE_ARRAY,
  TYPE_OBJECT = 1 << VALUE_OBJECT,
  TYPE_ANY = TYPE_NULL | TYPE_BOOLEAN | TYPE_NUMBER | TYPE_STRING | TYPE_ARRAY |
             TYPE_OBJECT,
  TYPE_KINDS = TYPE_ANY,     /* the bits that stand for kinds */
  TYPE_EXPRESSION = 1 << 8,  /* &expression */
  TYPE_OF_NUMBERS = 1 << 9,  /* with TYPE_ARRAY: every item a number .. */
  TYPE_OF_STRINGS = 1 << 10, /* .. or every item a string */
  TYPE_NUMBERS = TYPE_ARRAY | TYPE_OF_NUMBERS,
  TYPE_STRINGS = TYPE_ARRAY | TYPE_OF_STRINGS,
  TYPE_SORTABLE = TYPE_NUMBERS | TYPE_STRINGS
};

enum { ARGUMENTS_ANY = 0xFFFF };

#define JMESPATH_FUNCTIONS(F)                                                  \
  F(abs, 1, 1, TYPE_NUMBER, 0)                                                 \
  F(avg, 1, 1, TYPE_NUMBERS, 0)                                                \
  F(ceil, 1, 1, TYPE_NUMBER, 0)                                                \
  F(contains, 2, 2, TYPE_STRING | TYPE_ARRAY, TYPE_ANY)                        \
  F(ends_with, 2, 2, TYPE_STRING, TYPE_STRING)                                 \
  F(equals_ignore_case, 2, 2, TYPE_ANY, TYPE_ANY)                              \
  F(floor, 1, 1, TYPE_NUMBER, 0)                                               \
  F(join, 2, 2, TYPE_STRING, TYPE_STRINGS)                                     \
  F(keys, 1, 1, TYPE_OBJECT, 0)                                                \
  F(length, 1, 1, TYPE_STRING | TYPE_ARRAY | TYPE_OBJECT, 0)                   \
  F(map, 2, 2, TYPE_EXPRESSION, TYPE_ARRAY)                                    \
  F(max, 1, 1, TYPE_SORTABLE, 0)                                               \
  F(max_by, 2, 2, TYPE_ARRAY, TYPE_EXPRESSION)                                 \
  F(merge, 1, ARGUMENTS_ANY, TYPE_OBJECT, TYPE_OBJECT)                         \
  F(min, 1, 1, TYPE_SORTABLE, 0)                                               \
  F(min_by, 2, 2, TYPE_ARRAY, TYPE_EXPRESSION)                                 \
  F(not_null, 1, ARGUMENTS_ANY, TYPE_ANY, TYPE_ANY)                            \
  F(reverse, 1, 1, TYPE_STRING | TYPE_ARRAY, 0)                                \
  F(sort, 1, 1, TYPE_SORTABLE, 0)                                              \
  F(sort_by, 2, 2, TYPE_ARRAY, TYPE_EXPRESSION)                                \
  F(starts_with, 2, 2, TYPE_STRING, TYPE_STRING)                               \
  F(sum, 1, 1, TYPE_NUMBERS, 0)                                                \
  F(to_array, 1, 1, TYPE_ANY, 0)                                               \
  F(to_number, 1, 1, TYPE_ANY, 0)                                              \
  F(to_string, 1, 1, TYPE_ANY, 0)                                              \
  F(type, 1, 1, TYPE_ANY, 0)                                                   \
  F(values, 1, 1, TYPE_OBJECT, 0)

typedef enum jmespath_function_id {
#define F(name, fewest, most, first, others) JMESPATH_##name,
  JMESPATH_FUNCTIONS(F)
#undef F
      JMESPATH_FUNCTION_COUNT
} jmespath_function_id;

typedef struct jmespath_function {
  const char *name;
  uint16_t fewest, most;  /* arguments; most may be ARGUMENTS_ANY */
  uint16_t first, others; /* their types */
} jmespath_function;

extern const jmespath_function jmespath_functions[JMESPATH_FUNCTION_COUNT];

static inline unsigned jmespath_argument_type(const jmespath_function *f,
                                              uint32_t index) {
  return index ? f->others : f->first;
}

/* Whether a value is of the type; items of arrays are looked at. */
bool jmespath_type_admits(unsigned type, const value *v);

/* In words, for messages: "a number", "an array of strings". Static. */
const char *jmespath_type_text(unsigned type);
/* Of a value: "a string", "null". */
const char *jmespath_kind_text(const value *v);

#endif
