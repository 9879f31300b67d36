/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "eval/engine.h"

set_value engine_property(const engine *e, uint32_t index,
                          property_kind property) {
  const claim *c = &e->claims[index];
  set_value v = {.kind = CLAIM_STRING};
  switch (property) {
  case PROPERTY_VALUE:
    v.kind = c->kind;
    v.integer = c->integer;
    v.text = c->text;
    v.read_only = c->read_only;
    break;
  case PROPERTY_TYPE:
    v.text = c->type;
    break;
  case PROPERTY_VALUE_TYPE:
    v.text = claim_kind_name((claim_kind)c->kind);
    break;
  case PROPERTY_ISSUER:
  case PROPERTY_COUNT:
    v.text = c->issuer;
    break;
  }
  return v;
}

static bool property_set(engine *e, const program_expr *x, value_set *result) {
  const selection *s = &e->slots[x->slot];
  for (uint32_t i = 0; i < s->count; i++) {
    set_value v =
        engine_property(e, s->items[i], (property_kind)x->property);
    if (!set_add(result, &v))
      return engine_fail(e, x->where, "more than %d values",
                         LIMIT_SET_VALUES);
  }
  return true;
}

static void literal(engine *e, const program_expr *x, value_set *result) {
  set_value v = {.kind = x->literal, .integer = x->integer};
  if (x->literal == LITERAL_STRING)
    v.text = symbols_text(&e->program->symbols, x->symbol);
  set_add(result, &v);
}

/* Calls nest at most LIMIT_CALL_DEPTH deep: the parser sees to it. */
bool engine_expression(engine *e, uint32_t expr, value_set *result) {
  const program_expr *x = &e->program->exprs[expr];
  *result = set_in(e->arena);
  if (x->kind == PROGRAM_LITERAL) {
    literal(e, x, result);
    return true;
  }
  if (x->kind == PROGRAM_PROPERTY)
    return property_set(e, x, result);
  value_set *arguments = ARENA_ARRAY(e->arena, x->argument_count, value_set);
  for (uint32_t i = 0; i < x->argument_count; i++)
    if (!engine_expression(
            e, e->program->arguments[x->first_argument + i], &arguments[i]))
      return false;
  return engine_call(e, x, arguments, result);
}
