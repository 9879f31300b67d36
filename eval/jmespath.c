/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the syntax tree. It recurses as deep as brackets nest in the query, and
 * once for each projection inside another. */
#include "eval/jmespath.h"

#include "base/limits.h"
#include "eval/jmespath_evaluator.h"
#include "grammar/jmespath_limits.h"

/* --- single steps --------------------------------------------------------- */

static const value null_value = {.kind = VALUE_NULL};
static const value true_value = {.kind = VALUE_BOOLEAN, .boolean = true};
static const value false_value = {.kind = VALUE_BOOLEAN, .boolean = false};

static inline const value *truth(bool is_so) {
  return is_so ? &true_value : &false_value;
}

/* A value that was made: one of the three above, or in the arena. */
static const value *keep(jmespath_evaluator *e, const jmespath_node *node,
                         value v) {
  if (v.kind == VALUE_NULL)
    return &null_value;
  if (v.kind == VALUE_BOOLEAN)
    return truth(v.boolean);
  charge_values(e, node->where, 1);
  value *kept = arena_alloc(e->arena, sizeof *kept);
  *kept = v;
  return kept;
}

static inline const value *
field(jmespath_evaluator *e, const jmespath_node *node, const value *current) {
  if (current->kind != VALUE_OBJECT)
    return &null_value;
  charge_steps(e, node->where, current->count / 16);
  const value *found = value_member(current, node->name);
  return found ? found : &null_value;
}

/* A negative number counts from the end. */
static const value *item(const jmespath_node *node, const value *current) {
  if (current->kind != VALUE_ARRAY)
    return &null_value;
  int64_t at = node->number;
  if (at < 0)
    at += current->count;
  if (at < 0 || at >= (int64_t)current->count)
    return &null_value;
  return &current->items[at];
}

static const value *make_list(jmespath_evaluator *e, const jmespath_node *node,
                              const value *current) {
  if (current->kind == VALUE_NULL)
    return current;
  charge_values(e, node->where, node->operands.count);
  uint32_t base = e->stack.used;
  const jmespath_node *operand = node->operands.first;
  for (; operand; operand = operand->sibling) {
    const value *v = jmespath_operand(e, operand, current);
    value_stack_push(&e->stack, *v);
  }
  return keep(e, node, value_stack_take(&e->stack, base));
}

static const value *make_hash(jmespath_evaluator *e, const jmespath_node *node,
                              const value *current) {
  if (current->kind == VALUE_NULL)
    return current;
  charge_values(e, node->where, node->operands.count * (size_t)2);
  member *members = ARENA_ARRAY(e->arena, node->slots, member);
  const jmespath_node *entry = node->operands.first;
  for (; entry; entry = entry->sibling) {
    const value *v = jmespath_operand(e, entry->operands.first, current);
    members[entry->slot] =
        (member){entry->name.data, (uint32_t)entry->name.length, *v};
  }
  value object = {.kind = VALUE_OBJECT, .count = node->slots};
  object.members = members;
  return keep(e, node, object);
}

/* --- operators ------------------------------------------------------------ */

bool jmespath_equal(jmespath_evaluator *e, span where, const value *left,
                    const value *right) {
  if (left->kind == VALUE_INTEGER && right->kind == VALUE_INTEGER)
    return left->integer == right->integer;
  if (left->kind == VALUE_STRING && right->kind == VALUE_STRING &&
      left->count != right->count)
    return false;
  bool result = value_equal_within(e->arena, left, right, &e->steps);
  if (e->steps < 0)
    jmespath_exhausted(e, where, "steps");
  return result;
}

static inline bool is_number(const value *v) {
  return v->kind == VALUE_INTEGER || v->kind == VALUE_NUMBER;
}

/* Most operands of comparisons are a field or a literal alone; they need no
 * walk. */
