/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/run.h"

#include <time.h>

#include "base/file.h"
#include "base/limits.h"
#include "eval/report_text.h"
#include "suite/input.h"
#include "suite/pool.h"

/* --- suites and policies -------------------------------------------------- */

void suite_run_init(suite_run *run, arena *a, const suite_options *options) {
  *run = (suite_run){.arena = a, .options = *options};
}

static void remember_file(suite_run *run, const char *path) {
  run->files = arena_grow(run->arena, run->files, run->file_count,
                          &run->file_capacity, sizeof *run->files);
  run->files[run->file_count++] = path;
}

static bool fail_at(run_suite *s, const char *message, uint32_t line,
                    uint32_t column) {
  s->failure = message;
  s->line = line;
  s->column = column;
  return false;
}

/* "FILE: REASON" where the suite names the file. */
static bool fail_file(suite_run *run, run_suite *s, const suite_file *file,
                      const char *reason) {
  buffer text = buffer_in(run->arena);
  buffer_printf(&text, "%.*s: %s", SLICE_ARGS(file->path), reason);
  return fail_at(s, buffer_slice(&text).data, file->line, 1);
}

static const char *first_finding(arena *a, const policy *p) {
  const diagnostic *d = p->findings.first;
  while (d && d->severity != SEVERITY_ERROR)
    d = d->next;
  if (!d)
    return "the policy has errors";
  line_index lines;
  line_index_make(&lines, a, p->text);
  position at = line_index_position(&lines, d->where.begin);
  buffer text = buffer_in(a);
  buffer_printf(&text, "the policy has errors; the first is at %u:%u: %s",
                (unsigned)at.line, (unsigned)at.column, d->message);
  return buffer_slice(&text).data;
}

static void read_policy(suite_run *run, suite_policy *p) {
  slice text;
  const char *reason;
  if (file_read(run->arena, p->real, LIMIT_POLICY_BYTES, &text, &reason) !=
      FILE_OK) {
    p->failure = reason;
    return;
  }
  p->policy = policy_compile(run->arena, text);
  if (!p->policy->program)
    p->failure = first_finding(run->arena, p->policy);
  else
    coverage_init(&p->coverage, p->policy->program, run->arena);
}

/* The path as the user would write it: the suite's own folder, then the
 * policy's path, without "x/..". */
static const char *shown_path(arena *a, const suite *s) {
  const char *slash = strrchr(s->path, '/');
  buffer path = buffer_in(a);
  if (slash)
    buffer_add(&path, slice_between(s->path, slash + 1));
  for (slice rest = s->policy.path; rest.length;) {
    const char *end = memchr(rest.data, '/', rest.length);
    slice name = {rest.data, end ? (size_t)(end - rest.data) : rest.length};
    size_t taken = name.length + (end != NULL);
    size_t folder = path.length;
    while (folder > 1 && path.data[folder - 2] != '/')
      folder--;
    slice last = {path.data + (folder ? folder - 1 : 0),
                  path.length - (folder ? folder - 1 : 0)};
    if (slice_is(name, "..") && path.length > 1 && !slice_is(last, "../") &&
        !slice_is(last, "./"))
      path.length = folder - 1;
    else if (!slice_is(name, ".") && name.length)
      buffer_add(&path, (slice){rest.data, taken});
    rest = (slice){rest.data + taken, rest.length - taken};
  }
  return buffer_slice(&path).data;
}

static suite_policy *policy_of(suite_run *run, const suite *s,
                               const char *real) {
  for (size_t i = 0; i < run->policy_count; i++)
    if (strcmp(run->policies[i]->real, real) == 0)
      return run->policies[i];
  suite_policy *p = ARENA_NEW(run->arena, suite_policy);
  p->real = real;
  p->path = shown_path(run->arena, s);
  remember_file(run, real);
  read_policy(run, p);
  run->policies =
      arena_grow(run->arena, run->policies, run->policy_count,
                 &run->policy_capacity, sizeof(suite_policy *));
  run->policies[run->policy_count++] = p;
  return p;
}

static bool find_policy(suite_run *run, run_suite *s) {
  const char *reason;
  const char *real = suite_root_resolve(run->arena, &s->root,
                                        s->suite.policy.path, &reason);
  if (!real)
    return fail_file(run, s, &s->suite.policy, reason);
  s->policy = policy_of(run, &s->suite, real);
  return !s->policy->failure ||
         fail_file(run, s, &s->suite.policy, s->policy->failure);
}

