/* SPDX-License-Identifier: Apache-2.0 */
#include "base/junit.h"

#include "base/markup.h"
#include "base/render.h"

void junit_attribute(buffer *out, const char *name, const char *text) {
  buffer visible = buffer_in(out->arena);
  render_escaped(&visible, slice_from(text)); /* line feeds and tabs too */
  buffer_printf(out, " %s=\"", name);
  markup_escape(out, buffer_slice(&visible));
  buffer_char(out, '"');
}

void junit_suite_begin(buffer *out, const char *path,
                       const junit_counts *counts) {
  buffer_text(out, "  <testsuite");
  junit_attribute(out, "name", path);
  buffer_printf(out,
                " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                "skipped=\"%zu\">\n",
                counts->tests, counts->failures, counts->errors,
                counts->skipped);
}

void junit_suite_end(buffer *out) { buffer_text(out, "  </testsuite>\n"); }

void junit_suite_unusable(buffer *out, const char *path, const char *test,
                          const char *why) {
  junit_suite_begin(out, path, &(junit_counts){.tests = 1, .errors = 1});
  buffer_text(out, "    <testcase");
  junit_attribute(out, "classname", path);
  junit_attribute(out, "name", test);
  buffer_text(out, "><error");
  junit_attribute(out, "message", why);
  buffer_text(out, "/></testcase>\n");
  junit_suite_end(out);
}
