/* SPDX-License-Identifier: Apache-2.0 */
/* make test-memory: what happens when memory or a limit runs out. Built with
 * an allocator that fails on demand, tiny limits and sanitizers. */
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "compiler/policy.h"
#include "tests/memory/check.h"

#if !defined MAAPOL_FAILING_ALLOCATOR || !defined MAAPOL_TINY_LIMITS
#error "build with make test-memory"
#endif

const char *const run_outcome_names[] = {[RUN_DENIED] = "denied",
                                         [RUN_PERMITTED] = "permitted",
                                         [RUN_ERROR] = "error",
                                         [RUN_REFUSED] = "refused",
                                         [RUN_BAD_CLAIMS] = "bad claims",
                                         [RUN_NO_MEMORY] = "no memory",
                                         [RUN_LIMIT] = "limit"};

void check(tally *t, bool holds, const char *name, const char *format, ...) {
  if (holds) {
    t->passed++;
    return;
  }
  t->failed++;
  va_list arguments;
  va_start(arguments, format);
  printf("FAILED: %s: ", name);
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
}

static bool has_finding(const diagnostics *findings, diagnostic_code code) {
  for (const diagnostic *d = findings->first; d; d = d->next)
    if (d->code == code)
      return true;
  return false;
}

static run_outcome decide(arena *a, const policy *p, slice claims) {
  static const run_outcome outcomes[] = {[DECISION_DENY] = RUN_DENIED,
                                         [DECISION_PERMIT] = RUN_PERMITTED,
                                         [DECISION_ERROR] = RUN_ERROR};
  claim_list list = claims_in(a);
  claims_error error;
  if (!claims_read(&list, claims, &error))
    return RUN_BAD_CLAIMS;
  evaluation configuration, result, again;
  if (!evaluate_configuration(p->program, a, EVALUATE_TRACE, &configuration))
    return RUN_ERROR;
  evaluate(p->program, &list, a, EVALUATE_TRACE, &result);
  evaluate_bound(p->program, claims_bind(p->program, &list, a), a, 0, &again);
  if (again.decision != result.decision)
    printf("FAILED: evaluate and evaluate_bound differ\n");
  return outcomes[result.decision];
}

run run_policy(slice text, slice claims, long allowed) {
  arena a;
  jmp_buf out_of_memory;
  volatile run result = {.outcome = RUN_NO_MEMORY};
  memory_fail_after(allowed);
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, out_of_memory)) {
    result.outcome = a.failure == ARENA_LIMIT ? RUN_LIMIT : RUN_NO_MEMORY;
  } else {
    policy *p = policy_compile(&a, arena_copy(&a, text));
    result.findings = p->findings.count;
    result.has_p018 = has_finding(&p->findings, CODE_P018);
    result.outcome = p->program ? decide(&a, p, claims) : RUN_REFUSED;
  }
  arena_free(&a);
  result.allocations = memory_fail_after(-1);
  return result;
}

int main(void) {
  tally t = {0};
  failing_allocations(&t);
  tiny_limits(&t);
  printf("%d passed, %d failed\n", t.passed, t.failed);
  return t.failed > 0;
}