static bool read_directories(suite_run *run, run_suite *s) {
  const char *reason;
  arena *a = run->arena;
  s->verify = (verify_options){.roots = roots_builtin(a)};
  if (s->suite.roots.path.length) {
    const char *real =
        suite_root_resolve(a, &s->root, s->suite.roots.path, &reason);
    if (!real ||
        !roots_add_directory(a, &s->verify.roots, real, &reason))
      return fail_file(run, s, &s->suite.roots, reason);
  }
  if (!s->suite.collateral.path.length)
    return true;
  collateral *files = ARENA_NEW(a, collateral);
  const char *real =
      suite_root_resolve(a, &s->root, s->suite.collateral.path, &reason);
  if (!real || !collateral_read(a, real, files, &reason))
    return fail_file(run, s, &s->suite.collateral, reason);
  s->verify.collateral = files;
  return true;
}

static bool uses_evidence(const suite *s) {
  for (uint32_t i = 0; i < s->case_count; i++)
    if (s->cases[i].input != SUITE_CLAIMS)
      return true;
  return false;
}

static void remember_inputs(suite_run *run, const run_suite *s) {
  const char *reason;
  for (uint32_t i = 0; i < s->suite.case_count; i++) {
    const suite_case *c = &s->suite.cases[i];
    const slice paths[] = {c->file.path, c->runtime_data.path,
                           c->init_data.path};
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
      const char *real =
          paths[k].length
              ? suite_root_resolve(run->arena, &s->root, paths[k], &reason)
              : NULL;
      if (real)
        remember_file(run, real);
    }
  }
}

/* Inputs by number, and the time for cases that name none. */
static void prepare_cases(suite_run *run, run_suite *s) {
  suite *all = &s->suite;
  s->results = arena_zalloc(run->arena,
                            (all->case_count + 1) * sizeof *s->results);
  s->bases =
      arena_zalloc(run->arena, (all->base_count + 1) * sizeof *s->bases);
  for (uint32_t i = 0; i < all->case_count; i++) {
    suite_case *c = &all->cases[i];
    if (!c->has_now)
      c->now = run->options.now;
    s->bases[c->base].sample = c;
    s->results[i].message = "the test needs more memory than is allowed";
  }
}

bool suite_run_add(suite_run *run, const char *path, slice text) {
  if (run->suite_count == LIMIT_SUITES)
    return false;
  run->suites = arena_grow(run->arena, run->suites, run->suite_count,
                           &run->suite_capacity, sizeof *run->suites);
  run_suite *s = &run->suites[run->suite_count++];
  *s = (run_suite){.suite = {.path = path}};
  suite_error error;
  const char *reason;
  if (!suite_read(run->arena, path, text, &s->suite, &error)) {
    s->suite.case_count = 0;
    fail_at(s, error.message, error.line, error.column);
    return true;
  }
  if (!suite_root_find(run->arena, path, &s->root, &reason)) {
    fail_at(s, reason, 0, 0);
    return true;
  }
  if (find_policy(run, s) &&
      (!uses_evidence(&s->suite) || read_directories(run, s)))
    remember_inputs(run, s);
  prepare_cases(run, s);
  return true;
}

/* --- one case ------------------------------------------------------------- */

void suite_evaluate(const program *p, const claim_list *claims, arena *a,
                    unsigned flags, evaluation *result) {
  evaluate_policy(p, claims, a, flags, result);
}

static void decide(arena *a, const suite_base *base, const suite_case *c,
                   const policy *p, unsigned flags, case_outcome *outcome) {
  if (base->refusal_code) {
    *outcome = (case_outcome){.decision = DECISION_ERROR,
                              .code = base->refusal_code,
                              .message = base->refusal};
    return;
  }
  claim_list claims = suite_case_claims(a, base, c);
  *outcome = (case_outcome){.was_evaluated = true};
  suite_evaluate(p->program, &claims, a, flags, &outcome->evaluation);
  outcome->decision = outcome->evaluation.decision;
  if (outcome->decision != DECISION_PERMIT)
    outcome->code = "PolicyEvaluationError";
}

bool suite_case_decide(arena *a, const run_suite *s, const suite_case *c,
                       policy *p, bool is_configured, unsigned flags,
                       case_outcome *outcome, const char **reason) {
  const suite_base *base = &s->bases[c->base];
  suite_base again;
  if (!base->is_read || (!is_configured && c->input != SUITE_CLAIMS)) {
    again = (suite_base){.sample = base->sample};
    suite_base_read(a, s, p, &again);
    base = &again;
  }
  *reason = base->failure;
  if (base->failure)
    return false;
  decide(a, base, c, p, flags, outcome);
  return true;
}

