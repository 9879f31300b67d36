/* SPDX-License-Identifier: Apache-2.0 */
/* The tree as a program: flat arrays in the order in which they run. Counted
 * first, so that every array is made once and has no slack. */
#include "compiler/program.h"

typedef struct lowering {
  arena *arena;
  const ast_policy *policy;
  program *program;
  /* The arrays while they are filled. */
  program_rule *rules;
  program_place *places;
  program_condition *conditions;
  program_simple *simples;
  program_test *tests;
  program_expr *exprs;
  uint32_t *arguments;
  uint32_t argument_count;
  const ast_rule *rule;
} lowering;

typedef struct sizes {
  uint32_t rules, conditions, tests, exprs, arguments, calls;
} sizes;

static slice text_of(const lowering *l, span where) {
  return ast_text(l->policy, where);
}

/* Counting. Calls nest at most LIMIT_CALL_DEPTH deep. */

static void count_expr(const ast_expr *e, sizes *n) {
  n->exprs++;
  if (e->kind != EXPR_CALL)
    return;
  n->calls++;
  for (const ast_argument *a = e->call.arguments; a; a = a->next) {
    n->arguments++;
    count_expr(a->expr, n);
  }
}

static void count_rule(const ast_rule *rule, sizes *n) {
  n->rules++;
  for (const ast_condition *c = rule->conditions; c; c = c->next) {
    n->conditions++;
    for (const ast_test *t = c->tests; t; t = t->next) {
      n->tests++;
      if (t->expr->kind > EXPR_BOOLEAN)
        count_expr(t->expr, n);
    }
  }
  for (const ast_argument *a = rule->arguments; a; a = a->next)
    count_expr(a->expr, n);
}

static sizes count_policy(const ast_policy *policy) {
  sizes n = {0};
  for (const ast_section *s = policy->sections; s; s = s->next)
    for (const ast_rule *rule = s->rules; rule; rule = rule->next)
      count_rule(rule, &n);
  return n;
}

/* Identifiers: the slot of a binding is its number in the rule. A name means
 * the last binding before the place that uses it. */

static uint32_t slot_of(const lowering *l, span name,
                        const ast_condition *before) {
  uint32_t slot = 0, found = PROGRAM_NONE;
  for (const ast_condition *c = l->rule->conditions; c && c != before;
       c = c->next) {
    if (span_is_empty(c->name))
      continue;
    if (slice_equal(text_of(l, c->name), text_of(l, name)))
      found = slot;
    slot++;
  }
  return found;
}

/* Expressions. */

static literal_kind literal_of(const ast_expr *e) {
  return e->kind == EXPR_STRING    ? LITERAL_STRING
         : e->kind == EXPR_INTEGER ? LITERAL_INTEGER
         : e->kind == EXPR_BOOLEAN ? LITERAL_BOOLEAN
                                   : LITERAL_NONE;
}

static int64_t literal_key(lowering *l, const ast_expr *e) {
  return e->kind == EXPR_STRING
             ? (int64_t)symbols_intern(&l->program->symbols, e->string)
         : e->kind == EXPR_INTEGER ? e->integer
                                   : (int64_t)e->boolean;
}

static uint32_t lower_expr(lowering *l, const ast_expr *e,
                           const ast_condition *before);

/* A literal query is compiled with the policy; S019 has said if it cannot. */
static uint32_t lower_query(lowering *l, const program_expr *call) {
  const program_expr *query =
      &l->exprs[l->arguments[call->first_argument + 1]];
  jmespath_error error;
  if (query->kind != PROGRAM_LITERAL)
    return PROGRAM_NONE;
  l->program->queries[l->program->query_count] = jmespath_compile(
      l->arena, symbols_text(&l->program->symbols, query->symbol), &error);
  return l->program->query_count++;
}

static void lower_call(lowering *l, const ast_expr *e, uint32_t index,
                       const ast_condition *before) {
  program_expr *made = &l->exprs[index];
  made->kind = PROGRAM_CALL;
  made->function = (uint8_t)function_from_name(text_of(l, e->call.function));
  made->first_argument = l->argument_count;
  for (const ast_argument *a = e->call.arguments; a; a = a->next)
    made->argument_count++;
  l->argument_count += made->argument_count;
  uint32_t at = made->first_argument;
  for (const ast_argument *a = e->call.arguments; a; a = a->next)
    l->arguments[at++] = lower_expr(l, a->expr, before);
  if (made->function == FUNCTION_JMESPATH)
    made->slot = lower_query(l, made);
}

