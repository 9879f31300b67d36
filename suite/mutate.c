/* SPDX-License-Identifier: Apache-2.0 */
/* Making mutants. They are changes of the text, so that people can see them;
 * none is the same as another of the same place (`>= 3` to `> 3` stands for
 * `>= 4`). */
#include "suite/mutate.h"

#include <inttypes.h>

#include "base/limits.h"

typedef struct maker {
  arena *arena;
  const policy *policy;
  mutation *result;
  size_t capacity;
  uint32_t rule;
} maker;

__attribute__((format(printf, 4, 5))) static void
add(maker *m, span where, slice replacement, const char *format, ...) {
  mutation *r = m->result;
  if (r->count == LIMIT_MUTANTS) {
    r->left_out++;
    return;
  }
  buffer what = buffer_in(m->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&what, format, arguments);
  va_end(arguments);
  r->mutants = arena_grow(m->arena, r->mutants, r->count, &m->capacity,
                          sizeof *r->mutants);
  r->mutants[r->count++] = (mutant){.where = where,
                                    .replacement = replacement,
                                    .what = buffer_slice(&what).data,
                                    .rule = m->rule};
}

/* --- literals ------------------------------------------------------------- */

static void add_integer(maker *m, const ast_expr *e, int step) {
  int64_t changed;
  if (__builtin_add_overflow(e->integer, (int64_t)step, &changed))
    return;
  buffer text = buffer_in(m->arena);
  buffer_printf(&text, "%" PRId64, changed);
  add(m, e->where, buffer_slice(&text), "%" PRId64 " becomes %" PRId64,
      e->integer, changed);
}

static void add_boolean(maker *m, const ast_expr *e) {
  add(m, e->where, slice_from(e->boolean ? "false" : "true"),
      e->boolean ? "true becomes false" : "false becomes true");
}

/* Behind the text, so that escapes stay as they are. */
static void add_string(maker *m, const ast_expr *e) {
  span end = {e->where.end - 1, e->where.end - 1};
  add(m, end, SLICE("-other"), "another string");
}

static void mutate_literals(maker *m, const ast_expr *e) {
  if (e->kind == EXPR_INTEGER) {
    add_integer(m, e, -1);
    add_integer(m, e, 1);
  } else if (e->kind == EXPR_BOOLEAN) {
    add_boolean(m, e);
  } else if (e->kind == EXPR_STRING) {
    add_string(m, e);
  } else if (e->kind == EXPR_CALL) {
    /* Not a literal query: with other words behind it, it is none. */
    slice name = ast_text(m->policy->ast, e->call.function);
    for (const ast_argument *a = e->call.arguments; a; a = a->next)
      if (!slice_is(name, "JmesPath") || a->expr->kind != EXPR_STRING)
        mutate_literals(m, a->expr);
  }
}

/* --- tests ---------------------------------------------------------------- */

typedef struct relation_row {
  ast_operator becomes[2];
  uint8_t count;
  bool less, more; /* constants that the operators do not stand for */
} relation_row;

static const relation_row relations[] = {
    [OPERATOR_EQUAL] = {{OPERATOR_NOT_EQUAL}, 1, true, true},
    [OPERATOR_NOT_EQUAL] = {{OPERATOR_EQUAL}, 1, true, true},
    [OPERATOR_LESS] = {{OPERATOR_LESS_EQUAL, OPERATOR_GREATER_EQUAL},
                       2, true, false},
    [OPERATOR_LESS_EQUAL] = {{OPERATOR_LESS, OPERATOR_GREATER},
                             2, false, true},
    [OPERATOR_GREATER] = {{OPERATOR_GREATER_EQUAL, OPERATOR_LESS_EQUAL},
                          2, false, true},
    [OPERATOR_GREATER_EQUAL] = {{OPERATOR_GREATER, OPERATOR_LESS},
                                2, true, false},
};

static void mutate_relation(maker *m, const ast_test *t) {
  const relation_row *row = &relations[t->relation];
  for (uint8_t i = 0; i < row->count; i++)
    add(m, t->operator_where, slice_from(operator_text(row->becomes[i])),
        "`%s` becomes `%s`", operator_text((ast_operator)t->relation),
        operator_text(row->becomes[i]));
}

static void mutate_issuer(maker *m, const ast_test *t) {
  static const char *const issuers[] = {"AttestationService",
                                        "AttestationPolicy", "CustomClaim"};
  for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
    if (slice_is(t->expr->string, issuers[i]))
      continue;
    buffer text = buffer_in(m->arena);
    buffer_printf(&text, "\"%s\"", issuers[i]);
    add(m, t->expr->where, buffer_slice(&text), "the issuer becomes %s",
        issuers[i]);
  }
}

