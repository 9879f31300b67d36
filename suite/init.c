/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/init.h"

#include "base/limits.h"
#include "compiler/lint.h"
#include "eval/report.h"
#include "suite/run.h"
#include "suite/witness.h"

typedef struct maker {
  arena *arena;
  const policy *policy;
  const program *program;
  suite_skeleton *result;
  buffer tests;
  symbols names, inputs; /* that are taken */
  uint32_t rule;
  coverage coverage; /* for what it says of conditions that always hold */
  bool covered; /* a case for the condition at hand was found */
} maker;

__attribute__((format(printf, 2, 3))) static void note(maker *m,
                                                       const char *format,
                                                       ...) {
  suite_skeleton *r = m->result;
  buffer text = buffer_in(m->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  r->notes = arena_grow(m->arena, r->notes, r->note_count, &r->note_capacity,
                        sizeof *r->notes);
  r->notes[r->note_count++] = buffer_slice(&text).data;
}

/* --- writing -------------------------------------------------------------- */

static value claim_value(arena *a, const claim *c) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("type"), value_text(c->type));
  object_set(&o, SLICE("value"), claim_json(c));
  object_set(&o, SLICE("issuer"), value_text(c->issuer));
  return object_value(&o);
}

/* An object where all come from the service, else the longer form. */
static value claims_value(arena *a, const claim_list *claims) {
  array_builder all = array_in(a);
  bool is_plain = true;
  for (size_t i = 0; i < claims->count; i++) {
    is_plain &= slice_equal(claims->items[i].issuer, ISSUER_SERVICE);
    array_add(&all, claim_value(a, &claims->items[i]));
  }
  return is_plain ? claims_json(a, claims) : array_value(&all);
}

static value expectation(arena *a, const evaluation *e) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("decision"),
             value_text(slice_from(decision_name(e->decision))));
  if (e->decision != DECISION_PERMIT)
    return object_value(&o);
  object_set(&o, SLICE("issued"), claims_json(a, &e->issued));
  if (e->properties.count)
    object_set(&o, SLICE("properties"),
               report_properties(a, &e->properties));
  return object_value(&o);
}

static slice own_name(maker *m, slice wanted) {
  for (unsigned i = 1;; i++) {
    buffer name = buffer_in(m->arena);
    buffer_add(&name, wanted);
    if (i > 1)
      buffer_printf(&name, " (%u)", i);
    uint32_t known = m->names.count;
    slice text = buffer_slice(&name);
    symbols_intern(&m->names, text);
    if (m->names.count != known)
      return text;
  }
}

static void write_case(maker *m, slice name, const value *claims,
                       const evaluation *e) {
  value expected = expectation(m->arena, e);
  buffer_text(&m->tests, m->result->cases ? ",\n    {\n" : "    {\n");
  buffer_text(&m->tests, "      \"name\": ");
  json_write_string(&m->tests, own_name(m, name));
  buffer_text(&m->tests, ",\n      \"claims\": ");
  json_write(&m->tests, claims);
  buffer_text(&m->tests, ",\n      \"expect\": ");
  json_write(&m->tests, &expected);
  buffer_text(&m->tests, "\n    }");
  m->result->cases++;
}

/* --- cases ---------------------------------------------------------------- */

static bool is_new(maker *m, const value *claims) {
  buffer text = buffer_in(m->arena);
  json_write(&text, claims);
  uint32_t known = m->inputs.count;
  symbols_intern(&m->inputs, buffer_slice(&text));
  return m->inputs.count != known;
}

enum { GOAL_RUNS = -1 };

/* Whether the rule runs, or is kept from running by that condition first. */
static bool confirms(const maker *m, const evaluation *e, int32_t goal) {
  for (const trace_entry *t = e->trace; t; t = t->next)
    if (t->rule == m->rule)
      return goal == GOAL_RUNS ? t->fired
                               : !t->fired && t->condition == (uint32_t)goal;
  return false;
}