static uint32_t lower_expr(lowering *l, const ast_expr *e,
                           const ast_condition *before) {
  uint32_t index = l->program->expr_count++;
  program_expr *made = &l->exprs[index];
  *made = (program_expr){.kind = PROGRAM_LITERAL,
                         .literal = (uint8_t)literal_of(e),
                         .slot = PROGRAM_NONE,
                         .where = e->where};
  if (e->kind == EXPR_STRING) {
    made->symbol = symbols_intern(&l->program->symbols, e->string);
  } else if (e->kind == EXPR_PROPERTY) {
    made->kind = PROGRAM_PROPERTY;
    made->property =
        (uint8_t)property_from_name(text_of(l, e->property.property));
    made->slot = slot_of(l, e->property.identifier, before);
  } else if (e->kind == EXPR_CALL) {
    lower_call(l, e, index, before);
  } else {
    made->integer = literal_key(l, e);
  }
  return index;
}

/* Conditions. */

static void lower_test(lowering *l, const ast_test *t,
                       const ast_condition *c) {
  program_test *made = &l->tests[l->program->test_count++];
  *made = (program_test){
      .property = (uint8_t)property_from_name(text_of(l, t->property)),
      .relation = t->relation,
      .literal = (uint8_t)literal_of(t->expr),
      .expr = PROGRAM_NONE};
  if (made->literal == LITERAL_NONE)
    made->expr = lower_expr(l, t->expr, c);
  else
    made->key = literal_key(l, t->expr);
}

static bool is_type_test(const lowering *l, const ast_test *t) {
  return t->relation == OPERATOR_EQUAL && t->expr->kind == EXPR_STRING &&
         slice_is(text_of(l, t->property), "type");
}

/* A condition is simple if what is left of it, beside its type, is at most
 * one equality of the value and one of the issuer. */
static void make_simple(lowering *l, uint32_t index) {
  program_condition *made = &l->conditions[index];
  program_simple simple = {.type = made->type, .mask = TAG_ABSENT};
  if (made->negated || made->slot != PROGRAM_NONE || !made->type ||
      made->literal_tests != made->test_count)
    return;
  for (uint32_t i = 0; i < made->test_count; i++) {
    const program_test *t = &l->tests[made->first_test + i];
    if (t->relation != OPERATOR_EQUAL)
      return;
    if (t->property == PROPERTY_VALUE && !simple.has_key) {
      simple.has_key = true;
      simple.key = t->key;
      simple.mask |= TAG_KIND_MASK;
      simple.tag |= CLAIM_TAG(0, t->literal);
    } else if (t->property == PROPERTY_ISSUER &&
               !(simple.mask & TAG_ISSUER_MASK)) {
      simple.mask |= TAG_ISSUER_MASK;
      simple.tag |= CLAIM_TAG(t->key, 0);
    } else {
      return;
    }
  }
  made->is_simple = true;
  l->simples[index] = simple;
}

static void lower_condition(lowering *l, const ast_condition *c,
                            uint32_t *slots) {
  uint32_t index = l->program->condition_count++;
  program_condition *made = &l->conditions[index];
  *made = (program_condition){.negated = c->negated,
                              .slot = PROGRAM_NONE,
                              .first_test = l->program->test_count};
  const ast_test *type = NULL;
  for (const ast_test *t = c->tests; t && !type; t = t->next)
    if (is_type_test(l, t))
      type = t;
  if (type)
    made->type = (uint32_t)literal_key(l, type->expr);
  for (const ast_test *t = c->tests; t; t = t->next)
    if (t != type && literal_of(t->expr) != LITERAL_NONE)
      lower_test(l, t, c);
  made->literal_tests = l->program->test_count - made->first_test;
  for (const ast_test *t = c->tests; t; t = t->next)
    if (literal_of(t->expr) == LITERAL_NONE)
      lower_test(l, t, c);
  made->test_count = l->program->test_count - made->first_test;
  if (!span_is_empty(c->name))
    made->slot = (*slots)++;
  make_simple(l, index);
}

