/* SPDX-License-Identifier: Apache-2.0 */
/* Authorizationrules in worlds where only some claims are known. Of every rule
 * it is worked out in which worlds it can never run, and in which it surely
 * runs; between the two lies what depends on claims that a world leaves open.
 * The worlds of a policy are bits of one word, so that all are asked at once.
 *
 * Claims that rules add carry the same two masks on to the rules behind. */
#include "compiler/lint_worlds.h"

#include "compiler/claim_catalogue.h"

/* In which worlds something is never so, and surely so. Both: it depends on a
 * value computed from a claim of that world, and is taken to protect. */
typedef struct outlook {
  uint8_t never, surely;
} outlook;

static outlook maybe(void) { return (outlook){0, 0}; }
static outlook impossible(void) { return (outlook){WORLD_ALL, 0}; }

/* Claims of one type that rules have added, of one value or of any. */
typedef struct added {
  bool exists;
  outlook when;
  uint8_t derived; /* from claims of these worlds, by computation */
  /* Of a type, found when it is first met: */
  bool is_looked_up, is_catalogued;
  const world_claim *world; /* or NULL */
} added;

typedef struct asker {
  arena *arena;
  const ast_policy *ast;
  attestation_type type;
  const bool *is_void; /* the next rule, of authorizationrules; or NULL */
  symbols keys; /* "type", "type" + NUL + value */
  added *items; /* items[symbol - 1] */
  size_t capacity;
  uint8_t denied; /* worlds in which a deny surely runs */
  world_answers answers;
} asker;

/* --- what rules have added ------------------------------------------------ */

/* Valid until the next call. The key is kept. */
static added *added_of(asker *a, slice key) {
  uint32_t before = a->keys.count;
  uint32_t symbol = symbols_intern(&a->keys, key);
  if (a->keys.count > before) {
    a->items = arena_grow(a->arena, a->items, before, &a->capacity,
                          sizeof *a->items);
    a->items[before] = (added){.when = impossible()};
  }
  return &a->items[symbol - 1];
}

static added find_value(const asker *a, slice key) {
  uint32_t symbol = symbols_find(&a->keys, key);
  return symbol ? a->items[symbol - 1] : (added){.when = impossible()};
}

static const world_claim *world_claim_of(attestation_type type, slice name) {
  for (const world_claim *w = world_claims; w->name; w++)
    if ((w->types & CLAIM_TYPE(type)) && slice_is(name, w->name))
      return w;
  return NULL;
}

static added find_type(asker *a, slice name) {
  added *t = added_of(a, name);
  if (!t->is_looked_up) {
    t->is_looked_up = true;
    t->is_catalogued = claim_catalogue_find(name, a->type) != NULL;
    t->world = world_claim_of(a->type, name);
  }
  return *t;
}

/* The key of a type with one literal value, or with a computed one (NULL). */
static slice value_key(asker *a, slice type, const ast_expr *given) {
  buffer b = buffer_in(a->arena);
  buffer_add(&b, type);
  buffer_char(&b, '\0');
  if (!given)
    buffer_char(&b, 'c');
  else if (given->kind == EXPR_STRING) {
    buffer_char(&b, 's');
    buffer_add(&b, given->string);
  } else if (given->kind == EXPR_INTEGER)
    buffer_printf(&b, "i%lld", (long long)given->integer);
  else
    buffer_text(&b, given->boolean ? "true" : "false");
  return buffer_slice(&b);
}

static void add_claim(added *to, outlook when, uint8_t derived) {
  to->exists = true;
  to->when.never &= when.never;
  to->when.surely |= when.surely;
  to->derived |= derived;
}

/* --- claims of the worlds ------------------------------------------------- */

static bool compare_integers(ast_operator relation, int64_t a, int64_t b) {
  switch (relation) {
  case OPERATOR_EQUAL:
    return a == b;
  case OPERATOR_NOT_EQUAL:
    return a != b;
  case OPERATOR_LESS:
    return a < b;
  case OPERATOR_LESS_EQUAL:
    return a <= b;
  case OPERATOR_GREATER:
    return a > b;
  case OPERATOR_GREATER_EQUAL:
    return a >= b;
  case OPERATOR_ASSIGN:
    break;
  }
  return false;
}