/* Adds a case if the evaluator says so too; the same claims make one case. */
static bool try_claims(maker *m, const claim_list *claims, int32_t goal,
                       const char *name) {
  evaluation e;
  suite_evaluate(m->program, claims, m->arena, EVALUATE_TRACE, &e);
  /* What fails is no boundary of anything. */
  if (e.decision == DECISION_ERROR)
    return false;
  if (!confirms(m, &e, goal) || m->result->cases == LIMIT_SUITE_CASES)
    return false;
  m->covered = true;
  value v = claims_value(m->arena, claims);
  if (is_new(m, &v))
    write_case(m, slice_from(name), &v, &e);
  return true;
}

static void add_rule_name(const maker *m, buffer *name) {
  const program_rule *r = &m->program->rules[m->rule];
  buffer_printf(name, "rule %u (%s)",
                (unsigned)m->program->places[m->rule].number,
                report_section_name((section_kind)r->section));
}

__attribute__((format(printf, 2, 3))) static const char *
name_case(const maker *m, const char *format, ...) {
  buffer name = buffer_in(m->arena);
  va_list arguments;
  add_rule_name(m, &name);
  va_start(arguments, format);
  buffer_vprintf(&name, format, arguments);
  va_end(arguments);
  return buffer_slice(&name).data;
}

static const char *value_text_of(const maker *m, const claim *c) {
  buffer text = buffer_in(m->arena);
  value v = claim_json(c);
  json_write(&text, &v);
  return buffer_slice(&text).data;
}

/* The witness's claims, one of them replaced, or left out (NULL). */
static bool try_changed(maker *m, const claim_list *claims, size_t index,
                        const claim *changed, int32_t goal) {
  claim_list list = claims_in(m->arena);
  const claim *was = &claims->items[index];
  for (size_t i = 0; i < claims->count; i++)
    if (i != index)
      claims_add(&list, &claims->items[i]);
    else if (changed)
      claims_add(&list, changed);
  const char *name =
      !changed ? name_case(m, ": no %.*s", SLICE_ARGS(was->type))
      : !slice_equal(changed->issuer, was->issuer)
          ? name_case(m, ": %.*s from %.*s", SLICE_ARGS(was->type),
                      SLICE_ARGS(changed->issuer))
          : name_case(m, ": %.*s is %s", SLICE_ARGS(was->type),
                      value_text_of(m, changed));
  return try_claims(m, &list, goal, name);
}

static void try_integer(maker *m, const claim_list *claims, size_t index,
                        int64_t from, int step, int32_t goal) {
  claim c = claims->items[index];
  if (__builtin_add_overflow(from, (int64_t)step, &c.integer) ||
      c.kind != CLAIM_INTEGER)
    return;
  try_changed(m, claims, index, &c, goal);
}

typedef struct boundary {
  int inside;     /* from the constant to the last number that holds */
  int outside[2]; /* .. to those next to it that do not; 0, 0: one */
} boundary;

static const boundary boundaries[] = {
    [OPERATOR_EQUAL] = {0, {-1, 1}},
    [OPERATOR_NOT_EQUAL] = {1, {0, 0}},
    [OPERATOR_LESS] = {-1, {0, 0}},
    [OPERATOR_LESS_EQUAL] = {0, {1, 1}},
    [OPERATOR_GREATER] = {1, {0, 0}},
    [OPERATOR_GREATER_EQUAL] = {0, {-1, -1}},
};

static claim other_value(const maker *m, const claim *c) {
  claim changed = *c;
  if (c->kind == CLAIM_BOOLEAN)
    changed.integer = !c->integer;
  buffer text = buffer_in(m->arena);
  buffer_add(&text, c->text);
  buffer_text(&text, "-other");
  if (c->kind == CLAIM_STRING)
    changed.text = buffer_slice(&text);
  return changed;
}

