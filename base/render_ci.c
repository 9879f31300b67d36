/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations of GitHub's workflow commands, and JUnit's XML. Paths and texts
 * are a stranger's: none of them may begin a line or an element of its own. */
#include "base/junit.h"
#include "base/markup.h"
#include "base/render.h"

/* GitHub. */

/* % CR LF as the runner reads them back; "::" so that no command can stand in a
 * text, and in properties their separators. */
static void github_text(buffer *out, slice given, bool is_property) {
  buffer clean = buffer_in(out->arena);
  render_escaped(&clean, given);
  for (size_t i = 0; i < clean.length; i++) {
    char c = clean.data[i];
    bool is_pair = c == ':' && ((i && clean.data[i - 1] == ':') ||
                                (i + 1 < clean.length &&
                                 clean.data[i + 1] == ':'));
    if (c == '%' || is_pair || (is_property && (c == ':' || c == ',')))
      buffer_printf(out, "%%%02X", (unsigned)c);
    else
      buffer_char(out, c);
  }
}

static void github_place(buffer *out, const line_index *lines, span where) {
  position begin = line_index_position(lines, where.begin);
  position end = line_index_position(lines, where.end);
  buffer_printf(out, ",line=%u,endLine=%u", begin.line, end.line);
  if (begin.line == end.line) /* columns of several lines are not taken */
    buffer_printf(out, ",col=%u,endColumn=%u", begin.column, end.column);
}

void render_github(buffer *out, const render_source *source,
                   const diagnostics *findings) {
  static const char *const commands[] = {"notice", "warning", "error"};
  line_index lines;
  line_index_make(&lines, out->arena, source->text);
  for (const diagnostic *d = findings->first; d; d = d->next) {
    buffer_printf(out, "::%s file=", commands[d->severity]);
    github_text(out, slice_from(source->path), true);
    if (!source->was_wrapped)
      github_place(out, &lines, d->where);
    buffer_printf(out, ",title=%s %s::", code_text(d->code),
                  code_name(d->code));
    github_text(out, slice_from(d->message), false);
    if (d->help) {
      buffer_text(out, "; ");
      github_text(out, slice_from(d->help), false);
    }
    buffer_char(out, '\n');
  }
}

/* JUnit. */

static void xml_text(buffer *out, const char *given) {
  buffer visible = buffer_in(out->arena);
  render_escaped(&visible, slice_from(given));
  markup_escape(out, buffer_slice(&visible));
}

static void junit_case(buffer *out, const render_source *source,
                       const line_index *lines, const diagnostic *d) {
  position p = line_index_position(lines, d->where.begin);
  bool is_error = d->severity == SEVERITY_ERROR;
  buffer_text(out, "    <testcase");
  junit_attribute(out, "classname", source->path);
  buffer_printf(out, " name=\"%s %s %u:%u\">", code_text(d->code),
                code_name(d->code), p.line, p.column);
  if (is_error) {
    buffer_printf(out, "<failure type=\"%s\"", code_text(d->code));
    junit_attribute(out, "message", d->message);
    buffer_char(out, '>');
  } else {
    buffer_printf(out, "<system-out>%s: ", severity_name(d->severity));
  }
  xml_text(out, d->message);
  if (d->help) {
    buffer_text(out, "; ");
    xml_text(out, d->help);
  }
  buffer_printf(out, "</%s></testcase>\n",
                is_error ? "failure" : "system-out");
}

size_t render_junit(buffer *out, const render_source *source,
                    const diagnostics *findings) {
  line_index lines;
  size_t cases = 0;
  junit_counts counts = {0};
  line_index_make(&lines, out->arena, source->text);
  for (const diagnostic *d = findings->first; d; d = d->next, cases++)
    counts.failures += d->severity == SEVERITY_ERROR;
  counts.tests = cases ? cases : 1;
  junit_suite_begin(out, source->path, &counts);
  for (const diagnostic *d = findings->first; d; d = d->next)
    junit_case(out, source, &lines, d);
  if (!cases) {
    buffer_text(out, "    <testcase");
    junit_attribute(out, "classname", source->path);
    buffer_text(out, " name=\"check\"/>\n");
  }
  junit_suite_end(out);
  return counts.tests;
}

void render_junit_unusable(buffer *out, const char *path, const char *why) {
  junit_suite_unusable(out, path, "read", why);
}
