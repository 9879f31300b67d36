/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "base/memory.h"

typedef struct question {
  const program *program;
  const bound_claims *claims;
  unsigned flags;
  maapol_result *result;     /* of maapol_evaluate */
  maapol_decision *decision; /* of maapol_decide */
} question;

/* An error in configurationrules ends the evaluation before it begins. Most
 * policies have none, and half the time of a short one is saved. */
static void run(const question *q, arena *a, evaluation *result) {
  const uint32_t *begin = &q->program->section_begin[SECTION_CONFIGURATION];
  evaluation configuration;
  if (begin[0] == begin[1]) {
    evaluate_bound(q->program, q->claims, a, q->flags, result);
    return;
  }
  if (!evaluate_configuration(q->program, a, q->flags, &configuration)) {
    *result = configuration;
    return;
  }
  evaluate_bound(q->program, q->claims, a, q->flags, result);
  evaluation_join(&configuration, result);
}

static maapol_status prepare(const maapol_policy *p, maapol_claims *c,
                             unsigned flags, question *q) {
  if (!p || !c || flags & ~(unsigned)MAAPOL_TRACE)
    return MAAPOL_INVALID_ARGUMENT;
  if (!p->compiled->program)
    return MAAPOL_INVALID_POLICY;
  q->program = p->compiled->program;
  q->flags = flags & MAAPOL_TRACE ? EVALUATE_TRACE : 0;
  return api_bind(c, p, &q->claims);
}

/* --- with all that is to be known ----------------------------------------- */

static maapol_status evaluate_and_describe(arena *a, void *context) {
  const question *q = context;
  run(q, a, &q->result->evaluation);
  api_result_describe(q->result, a);
  return MAAPOL_OK;
}

static maapol_result *new_result(const maapol_policy *p, maapol_claims *c) {
  maapol_result *r = memory_alloc(sizeof *r);
  if (!r)
    return NULL;
  *r = (maapol_result){.policy = api_policy_retain(p),
                       .claims = api_claims_retain(c),
                       .program = p->compiled->program,
                       .lines = p->lines};
  arena_init(&r->arena, LIMIT_ARENA_BYTES);
  return r;
}

void maapol_result_free(maapol_result *r) {
  if (!r)
    return;
  arena_free(&r->arena);
  api_claims_release(r->claims);
  maapol_policy_free(r->policy);
  memory_free(r);
}

maapol_status maapol_evaluate(const maapol_policy *p, maapol_claims *c,
                              unsigned flags, maapol_result **result) {
  if (!result)
    return MAAPOL_INVALID_ARGUMENT;
  *result = NULL;
  question q = {0};
  maapol_status status = prepare(p, c, flags, &q);
  if (status != MAAPOL_OK)
    return status;
  q.result = new_result(p, c);
  if (!q.result)
    return MAAPOL_NO_MEMORY;
  status = api_guard(&q.result->arena, evaluate_and_describe, &q);
  if (status == MAAPOL_OK)
    *result = q.result;
  else
    maapol_result_free(q.result);
  return status;
}

/* --- the decision alone --------------------------------------------------- */

static maapol_decision public_decision(decision d) {
  return d == DECISION_PERMIT ? MAAPOL_PERMIT
         : d == DECISION_DENY ? MAAPOL_DENY
                              : MAAPOL_ERROR;
}

static maapol_status decide(arena *a, void *context) {
  const question *q = context;
  evaluation result;
  run(q, a, &result);
  *q->decision = public_decision(result.decision);
  return MAAPOL_OK;
}

maapol_status maapol_decide(const maapol_policy *p, maapol_claims *c,
                            maapol_decision *result) {
  if (!result)
    return MAAPOL_INVALID_ARGUMENT;
  *result = MAAPOL_ERROR;
  question q = {.decision = result};
  maapol_status status = prepare(p, c, 0, &q);
  if (status != MAAPOL_OK)
    return status;
  arena_reset(&c->scratch);
  return api_guard(&c->scratch, decide, &q);
}

maapol_decision maapol_result_decision(const maapol_result *r) {
  return r ? public_decision(r->evaluation.decision) : MAAPOL_ERROR;
}