/* A value of another type satisfies nothing, `!=` included. */
static bool value_satisfies(const world_claim *w, const ast_test *t) {
  const ast_expr *e = t->expr;
  ast_operator relation = (ast_operator)t->relation;
  if (w->kind == LITERAL_STRING && e->kind == EXPR_STRING)
    return (w->text && slice_is(e->string, w->text)) ==
           (relation == OPERATOR_EQUAL);
  if (w->kind == LITERAL_INTEGER && e->kind == EXPR_INTEGER)
    return compare_integers(relation, w->integer, e->integer);
  if (w->kind == LITERAL_BOOLEAN && e->kind == EXPR_BOOLEAN)
    return (e->boolean == (w->integer != 0)) == (relation == OPERATOR_EQUAL);
  return false;
}

static const char *text_property(const world_claim *w, property_kind p) {
  static const char *const kinds[] = {[LITERAL_BOOLEAN] = "Boolean",
                                      [LITERAL_INTEGER] = "Integer",
                                      [LITERAL_STRING] = "String"};
  return p == PROPERTY_TYPE         ? w->name
         : p == PROPERTY_VALUE_TYPE ? kinds[w->kind]
                                    : "AttestationService";
}

/* Computed tests are passed over: the caller knows of them. */
static bool claim_satisfies(const asker *a, const world_claim *w,
                            const ast_condition *c) {
  for (const ast_test *t = c->tests; t; t = t->next) {
    property_kind p = view_property(a->ast, t);
    if (view_is_literal(a->ast, t, PROPERTY_VALUE)) {
      if (!value_satisfies(w, t))
        return false;
    } else if (p != PROPERTY_VALUE && t->expr->kind == EXPR_STRING &&
               slice_is(t->expr->string, text_property(w, p)) !=
                   (t->relation == OPERATOR_EQUAL)) {
      return false;
    }
  }
  return true;
}

/* --- conditions ----------------------------------------------------------- */

/* The worlds whose claims a condition selects, or claims computed from them. */
static uint8_t derived_of_condition(asker *a, const ast_condition *c) {
  condition_view v = view_condition(c);
  if (!v.type)
    return WORLD_ALL; /* any claim */
  added type = find_type(a, v.type->expr->string);
  return (uint8_t)((type.world ? type.world->worlds : 0) | type.derived);
}

/* Calls nest at most LIMIT_CALL_DEPTH deep. */
static uint8_t derived_of_expr(asker *a, const ast_rule *rule,
                               const ast_expr *e,
                               const ast_condition *before) {
  unsigned derived = 0;
  if (e->kind == EXPR_PROPERTY) {
    const ast_condition *from =
        view_binding(a->ast, rule, e->property.identifier, before);
    return from ? derived_of_condition(a, from) : 0;
  }
  if (e->kind == EXPR_CALL)
    for (const ast_argument *g = e->call.arguments; g; g = g->next)
      derived |= derived_of_expr(a, rule, g->expr, before);
  return (uint8_t)derived;
}

typedef struct value_tests {
  const ast_test *literal; /* the only one, or NULL */
  unsigned literals, computed;
  uint8_t derived; /* of the right sides of computed ones */
} value_tests;

static value_tests look_at_tests(asker *a, const ast_rule *rule,
                                 const ast_condition *c) {
  value_tests n = {0};
  for (const ast_test *t = c->tests; t; t = t->next) {
    if (view_is_literal(a->ast, t, PROPERTY_VALUE)) {
      n.literal = t;
      n.literals++;
    } else if (t->expr->kind == EXPR_PROPERTY || t->expr->kind == EXPR_CALL) {
      n.computed++;
      n.derived |= derived_of_expr(a, rule, t->expr, c);
    }
  }
  return n;
}

/* Claims that rules have added. */
static outlook outlook_of_added(asker *a, slice name, const added *type,
                                const value_tests *n) {
  outlook o = type->when;
  if (!n->literals && !n->computed)
    return o;
  o.surely = 0;
  if (n->literals == 1 && n->literal->relation == OPERATOR_EQUAL) {
    added computed = find_value(a, value_key(a, name, NULL));
    o = find_value(a, value_key(a, name, n->literal->expr)).when;
    o.never &= computed.when.never | computed.derived;
    if (n->computed)
      o.surely = 0;
  }
  o.never |= type->derived;
  o.surely |= type->derived;
  return o;
}

/* The claim of the service that has the type. */
static outlook outlook_of_service(const asker *a, const world_claim *w,
                                  const condition_view *v,
                                  const value_tests *n) {
  if (!w)
    return maybe();
  if (n->computed)
    return (outlook){w->worlds, w->worlds};
  return claim_satisfies(a, w, v->condition) ? (outlook){0, w->worlds}
                                             : (outlook){w->worlds, 0};
}

/* Whether anybody but rules may make such a claim. What the client sends under
 * a name of the service, or of a rule, is left out of account. */
