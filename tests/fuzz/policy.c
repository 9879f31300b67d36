/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as policy text; what compiles is decided over fixed claims. */
#include "compiler/policy.h"
#include "eval/evaluate.h"
#include "tests/fuzz/fuzz.h"

static const char claims_text[] =
    "{\"a\":1,\"b\":true,\"c\":\"x\",\"list\":[1,2,\"x\",false],"
    "\"x-ms-sgx-is-debuggable\":false,\"x-ms-sgx-svn\":3,"
    "\"json\":{\"k\":[1,{\"n\":null}]},\"text\":\"{\\\"k\\\":[1,2]}\"}";

static void check_findings(const policy *p) {
  size_t errors = 0;
  for (const diagnostic *d = p->findings.first; d; d = d->next) {
    errors += d->severity == SEVERITY_ERROR;
    HOLDS(d->message && d->message[0]);
    HOLDS(d->where.begin <= d->where.end);
    HOLDS(d->where.end <= p->text.length);
    for (const diagnostic_label *l = d->labels; l; l = l->next)
      HOLDS(l->where.begin <= l->where.end && l->where.end <= p->text.length);
    for (const fix *f = d->fixes; f; f = f->next) {
      uint32_t end = 0;
      for (const text_edit *e = f->edits; e; e = e->next) {
        HOLDS(e->where.begin >= end && e->where.begin <= e->where.end);
        end = e->where.end;
      }
      HOLDS(end <= p->text.length);
    }
  }
  HOLDS(p->ast);
  HOLDS((p->program == NULL) == (errors > 0));
}

static void check_decision(arena *a, const program *p) {
  claim_list claims = claims_in(a);
  claims_error error;
  HOLDS(claims_read(&claims, slice_from(claims_text), &error));
  evaluation first, traced;
  if (!evaluate_configuration(p, a, 0, &first))
    return;
  evaluate(p, &claims, a, 0, &first);
  evaluate(p, &claims, a, EVALUATE_TRACE, &traced);
  HOLDS(first.decision == traced.decision && first.reason == traced.reason);
  HOLDS(first.issued.count == traced.issued.count);
  HOLDS(first.decision == DECISION_PERMIT || first.issued.count == 0);
  HOLDS(first.decision != DECISION_ERROR || first.message);
  evaluate_bound(p, claims_bind(p, &claims, a), a, 0, &traced);
  HOLDS(first.decision == traced.decision);
}

static void check_policy(arena *a, slice text) {
  policy *p = policy_compile(a, text);
  check_findings(p);
  if (p->program)
    check_decision(a, p->program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_policy);
}
