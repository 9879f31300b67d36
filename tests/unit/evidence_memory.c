/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at any point: the guard is reached, nothing leaks. */
#include "base/memory.h"
#include "evidence/kinds.h"
#include "tests/unit/evidence_fixture.h"

typedef void (*task)(arena *a, bytes raw);

static void parse_and_show(arena *a, bytes raw) {
  evidence e;
  evidence_error error;
  buffer text = buffer_in(a);
  if (!evidence_parse(a, ATTESTATION_SGX_ENCLAVE, raw, &e, &error))
    cr_assert_fail("%s", error.message);
  evidence_show_text(&text, &e);
  value dump = evidence_show(a, &e);
  json_write(&text, &dump);
}

static void refuse(arena *a, bytes raw) {
  evidence e;
  evidence_error error;
  cr_assert_not(evidence_parse(a, ATTESTATION_OPEN_ENCLAVE, raw, &e, &error));
}

static void make(arena *a, bytes raw) {
  (void)raw;
  slice setting = SLICE("runtime-data={\"key\": \"value\"}");
  evidence_recipe recipe = {.type = ATTESTATION_OPEN_ENCLAVE,
                            .settings = &setting,
                            .setting_count = 1};
  evidence_made made;
  evidence_error error;
  cr_assert(evidence_make(a, &recipe, &made, &error));
  evidence_make_request(a, &made);
}

/* Whether the task came to its end with so many allocations. */
static bool completes(task t, bytes raw, long allocations) {
  arena a;
  jmp_buf failure;
  volatile bool done = false;
  arena_init(&a, EVIDENCE_ARENA);
  memory_fail_after(allocations);
  if (!ARENA_GUARD(&a, failure)) {
    t(&a, raw);
    done = true;
  }
  memory_fail_after(-1);
  cr_expect(done || a.failure == ARENA_NO_MEMORY);
  arena_free(&a);
  return done;
}

Test(evidence_memory, may_run_out_anywhere) {
  static const task tasks[] = {parse_and_show, refuse, make};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  for (size_t i = 0; i < COUNT_OF(tasks); i++) {
    long allocations = 0;
    while (!completes(tasks[i], made.raw, allocations))
      cr_assert(++allocations < 10000);
    cr_expect(allocations > 0, "task %zu", i);
  }
  arena_free(&a);
}

/* The same with an arena of any size, in steps that hit different places. */
Test(evidence_memory, may_reach_its_limit_anywhere) {
  TEST_ARENA(outer, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&outer, ATTESTATION_SGX_ENCLAVE, NULL);
  volatile bool done = false;
  for (volatile size_t limit = 0; !done; limit += 1000) {
    arena a;
    jmp_buf failure;
    arena_init(&a, limit);
    if (!ARENA_GUARD(&a, failure)) {
      parse_and_show(&a, made.raw);
      done = true;
    }
    arena_free(&a);
    cr_assert(limit < EVIDENCE_ARENA);
  }
  arena_free(&outer);
}
