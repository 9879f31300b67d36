/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of JMESPath on arrays and objects. */
#include "eval/jmespath_call.h"

static value array_of(const value *items, uint32_t count) {
  return (value){.kind = VALUE_ARRAY, .count = count, .items = items};
}

/* --- objects -------------------------------------------------------------- */

value jmespath_call_keys(const function_call *c) {
  enum { COST_OF_SORTING = 8 };
  const value *object = &c->arguments[0];
  pay(c, object->count * (size_t)COST_OF_SORTING);
  value *items = new_items(c, object->count);
  const member *const *order = value_sorted(c->evaluator->arena, object);
  for (uint32_t i = 0; i < object->count; i++)
    items[i] = value_text(member_name(order ? order[i] : &object->members[i]));
  return array_of(items, object->count);
}

value jmespath_call_values(const function_call *c) {
  return jmespath_values_of(c->evaluator, c->node->where, &c->arguments[0]);
}

value jmespath_call_merge(const function_call *c) {
  enum { COST_OF_LOOKING = 16 };
  size_t count = 0;
  for (uint32_t i = 0; i < c->count; i++)
    count += c->arguments[i].count;
  pay(c, count * COST_OF_LOOKING);
  charge_values(c->evaluator, c->node->where, count * 4);
  object_builder all = object_in(c->evaluator->arena);
  for (uint32_t i = 0; i < c->count; i++) {
    const value *object = &c->arguments[i];
    for (uint32_t j = 0; j < object->count; j++)
      object_set(&all, member_name(&object->members[j]),
                 object->members[j].value);
  }
  return object_value(&all);
}

/* --- any values ----------------------------------------------------------- */

value jmespath_call_not_null(const function_call *c) {
  for (uint32_t i = 0; i < c->count; i++)
    if (c->arguments[i].kind != VALUE_NULL)
      return c->arguments[i];
  return value_null();
}

value jmespath_call_to_array(const function_call *c) {
  if (c->arguments[0].kind == VALUE_ARRAY)
    return c->arguments[0];
  value *items = new_items(c, 1);
  items[0] = c->arguments[0];
  return array_of(items, 1);
}

/* The expression that is the argument of that index. */
static const jmespath_node *expression_of(const function_call *c,
                                          uint32_t index) {
  const jmespath_node *argument = c->node->operands.first;
  if (index)
    argument = argument->sibling;
  return argument->operands.first;
}

value jmespath_call_map(const function_call *c) {
  const jmespath_node *expression = expression_of(c, 0);
  const value *array = &c->arguments[1];
  value *items = new_items(c, array->count);
  for (uint32_t i = 0; i < array->count; i++)
    items[i] = *jmespath_operand(c->evaluator, expression, &array->items[i]);
  return array_of(items, array->count);
}

/* --- order ---------------------------------------------------------------- */

typedef struct keyed {
  value key, item;
} keyed;

/* Two numbers or two strings. Code points and the bytes of UTF-8 have the same
 * order. */
static int compare_keys(const function_call *c, const value *left,
                        const value *right) {
  if (left->kind != VALUE_STRING)
    return pay(c, 1), value_compare_numbers(left, right);
  uint32_t shorter = left->count < right->count ? left->count : right->count;
  pay(c, 1 + shorter / 64);
  return slice_compare(value_string(left), value_string(right));
}

static bool is_number(const value *v) {
  return v->kind == VALUE_INTEGER || v->kind == VALUE_NUMBER;
}

/* Every key must be a number, or every key a string. */
static void check_key(const function_call *c, const value *first,
                      const value *key, uint32_t index) {
  bool is_good = is_number(key)
                     ? is_number(first)
                     : key->kind == VALUE_STRING && first->kind == VALUE_STRING;
  if (is_good)
    return;
  const char *name = jmespath_functions[c->node->function].name;
  jmespath_stop(c->evaluator, JMESPATH_INVALID_TYPE,
                jmespath_chain_span(expression_of(c, 1)),
                "the expression of %s gives %s for item %u; all must be "
                "numbers or all strings",
                name, jmespath_kind_text(key), (unsigned)index);
}

/* The key of an item: what the expression gives, or without one itself. */
static value key_of(const function_call *c, const jmespath_node *expression,
                    uint32_t index, const value *first) {
  const value *item = &c->arguments[0].items[index];
  if (!expression)
    return *item;
  value key = *jmespath_operand(c->evaluator, expression, item);
  check_key(c, index ? first : &key, &key, index);
  return key;
}

static void merge(const function_call *c, keyed *to, const keyed *left,
                  const keyed *middle, const keyed *end) {
  const keyed *right = middle;
  while (left < middle && right < end)
    *to++ = compare_keys(c, &left->key, &right->key) <= 0 ? *left++ : *right++;
  while (left < middle)
    *to++ = *left++;
  while (right < end)
    *to++ = *right++;
}

/* Stable. Returns the sorted one of the two arrays. */
static const keyed *merge_sort(const function_call *c, keyed *from, keyed *to,
                               size_t count) {
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t i = 0; i < count; i += 2 * width) {
      size_t middle = count - i < width ? count : i + width;
      size_t end = count - middle < width ? count : middle + width;
      merge(c, to + i, from + i, from + middle, from + end);
    }
    keyed *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

static value sorted(const function_call *c, const jmespath_node *expression) {
  uint32_t count = c->arguments[0].count;
  if (count == 0)
    return c->arguments[0];
  value *items = new_items(c, count);
  charge_values(c->evaluator, c->node->where, (size_t)count * 4);
  keyed *pairs = ARENA_ARRAY(c->evaluator->arena, count, keyed);
  keyed *other = ARENA_ARRAY(c->evaluator->arena, count, keyed);
  for (uint32_t i = 0; i < count; i++) {
    pairs[i].key = key_of(c, expression, i, &pairs[0].key);
    pairs[i].item = c->arguments[0].items[i];
  }
  const keyed *order = merge_sort(c, pairs, other, count);
  for (uint32_t i = 0; i < count; i++)
    items[i] = order[i].item;
  return array_of(items, count);
}

value jmespath_call_sort(const function_call *c) { return sorted(c, NULL); }

value jmespath_call_sort_by(const function_call *c) {
  return sorted(c, expression_of(c, 1));
}

/* The first item whose key is the largest (sign 1) or the smallest (-1); null
 * of an empty array. */
static value extreme(const function_call *c, const jmespath_node *expression,
                     int sign) {
  const value *array = &c->arguments[0];
  if (!array->count)
    return value_null();
  uint32_t best = 0;
  value best_key = key_of(c, expression, 0, NULL);
  for (uint32_t i = 1; i < array->count; i++) {
    value key = key_of(c, expression, i, &best_key);
    int order = compare_keys(c, &key, &best_key);
    if (sign > 0 ? order > 0 : order < 0) {
      best = i;
      best_key = key;
    }
  }
  return array->items[best];
}

value jmespath_call_max(const function_call *c) { return extreme(c, NULL, 1); }

value jmespath_call_max_by(const function_call *c) {
  return extreme(c, expression_of(c, 1), 1);
}

value jmespath_call_min(const function_call *c) { return extreme(c, NULL, -1); }

value jmespath_call_min_by(const function_call *c) {
  return extreme(c, expression_of(c, 1), -1);
}
