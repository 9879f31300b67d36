/* SPDX-License-Identifier: Apache-2.0 */
/* Coverage as pages: an index, and each policy's text with its rules and
 * conditions marked. */
#include <stdlib.h>

#include "base/markup.h"
#include "suite/report.h"

static const char style[] =
    "body{font:15px/1.5 sans-serif;margin:2em;max-width:80em;color:#222;"
    "background:#fff}"
    "table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:left;"
    "border-bottom:1px solid #ddd}"
    "pre{font:13px/1.5 monospace;white-space:pre-wrap}"
    ".n{color:#888;user-select:none}"
    ".yes{background:#d9f2d9}.part{background:#fff0c2}.no{background:#f9d0d0}";

static void begin_page(buffer *out, const char *title) {
  buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                   "<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\""
                   "default-src 'none'; style-src 'unsafe-inline'\">\n<title>");
  markup_escape(out, slice_from(title));
  buffer_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>",
                style);
  markup_escape(out, slice_from(title));
  buffer_text(out, "</h1>\n");
}

static void end_page(buffer *out) { buffer_text(out, "</body>\n</html>\n"); }

const char *suite_html_name(arena *a, size_t number) {
  buffer name = buffer_in(a);
  buffer_printf(&name, "policy-%zu.html", number + 1);
  return buffer_slice(&name).data;
}

static void write_row(buffer *out, const suite_policy *p, size_t number) {
  const coverage *c = &p->coverage;
  buffer_printf(out, "<tr><td><a href=\"%s\">",
                suite_html_name(out->arena, number));
  markup_escape(out, slice_from(p->path));
  buffer_printf(out,
                "</a></td><td>%u&nbsp;%%</td><td>%u of %u</td>"
                "<td>%u of %u</td></tr>\n",
                coverage_percent(c), (unsigned)c->rules_fired,
                (unsigned)c->rules, (unsigned)c->conditions_decisive,
                (unsigned)c->conditions);
}

void suite_html_index(buffer *out, const suite_run *run) {
  begin_page(out, "Coverage of policies");
  buffer_text(out, "<table>\n<tr><th>policy</th><th>covered</th>"
                   "<th>rules that ran</th>"
                   "<th>conditions decisive for both outcomes</th></tr>\n");
  for (size_t i = 0; i < run->policy_count; i++)
    if (!run->policies[i]->failure)
      write_row(out, run->policies[i], i);
  buffer_text(out, "</table>\n");
  end_page(out);
}

/* --- a policy's text ------------------------------------------------------ */

/* What to mark: a condition, or what of a rule stands behind its conditions.
 */
typedef struct mark {
  span where;
  const char *class;
  const char *title;
} mark;

static mark condition_mark(const coverage *c, uint32_t rule, uint32_t i) {
  const program *p = c->program;
  bool yes = atomic_load(&c->fired[rule]) != 0;
  uint32_t index = p->rules[rule].first_condition + i;
  bool no = atomic_load(&c->prevented[index]);
  if (c->implied[index])
    return (mark){coverage_condition_place(p, rule, i), yes ? "yes" : "no",
                  "always holds: every permit rule asks for it"};
  return (mark){coverage_condition_place(p, rule, i),
                yes && no ? "yes" : yes || no ? "part" : "no",
                yes && no ? "decisive for both outcomes"
                : yes     ? "never decisive for no"
                : no      ? "never decisive for yes"
                          : "never decisive"};
}

static mark action_mark(const coverage *c, uint32_t rule, buffer *title) {
  const program_place *place = &c->program->places[rule];
  span where = place->where;
  unsigned times = atomic_load(&c->fired[rule]);
  for (const ast_condition *k = place->rule->conditions; k; k = k->next)
    where.begin = k->where.end;
  if (times)
    buffer_printf(title, "ran in %u tests", times);
  else
    buffer_text(title, "never ran");
  return (mark){where, times ? "yes" : "no", buffer_slice(title).data};
}

static int by_place(const void *a, const void *b) {
  const mark *x = a, *y = b;
  return (x->where.begin > y->where.begin) -
         (x->where.begin < y->where.begin);
}

static mark *marks_of(const coverage *c, arena *a, size_t *count) {
  const program *p = c->program;
  mark *marks = ARENA_ARRAY(
      a, (size_t)p->rule_count + p->condition_count + 1, mark);
  *count = 0;
  for (uint32_t r = 0; r < p->rule_count; r++) {
    buffer title = buffer_in(a);
    for (uint32_t i = 0; i < p->rules[r].condition_count; i++)
      marks[(*count)++] = condition_mark(c, r, i);
    marks[(*count)++] = action_mark(c, r, &title);
  }
  if (*count)
    qsort(marks, *count, sizeof *marks, by_place);
  return marks;
}

/* A mark ends with its line and begins again in the next, so that the numbers
 * stay outside. */
static void write_text(buffer *out, slice text, uint32_t *line,
                       const mark *m) {
  while (text.length) {
    const char *end = memchr(text.data, '\n', text.length);
    size_t length = end ? (size_t)(end - text.data) : text.length;
    bool has_cr = length && text.data[length - 1] == '\r';
    slice line_text = {text.data, length - has_cr};
    if (m && length) {
      buffer_printf(out, "<span class=\"%s\" title=\"%s\">", m->class,
                    m->title);
      markup_escape(out, line_text);
      buffer_text(out, "</span>");
    } else {
      markup_escape(out, line_text);
    }
    if (end)
      buffer_printf(out, "\n<span class=\"n\">%5u</span> ",
                    (unsigned)++*line);
    length += end != NULL;
    text = (slice){text.data + length, text.length - length};
  }
}

void suite_html_policy(buffer *out, const suite_run *run, size_t number) {
  const suite_policy *p = run->policies[number];
  size_t count;
  mark *marks = marks_of(&p->coverage, out->arena, &count);
  slice text = p->policy->text;
  uint32_t line = 1, at = 0;
  begin_page(out, p->path);
  buffer_printf(out, "<p>%u&nbsp;%% covered. <a href=\"index.html\">All "
                     "policies</a></p>\n<pre><span class=\"n\">%5u</span> ",
                coverage_percent(&p->coverage), 1u);
  for (size_t i = 0; i < count; i++) {
    span w = marks[i].where;
    write_text(out, slice_between(text.data + at, text.data + w.begin), &line,
               NULL);
    write_text(out, slice_between(text.data + w.begin, text.data + w.end),
               &line, &marks[i]);
    at = w.end;
  }
  write_text(out, slice_between(text.data + at, text.data + text.length),
             &line, NULL);
  buffer_text(out, "</pre>\n");
  end_page(out);
}
