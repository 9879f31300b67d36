/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule did, or why not, in words: the first condition that did not
 * hold and the claim that came nearest. Runs only when a trace is wanted. */
#include "base/text.h"
#include "eval/engine.h"

enum { SHOWN_MAX = 72, SUGGESTIONS = 256 };

/* Cut at a character, so that the text stays UTF-8. */
static slice cut(slice text) {
  size_t length = SHOWN_MAX;
  if (text.length <= length)
    return text;
  while (length && (text.data[length] & 0xC0) == 0x80)
    length--;
  return (slice){text.data, length};
}

void trace_value(buffer *b, const set_value *v) {
  if (v->kind == CLAIM_BOOLEAN) {
    buffer_text(b, v->integer ? "true" : "false");
  } else if (v->kind == CLAIM_INTEGER) {
    buffer_printf(b, "%lld", (long long)v->integer);
  } else {
    slice shown = cut(v->text);
    json_write_string(b, shown);
    if (shown.length < v->text.length)
      buffer_printf(b, ".. (%zu bytes)", v->text.length);
  }
}

static set_value literal_value(const engine *e, const program_test *t) {
  set_value v = {.kind = t->literal, .integer = t->key};
  if (t->literal == LITERAL_STRING) {
    v.integer = 0;
    v.text = symbols_text(&e->program->symbols, (uint32_t)t->key);
  }
  return v;
}

/* "x-ms-sgx-svn is 2", "x comes from CustomClaim", .. */
static void describe_claim(const engine *e, buffer *b, uint32_t index,
                           property_kind property) {
  const claim *c = &e->claims[index];
  buffer_add(b, c->type);
  if (property == PROPERTY_ISSUER) {
    buffer_printf(b, " comes from %.*s", SLICE_ARGS(c->issuer));
    return;
  }
  set_value v = engine_property(e, index, PROPERTY_VALUE);
  buffer_text(b, " is ");
  trace_value(b, &v);
  if (property == PROPERTY_VALUE_TYPE)
    buffer_printf(b, " (%.*s)",
                  SLICE_ARGS(claim_kind_name((claim_kind)c->kind)));
}

static void describe_wanted(engine *e, buffer *b, uint32_t index,
                            const program_test *t) {
  property_kind property = (property_kind)t->property;
  set_value v = engine_property(e, index, property);
  buffer_text(b, ", wanted ");
  if (property != PROPERTY_VALUE)
    buffer_printf(b, "%.*s ", SLICE_ARGS(property_name(property)));
  buffer_printf(b, "%s ", operator_text((ast_operator)t->relation));
  if (t->literal == LITERAL_NONE) {
    span where = e->program->exprs[t->expr].where;
    buffer_add(b, cut(ast_text(e->program->ast, where)));
    return;
  }
  set_value wanted = literal_value(e, t);
  trace_value(b, &wanted);
  if (wanted.kind != v.kind)
    buffer_printf(b, " (%.*s, not %.*s)",
                  SLICE_ARGS(claim_kind_name((claim_kind)wanted.kind)),
                  SLICE_ARGS(claim_kind_name((claim_kind)v.kind)));
}

/* How many literal tests the claim passes before the first it fails. */
static uint32_t passed_tests(const engine *e, const program_condition *c,
                             uint32_t index) {
  uint32_t i = 0;
  while (i < c->literal_tests &&
         engine_literal_test(e, index, &e->program->tests[c->first_test + i]))
    i++;
  return i;
}

/* No claim has the type: perhaps one with a similar name is there. */
static void no_such_claim(const engine *e, buffer *b, slice type) {
  const char *names[SUGGESTIONS + 1];
  size_t count = 0;
  for (uint32_t i = 0; i < e->count && count < SUGGESTIONS; i++)
    names[count++] = arena_string(e->arena, e->claims[i].type);
  names[count] = NULL;
  const char *near = did_you_mean(type, names);
  buffer_printf(b, "there is no claim %.*s", SLICE_ARGS(type));
  if (near)
    buffer_printf(b, "; there is %s", near);
}

typedef struct nearest {
  uint32_t index, passed, candidates;
} nearest;

static nearest find_nearest(const engine *e, const program_condition *c) {
  nearest best = {0, 0, 0};
  for (uint32_t i = 0; i < e->count; i++) {
    if (c->type && e->items[i].type != c->type)
      continue;
    uint32_t passed = passed_tests(e, c, i);
    if (!best.candidates++ || passed > best.passed) {
      best.index = i;
      best.passed = passed;
    }
  }
  return best;
}

static void explain_missing(engine *e, buffer *b,
                            const program_condition *c) {
  nearest n = find_nearest(e, c);
  if (!n.candidates) {
    if (c->type)
      no_such_claim(e, b, symbols_text(&e->program->symbols, c->type));
    else
      buffer_text(b, "there are no claims");
    return;
  }
  uint32_t failed = n.passed < c->literal_tests ? n.passed : e->failed_test;
  const program_test *t = &e->program->tests[c->first_test + failed];
  describe_claim(e, b, n.index, (property_kind)t->property);
  describe_wanted(e, b, n.index, t);
  if (n.candidates == 1)
    buffer_text(b, c->type ? "; no other claim of that type"
                           : "; there is no other claim");
  else
    buffer_printf(b, "; %u other claim%s%s do%s not fit either",
                  n.candidates - 1, n.candidates == 2 ? "" : "s",
                  c->type ? " of that type" : "",
                  n.candidates == 2 ? "es" : "");
}

static void explain_negated(engine *e, buffer *b,
                            const program_condition *c) {
  for (uint32_t i = 0; i < e->count; i++)
    if ((!c->type || e->items[i].type == c->type) &&
        passed_tests(e, c, i) == c->literal_tests) {
      describe_claim(e, b, i, PROPERTY_VALUE);
      buffer_text(b, ", and no such claim is wanted");
      return;
    }
}

static const char *fired_text(engine *e) {
  if (e->action_count > ACTIONS_SHOWN)
    buffer_printf(&e->action_text, ", and %zu more",
                  e->action_count - ACTIONS_SHOWN);
  if (e->action_count)
    return buffer_slice(&e->action_text).data;
  switch ((action_kind)e->program->rules[e->rule].action) {
  case ACTION_PERMIT:
    return "permit()";
  case ACTION_DENY:
    return "deny()";
  default:
    return "nothing to do: the value is empty";
  }
}

void trace_rule(engine *e, bool fired) {
  trace_entry *entry = ARENA_NEW(e->arena, trace_entry);
  entry->rule = e->rule;
  entry->fired = fired;
  *e->trace_end = entry;
  e->trace_end = &entry->next;
  if (fired) {
    entry->text = fired_text(e);
    return;
  }
  entry->condition = e->condition;
  uint32_t first = e->program->rules[e->rule].first_condition;
  const program_condition *c = &e->program->conditions[first + e->condition];
  buffer b = buffer_in(e->arena);
  if (c->negated)
    explain_negated(e, &b, c);
  else
    explain_missing(e, &b, c);
  entry->text = buffer_slice(&b).data;
}
