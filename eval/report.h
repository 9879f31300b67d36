/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation as the report of `eval` and `attest` shows it:
 * {"decision","reason","rule","error","issued","properties","claims","trace",
 * "notes"}.
 */
#ifndef EVAL_REPORT_H
#define EVAL_REPORT_H

#include "eval/evaluate.h"

typedef struct report {
  arena *arena;
  const program *program;
  line_index lines; /* of the policy's text */
} report;

/* The program's tree and text must stay while the report is used. */
report report_of(arena *a, const program *p);

/* Puts what configurationrules did before what the rest of the policy did:
 * trace, notes and, after a permit, properties. configuration is used up. */
void evaluation_join(evaluation *configuration, evaluation *rest);

/* All sections as one evaluation, over these claims; flags as evaluate has
 * them. An error in configurationrules ends it before the others. */
void evaluate_policy(const program *p, const claim_list *claims, arena *a,
                     unsigned flags, evaluation *result);

/* "permit", "deny", "error"; static. */
const char *decision_name(decision d);

/* "configurationrules" ..; static. */
const char *report_section_name(section_kind section);

/* The rule that decided: that denied or failed, or the first that permitted,
 * which only a traced evaluation knows. PROGRAM_NONE if there is none. */
uint32_t report_deciding_rule(const report *r, const evaluation *e);

/* Why it was decided so, in one line; names the rule and its place. */
const char *report_reason(const report *r, const evaluation *e);

/* "rule 2 in authorizationrules (4:5)" */
const char *report_rule_name(const report *r, uint32_t rule);

/* The rule as it stands in the policy, perhaps in several lines. */
slice report_rule_text(const report *r, uint32_t rule);

/* {"number","section","line","column","text"} */
value report_rule(const report *r, uint32_t rule);

/* One value per type, the last that was set. */
value report_properties(arena *a, const claim_list *properties);

/* An array of {"rule","fired","condition","text"}: condition counts from 1
 * and is the first that did not hold; null if the rule fired. */
value report_trace(const report *r, const evaluation *e);

/* Adds decision, reason, rule, error, issued, properties, claims, trace and
 * notes (an array of texts) to o. error is null but for an evaluation error.
 */
void report_evaluation(const report *r, const evaluation *e,
                       object_builder *o);

#endif
