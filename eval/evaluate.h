/* SPDX-License-Identifier: Apache-2.0 */
/* Decides a program over claims: docs/language.md section "Evaluation".
 *
 *   evaluation result;
 *   evaluate_configuration(program, a, &result);     // before evidence
 *   ...
 *   evaluate(program, &incoming, a, EVALUATE_TRACE, &result);
 *   if (result.decision == DECISION_PERMIT) ...
 */
#ifndef EVAL_EVALUATE_H
#define EVAL_EVALUATE_H

#include "compiler/program.h"
#include "eval/claims.h"

typedef enum decision {
  DECISION_DENY,
  DECISION_PERMIT,
  DECISION_ERROR
} decision;

/* Why a decision was not a permit. */
typedef enum evaluation_reason {
  REASON_NONE,
  REASON_NO_PERMIT,   /* no permit() ran */
  REASON_DENY_RULE,   /* `rule` ran deny() */
  REASON_RULE_FAILED  /* evaluation error in `rule` */
} evaluation_reason;

typedef struct trace_entry {
  struct trace_entry *next;
  uint32_t rule; /* index in the program */
  bool fired;
  /* If it did not fire: the first condition that did not hold (from 0) and
   * the nearest claim in words. If it fired: what it did, in words. */
  uint32_t condition;
  const char *text;
} trace_entry;

typedef struct evaluation_note { /* warnings of a run */
  struct evaluation_note *next;
  uint32_t rule;
  const char *text;
} evaluation_note;

/* A call of JmesPath, for people who ask why it gave what it gave. */
typedef struct query_record {
  struct query_record *next;
  uint32_t rule;
  slice document, query;
  slice result;          /* JSON text; empty if it failed */
  const char *error;     /* "invalid-type: ..", or NULL */
} query_record;

/* What a condition found, for people who write it. The condition of a rule that
 * was reached; in the order of the rules and their conditions. */
enum { MATCHES_SHOWN = 3 };
typedef struct condition_match {
  struct condition_match *next;
  uint32_t rule, condition; /* from 0 in the rule */
  bool is_known;   /* false: it looks at what was not selected */
  bool is_negated; /* count is of what stands behind the `!` */
  slice type;      /* that the condition asks for; empty: any */
  uint32_t count, candidates; /* claims that match; that have the type */
  /* The first that match; if none does, the first candidates. */
  claim shown[MATCHES_SHOWN];
  uint32_t shown_count;
} condition_match;

typedef struct evaluation {
  decision decision;
  evaluation_reason reason;
  uint32_t rule;       /* that decided, with REASON_DENY_RULE, _RULE_FAILED */
  span where;          /* the place of an evaluation error in the text */
  const char *message; /* of an error: function, argument, what it got */
  claim_list issued;     /* empty unless permitted */
  claim_list properties; /* as they were set; the last of a type counts */
  claim_list claims;     /* all incoming claims at the end, added ones too */
  trace_entry *trace;
  evaluation_note *notes;
  query_record *queries; /* with EVALUATE_QUERIES, in the order of calls */
  condition_match *matches; /* with EVALUATE_MATCHES and EVALUATE_TRACE */
} evaluation;

enum { EVALUATE_TRACE = 1, EVALUATE_QUERIES = 2, EVALUATE_MATCHES = 4 };

/* Runs configurationrules; result->properties holds what they set. A false
 * result is an evaluation error. */
bool evaluate_configuration(const program *p, arena *a, unsigned flags,
                            evaluation *result);

/* Runs authorizationrules and, after a permit, issuancerules. */
void evaluate(const program *p, const claim_list *incoming, arena *a,
              unsigned flags, evaluation *result);

/* The last value of that property, or NULL. */
const claim *evaluation_property(const evaluation *e, slice type);

/* For the same claims and many decisions: claims interned by the program and
 * indexed by type. Lives in the arena given. */
typedef struct bound_claims bound_claims;
const bound_claims *claims_bind(const program *p, const claim_list *claims,
                                arena *a);
void evaluate_bound(const program *p, const bound_claims *claims, arena *a,
                    unsigned flags, evaluation *result);

#endif
