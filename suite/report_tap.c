/* SPDX-License-Identifier: Apache-2.0 */
#include "base/render.h"
#include "suite/report.h"

/* `#` begins a directive and `\` escapes it; a line must stay one. */
static void write_name(buffer *out, const char *text) {
  buffer safe = buffer_in(out->arena);
  render_escaped(&safe, slice_from(text));
  slice line = buffer_slice(&safe);
  for (size_t i = 0; i < line.length; i++) {
    if (line.data[i] == '#')
      buffer_char(out, '\\');
    buffer_char(out, line.data[i]);
  }
}

/* JSON strings are YAML's double-quoted ones. */
static void yaml(buffer *out, const char *name, const char *text) {
  buffer_printf(out, "  %s: ", name);
  buffer safe = buffer_in(out->arena);
  json_write_string(&safe, slice_from(text ? text : ""));
  render_escaped(out, buffer_slice(&safe));
  buffer_char(out, '\n');
}

static void write_details(buffer *out, const case_result *r) {
  buffer_text(out, "  ---\n");
  if (r->status == CASE_UNUSABLE)
    yaml(out, "message", r->message);
  for (const case_mismatch *m = r->mismatches; m; m = m->next) {
    buffer text = buffer_in(out->arena);
    buffer_printf(&text, "expected %s, got %s", m->expected, m->got);
    yaml(out, m->what, buffer_slice(&text).data);
  }
  if (r->status == CASE_FAILED)
    yaml(out, "reason", r->reason);
  if (r->background && *r->background)
    yaml(out, "trace", r->background);
  buffer_text(out, "  ...\n");
}

static bool is_shown(const suite_report *r, case_status status) {
  return status != CASE_LEFT_OUT &&
         (!r->fail_only || status != CASE_PASSED);
}

static void write_suite(buffer *out, const suite_report *r,
                        const run_suite *s, size_t *number) {
  if (s->failure) {
    buffer_printf(out, "not ok %zu - ", ++*number);
    suite_write_place(out, s->suite.path, s->line, s->column);
    buffer_text(out, "\n  ---\n");
    yaml(out, "message", s->failure);
    buffer_text(out, "  ...\n");
    return;
  }
  for (uint32_t i = 0; i < s->suite.case_count; i++) {
    const case_result *result = &s->results[i];
    if (!is_shown(r, result->status))
      continue;
    bool passed = result->status == CASE_PASSED;
    buffer_printf(out, "%s %zu - ", passed ? "ok" : "not ok", ++*number);
    write_name(out, s->suite.path);
    buffer_text(out, ": ");
    write_name(out, s->suite.cases[i].name);
    buffer_char(out, '\n');
    if (!passed)
      write_details(out, result);
  }
}

void suite_report_tap(buffer *out, const suite_report *r) {
  buffer lines = buffer_in(out->arena);
  size_t number = 0;
  for (size_t i = 0; i < r->run->suite_count; i++)
    write_suite(&lines, r, &r->run->suites[i], &number);
  buffer_printf(out, "TAP version 13\n1..%zu\n", number);
  buffer_add(out, buffer_slice(&lines));
}
