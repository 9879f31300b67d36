/* SPDX-License-Identifier: Apache-2.0 */
/* Running mutants against the tests of their policy. */
#include "suite/mutate.h"
#include "suite/pool.h"

typedef struct mutation_work {
  suite_run *run;
  mutation *of;
} mutation_work;

static bool notices(const run_suite *s, const suite_case *c, policy *changed,
                    bool is_configured, arena *scratch) {
  case_outcome outcome;
  const char *reason;
  arena a;
  jmp_buf failure;
  /* Of its own, so that many cases do not add up. */
  arena_init(&a, scratch->limit);
  bool noticed = true; /* what needs too much memory is seen */
  if (!ARENA_GUARD(&a, failure))
    noticed = !suite_case_decide(&a, s, c, changed, is_configured, 0,
                                 &outcome, &reason) ||
              !suite_case_holds(&a, c, &outcome, NULL, NULL);
  arena_free(&a);
  return noticed;
}

/* The first case that notices it, in the order of the suites. */
static const suite_case *find_killer(const mutation_work *work,
                                     policy *changed, bool is_configured,
                                     arena *scratch) {
  for (size_t i = 0; i < work->run->suite_count; i++) {
    const run_suite *s = &work->run->suites[i];
    if (s->failure || s->policy != work->of->policy)
      continue;
    for (uint32_t k = 0; k < s->suite.case_count; k++)
      if (s->results[k].status == CASE_PASSED &&
          notices(s, &s->suite.cases[k], changed, is_configured, scratch))
        return &s->suite.cases[k];
  }
  return NULL;
}

static void run_mutant(void *context, size_t index, arena *scratch,
                       arena *keep) {
  const mutation_work *work = context;
  mutant *m = &work->of->mutants[index];
  const policy *original = work->of->policy->policy;
  (void)keep;
  policy *changed =
      policy_compile(scratch, suite_mutant_text(scratch, original, m));
  if (!changed->program) {
    m->status = MUTANT_INVALID;
    return;
  }
  if (program_equal(original->program, changed->program)) {
    m->status = MUTANT_EQUIVALENT;
    return;
  }
  bool is_configured =
      original->program->rules[m->rule].section != SECTION_CONFIGURATION;
  const suite_case *killer =
      find_killer(work, changed, is_configured, scratch);
  m->killer = killer ? killer->name : NULL;
  m->status = killer ? MUTANT_KILLED : MUTANT_SURVIVED;
}

static void count(mutation *m) {
  for (size_t i = 0; i < m->count; i++) {
    m->survived += m->mutants[i].status == MUTANT_SURVIVED;
    m->killed += m->mutants[i].status == MUTANT_KILLED;
    m->not_run += m->mutants[i].status == MUTANT_NOT_RUN;
  }
}

mutation *suite_mutate(suite_run *run) {
  mutation *all = arena_zalloc(
      run->arena, (run->policy_count + 1) * sizeof(mutation));
  for (size_t i = 0; i < run->policy_count; i++) {
    all[i].policy = run->policies[i];
    if (run->policies[i]->failure)
      continue;
    suite_mutants(run->arena, run->policies[i]->policy, &all[i]);
    mutation_work work = {run, &all[i]};
    suite_pool_run(run->arena, run->options.jobs, all[i].count, run_mutant,
                   &work);
    count(&all[i]);
  }
  return all;
}
