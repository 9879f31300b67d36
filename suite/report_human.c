/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diff.h"
#include "base/render.h"
#include "eval/report.h"
#include "suite/report.h"

static void escaped(buffer *out, const char *text) {
  render_escaped(out, slice_from(text));
}

static void coloured(buffer *out, const suite_report *r, const char *code,
                     const char *text) {
  if (r->colour)
    buffer_printf(out, "\33[%sm%s\33[0m", code, text);
  else
    buffer_text(out, text);
}

void suite_write_place(buffer *out, const char *path, uint32_t line,
                       uint32_t column) {
  escaped(out, path);
  if (line)
    buffer_printf(out, ":%u", (unsigned)line);
  if (line && column)
    buffer_printf(out, ":%u", (unsigned)column);
}

/* --- cases ---------------------------------------------------------------- */

static void write_mismatch(buffer *out, const case_mismatch *m) {
  buffer_printf(out, "    %s: expected ", m->what);
  escaped(out, m->expected);
  buffer_printf(out, "\n    %*s  got      ", (int)strlen(m->what), "");
  escaped(out, m->got);
  buffer_char(out, '\n');
}

static void write_failure(buffer *out, const case_result *result) {
  for (const case_mismatch *m = result->mismatches; m; m = m->next)
    write_mismatch(out, m);
  buffer_printf(out, "    reason: ");
  escaped(out, result->reason ? result->reason : "");
  buffer_char(out, '\n');
  for (const char *line = result->background; line && *line;) {
    size_t length = strcspn(line, "\n");
    buffer_printf(out, "    %.*s\n", (int)length, line);
    line += length + (line[length] == '\n');
  }
}

static void write_case(buffer *out, const suite_report *r,
                       const run_suite *s, uint32_t i) {
  const case_result *result = &s->results[i];
  const suite_case *c = &s->suite.cases[i];
  if (result->status == CASE_LEFT_OUT ||
      (result->status == CASE_PASSED && r->fail_only))
    return;
  if (result->status == CASE_PASSED)
    coloured(out, r, "32", "ok    ");
  else
    coloured(out, r, "1;31",
             result->status == CASE_FAILED ? "FAIL  " : "ERROR ");
  suite_write_place(out, s->suite.path, c->line, 0);
  buffer_text(out, ": ");
  escaped(out, c->name);
  buffer_char(out, '\n');
  if (result->status == CASE_FAILED)
    write_failure(out, result);
  if (result->status == CASE_UNUSABLE) {
    buffer_text(out, "    ");
    escaped(out, result->message);
    buffer_char(out, '\n');
  }
}

static void write_suite(buffer *out, const suite_report *r,
                        const run_suite *s) {
  if (s->failure) {
    coloured(out, r, "1;31", "ERROR ");
    suite_write_place(out, s->suite.path, s->line, s->column);
    buffer_text(out, ": ");
    escaped(out, s->failure);
    buffer_char(out, '\n');
    return;
  }
  for (uint32_t i = 0; i < s->suite.case_count; i++)
    write_case(out, r, s, i);
}

/* --- coverage ------------------------------------------------------------- */

const char *suite_gap_text(arena *a, const suite_policy *p,
                           const coverage_gap *gap, uint32_t *line) {
  report r = report_of(a, p->policy->program);
  position at = line_index_position(&r.lines, gap->where.begin);
  const program *whole = p->policy->program;
  buffer text = buffer_in(a);
  buffer_printf(&text, "rule %u in %s ",
                (unsigned)whole->places[gap->rule].number,
                report_section_name(
                    (section_kind)whole->rules[gap->rule].section));
  if (gap->kind == GAP_RULE)
    buffer_text(&text, "never ran");
  else
    buffer_printf(&text, "was never kept from running by condition %u alone",
                  (unsigned)gap->condition + 1);
  *line = at.line;
  return buffer_slice(&text).data;
}

