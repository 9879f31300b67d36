/* SPDX-License-Identifier: Apache-2.0 */
/* Group L: what a policy decides, whatever the claims are. */
#include "compiler/lint_logic.h"

#include "base/limits.h"

static void release(void *scratch) { arena_free(scratch); }

/* The security rules need not look at what has no effect. */
static void tell_void(const logic *l, linter *from, const uint8_t *overruled) {
  const uint32_t *begin = &l->program->section_begin[SECTION_AUTHORIZATION];
  bool *is_void = ARENA_ARRAY(from->arena, begin[1] - begin[0] + 1u, bool);
  for (uint32_t i = begin[0]; i < begin[1]; i++)
    is_void[i - begin[0]] = overruled[i] || (l->flags[i] & RULE_IS_DEAD);
  from->is_void = is_void;
}

static void run(logic *l, linter *from, arena *a) {
  logic_learn(l, from, a);
  uint8_t *overruled = ARENA_ARRAY(a, l->program->rule_count + 1u, uint8_t);
  memset(overruled, 0, l->program->rule_count + 1u);
  lint_rules(l, overruled);
  lint_decision(l, overruled);
  tell_void(l, from, overruled);
  lint_claim_flow(l);
  lint_conditions(l);
  lint_queries(l);
}

/* What is worked out lives in an arena of its own, which goes with the
 * policy's if memory runs out. */
void lint_logic(linter *from) {
  arena *scratch = ARENA_NEW(from->arena, arena);
  jmp_buf failure;
  logic l;
  arena_init(scratch, LIMIT_ARENA_BYTES);
  arena_defer(from->arena, release, scratch);
  if (ARENA_GUARD(scratch, failure))
    arena_fail(from->arena, scratch->failure);
  run(&l, from, scratch);
  arena_free(scratch);
}