/* holds, fails: what becomes of the rule where the test holds, and where not.
 */
static void flip_value(maker *m, const claim_list *claims, size_t index,
                       const program_test *t, int32_t holds, int32_t fails) {
  const claim *was = &claims->items[index];
  if (t->literal == LITERAL_INTEGER) {
    const boundary *b = &boundaries[t->relation];
    try_integer(m, claims, index, t->key, b->inside, holds);
    try_integer(m, claims, index, t->key, b->outside[0], fails);
    try_integer(m, claims, index, t->key, b->outside[1], fails);
    return;
  }
  claim changed = other_value(m, was);
  if (t->literal == LITERAL_STRING && t->relation == OPERATOR_NOT_EQUAL)
    changed.text = symbols_text(&m->program->symbols, (uint32_t)t->key);
  try_changed(m, claims, index, &changed, fails);
}

static void flip_issuer(maker *m, const claim_list *claims, size_t index,
                        int32_t condition) {
  claim changed = claims->items[index];
  bool is_custom = slice_equal(changed.issuer, ISSUER_CUSTOM);
  changed.issuer = is_custom ? ISSUER_SERVICE : ISSUER_CUSTOM;
  try_changed(m, claims, index, &changed, condition);
}

/* A claim that other rules make: one of those that they make it of is made
 * another. */
static void flip_source(maker *m, const claim_list *claims,
                        int32_t condition) {
  for (size_t i = 0; i < claims->count; i++) {
    claim changed = other_value(m, &claims->items[i]);
    int64_t was = claims->items[i].integer;
    try_integer(m, claims, i, was, -1, condition);
    try_integer(m, claims, i, was, 1, condition);
    if (changed.kind != CLAIM_INTEGER)
      try_changed(m, claims, i, &changed, condition);
  }
}

/* The claim that rules would have made, sent by the client instead. */
static void flip_forged(maker *m, const witness *w, const claim_list *claims,
                        const program_condition *c, int32_t condition) {
  claim forged;
  if (!witness_forge(w, c, &forged))
    return;
  for (size_t i = 0; i < claims->count; i++) {
    claim_list list = claims_in(m->arena);
    for (size_t k = 0; k < claims->count; k++)
      if (k != i)
        claims_add(&list, &claims->items[k]);
    claims_add(&list, &forged);
    if (try_claims(m, &list, condition,
                   name_case(m, ": %.*s from %.*s", SLICE_ARGS(forged.type),
                             SLICE_ARGS(forged.issuer))))
      return;
  }
}

/* Each test of a condition is made false by itself; a condition that asks for
 * a type and no more has no such claim. */
static void flip_condition(maker *m, const witness *w, uint32_t i) {
  const program_rule *r = &m->program->rules[m->rule];
  const program_condition *c =
      &m->program->conditions[r->first_condition + i];
  claim_list claims = witness_claims(w);
  int32_t index = w->of_condition[i];
  if (index < 0) {
    flip_source(m, &claims, (int32_t)i);
    flip_forged(m, w, &claims, c, (int32_t)i);
  }
  if (index < 0 || (size_t)index >= claims.count)
    return;
  for (uint32_t k = 0; k < c->literal_tests; k++) {
    const program_test *t = &m->program->tests[c->first_test + k];
    if (t->property == PROPERTY_VALUE)
      flip_value(m, &claims, (size_t)index, t, GOAL_RUNS, (int32_t)i);
    else if (t->property == PROPERTY_ISSUER)
      flip_issuer(m, &claims, (size_t)index, (int32_t)i);
  }
  if (c->literal_tests < c->test_count) {
    claim changed = other_value(m, &claims.items[index]);
    try_changed(m, &claims, (size_t)index, &changed, (int32_t)i);
  }
  if (!m->covered)
    try_changed(m, &claims, (size_t)index, NULL, (int32_t)i);
}