/* Rules. */

static void lower_arguments(lowering *l, const ast_rule *rule,
                            program_rule *made) {
  for (const ast_argument *a = rule->arguments; a; a = a->next) {
    slice name = text_of(l, a->name);
    if (slice_is(name, "claim"))
      made->claim_slot = slot_of(l, a->expr->where, NULL);
    else if (slice_is(name, "type"))
      made->type = lower_expr(l, a->expr, NULL);
    else
      made->value = lower_expr(l, a->expr, NULL);
  }
}

static void lower_rule(lowering *l, const ast_rule *rule,
                       section_kind section, uint32_t number) {
  program *p = l->program;
  program_rule *made = &l->rules[p->rule_count];
  l->places[p->rule_count++] = (program_place){rule->where, rule, number};
  *made = (program_rule){
      .first_condition = p->condition_count,
      .type = PROGRAM_NONE,
      .value = PROGRAM_NONE,
      .claim_slot = PROGRAM_NONE,
      .action = (uint8_t)action_from_name(text_of(l, rule->action)),
      .section = (uint8_t)section};
  if (made->action == ACTION_ISSUE && section == SECTION_AUTHORIZATION)
    made->action = ACTION_ADD;
  l->rule = rule;
  uint32_t slots = 0;
  for (const ast_condition *c = rule->conditions; c; c = c->next)
    lower_condition(l, c, &slots);
  made->condition_count = p->condition_count - made->first_condition;
  while (made->leading_simple < made->condition_count &&
         l->conditions[made->first_condition + made->leading_simple].is_simple)
    made->leading_simple++;
  if (slots > p->slot_count)
    p->slot_count = slots;
  p->is_gate &= made->leading_simple == made->condition_count &&
                made->action <= ACTION_DENY;
  lower_arguments(l, rule, made);
}

static void lower_section(lowering *l, section_kind kind) {
  uint32_t number = 0;
  l->program->section_begin[kind] = l->program->rule_count;
  for (const ast_section *s = l->policy->sections; s; s = s->next) {
    bool wanted = section_from_name(text_of(l, s->name)) == kind;
    for (const ast_rule *rule = s->rules; rule; rule = rule->next) {
      number++;
      if (wanted)
        lower_rule(l, rule, kind, number);
    }
  }
}

static void intern_fixed(symbols *s) {
  symbols_intern(s, SLICE("AttestationService"));
  symbols_intern(s, SLICE("AttestationPolicy"));
  symbols_intern(s, SLICE("CustomClaim"));
  symbols_intern(s, SLICE("Boolean"));
  symbols_intern(s, SLICE("Integer"));
  symbols_intern(s, SLICE("String"));
}

static unsigned version_of(const ast_policy *policy) {
  slice number = ast_text(policy, policy->versions->number);
  return 10u + (unsigned)(number.data[number.length - 1] - '0');
}

program *program_lower(arena *a, const ast_policy *policy) {
  sizes n = count_policy(policy);
  program *p = ARENA_NEW(a, program);
  lowering l = {.arena = a, .policy = policy, .program = p};
  l.rules = ARENA_ARRAY(a, n.rules, program_rule);
  l.places = ARENA_ARRAY(a, n.rules, program_place);
  l.conditions = ARENA_ARRAY(a, n.conditions, program_condition);
  l.simples = ARENA_ARRAY(a, n.conditions, program_simple);
  l.tests = ARENA_ARRAY(a, n.tests, program_test);
  l.exprs = ARENA_ARRAY(a, n.exprs, program_expr);
  l.arguments = ARENA_ARRAY(a, n.arguments, uint32_t);
  p->queries = ARENA_ARRAY(a, n.calls, const jmespath_query *);
  p->ast = policy;
  p->version = version_of(policy);
  p->is_gate = true;
  symbols_init(&p->symbols, a);
  intern_fixed(&p->symbols);
  for (int kind = 0; kind < SECTION_COUNT; kind++)
    lower_section(&l, (section_kind)kind);
  p->section_begin[SECTION_COUNT] = p->rule_count;
  p->rules = l.rules;
  p->places = l.places;
  p->conditions = l.conditions;
  p->simples = l.simples;
  p->tests = l.tests;
  p->exprs = l.exprs;
  p->arguments = l.arguments;
  return p;
}