static inline const value *simple_operand(jmespath_evaluator *e,
                                          const jmespath_node *operand,
                                          const value *current) {
  if (!operand->next && operand->kind == QUERY_LITERAL)
    return &operand->literal;
  if (!operand->next && operand->kind == QUERY_FIELD)
    return field(e, operand, current);
  return jmespath_operand(e, operand, current);
}

/* What an ordering of two values that are no numbers gives is null. */
typedef enum verdict { VERDICT_FALSE, VERDICT_TRUE, VERDICT_NULL } verdict;

static verdict compare(jmespath_evaluator *e, const jmespath_node *node,
                       const value *current) {
  const jmespath_node *operand = node->operands.first;
  const value *left = simple_operand(e, operand, current);
  const value *right = simple_operand(e, operand->sibling, current);
  if (node->comparator <= COMPARE_NOT_EQUAL) {
    bool equal = jmespath_equal(e, node->where, left, right);
    return equal == (node->comparator == COMPARE_EQUAL);
  }
  if (!is_number(left) || !is_number(right))
    return VERDICT_NULL;
  int order = value_compare_numbers(left, right);
  switch (node->comparator) {
  case COMPARE_LESS:
    return order < 0;
  case COMPARE_LESS_EQUAL:
    return order <= 0;
  case COMPARE_GREATER:
    return order > 0;
  default:
    return order >= 0;
  }
}

static const value *compared(jmespath_evaluator *e, const jmespath_node *node,
                             const value *current) {
  static const value *const values[] = {[VERDICT_FALSE] = &false_value,
                                        [VERDICT_TRUE] = &true_value,
                                        [VERDICT_NULL] = &null_value};
  return values[compare(e, node, current)];
}

/* Whether a chain gives a true value: what filters ask. Operators need no
 * value for that. */
static bool holds(jmespath_evaluator *e, const jmespath_node *node,
                  const value *current) {
  const jmespath_node *operand = node->operands.first;
  if (node->next)
    return is_true(jmespath_run(e, node, NULL, current));
  charge_steps(e, node->where, 1);
  switch ((jmespath_kind)node->kind) {
  case QUERY_COMPARE:
    return compare(e, node, current) == VERDICT_TRUE;
  case QUERY_GROUP:
    return holds(e, operand, current);
  case QUERY_NOT:
    return !holds(e, operand, current);
  case QUERY_AND:
    while (operand && holds(e, operand, current))
      operand = operand->sibling;
    return !operand;
  case QUERY_OR:
    while (operand && !holds(e, operand, current))
      operand = operand->sibling;
    return operand;
  default:
    return is_true(jmespath_run(e, node, NULL, current));
  }
}

/* The first operand whose truth is `wanted`, else the last one. */
static const value *first_of(jmespath_evaluator *e, const jmespath_node *node,
                             bool wanted, const value *current) {
  const jmespath_node *operand = node->operands.first;
  const value *result;
  do {
    result = jmespath_operand(e, operand, current);
    operand = operand->sibling;
  } while (operand && is_true(result) != wanted);
  return result;
}

static const value *pipe(jmespath_evaluator *e, const jmespath_node *node,
                         const value *current) {
  const jmespath_node *operand = node->operands.first;
  for (; operand; operand = operand->sibling)
    current = jmespath_operand(e, operand, current);
  return current;
}

/* --- projections ---------------------------------------------------------- */

static value array_of(const value *items, uint32_t count) {
  return (value){.kind = VALUE_ARRAY, .count = count, .items = items};
}

/* An array of `count` values in the arena, to be filled. */
static value *new_items(jmespath_evaluator *e, span where, size_t count) {
  charge_steps(e, where, count);
  charge_values(e, where, count);
  return ARENA_ARRAY(e->arena, count, value);
}

value jmespath_values_of(jmespath_evaluator *e, span where,
                         const value *object) {
  enum { COST_OF_SORTING = 8 };
  charge_steps(e, where, object->count * (size_t)COST_OF_SORTING);
  value *items = new_items(e, where, object->count);
  const member *const *order = value_sorted(e->arena, object);
  for (uint32_t i = 0; i < object->count; i++)
    items[i] = order ? order[i]->value : object->members[i].value;
  return array_of(items, object->count);
}