static void mutate_test(maker *m, const ast_test *t) {
  slice property = ast_text(m->policy->ast, t->property);
  if (slice_is(property, "issuer") && t->expr->kind == EXPR_STRING) {
    mutate_issuer(m, t);
  } else if (!slice_is(property, "value")) {
    mutate_literals(m, t->expr);
  } else if (t->expr->kind == EXPR_BOOLEAN) {
    add_boolean(m, t->expr); /* stands for the operator too */
  } else if (t->expr->kind == EXPR_INTEGER) {
    mutate_relation(m, t);
    if (relations[t->relation].less)
      add_integer(m, t->expr, -1);
    if (relations[t->relation].more)
      add_integer(m, t->expr, 1);
  } else {
    mutate_relation(m, t);
    mutate_literals(m, t->expr);
  }
}

/* --- conditions ----------------------------------------------------------- */

/* The type says which claims a condition is about: without it, it is another
 * condition and not a slip. */
static void drop_tests(maker *m, const ast_condition *c) {
  const ast_test *before = NULL;
  for (const ast_test *t = c->tests; t; before = t, t = t->next) {
    slice property = ast_text(m->policy->ast, t->property);
    if (slice_is(property, "type") || (!before && !t->next))
      continue;
    span where = {before ? before->expr->where.end : t->property.begin,
                  before ? t->expr->where.end : t->next->property.begin};
    add(m, where, SLICE_EMPTY, "without the test of %.*s",
        SLICE_ARGS(property));
  }
}

static void mutate_conditions(maker *m, const ast_rule *rule) {
  const ast_condition *before = NULL;
  uint32_t number = 0;
  for (const ast_condition *c = rule->conditions; c; c = c->next) {
    span where = c->where;
    number++;
    if (before)
      where.begin = before->where.end;
    else if (c->next)
      where.end = c->next->where.begin;
    add(m, where, SLICE_EMPTY, "without condition %u", (unsigned)number);
    if (c->negated)
      add(m, (span){c->negation, c->negation + 1}, SLICE_EMPTY,
          "condition %u without `!`", (unsigned)number);
    for (const ast_test *t = c->tests; t; t = t->next)
      mutate_test(m, t);
    drop_tests(m, c);
    before = c;
  }
}

/* --- rules ---------------------------------------------------------------- */

static void mutate_rule(maker *m, const program_rule *r,
                        const ast_rule *rule) {
  add(m, rule->where, SLICE_EMPTY, "without the rule");
  if (r->action == ACTION_PERMIT)
    add(m, rule->action, SLICE("deny"), "permit becomes deny");
  if (r->action == ACTION_DENY)
    add(m, rule->action, SLICE("permit"), "deny becomes permit");
  mutate_conditions(m, rule);
  for (const ast_argument *a = rule->arguments; a; a = a->next)
    mutate_literals(m, a->expr);
}

/* Of rules that cannot matter, whatever the claims. */
static bool *idle_rules(arena *a, const program *p) {
  bool *idle = arena_zalloc(a, p->rule_count + 1u);
  uint32_t begin = p->section_begin[SECTION_AUTHORIZATION];
  uint32_t end = p->section_begin[SECTION_AUTHORIZATION + 1];
  bool may_permit = false, denies = false;
  for (uint32_t i = begin; i < end; i++) {
    idle[i] = denies;
    may_permit |= p->rules[i].action == ACTION_PERMIT;
    denies |=
        p->rules[i].action == ACTION_DENY && !p->rules[i].condition_count;
  }
  for (uint32_t i = end; i < p->rule_count; i++)
    idle[i] = denies || !may_permit;
  return idle;
}

void suite_mutants(arena *a, const policy *p, mutation *result) {
  maker m = {.arena = a, .policy = p, .result = result};
  const program *whole = p->program;
  const bool *idle = idle_rules(a, whole);
  result->mutants = NULL;
  result->count = result->left_out = 0;
  for (m.rule = 0; m.rule < whole->rule_count; m.rule++)
    if (!idle[m.rule])
      mutate_rule(&m, &whole->rules[m.rule],
                  whole->places[m.rule].rule);
}

slice suite_mutant_text(arena *a, const policy *p, const mutant *m) {
  buffer text = buffer_in(a);
  buffer_add(&text, (slice){p->text.data, m->where.begin});
  buffer_add(&text, m->replacement);
  buffer_add(&text, slice_between(p->text.data + m->where.end,
                                  p->text.data + p->text.length));
  return buffer_slice(&text);
}
