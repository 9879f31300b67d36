/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the evaluator. */
#ifndef EVAL_ENGINE_H
#define EVAL_ENGINE_H

#include "eval/evaluate.h"

/* A claim as the program sees it; its text stands in engine.claims. */
typedef struct bound_claim {
  uint64_t tag; /* CLAIM_TAG of its issuer and kind */
  int64_t key;  /* integer, 0 or 1, or symbol of the string */
  uint32_t type, issuer; /* symbols; SYMBOL_NONE: not named in the program */
  uint32_t next;         /* 1 + the next claim of this type; 0: none */
  uint8_t kind;          /* claim_kind */
  bool read_only;
} bound_claim;

/* The claims of one type: the first of them in place, since most types have
 * one claim. */
typedef struct bound_type {
  uint64_t tag; /* TAG_ABSENT: there is no such claim */
  int64_t key;
  uint32_t next;       /* of the first claim */
  uint32_t head, tail; /* 1 + index; 0: none */
} bound_type;

struct bound_claims {
  const program *program;
  const claim_list *claims;
  bound_claim *items;
  uint32_t count;
  bound_type *types; /* by symbol */
};

/* A value of a set: a literal, a claim's property, a function's result. */
typedef struct set_value {
  slice text;
  int64_t integer;
  uint8_t kind; /* claim_kind */
  bool read_only;
} set_value;

typedef struct value_set {
  arena *arena;
  set_value *items;
  size_t count, capacity;
  uint32_t *slots;
  size_t slot_count;
} value_set;

static inline value_set set_in(arena *a) { return (value_set){.arena = a}; }

/* Adds a value unless an equal one is there; then only its read-only mark is
 * merged. False when LIMIT_SET_VALUES is reached. */
bool set_add(value_set *set, const set_value *v);
bool set_contains(const value_set *set, const set_value *v);
bool set_is_read_only(const value_set *set);

static inline bool set_value_equal(const set_value *a, const set_value *b) {
  return a->kind == b->kind && a->integer == b->integer &&
         slice_equal(a->text, b->text);
}

/* The claims that a condition selected, in the order of the set. */
typedef struct selection {
  const uint32_t *items; /* indexes of engine.claims */
  uint32_t count;
} selection;

typedef struct engine {
  const program *program;
  arena *arena;
  evaluation *result;
  unsigned flags;
  /* Incoming claims: those given until the first is added, then a copy. */
  const claim *claims;
  const bound_claim *items;
  const bound_type *types;
  uint32_t count;
  struct bound_claims own; /* once copied */
  claim_list own_claims;
  size_t own_capacity;
  selection *slots;
  uint32_t rule;      /* that runs */
  uint32_t condition; /* of the rule: the first that did not hold */
  bool skipped; /* leading simple conditions are known to hold */
  uint32_t failed_test; /* of that condition, counted as in the program */
  trace_entry **trace_end;
  evaluation_note **note_end;
  query_record **query_end;
  condition_match **match_end;
  struct jmespath_cache *jmespath; /* made by the first call */
  buffer action_text;  /* what the rule did; only when tracing */
  size_t action_count; /* claims that it made */
} engine;

/* failure.c: ends the evaluation with an error; always false. */
bool engine_fail(engine *e, span where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void engine_note(engine *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* bind.c */
void bind_claim(const program *p, const claim *c, bound_claim *bound);
void bound_append(struct bound_claims *b, uint32_t index);
/* For every symbol of the program, no claim. */
bound_type *bound_no_types(const program *p, arena *a);
/* Makes the incoming claims the engine's own. */
void engine_own_claims(engine *e);

/* condition.c: passes over rules that a simple condition rules out; most do
 * not get further. Returns the first whose leading simple conditions hold, or
 * end. */
uint32_t skip_rules(const program *p, const bound_type *types,
                    const bound_claim *items, uint32_t rule, uint32_t end);

/* The rule's conditions, left to right. `holds` says whether
 * all do; false is an evaluation error. */
bool engine_conditions(engine *e, const program_rule *rule, bool *holds);

/* The claims that a condition selects, negated or not; false is an evaluation
 * error. */
bool engine_select(engine *e, const program_condition *c, selection *result);

/* The same question about one claim and one literal test. */
bool engine_literal_test(const engine *e, uint32_t index,
                         const program_test *t);

/* expression.c: false is an evaluation error. */
bool engine_expression(engine *e, uint32_t expr, value_set *result);
/* The value of a claim's property. */
set_value engine_property(const engine *e, uint32_t index,
                          property_kind property);

/* functions.c */
bool engine_call(engine *e, const program_expr *call, value_set *arguments,
                 value_set *result);

enum { ACTIONS_SHOWN = 8 };
/* action.c: false is an evaluation error. */
bool engine_action(engine *e, const program_rule *rule);

/* matches.c: records what the conditions of the present rule select, before
 * its action runs. False is an evaluation error. */
bool engine_matches(engine *e, bool holds);

/* trace.c */
void trace_rule(engine *e, bool fired);
/* "x-ms-sgx-svn = 2", for people; long texts are cut. */
void trace_value(buffer *b, const set_value *v);

#endif