static value flatten(jmespath_evaluator *e, span where, const value *array) {
  size_t count = 0;
  bool is_flat = true;
  charge_steps(e, where, array->count / 4);
  for (uint32_t i = 0; i < array->count; i++) {
    bool is_array = array->items[i].kind == VALUE_ARRAY;
    count += is_array ? array->items[i].count : 1;
    is_flat &= !is_array;
  }
  if (is_flat)
    return *array;
  value *items = new_items(e, where, count), *to = items;
  for (uint32_t i = 0; i < array->count; i++) {
    const value *from = &array->items[i];
    uint32_t length = 1;
    if (from->kind == VALUE_ARRAY) {
      length = from->count;
      from = from->items;
    }
    if (length)
      memcpy(to, from, length * sizeof *to);
    to += length;
  }
  return array_of(items, (uint32_t)count);
}

static int64_t clamp(int64_t at, int64_t least, int64_t most) {
  return at < least ? least : at > most ? most : at;
}

/* As in Python: bounds beyond the array are its ends. */
static value slice_of(jmespath_evaluator *e, const jmespath_node *node,
                      const value *array) {
  const jmespath_range *range = &node->range;
  int64_t length = array->count, step = range->step;
  int64_t least = step > 0 ? 0 : -1, most = step > 0 ? length : length - 1;
  int64_t start = range->start < 0 ? range->start + length : range->start;
  int64_t end = range->end < 0 ? range->end + length : range->end;
  start =
      range->has_start ? clamp(start, least, most) : (step > 0 ? least : most);
  end = range->has_end ? clamp(end, least, most) : (step > 0 ? most : least);
  int64_t count = 0;
  if (step > 0 && end > start)
    count = (end - start - 1) / step + 1;
  else if (step < 0 && end < start)
    count = (start - end - 1) / -step + 1;
  if (count == 0)
    return array_of(NULL, 0);
  if (step == 1)
    return array_of(array->items + start, (uint32_t)count);
  value *items = new_items(e, node->where, (size_t)count);
  for (int64_t i = 0; i < count; i++)
    items[i] = array->items[start + i * step];
  return array_of(items, (uint32_t)count);
}

/* The items that a projection goes over; false if it has nothing to go over. */
static bool projected(jmespath_evaluator *e, const jmespath_node *node,
                      const value *current, value *array) {
  bool is_values = node->kind == QUERY_VALUES;
  if (current->kind != (is_values ? VALUE_OBJECT : VALUE_ARRAY))
    return false;
  if (is_values)
    *array = jmespath_values_of(e, node->where, current);
  else if (node->kind == QUERY_SLICE)
    *array = slice_of(e, node, current);
  else if (node->kind == QUERY_FLATTEN)
    *array = flatten(e, node->where, current);
  else
    *array = *current;
  return true;
}

static bool has_null(const value *array) {
  for (uint32_t i = 0; i < array->count; i++)
    if (array->items[i].kind == VALUE_NULL)
      return true;
  return false;
}

/* Runs the steps behind the projection on every item, and leaves what is not
 * null on the stack. */
static void run_items(jmespath_evaluator *e, const jmespath_node *node,
                      const value *array) {
  const jmespath_node *condition =
      node->kind == QUERY_FILTER ? node->operands.first : NULL;
  const jmespath_node *rest = node->next, *stop = node->stop;
  for (uint32_t i = 0; i < array->count; i++) {
    const value *v = &array->items[i];
    if (condition && !holds(e, condition, v))
      continue;
    const value *result = jmespath_run(e, rest, stop, v);
    if (result->kind != VALUE_NULL)
      value_stack_push(&e->stack, *result);
  }
}