static void describe(suite_run *run, const run_suite *s,
                     const case_outcome *o, arena *scratch, arena *keep,
                     case_result *result) {
  (void)run;
  if (!o->was_evaluated) {
    result->reason = arena_string(keep, slice_from(o->message));
    return;
  }
  report r = report_of(scratch, s->policy->policy->program);
  buffer lines = buffer_in(scratch);
  report_write_background(&lines, &r, &o->evaluation);
  result->reason =
      arena_string(keep, slice_from(report_reason(&r, &o->evaluation)));
  result->background = arena_string(keep, buffer_slice(&lines));
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_case(suite_run *run, const run_suite *s, const suite_case *c,
                     arena *scratch, arena *keep, case_result *result) {
  case_outcome outcome;
  const char *reason;
  double begin = seconds_now();
  if (!suite_case_decide(scratch, s, c, s->policy->policy, true,
                         EVALUATE_TRACE, &outcome, &reason)) {
    result->message = arena_string(keep, slice_from(reason));
    return;
  }
  result->decision = outcome.decision;
  bool holds =
      suite_case_holds(scratch, c, &outcome, keep, &result->mismatches);
  if (!holds)
    describe(run, s, &outcome, scratch, keep, result);
  if (run->options.coverage && outcome.was_evaluated) {
    claim_list claims = suite_case_claims(scratch, &s->bases[c->base], c);
    coverage_add(&s->policy->coverage, &claims, &outcome.evaluation,
                 scratch);
  }
  result->seconds = seconds_now() - begin;
  result->message = NULL;
  result->status = holds ? CASE_PASSED : CASE_FAILED;
}

/* --- all cases ------------------------------------------------------------ */

typedef struct work_list {
  suite_run *run;
  struct work_item {
    run_suite *suite;
    uint32_t index; /* of a base or a case */
  } *items;
  size_t count;
} work_list;

static void base_job(void *context, size_t index, arena *scratch,
                     arena *keep) {
  work_list *list = context;
  run_suite *s = list->items[index].suite;
  suite_base *base = &s->bases[list->items[index].index];
  (void)scratch;
  suite_base_read(keep, s, s->policy->policy, base);
}

static void case_job(void *context, size_t index, arena *scratch,
                     arena *keep) {
  work_list *list = context;
  run_suite *s = list->items[index].suite;
  uint32_t i = list->items[index].index;
  run_case(list->run, s, &s->suite.cases[i], scratch, keep, &s->results[i]);
}

static bool is_wanted(const suite_run *run, const suite_case *c) {
  return !run->options.pattern ||
         regexec(run->options.pattern, c->name, 0, NULL, 0) == 0;
}

static work_list list_for(suite_run *run) {
  size_t count = 1;
  for (size_t i = 0; i < run->suite_count; i++)
    count += run->suites[i].suite.case_count;
  return (work_list){run, ARENA_ARRAY(run->arena, count, struct work_item),
                     0};
}

/* Only the inputs of cases that will run are read. */
static void list_work(suite_run *run, work_list *bases, work_list *cases) {
  for (size_t i = 0; i < run->suite_count; i++) {
    run_suite *s = &run->suites[i];
    bool *listed = arena_zalloc(run->arena, s->suite.base_count + 1u);
    for (uint32_t k = 0; !s->failure && k < s->suite.case_count; k++) {
      const suite_case *c = &s->suite.cases[k];
      if (!is_wanted(run, c)) {
        s->results[k].status = CASE_LEFT_OUT;
        continue;
      }
      cases->items[cases->count++] = (struct work_item){s, k};
      if (!listed[c->base])
        bases->items[bases->count++] = (struct work_item){s, c->base};
      listed[c->base] = true;
    }
  }
}

static void count_results(suite_run *run) {
  for (size_t i = 0; i < run->suite_count; i++) {
    const run_suite *s = &run->suites[i];
    if (s->failure) {
      run->unusable++;
      continue;
    }
    for (uint32_t k = 0; k < s->suite.case_count; k++) {
      case_status status = s->results[k].status;
      run->passed += status == CASE_PASSED;
      run->failed += status == CASE_FAILED;
      run->unusable += status == CASE_UNUSABLE;
      run->left_out += status == CASE_LEFT_OUT;
    }
  }
}

void suite_run_all(suite_run *run) {
  work_list bases = list_for(run), cases = list_for(run);
  list_work(run, &bases, &cases);
  suite_pool_run(run->arena, run->options.jobs, bases.count, base_job,
                 &bases);
  suite_pool_run(run->arena, run->options.jobs, cases.count, case_job,
                 &cases);
  count_results(run);
  for (size_t i = 0; i < run->policy_count; i++)
    if (!run->policies[i]->failure)
      coverage_count(&run->policies[i]->coverage);
}
