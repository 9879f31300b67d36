/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the language: docs/language.md section "Functions". */
#include "base/limits.h"
#include "eval/call.h"

static const char *function_name(const call *c) {
  return function_names[c->expr->function];
}

span argument_place(const call *c, uint32_t i) {
  const program *p = c->engine->program;
  return p->exprs[p->arguments[c->expr->first_argument + i]].where;
}

/* What an argument is, in words. */
static const char *describe(const call *c, const value_set *set) {
  static const char *const kinds[] = {"the boolean ", "the integer ",
                                      "the string "};
  buffer b = buffer_in(c->engine->arena);
  if (set->count == 0)
    return "an empty value";
  if (set->count > 1) {
    buffer_printf(&b, "%zu values", set->count);
  } else {
    buffer_text(&b, kinds[set->items[0].kind]);
    trace_value(&b, &set->items[0]);
  }
  return buffer_slice(&b).data;
}

static bool fail_argument(const call *c, uint32_t i, const char *wanted) {
  return engine_fail(c->engine, argument_place(c, i),
                     "%s: argument %u must be %s, not %s", function_name(c),
                     i + 1, wanted, describe(c, &c->arguments[i]));
}

const set_value *single_argument(const call *c, uint32_t i, claim_kind kind,
                                 const char *wanted) {
  const value_set *set = &c->arguments[i];
  if (set->count == 1 && set->items[0].kind == kind)
    return &set->items[0];
  fail_argument(c, i, wanted);
  return NULL;
}

bool give(const call *c, set_value v) {
  return set_add(c->result, &v);
}

static bool give_boolean(const call *c, bool b, bool read_only) {
  return give(c, (set_value){.kind = CLAIM_BOOLEAN,
                             .integer = b,
                             .read_only = read_only});
}

static bool is_subset_of(const call *c) {
  const value_set *subset = &c->arguments[0], *superset = &c->arguments[1];
  for (size_t i = 0; i < subset->count; i++)
    if (!set_contains(superset, &subset->items[i]))
      return give_boolean(c, false, false);
  return give_boolean(c, true, false);
}

static bool contains_only_value(const call *c) {
  const value_set *set = &c->arguments[0], *wanted = &c->arguments[1];
  if (wanted->count != 1)
    return fail_argument(c, 1, "one value");
  return give_boolean(
      c, set->count == 1 && set_value_equal(&set->items[0], &wanted->items[0]),
      false);
}

static bool append_string(const call *c) {
  const set_value *first = single_argument(c, 0, CLAIM_STRING, "one string");
  const set_value *second =
      first ? single_argument(c, 1, CLAIM_STRING, "one string") : NULL;
  if (!second)
    return false;
  size_t length = first->text.length + second->text.length;
  if (length > LIMIT_RESULT_BYTES)
    return engine_fail(c->engine, c->expr->where,
                       "AppendString: a string of %zu bytes; %d are allowed",
                       length, LIMIT_RESULT_BYTES);
  char *text = arena_alloc(c->engine->arena, length + 1);
  if (first->text.length)
    memcpy(text, first->text.data, first->text.length);
  if (second->text.length)
    memcpy(text + first->text.length, second->text.data, second->text.length);
  text[length] = 0;
  return give(c, (set_value){.kind = CLAIM_STRING,
                             .text = {text, length},
                             .read_only =
                                 first->read_only || second->read_only});
}

static bool negate_bool(const call *c) {
  const set_value *v = single_argument(c, 0, CLAIM_BOOLEAN, "one boolean");
  return v && give_boolean(c, !v->integer, v->read_only);
}

/* JsonToClaimValue. */

static bool json_not_claim(const call *c, const char *what) {
  return engine_fail(c->engine, argument_place(c, 0),
                     "JsonToClaimValue: %s cannot be the value of a claim",
                     what);
}

static bool json_scalar(const call *c, const value *v, bool read_only) {
  set_value made = {.read_only = read_only};
  switch ((value_kind)v->kind) {
  case VALUE_NULL:
    return true; /* skipped */
  case VALUE_BOOLEAN:
    made.kind = CLAIM_BOOLEAN;
    made.integer = v->boolean;
    break;
  case VALUE_INTEGER:
    made.kind = CLAIM_INTEGER;
    made.integer = v->integer;
    break;
  case VALUE_STRING:
    made.kind = CLAIM_STRING;
    made.text = value_string(v);
    break;
  case VALUE_NUMBER:
    return json_not_claim(c, v->is_rounded ? "an integer beyond 64 bits"
                                           : "a fraction");
  case VALUE_ARRAY:
    return json_not_claim(c, "an array in an array");
  case VALUE_OBJECT:
    return json_not_claim(c, "an object");
  }
  if (!give(c, made))
    return engine_fail(c->engine, c->expr->where,
                       "JsonToClaimValue: more than %d values",
                       LIMIT_SET_VALUES);
  return true;
}

static bool json_to_claim_value(const call *c) {
  const set_value *text = single_argument(c, 0, CLAIM_STRING, "one string");
  value v;
  json_error error;
  if (!text)
    return false;
  if (!json_read(c->engine->arena, text->text, 0, &v, &error)) {
    if (error.is_refused)
      return engine_fail(c->engine, argument_place(c, 0),
                         "JsonToClaimValue: %s", error.message);
    buffer shown = buffer_in(c->engine->arena);
    trace_value(&shown, text);
    engine_note(c->engine,
                "JsonToClaimValue: %.*s is not JSON (%s); it is taken as a "
                "string",
                SLICE_ARGS(buffer_slice(&shown)), error.message);
    return give(c, *text);
  }
  if (v.kind != VALUE_ARRAY)
    return json_scalar(c, &v, text->read_only);
  for (uint32_t i = 0; i < v.count; i++)
    if (!json_scalar(c, &v.items[i], text->read_only))
      return false;
  return true;
}

bool engine_call(engine *e, const program_expr *expr, value_set *arguments,
                 value_set *result) {
  static bool (*const functions[FUNCTION_COUNT])(const call *) = {
      [FUNCTION_JMESPATH] = function_jmespath,
      [FUNCTION_JSON_TO_CLAIM_VALUE] = json_to_claim_value,
      [FUNCTION_IS_SUBSET_OF] = is_subset_of,
      [FUNCTION_APPEND_STRING] = append_string,
      [FUNCTION_NEGATE_BOOL] = negate_bool,
      [FUNCTION_CONTAINS_ONLY_VALUE] = contains_only_value,
  };
  call c = {e, expr, arguments, result};
  return functions[expr->function](&c);
}
