/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of a policy have exercised: which rules ran, and which
 * conditions were decisive for both outcomes.
 *
 * A condition is decisive for yes when its rule ran: had it not held, the rule
 * would not have run. It is decisive for no when it did not hold and the rule
 * would have run if it had been the other way around: every other condition
 * held, those apart that use an identifier which it binds, since they have
 * nothing to look at. (Unique-cause MC/DC, as avionics call it.)
 *
 * A condition of issuancerules which every permit rule asks for in the same
 * words, itself or through the rules that make its claims, always holds there:
 * no evidence could show otherwise, and it is not counted.
 */
#ifndef SUITE_COVERAGE_H
#define SUITE_COVERAGE_H

#include <stdatomic.h>

#include "eval/evaluate.h"

typedef struct coverage {
  const program *program;
  atomic_uint *fired;     /* by rule: how many cases ran it */
  atomic_bool *prevented; /* by condition: it was decisive for no */
  bool *implied;          /* by condition: it always holds */
  uint32_t rules, rules_fired;
  uint32_t conditions, conditions_decisive; /* set by coverage_count */
} coverage;

void coverage_init(coverage *c, const program *p, arena *a);

/* Adds a traced evaluation over those claims; threads may do so at the same
 * time. */
void coverage_add(coverage *c, const claim_list *claims, const evaluation *e,
                  arena *scratch);

/* Sets the four counts. */
void coverage_count(coverage *c);

/* Rules that ran and conditions that were decisive for both, of all, in per
 * cent rounded down: 100 means all. Without rules it is 100. */
unsigned coverage_percent(const coverage *c);

/* The place of a condition in the text. */
span coverage_condition_place(const program *p, uint32_t rule, uint32_t index);

/* "rule 2 in authorizationrules: condition 1 never kept it from running": what
 * is missing, in words. kind: see coverage_gaps. */
typedef enum coverage_gap_kind {
  GAP_RULE,     /* the rule never ran */
  GAP_CONDITION /* the condition was never decisive for no */
} coverage_gap_kind;

typedef struct coverage_gap {
  coverage_gap_kind kind;
  uint32_t rule, condition; /* condition counts from 0 in the rule */
  span where;
} coverage_gap;

/* What is not covered, in the order of the program. */
coverage_gap *coverage_gaps(const coverage *c, arena *a, size_t *count);

#endif
