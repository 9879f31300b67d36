/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of group L. Rules are indexes of program.rules, in the
 * order in which they run. A verdict rests on a proof over all claim sets; what
 * cannot be proven within the bounds below gets none.
 *
 * Claims are never taken away while rules run, so a condition that is not
 * negated holds from then on, and one that is negated held before, unless a
 * rule between makes such a claim. */
#ifndef COMPILER_LINT_LOGIC_H
#define COMPILER_LINT_LOGIC_H

#include "compiler/lint.h"
#include "compiler/logic.h"

/* Rules that name a symbol: the claims of that type that they make, or read.
 * Those of symbol s are rules[begin[s]] to rules[begin[s + 1] - 1], rising. */
typedef struct rule_index {
  uint32_t *begin, *rules;
} rule_index;

enum {
  /* Some condition has a test that the fragment does not know. */
  RULE_IS_OPAQUE = 1,
  RULE_CALLS = 32, /* a condition calls a function */
  /* It calls, computes or issues what may be read-only: it can end in an
   * evaluation error. */
  RULE_CAN_FAIL = 2,
  RULE_IS_DEAD = 4,   /* its conditions never hold together */
  RULE_IS_ALWAYS = 8, /* they hold whatever the claims are */
  RULE_IS_LARGE = 16, /* more conditions than are compared with each other */
};

/* What the catalogue says of a claim's type. */
typedef struct logic_name {
  const struct claim_entry *entry; /* of the linter's type, or NULL */
  bool is_known; /* to some type */
  bool is_looked_up;
} logic_name;

typedef struct logic {
  linter *linter;
  const program *program;
  arena *arena; /* freed when the group is done */
  const claim_region *regions; /* of all conditions */
  uint8_t *flags;              /* of all rules */
  uint32_t *dead_by;           /* of a dead rule: condition that proves it */
  uint32_t *dead_with; /* the condition that it contradicts, or itself */
  rule_index makers;  /* of incoming claims, by type; SYMBOL_NONE: any type */
  rule_index setters; /* issueproperty, likewise */
  uint32_t *made_before; /* of each rule and the end: makers before it */
  struct logic_name *names; /* of all symbols; logic_name_of fills them in */
} logic;

/* lint_logic_facts.c: everything in `logic` from `linter` on. */
void logic_learn(logic *l, linter *from, arena *a);

const logic_name *logic_name_of(const logic *l, uint32_t symbol);

/* The condition that binds the slot; its index in the program. */
uint32_t logic_binding(const program *p, const program_rule *rule,
                       uint32_t slot);

/* The type of what the rule makes; SYMBOL_NONE if it is not known. */
uint32_t logic_made_type(const logic *l, uint32_t rule);

bool rule_makes_claims(const program_rule *rule); /* add or issue */

/* Whether a rule of [from, to) may make a claim of the region. */
bool logic_made_between(const logic *l, const claim_region *r, uint32_t from,
                        uint32_t to);
bool index_between(const rule_index *index, uint32_t symbol, uint32_t from,
                   uint32_t to);

/* Whether `b` has run, or will, each time that `a` runs: whatever the claims
 * are. Proven; false says nothing. `b` must not be opaque. */
bool logic_implies(const logic *l, uint32_t a, uint32_t b);

/* Places and words. */
span logic_rule_place(const logic *l, uint32_t rule);
const ast_condition *logic_condition(const logic *l, uint32_t rule,
                                     uint32_t condition);
/* The literal test of that number, as the program counts them. */
const ast_test *logic_test(const logic *l, uint32_t rule, uint32_t condition,
                           uint32_t test);
uint32_t logic_rule_number(const logic *l, uint32_t rule);

/* lint_logic_rules.c: L204, L205, L206, L215. Marks permits that a deny
 * always overrules in `overruled`, one flag a rule. */
void lint_rules(logic *l, uint8_t *overruled);
/* lint_logic_decision.c: L201, L202, L210. */
void lint_decision(logic *l, const uint8_t *overruled);
/* lint_logic_claims.c: L207, L208, L217. */
void lint_claim_flow(logic *l);
/* lint_logic_conditions.c: L203, L209, L214. */
void lint_conditions(logic *l);
/* lint_logic_jmespath.c: L216. */
void lint_queries(logic *l);

#endif
