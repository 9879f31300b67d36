/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of JMESPath: calling them, numbers and strings. Those on arrays
 * and objects are in jmespath_collections.c. */
#include <math.h>

#include "base/text.h"
#include "eval/jmespath_call.h"

/* --- numbers -------------------------------------------------------------- */

/* An integral number is an integer, as it would be if it were read. */
static value number_of(double number) {
  const double exact = 9007199254740992; /* 2^53 */
  if (number > -exact && number < exact && (double)(int64_t)number == number)
    return value_integer((int64_t)number);
  return value_real(number);
}

static double as_double(const value *v) {
  return v->kind == VALUE_INTEGER ? (double)v->integer : v->number;
}

value jmespath_call_abs(const function_call *c) {
  const value *v = &c->arguments[0];
  if (v->kind == VALUE_INTEGER && v->integer != INT64_MIN)
    return value_integer(v->integer < 0 ? -v->integer : v->integer);
  double number = as_double(v);
  return value_real(number < 0 ? -number : number);
}

/* The largest integral number that is not above it; libm is not needed. */
static double floor_of(double number) {
  const double integral = 4503599627370496; /* 2^52: no fractions from here */
  if (!(number > -integral && number < integral))
    return number;
  double whole = (double)(int64_t)number;
  return whole > number ? whole - 1 : whole;
}

value jmespath_call_floor(const function_call *c) {
  if (c->arguments[0].kind == VALUE_INTEGER)
    return c->arguments[0];
  return number_of(floor_of(c->arguments[0].number));
}

value jmespath_call_ceil(const function_call *c) {
  if (c->arguments[0].kind == VALUE_INTEGER)
    return c->arguments[0];
  return number_of(-floor_of(-c->arguments[0].number));
}

/* Exact as long as it is an integer of 64 bits. */
static value sum_of(const function_call *c, const value *array) {
  int64_t whole = 0;
  bool is_whole = true;
  double sum = 0;
  pay(c, array->count / 4);
  for (uint32_t i = 0; i < array->count; i++) {
    const value *v = &array->items[i];
    is_whole = is_whole && v->kind == VALUE_INTEGER &&
               !__builtin_add_overflow(whole, v->integer, &whole);
    sum += as_double(v);
  }
  if (is_whole)
    return value_integer(whole);
  if (!isfinite(sum))
    jmespath_stop(c->evaluator, JMESPATH_INVALID_VALUE, c->node->where,
                  "the sum is beyond the range of double");
  return number_of(sum);
}

value jmespath_call_sum(const function_call *c) {
  return sum_of(c, &c->arguments[0]);
}

value jmespath_call_avg(const function_call *c) {
  uint32_t count = c->arguments[0].count;
  if (!count)
    return value_null();
  value sum = sum_of(c, &c->arguments[0]);
  if (sum.kind == VALUE_INTEGER && sum.integer % count == 0)
    return value_integer(sum.integer / count);
  return number_of(as_double(&sum) / count);
}

value jmespath_call_to_number(const function_call *c) {
  const value *v = &c->arguments[0];
  if (v->kind == VALUE_INTEGER || v->kind == VALUE_NUMBER)
    return *v;
  value result = value_null();
  if (v->kind == VALUE_STRING) {
    pay(c, v->count / 16);
    json_read_number(value_string(v), &result);
  }
  return result;
}

/* --- strings -------------------------------------------------------------- */

static bool begins_with(slice text, slice part) {
  return part.length <= text.length &&
         slice_equal((slice){text.data, part.length}, part);
}

value jmespath_call_starts_with(const function_call *c) {
  pay(c, c->arguments[1].count / 16);
  return value_boolean(begins_with(value_string(&c->arguments[0]),
                                   value_string(&c->arguments[1])));
}

value jmespath_call_ends_with(const function_call *c) {
  slice text = value_string(&c->arguments[0]),
        part = value_string(&c->arguments[1]);
  pay(c, part.length / 16);
  if (part.length > text.length)
    return value_boolean(false);
  text.data += text.length - part.length;
  text.length = part.length;
  return value_boolean(slice_equal(text, part));
}

value jmespath_call_equals_ignore_case(const function_call *c) {
  if (c->arguments[0].kind != VALUE_STRING ||
      c->arguments[1].kind != VALUE_STRING ||
      c->arguments[0].count != c->arguments[1].count)
    return value_boolean(false);
  pay(c, c->arguments[0].count / 16);
  const char *left = c->arguments[0].string, *right = c->arguments[1].string;
  for (uint32_t i = 0; i < c->arguments[0].count; i++) {
    char l = left[i], r = right[i];
    l = (char)(l >= 'A' && l <= 'Z' ? l | 0x20 : l);
    r = (char)(r >= 'A' && r <= 'Z' ? r | 0x20 : r);
    if (l != r)
      return value_boolean(false);
  }
  return value_boolean(true);
}

/* A part that occurs nearly everywhere costs its length each time, which is
 * paid for. */
static bool has_part(const function_call *c, slice text, slice part) {
  if (!part.length)
    return true;
  pay(c, text.length / 64);
  while (text.length >= part.length) {
    const char *found =
        memchr(text.data, part.data[0], text.length - part.length + 1);
    if (!found)
      return false;
    pay(c, 1 + part.length / 64);
    text.length -= (size_t)(found - text.data);
    text.data = found;
    if (begins_with(text, part))
      return true;
    text.data++;
    text.length--;
  }
  return false;
}

