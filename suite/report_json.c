/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diff.h"
#include "eval/report.h"
#include "suite/report.h"

static void set_text(object_builder *o, const char *name, const char *text) {
  object_set(o, slice_from(name),
             text ? value_text(slice_from(text)) : value_null());
}

static void set_count(object_builder *o, const char *name, uint64_t count) {
  object_set(o, slice_from(name), value_integer((int64_t)count));
}

static const char *status_name(case_status status) {
  static const char *const names[] = {"unusable", "failed", "passed",
                                      "left-out"};
  return names[status];
}

static value mismatches_value(arena *a, const case_mismatch *list) {
  array_builder all = array_in(a);
  for (const case_mismatch *m = list; m; m = m->next) {
    object_builder o = object_in(a);
    set_text(&o, "what", m->what);
    set_text(&o, "expected", m->expected);
    set_text(&o, "got", m->got);
    array_add(&all, object_value(&o));
  }
  return array_value(&all);
}

static value case_value(arena *a, const suite_case *c, const case_result *r) {
  object_builder o = object_in(a);
  set_text(&o, "name", c->name);
  set_count(&o, "line", c->line);
  set_text(&o, "status", status_name(r->status));
  if (r->status == CASE_UNUSABLE) {
    set_text(&o, "message", r->message);
    return object_value(&o);
  }
  set_text(&o, "decision", decision_name(r->decision));
  object_set(&o, SLICE("mismatches"), mismatches_value(a, r->mismatches));
  if (r->status == CASE_FAILED) {
    set_text(&o, "reason", r->reason);
    set_text(&o, "trace", r->background);
  }
  return object_value(&o);
}

static value suite_value(arena *a, const suite_report *r,
                         const run_suite *s) {
  object_builder o = object_in(a);
  array_builder tests = array_in(a);
  set_text(&o, "path", s->suite.path);
  set_text(&o, "policy", s->policy ? s->policy->path : NULL);
  set_text(&o, "failure", s->failure);
  set_count(&o, "line", s->line);
  for (uint32_t i = 0; !s->failure && i < s->suite.case_count; i++) {
    case_status status = s->results[i].status;
    if (status != CASE_LEFT_OUT && (!r->fail_only || status != CASE_PASSED))
      array_add(&tests,
                case_value(a, &s->suite.cases[i], &s->results[i]));
  }
  object_set(&o, SLICE("tests"), array_value(&tests));
  return object_value(&o);
}

static value coverage_value(arena *a, const suite_policy *p) {
  const coverage *c = &p->coverage;
  object_builder o = object_in(a);
  array_builder missing = array_in(a);
  size_t count;
  coverage_gap *gaps = coverage_gaps(c, a, &count);
  for (size_t i = 0; i < count; i++) {
    object_builder gap = object_in(a);
    uint32_t line;
    set_text(&gap, "text", suite_gap_text(a, p, &gaps[i], &line));
    set_count(&gap, "line", line);
    array_add(&missing, object_value(&gap));
  }
  set_text(&o, "policy", p->path);
  set_count(&o, "percent", coverage_percent(c));
  set_count(&o, "rules", c->rules);
  set_count(&o, "rules-run", c->rules_fired);
  set_count(&o, "conditions", c->conditions);
  set_count(&o, "conditions-decisive", c->conditions_decisive);
  object_set(&o, SLICE("missing"), array_value(&missing));
  return object_value(&o);
}

static value survivor_value(arena *a, const mutation *m, const mutant *s) {
  const policy *p = m->policy->policy;
  line_index lines;
  line_index_make(&lines, a, p->text);
  position at = line_index_position(&lines, s->where.begin);
  buffer diff = buffer_in(a);
  diff_write(&diff, m->policy->path, p->text, suite_mutant_text(a, p, s),
             false);
  object_builder o = object_in(a);
  set_text(&o, "what", s->what);
  set_count(&o, "line", at.line);
  set_count(&o, "column", at.column);
  object_set(&o, SLICE("diff"), value_text(buffer_slice(&diff)));
  return object_value(&o);
}

static value mutation_value(arena *a, const mutation *m) {
  object_builder o = object_in(a);
  array_builder survivors = array_in(a);
  for (size_t i = 0; i < m->count; i++)
    if (m->mutants[i].status == MUTANT_SURVIVED)
      array_add(&survivors, survivor_value(a, m, &m->mutants[i]));
  set_text(&o, "policy", m->policy->path);
  set_count(&o, "noticed", m->killed);
  set_count(&o, "survived", m->survived);
  set_count(&o, "not-run", m->not_run);
  set_count(&o, "left-out", m->left_out);
  object_set(&o, SLICE("survivors"), array_value(&survivors));
  return object_value(&o);
}

static void set_policies(object_builder *o, const suite_report *r) {
  array_builder covered = array_in(o->arena), mutated = array_in(o->arena);
  for (size_t i = 0; i < r->run->policy_count; i++) {
    if (r->run->policies[i]->failure)
      continue;
    array_add(&covered, coverage_value(o->arena, r->run->policies[i]));
    if (r->mutations)
      array_add(&mutated, mutation_value(o->arena, &r->mutations[i]));
  }
  if (r->coverage)
    object_set(o, SLICE("coverage"), array_value(&covered));
  if (r->mutations)
    object_set(o, SLICE("mutation"), array_value(&mutated));
}

void suite_report_json(buffer *out, const suite_report *r) {
  const suite_run *run = r->run;
  object_builder o = object_in(out->arena);
  array_builder suites = array_in(out->arena);
  for (size_t i = 0; i < run->suite_count; i++)
    array_add(&suites, suite_value(out->arena, r, &run->suites[i]));
  set_count(&o, "passed", run->passed);
  set_count(&o, "failed", run->failed);
  set_count(&o, "unusable", run->unusable);
  set_count(&o, "left-out", run->left_out);
  object_set(&o, SLICE("suites"), array_value(&suites));
  set_policies(&o, r);
  value whole = object_value(&o);
  json_write_pretty(out, &whole);
  buffer_char(out, '\n');
}