/* `!`: with a claim that the condition does not want, and with one that it
 * does not mind. */
static void flip_negated(maker *m, const witness *w, uint32_t i) {
  const program_rule *r = &m->program->rules[m->rule];
  const program_condition *c =
      &m->program->conditions[r->first_condition + i];
  witness changed = *w;
  int32_t index;
  if (!witness_require(&changed, c, &index))
    return;
  claim_list claims = witness_claims(&changed);
  if ((size_t)index >= claims.count)
    return;
  const claim *added = &claims.items[index];
  try_claims(m, &claims, (int32_t)i,
             name_case(m, ": %.*s is %s", SLICE_ARGS(added->type),
                       value_text_of(m, added)));
  for (uint32_t k = 0; k < c->literal_tests; k++) {
    const program_test *t = &m->program->tests[c->first_test + k];
    if (t->property == PROPERTY_VALUE)
      flip_value(m, &claims, (size_t)index, t, (int32_t)i, GOAL_RUNS);
  }
}

static void make_rule_cases(maker *m, const witness *w) {
  static const char *const does[] = {"permits", "denies", "adds", "issues",
                                     "sets a property"};
  const program_rule *r = &m->program->rules[m->rule];
  claim_list claims = witness_claims(w);
  if (!try_claims(m, &claims, GOAL_RUNS,
                  name_case(m, " %s", does[r->action])))
    note(m, "%s: no case", name_case(m, " %s", does[r->action]));
  for (uint32_t i = 0; i < r->condition_count; i++) {
    m->covered = false;
    if (m->program->conditions[r->first_condition + i].negated)
      flip_negated(m, w, i);
    else
      flip_condition(m, w, i);
    if (!m->covered && !m->coverage.implied[r->first_condition + i])
      note(m, "%s", name_case(m, ": no case for condition %u",
                              (unsigned)i + 1));
  }
}

/* With a permit where one can be had: what is denied is then denied by the
 * rule, and what is issued can be seen. */
static void make_rule(maker *m) {
  witness *w = ARENA_NEW(m->arena, witness);
  const char *reason;
  uint8_t section = m->program->rules[m->rule].section;
  if (witness_find(w, m->program, m->rule, true, m->arena, &reason) ||
      (section == SECTION_AUTHORIZATION &&
       witness_find(w, m->program, m->rule, false, m->arena, &reason)))
    make_rule_cases(m, w);
  else
    note(m, "%s", name_case(m, ": %s", reason));
}

static void make_configuration(maker *m) {
  claim_list none = claims_in(m->arena);
  if (!m->program->rules[m->rule].condition_count)
    try_claims(m, &none, GOAL_RUNS, name_case(m, " sets a property"));
}

void suite_init(arena *a, const policy *p, const char *policy_path,
                suite_skeleton *result) {
  maker m = {.arena = a, .policy = p, .program = p->program,
             .result = result, .tests = buffer_in(a)};
  *result = (suite_skeleton){0};
  coverage_init(&m.coverage, p->program, a);
  symbols_init(&m.names, a);
  symbols_init(&m.inputs, a);
  for (m.rule = 0; m.rule < p->program->rule_count; m.rule++)
    if (p->program->rules[m.rule].section == SECTION_CONFIGURATION)
      make_configuration(&m);
    else
      make_rule(&m);
  attestation_type type = policy_directive_type(p->ast);
  buffer text = buffer_in(a);
  buffer_text(&text, "{\n  \"policy\": ");
  json_write_string(&text, slice_from(policy_path));
  if (type != ATTESTATION_TYPE_UNKNOWN)
    buffer_printf(&text, ",\n  \"type\": \"%s\"",
                  attestation_type_name(type));
  buffer_text(&text, ",\n  \"tests\": [\n");
  buffer_add(&text, buffer_slice(&m.tests));
  buffer_text(&text, "\n  ]\n}\n");
  result->text = buffer_slice(&text);
}