value jmespath_call_contains(const function_call *c) {
  const value *subject = &c->arguments[0], *search = &c->arguments[1];
  if (subject->kind == VALUE_STRING)
    return value_boolean(
        search->kind == VALUE_STRING &&
        has_part(c, value_string(subject), value_string(search)));
  pay(c, subject->count / 4);
  for (uint32_t i = 0; i < subject->count; i++)
    if (jmespath_equal(c->evaluator, c->node->where, &subject->items[i],
                       search))
      return value_boolean(true);
  return value_boolean(false);
}

value jmespath_call_join(const function_call *c) {
  slice glue = value_string(&c->arguments[0]);
  const value *array = &c->arguments[1];
  size_t length = 0;
  pay(c, array->count);
  for (uint32_t i = 0; i < array->count; i++)
    length += array->items[i].count + (i ? glue.length : 0);
  charge_bytes(c->evaluator, c->node->where, length);
  buffer text = buffer_in(c->evaluator->arena);
  buffer_reserve(&text, length + 1);
  for (uint32_t i = 0; i < array->count; i++) {
    if (i)
      buffer_add(&text, glue);
    buffer_add(&text, value_string(&array->items[i]));
  }
  return value_text(buffer_slice(&text));
}

/* Of valid UTF-8: every byte but the second to fourth of a sequence. */
static uint32_t code_points(slice text) {
  uint32_t count = 0;
  for (size_t i = 0; i < text.length; i++)
    count += (text.data[i] & 0xC0) != 0x80;
  return count;
}

value jmespath_call_length(const function_call *c) {
  if (c->arguments[0].kind != VALUE_STRING)
    return value_integer(c->arguments[0].count);
  pay(c, c->arguments[0].count / 16);
  return value_integer(code_points(value_string(&c->arguments[0])));
}

static value reverse_string(const function_call *c, slice text) {
  pay(c, text.length / 4);
  charge_bytes(c->evaluator, c->node->where, text.length);
  char *data = arena_alloc(c->evaluator->arena, text.length + 1);
  char *to = data + text.length;
  *to = 0;
  for (size_t i = 0; i < text.length;) {
    slice rest = {text.data + i, text.length - i};
    size_t length = utf8_length(rest, NULL);
    length = length ? length : 1;
    to -= length;
    memcpy(to, rest.data, length);
    i += length;
  }
  return value_text((slice){data, text.length});
}

value jmespath_call_reverse(const function_call *c) {
  const value *v = &c->arguments[0];
  if (v->kind == VALUE_STRING)
    return reverse_string(c, value_string(v));
  value *items = new_items(c, v->count);
  for (uint32_t i = 0; i < v->count; i++)
    items[i] = v->items[v->count - 1 - i];
  return (value){.kind = VALUE_ARRAY, .count = v->count, .items = items};
}

value jmespath_call_to_string(const function_call *c) {
  if (c->arguments[0].kind == VALUE_STRING)
    return c->arguments[0];
  buffer text = buffer_in(c->evaluator->arena);
  if (!json_write_limited(&text, &c->arguments[0], (size_t)c->evaluator->bytes))
    jmespath_exhausted(c->evaluator, c->node->where, "bytes of text");
  charge_bytes(c->evaluator, c->node->where, text.length);
  pay(c, text.length / 4);
  return value_text(buffer_slice(&text));
}

value jmespath_call_type(const function_call *c) {
  switch ((value_kind)c->arguments[0].kind) {
  case VALUE_NULL:
    return value_text(SLICE("null"));
  case VALUE_BOOLEAN:
    return value_text(SLICE("boolean"));
  case VALUE_INTEGER:
  case VALUE_NUMBER:
    return value_text(SLICE("number"));
  case VALUE_STRING:
    return value_text(SLICE("string"));
  case VALUE_ARRAY:
    return value_text(SLICE("array"));
  case VALUE_OBJECT:
    break;
  }
  return value_text(SLICE("object"));
}

/* --- calling -------------------------------------------------------------- */

typedef value function(const function_call *c);

static function *const functions[JMESPATH_FUNCTION_COUNT] = {
#define F(name, fewest, most, first, others)                                   \
  [JMESPATH_##name] = jmespath_call_##name,
    JMESPATH_FUNCTIONS(F)
#undef F
};

static void check_argument(jmespath_evaluator *e, const jmespath_node *call,
                           const jmespath_node *argument, uint32_t index,
                           const value *v) {
  const jmespath_function *f = &jmespath_functions[call->function];
  unsigned type = jmespath_argument_type(f, index);
  if (v->kind == VALUE_ARRAY)
    charge_steps(e, call->where, v->count / 4);
  if (jmespath_type_admits(type, v))
    return;
  bool is_array = v->kind == VALUE_ARRAY && (type & TYPE_ARRAY);
  jmespath_stop(e, JMESPATH_INVALID_TYPE, jmespath_chain_span(argument),
                "argument %u of %s is %s; it takes %s", index + 1, f->name,
                is_array ? "an array with other items" : jmespath_kind_text(v),
                jmespath_type_text(type));
}

value jmespath_call(jmespath_evaluator *e, const jmespath_node *call,
                    const value *current) {
  enum { FEW = 2 };
  value few[FEW], *arguments = few;
  uint32_t count = call->operands.count;
  if (count > FEW) {
    charge_values(e, call->where, count);
    arguments = ARENA_ARRAY(e->arena, count, value);
  }
  const jmespath_node *argument = call->operands.first;
  for (uint32_t i = 0; i < count; i++, argument = argument->sibling) {
    arguments[i] = value_null();
    if (argument->kind == QUERY_EXPRESSION)
      continue;
    arguments[i] = *jmespath_operand(e, argument, current);
    check_argument(e, call, argument, i, &arguments[i]);
  }
  return functions[call->function](&(function_call){e, call, arguments, count});
}
