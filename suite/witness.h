/* SPDX-License-Identifier: Apache-2.0 */
/* Claims that make a rule run, found by reasoning over its conditions: each
 * positive condition is a claim whose type, issuer and value its tests narrow
 * down; what keeps the rule from running all the same (a deny rule, a negated
 * condition) narrows them further, until the evaluator agrees. Tests that
 * compare with functions' results are beyond it. */
#ifndef SUITE_WITNESS_H
#define SUITE_WITNESS_H

#include "eval/evaluate.h"

enum {
  WITNESS_CLAIMS_MAX = 64,
  WITNESS_EXCLUDED_MAX = 16,
  WITNESS_TRIES_MAX = 64 /* claim sets given to the evaluator */
};

/* A claim that is not quite fixed yet. */
typedef struct witness_claim {
  slice type;   /* empty: of any type but those excluded */
  slice issuer; /* empty: AttestationService */
  uint8_t kind; /* literal_kind; LITERAL_NONE: not known yet */
  uint8_t booleans;  /* bit 0: may be false; bit 1: may be true */
  int64_t low, high; /* of an integer */
  bool is_fixed;     /* a string: it is `text` */
  slice text;
  int64_t excluded_integers[WITNESS_EXCLUDED_MAX];
  slice excluded_texts[WITNESS_EXCLUDED_MAX];
  uint32_t excluded_count;
  int32_t same_as; /* value of that claim; -1: of none */
} witness_claim;

typedef struct witness {
  const program *program;
  arena *arena;
  witness_claim claims[WITNESS_CLAIMS_MAX];
  uint32_t count;
  /* Of the goal's conditions: which claim each asked for; -1: none, or one
   * that another rule makes. */
  int32_t *of_condition;
  int32_t *budget; /* rules that may still be looked at */
} witness;

/* Searches claims over which the rule runs and, with_permit, the policy
 * permits up to the rule's own deny(). False: none was found. *reason says
 * why: static. */
bool witness_find(witness *w, const program *p, uint32_t rule,
                  bool with_permit, arena *a, const char **reason);

/* The claims themselves. */
claim_list witness_claims(const witness *w);

/* Narrows the witness's claim so that the test holds, or does not. False: it
 * cannot be; the claim is then spoilt. */
bool witness_apply(const witness *w, witness_claim *c, const program_test *t,
                   bool holds);

/* Adds what a positive condition asks for, without looking at other rules.
 * False: it cannot be. */
bool witness_require(witness *w, const program_condition *c,
                     int32_t *claim_index);

/* A claim as a client may send it, which passes every test of the condition
 * but those of the issuer. False: there is none. */
bool witness_forge(const witness *w, const program_condition *c,
                   claim *forged);

#endif