static bool comes_from_outside(const condition_view *v, const added *type,
                               bool is_added) {
  if (!(v->issuers & (ISSUED_BY_SERVICE | ISSUED_BY_CLIENT)))
    return false;
  return !is_added || !(v->issuers & ISSUED_BY_POLICY) || type->is_catalogued;
}

static outlook outlook_of_typed(asker *a, const condition_view *v,
                                const value_tests *n) {
  outlook service = impossible(), rules = impossible();
  slice name = v->type->expr->string;
  added type = find_type(a, name);
  bool is_added = (v->issuers & ISSUED_BY_POLICY) && type.exists;
  if (comes_from_outside(v, &type, is_added))
    service = v->issuers & ISSUED_BY_SERVICE
                  ? outlook_of_service(a, type.world, v, n)
                  : maybe();
  if (is_added)
    rules = outlook_of_added(a, name, &type, n);
  return (outlook){service.never & rules.never,
                   service.surely | rules.surely};
}

/* Some claim of a world may satisfy it whatever its type. */
static outlook outlook_of_untyped(const asker *a, const ast_condition *c) {
  outlook o = maybe();
  for (const world_claim *w = world_claims; w->name; w++)
    if ((w->types & CLAIM_TYPE(a->type)) && claim_satisfies(a, w, c))
      o.surely |= w->worlds;
  return o;
}

static outlook outlook_of(asker *a, const ast_rule *rule,
                          const ast_condition *c) {
  condition_view v = view_condition(c);
  value_tests n = look_at_tests(a, rule, c);
  outlook o = maybe();
  if (v.is_contradictory || !v.issuers)
    o = impossible();
  else if (v.type)
    o = outlook_of_typed(a, &v, &n);
  else if (!n.computed)
    o = outlook_of_untyped(a, c);
  o.never |= n.derived;
  o.surely |= n.derived;
  return c->negated ? (outlook){o.surely, o.never} : o;
}

static outlook outlook_of_rule(asker *a, const ast_rule *rule) {
  outlook all = {0, WORLD_ALL};
  for (const ast_condition *c = rule->conditions; c; c = c->next) {
    outlook o = outlook_of(a, rule, c);
    all.never |= o.never;
    all.surely &= o.surely;
  }
  return all;
}

/* --- actions -------------------------------------------------------------- */

static bool is_literal(const ast_expr *e) {
  return e->kind == EXPR_STRING || e->kind == EXPR_INTEGER ||
         e->kind == EXPR_BOOLEAN;
}

static void run_add(asker *a, const rule_view *r, outlook when) {
  const ast_expr *given = r->value;
  slice type;
  uint8_t derived;
  if (r->claim) { /* the same claims again */
    const ast_condition *from =
        view_binding(a->ast, r->rule, r->claim->where, NULL);
    condition_view v = from ? view_condition(from)
                            : (condition_view){NULL, NULL, false, 0};
    if (!v.type)
      return;
    type = v.type->expr->string;
    derived = derived_of_condition(a, from);
    given = NULL;
  } else if (r->type && r->type->kind == EXPR_STRING && given) {
    type = r->type->string;
    derived = derived_of_expr(a, r->rule, given, NULL);
  } else {
    return;
  }
  bool is_known = given && is_literal(given);
  add_claim(added_of(a, type), when, derived);
  add_claim(added_of(a, value_key(a, type, is_known ? given : NULL)), when,
            derived);
}

static void run_permit(asker *a, const ast_rule *rule, outlook when) {
  for (unsigned i = 0; i < WORLD_COUNT; i++)
    if (!(when.never & 1u << i) && !a->answers.permits[i])
      a->answers.permits[i] = rule;
}

static void run_rule(void *context, const rule_view *r) {
  asker *a = context;
  if (r->section != SECTION_AUTHORIZATION)
    return;
  if (a->is_void && *a->is_void++)
    return;
  outlook when = outlook_of_rule(a, r->rule);
  if (r->action == ACTION_PERMIT)
    run_permit(a, r->rule, when);
  else if (r->action == ACTION_DENY)
    a->denied |= when.surely;
  else if (r->action == ACTION_ADD || r->action == ACTION_ISSUE)
    run_add(a, r, when);
}

world_answers worlds_ask(arena *a, const ast_policy *p,
                         attestation_type type, const bool *is_void) {
  asker k = {.arena = a, .ast = p, .type = type, .is_void = is_void};
  symbols_init(&k.keys, a);
  view_rules(p, run_rule, &k);
  unsigned silent = k.denied | (unsigned)~worlds_of(type);
  for (unsigned i = 0; i < WORLD_COUNT; i++)
    if (silent & 1u << i)
      k.answers.permits[i] = NULL;
  return k.answers;
}
