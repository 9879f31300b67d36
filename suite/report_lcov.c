/* SPDX-License-Identifier: Apache-2.0 */
/* The format is that of geninfo(1). A rule is what a line of code is there:
 * two rules in one line count together. */
#include "suite/report.h"

static uint32_t line_at(const line_index *lines, uint32_t offset) {
  return line_index_position(lines, offset).line;
}

typedef struct tally {
  uint32_t lines, lines_hit, branches, branches_hit;
} tally;

static void write_branch(buffer *out, tally *t, uint32_t line, uint32_t block,
                         uint32_t branch, bool reached, bool taken) {
  t->branches++;
  t->branches_hit += taken;
  buffer_printf(out, "BRDA:%u,%u,%u,%s\n", (unsigned)line, (unsigned)block,
                (unsigned)branch, !reached ? "-" : taken ? "1" : "0");
}

static void write_branches(buffer *out, tally *t, const coverage *c,
                           const line_index *lines, uint32_t rule) {
  const program_rule *r = &c->program->rules[rule];
  bool fired = atomic_load(&c->fired[rule]) != 0;
  for (uint32_t i = 0; i < r->condition_count; i++) {
    if (c->implied[r->first_condition + i])
      continue;
    bool no = atomic_load(&c->prevented[r->first_condition + i]);
    uint32_t line =
        line_at(lines, coverage_condition_place(c->program, rule, i).begin);
    write_branch(out, t, line, rule, i * 2, fired || no, fired);
    write_branch(out, t, line, rule, i * 2 + 1, fired || no, no);
  }
}

/* Rules stand in the program's order; a section may stand elsewhere in the
 * text, so rules of one line are looked for among their neighbours only. */
static void write_lines(buffer *out, tally *t, const coverage *c,
                        const line_index *lines) {
  const program *p = c->program;
  for (uint32_t r = 0; r < p->rule_count;) {
    uint32_t line = line_at(lines, p->places[r].where.begin);
    unsigned hits = 0;
    for (; r < p->rule_count &&
           line_at(lines, p->places[r].where.begin) == line;
         r++)
      hits += atomic_load(&c->fired[r]);
    t->lines++;
    t->lines_hit += hits != 0;
    buffer_printf(out, "DA:%u,%u\n", (unsigned)line, hits);
  }
}

/* A path ends with its line, whatever it holds. */
static void write_path(buffer *out, const char *path) {
  buffer_text(out, "SF:");
  for (; *path; path++)
    buffer_char(out, *path == '\n' || *path == '\r' ? '?' : *path);
  buffer_char(out, '\n');
}

static void write_policy(buffer *out, const suite_policy *p) {
  line_index lines;
  tally t = {0};
  line_index_make(&lines, out->arena, p->policy->text);
  buffer_text(out, "TN:\n");
  write_path(out, p->path);
  for (uint32_t r = 0; r < p->policy->program->rule_count; r++)
    write_branches(out, &t, &p->coverage, &lines, r);
  buffer_printf(out, "BRF:%u\nBRH:%u\n", (unsigned)t.branches,
                (unsigned)t.branches_hit);
  write_lines(out, &t, &p->coverage, &lines);
  buffer_printf(out, "LF:%u\nLH:%u\nend_of_record\n", (unsigned)t.lines,
                (unsigned)t.lines_hit);
}

void suite_report_lcov(buffer *out, const suite_run *run) {
  for (size_t i = 0; i < run->policy_count; i++)
    if (!run->policies[i]->failure)
      write_policy(out, run->policies[i]);
}
