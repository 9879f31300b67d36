/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule does once its conditions hold. */
#include "base/limits.h"
#include "compiler/properties.h"
#include "eval/claims_insert.h"
#include "eval/engine.h"

static span rule_place(const engine *e) {
  return e->program->places[e->rule].where;
}

/* The first few in words, the others as a number: sets may be large. */
static void say(engine *e, const char *verb, const claim *c, bool is_new) {
  if (!(e->flags & EVALUATE_TRACE) || ++e->action_count > ACTIONS_SHOWN)
    return;
  buffer *b = &e->action_text;
  buffer_printf(b, "%s%s%.*s = ", e->action_count > 1 ? ", " : verb,
                e->action_count > 1 ? "" : " ", SLICE_ARGS(c->type));
  trace_value(b, &(set_value){.kind = c->kind,
                              .integer = c->integer,
                              .text = c->text});
  if (!is_new)
    buffer_text(b, " (was there)");
}

static bool full(engine *e) {
  return engine_fail(e, rule_place(e), "more than %d claims", LIMIT_CLAIMS);
}

static bool add_incoming(engine *e, const claim *c, bool *is_new) {
  engine_own_claims(e);
  claims_insertion done = claims_insert(&e->own_claims, c);
  e->claims = e->own_claims.items;
  *is_new = done == CLAIMS_ADDED;
  if (done != CLAIMS_ADDED)
    return done == CLAIMS_PRESENT || full(e);
  e->own.items = arena_grow(e->arena, e->own.items, e->count,
                            &e->own_capacity, sizeof *e->own.items);
  e->items = e->own.items;
  bind_claim(e->program, c, &e->own.items[e->count]);
  bound_append(&e->own, e->count++);
  return true;
}

static bool check_property(engine *e, const claim *c) {
  const policy_property *known = policy_property_find(c->type);
  if (!known)
    return true;
  if ((literal_kind)c->kind != known->kind)
    return engine_fail(e, rule_place(e), "property %s takes %s, not %s",
                       known->name,
                       claim_kind_name((claim_kind)known->kind).data,
                       claim_kind_name((claim_kind)c->kind).data);
  if (known->kind == LITERAL_INTEGER &&
      (c->integer < known->least || c->integer > known->most))
    return engine_fail(e, rule_place(e),
                       "property %s is %lld; it lies between %lld and %lld",
                       known->name, (long long)c->integer,
                       (long long)known->least, (long long)known->most);
  return true;
}

static bool make_claim(engine *e, const program_rule *rule, const claim *c) {
  bool is_new = true;
  if (rule->action == ACTION_ADD) {
    if (!add_incoming(e, c, &is_new))
      return false;
    say(e, "added", c, is_new);
    return true;
  }
  if (c->read_only)
    return engine_fail(e, rule_place(e),
                       "claim %.*s is read-only and cannot be issued",
                       SLICE_ARGS(c->type));
  if (rule->action == ACTION_ISSUEPROPERTY) {
    if (!check_property(e, c))
      return false;
    if (!claims_append(&e->result->properties, c))
      return full(e);
    say(e, "set", c, true);
    return true;
  }
  if (!add_incoming(e, c, &is_new))
    return false;
  claims_insertion done = claims_insert(&e->result->issued, c);
  if (done == CLAIMS_FULL)
    return full(e);
  say(e, "issued", c, done == CLAIMS_ADDED);
  return true;
}

static bool make_copies(engine *e, const program_rule *rule) {
  const selection *s = &e->slots[rule->claim_slot];
  for (uint32_t i = 0; i < s->count; i++) {
    claim c = e->claims[s->items[i]];
    c.issuer = ISSUER_POLICY;
    if (!make_claim(e, rule, &c))
      return false;
  }
  return true;
}

static bool single_type(engine *e, const program_rule *rule, slice *type) {
  value_set set;
  span where = e->program->exprs[rule->type].where;
  if (!engine_expression(e, rule->type, &set))
    return false;
  if (set.count != 1)
    return engine_fail(e, where, "the type of a claim must be one string, "
                                 "not %zu values",
                       set.count);
  if (set.items[0].kind != CLAIM_STRING)
    return engine_fail(e, where, "the type of a claim must be a string");
  if (!set.items[0].text.length)
    return engine_fail(e, where, "the type of a claim is empty");
  *type = set.items[0].text;
  return true;
}

/* One claim for each value; none for an empty value. */
static bool make_claims(engine *e, const program_rule *rule) {
  slice type = SLICE_EMPTY;
  value_set values = set_in(e->arena);
  if (!single_type(e, rule, &type) ||
      !engine_expression(e, rule->value, &values))
    return false;
  for (size_t i = 0; i < values.count; i++) {
    const set_value *v = &values.items[i];
    claim c = {.type = type,
               .issuer = ISSUER_POLICY,
               .kind = v->kind,
               .read_only = v->read_only,
               .integer = v->integer,
               .text = v->text};
    if (!make_claim(e, rule, &c))
      return false;
  }
  return true;
}

bool engine_action(engine *e, const program_rule *rule) {
  e->action_text = buffer_in(e->arena);
  e->action_count = 0;
  switch ((action_kind)rule->action) {
  case ACTION_PERMIT:
    e->result->decision = DECISION_PERMIT;
    return true;
  case ACTION_DENY:
    e->result->decision = DECISION_DENY;
    e->result->reason = REASON_DENY_RULE;
    e->result->rule = e->rule;
    return true;
  case ACTION_ADD:
  case ACTION_ISSUE:
  case ACTION_ISSUEPROPERTY:
    return rule->claim_slot != PROGRAM_NONE ? make_copies(e, rule)
                                            : make_claims(e, rule);
  case ACTION_COUNT:
    break;
  }
  return true;
}