static void write_coverage(buffer *out, const suite_policy *p) {
  const coverage *c = &p->coverage;
  size_t count;
  coverage_gap *gaps = coverage_gaps(c, out->arena, &count);
  buffer_text(out, "coverage of ");
  escaped(out, p->path);
  buffer_printf(out,
                ": %u %%; %u of %u rules ran, %u of %u conditions were "
                "decisive for both outcomes\n",
                coverage_percent(c), (unsigned)c->rules_fired,
                (unsigned)c->rules, (unsigned)c->conditions_decisive,
                (unsigned)c->conditions);
  for (size_t i = 0; i < count; i++) {
    uint32_t line;
    const char *text = suite_gap_text(out->arena, p, &gaps[i], &line);
    buffer_text(out, "  ");
    suite_write_place(out, p->path, line, 0);
    buffer_printf(out, ": %s\n", text);
  }
}

/* --- mutation ------------------------------------------------------------- */

static void write_survivor(buffer *out, const suite_report *r,
                           const mutation *m, const mutant *survivor) {
  const policy *p = m->policy->policy;
  line_index lines;
  line_index_make(&lines, out->arena, p->text);
  position at = line_index_position(&lines, survivor->where.begin);
  coloured(out, r, "1;31", "survivor ");
  suite_write_place(out, m->policy->path, at.line, at.column);
  buffer_printf(out, ": %s\n", survivor->what);
  buffer diff = buffer_in(out->arena), safe = buffer_in(out->arena);
  diff_write(&diff, m->policy->path, p->text,
             suite_mutant_text(out->arena, p, survivor), false);
  for (slice rest = buffer_slice(&diff); rest.length;) {
    const char *end = memchr(rest.data, '\n', rest.length);
    size_t length = end ? (size_t)(end - rest.data) : rest.length;
    render_escaped(&safe, (slice){rest.data, length});
    buffer_char(&safe, '\n');
    length += end != NULL;
    rest = (slice){rest.data + length, rest.length - length};
  }
  buffer_add(out, buffer_slice(&safe));
}

static void write_mutation(buffer *out, const suite_report *r,
                           const mutation *m) {
  if (m->policy->failure)
    return;
  for (size_t i = 0; i < m->count; i++)
    if (m->mutants[i].status == MUTANT_SURVIVED)
      write_survivor(out, r, m, &m->mutants[i]);
  buffer_text(out, "mutation of ");
  escaped(out, m->policy->path);
  buffer_printf(out, ": %zu of %zu mutants were noticed", m->killed,
                m->killed + m->survived + m->not_run);
  if (m->survived)
    buffer_printf(out, ", %zu survived", m->survived);
  if (m->not_run)
    buffer_printf(out, ", %zu could not be run", m->not_run);
  if (m->left_out)
    buffer_printf(out, "; %zu more were left out", m->left_out);
  buffer_char(out, '\n');
}

/* --- all ------------------------------------------------------------------ */

static void write_summary(buffer *out, const suite_run *run) {
  buffer_printf(out, "%zu passed, %zu failed", run->passed, run->failed);
  if (run->unusable)
    buffer_printf(out, ", %zu unusable", run->unusable);
  if (run->left_out)
    buffer_printf(out, ", %zu left out", run->left_out);
  buffer_printf(out, " in %zu suite%s\n", run->suite_count,
                run->suite_count == 1 ? "" : "s");
}

void suite_report_human(buffer *out, const suite_report *r) {
  const suite_run *run = r->run;
  for (size_t i = 0; i < run->suite_count; i++)
    write_suite(out, r, &run->suites[i]);
  write_summary(out, run);
  for (size_t i = 0; r->coverage && i < run->policy_count; i++)
    if (!run->policies[i]->failure)
      write_coverage(out, run->policies[i]);
  for (size_t i = 0; r->mutations && i < run->policy_count; i++)
    write_mutation(out, r, &r->mutations[i]);
}
