/* SPDX-License-Identifier: Apache-2.0 */
#include "base/junit.h"
#include "base/markup.h"
#include "suite/report.h"

static void escaped(buffer *out, const char *text) {
  markup_escape(out, slice_from(text));
}

static void write_failure(buffer *out, const case_result *r) {
  const case_mismatch *first = r->mismatches;
  buffer message = buffer_in(out->arena);
  if (first)
    buffer_printf(&message, "%s: expected %s, got %s", first->what,
                  first->expected, first->got);
  buffer_text(out, "      <failure");
  junit_attribute(out, "message", buffer_slice(&message).data);
  buffer_char(out, '>');
  for (const case_mismatch *m = first; m; m = m->next) {
    buffer_printf(out, "%s: expected ", m->what);
    escaped(out, m->expected);
    buffer_text(out, ", got ");
    escaped(out, m->got);
    buffer_char(out, '\n');
  }
  buffer_text(out, "reason: ");
  escaped(out, r->reason);
  buffer_char(out, '\n');
  if (r->background)
    escaped(out, r->background);
  buffer_text(out, "</failure>\n");
}

static void write_case(buffer *out, const run_suite *s, uint32_t i) {
  const suite_case *c = &s->suite.cases[i];
  const case_result *r = &s->results[i];
  buffer_text(out, "    <testcase");
  junit_attribute(out, "classname", s->suite.path);
  junit_attribute(out, "name", c->name);
  junit_attribute(out, "file", s->suite.path);
  buffer_printf(out, " line=\"%u\" time=\"%.6f\"", (unsigned)c->line,
                r->seconds);
  if (r->status == CASE_PASSED) {
    buffer_text(out, "/>\n");
    return;
  }
  buffer_text(out, ">\n");
  if (r->status == CASE_FAILED) {
    write_failure(out, r);
  } else if (r->status == CASE_LEFT_OUT) {
    buffer_text(out, "      <skipped/>\n");
  } else {
    buffer_text(out, "      <error");
    junit_attribute(out, "message", r->message);
    buffer_text(out, "/>\n");
  }
  buffer_text(out, "    </testcase>\n");
}

static void write_unusable(buffer *out, const run_suite *s) {
  buffer why = buffer_in(out->arena);
  if (s->line)
    buffer_printf(&why, "%u:%u: ", (unsigned)s->line, (unsigned)s->column);
  buffer_text(&why, s->failure);
  junit_suite_unusable(out, s->suite.path, "suite", buffer_slice(&why).data);
}

static bool is_shown(const suite_report *r, case_status status) {
  return !r->fail_only || status == CASE_FAILED || status == CASE_UNUSABLE;
}

static void write_suite(buffer *out, const suite_report *r,
                        const run_suite *s) {
  size_t of[CASE_LEFT_OUT + 1] = {0}, all = 0;
  if (s->failure) {
    write_unusable(out, s);
    return;
  }
  for (uint32_t i = 0; i < s->suite.case_count; i++)
    if (is_shown(r, s->results[i].status)) {
      of[s->results[i].status]++;
      all++;
    }
  junit_counts counts = {all, of[CASE_FAILED], of[CASE_UNUSABLE],
                         of[CASE_LEFT_OUT]};
  junit_suite_begin(out, s->suite.path, &counts);
  for (uint32_t i = 0; i < s->suite.case_count; i++)
    if (is_shown(r, s->results[i].status))
      write_case(out, s, i);
  junit_suite_end(out);
}

void suite_report_junit(buffer *out, const suite_report *r) {
  buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<testsuites>\n");
  for (size_t i = 0; i < r->run->suite_count; i++)
    write_suite(out, r, &r->run->suites[i]);
  buffer_text(out, "</testsuites>\n");
}