static const value *project(jmespath_evaluator *e, const jmespath_node *node,
                            const value *current) {
  value array;
  if (!projected(e, node, current, &array))
    return &null_value;
  charge_steps(e, node->where, array.count / 4 + 1);
  if (node->kind != QUERY_FILTER && node->next == node->stop &&
      !has_null(&array))
    return keep(e, node, array);
  if (e->depth++ == LIMIT_QUERY_RECURSION)
    jmespath_exhausted(e, node->where, "nested projections");
  uint32_t base = e->stack.used;
  run_items(e, node, &array);
  e->depth--;
  charge_values(e, node->where, e->stack.used - base);
  return keep(e, node, value_stack_take(&e->stack, base));
}

/* --- the walk ------------------------------------------------------------- */

const value *jmespath_run(jmespath_evaluator *e, const jmespath_node *node,
                          const jmespath_node *stop, const value *current) {
  while (node != stop) {
    charge_steps(e, node->where, 1);
    const jmespath_node *operand = node->operands.first;
    switch ((jmespath_kind)node->kind) {
    case QUERY_FIELD:
      current = field(e, node, current);
      break;
    case QUERY_INDEX:
      current = item(node, current);
      break;
    case QUERY_LITERAL:
      current = &node->literal;
      break;
    case QUERY_FUNCTION:
      current = keep(e, node, jmespath_call(e, node, current));
      break;
    case QUERY_GROUP:
      current = jmespath_operand(e, operand, current);
      break;
    case QUERY_LIST:
      current = make_list(e, node, current);
      break;
    case QUERY_HASH:
      current = make_hash(e, node, current);
      break;
    case QUERY_NOT:
      current = truth(!holds(e, operand, current));
      break;
    case QUERY_COMPARE:
      current = compared(e, node, current);
      break;
    case QUERY_AND:
      current = first_of(e, node, false, current);
      break;
    case QUERY_OR:
      current = first_of(e, node, true, current);
      break;
    case QUERY_PIPE:
      current = pipe(e, node, current);
      break;
    case QUERY_CURRENT:
    case QUERY_ENTRY:      /* make_hash looks into it */
    case QUERY_EXPRESSION: /* jmespath_call looks into it */
      break;
    case QUERY_ITEMS:
    case QUERY_VALUES:
    case QUERY_SLICE:
    case QUERY_FLATTEN:
    case QUERY_FILTER:
      current = project(e, node, current);
      node = node->stop;
      continue;
    }
    node = node->next;
  }
  return current;
}

/* Apart, so that nothing of it changes between setjmp and longjmp. */
static bool evaluate(jmespath_evaluator *e, const jmespath_query *query,
                     const value *input, value *result) {
  if (setjmp(e->failure) != 0)
    return false;
  *result = *jmespath_operand(e, query->root, input);
  return true;
}

bool jmespath_search(const jmespath_query *query, arena *a, const value *input,
                     value *result, jmespath_error *error) {
  jmespath_evaluator e;
  e.arena = a;
  e.error = error;
  e.steps = LIMIT_QUERY_STEPS;
  e.values = LIMIT_QUERY_VALUES;
  e.bytes = LIMIT_RESULT_BYTES;
  e.depth = 0;
  value_stack_init(&e.stack, a, e.first, STACK_FIRST);
  bool done = evaluate(&e, query, input, result);
  value_stack_release(&e.stack);
  return done;
}

bool jmespath_search_text(const jmespath_query *query, arena *a,
                          const value *input, slice *text,
                          jmespath_error *error) {
  value result;
  if (!jmespath_search(query, a, input, &result, error))
    return false;
  buffer out = buffer_in(a);
  if (!json_write_limited(&out, &result, LIMIT_RESULT_BYTES)) {
    span where = {0, (uint32_t)query->text.length};
    *error =
        (jmespath_error){JMESPATH_LIMIT, where,
                         "the result's text is larger than the limit", NULL};
    return false;
  }
  *text = buffer_slice(&out);
  return true;
}
