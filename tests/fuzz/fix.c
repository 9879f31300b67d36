/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as policy text: fixing it ends, adds no error, and leaves nothing
 * to fix where it says so. */
#include "compiler/fix.h"
#include "compiler/suppress.h"
#include "tests/fuzz/fuzz.h"

static policy *inspect(void *context, arena *a, slice text, size_t *errors) {
  const lint_options *options = context;
  suppressor s = {.type = options->type};
  policy *p = policy_compile(a, text);
  policy_lint(a, p, options);
  *errors = p->findings.errors;
  policy_suppress(a, p, &s);
  HOLDS(p->findings.errors == *errors); /* none is silenced */
  return p;
}

static void check_policy(arena *a, slice text) {
  lint_options options = {.type = ATTESTATION_SGX_ENCLAVE,
                          .layout = text.length % 2};
  fixer f = {inspect, &options, text.length % 4 > 1};
  size_t before, after;
  policy *p = inspect(&options, a, text, &before);
  fix_result r = policy_fix(a, text, &f);
  policy *fixed = inspect(&options, a, r.text, &after);
  HOLDS(after <= before);
  HOLDS(fixed->was_wrapped == p->was_wrapped);
  HOLDS(r.applied || slice_equal(r.text, text));
  if (!r.is_stable || r.refused)
    return;
  fix_result again = policy_fix(a, r.text, &f);
  HOLDS(!again.applied && slice_equal(again.text, r.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_policy);
}
