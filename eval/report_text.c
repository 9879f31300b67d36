/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report_text.h"

#include "base/render.h"

enum { NEAREST_MAX = 3 };

/* --- the text of a rule --------------------------------------------------- */

static size_t string_end(slice text, size_t i) {
  for (i++; i < text.length && text.data[i] != '"'; i++)
    if (text.data[i] == '\\')
      i++;
  return i < text.length ? i + 1 : text.length;
}

static bool starts(slice text, size_t i, const char *with) {
  return slice_starts_with((slice){text.data + i, text.length - i}, with);
}

/* Behind the white space or comment at i; i if there is none. */
static size_t gap_end(slice text, size_t i) {
  size_t end = i;
  if (starts(text, i, "//")) {
    while (end < text.length && text.data[end] != '\n' &&
           text.data[end] != '\r')
      end++;
  } else if (starts(text, i, "/*")) {
    for (end += 2; end < text.length && !starts(text, end, "*/"); end++)
      ;
    end = end < text.length ? end + 2 : end;
  } else if (memchr(" \t\r\n", text.data[i], 4)) {
    end++;
  }
  return end;
}

slice report_rule_line(const report *r, uint32_t rule) {
  slice text = report_rule_text(r, rule);
  buffer line = buffer_in(r->arena);
  for (size_t i = 0; i < text.length;) {
    size_t gap = gap_end(text, i);
    if (gap > i) {
      if (line.length && line.data[line.length - 1] != ' ')
        buffer_char(&line, ' ');
      i = gap;
      continue;
    }
    size_t end = text.data[i] == '"' ? string_end(text, i) : i + 1;
    buffer_add(&line, (slice){text.data + i, end - i});
    i = end;
  }
  return buffer_slice(&line);
}

static void write_rule(buffer *out, const report *r, uint32_t rule) {
  buffer_text(out, "    ");
  render_escaped(out, report_rule_line(r, rule));
  buffer_char(out, '\n');
}

/* --- background ----------------------------------------------------------- */

static bool is_nearer(const trace_entry *a, const trace_entry *b) {
  return !b || a->condition > b->condition;
}

/* Of the permit rules that did not fire, those whose first condition that does
 * not hold stands last. Keeps the order of the text among equals. */
static size_t nearest_misses(const report *r, const evaluation *e,
                             const trace_entry *found[NEAREST_MAX]) {
  size_t count = 0;
  for (const trace_entry *t = e->trace; t; t = t->next) {
    if (t->fired || r->program->rules[t->rule].action != ACTION_PERMIT)
      continue;
    size_t at = 0;
    while (at < count && !is_nearer(t, found[at]))
      at++;
    if (at == NEAREST_MAX)
      continue;
    count += count < NEAREST_MAX;
    for (size_t i = count - 1; i > at; i--)
      found[i] = found[i - 1];
    found[at] = t;
  }
  return count;
}

static void write_miss(buffer *out, const report *r, const trace_entry *t) {
  buffer_printf(out, "  %s, condition %u: ", report_rule_name(r, t->rule),
                (unsigned)t->condition + 1);
  render_escaped(out, slice_from(t->text));
  buffer_char(out, '\n');
  write_rule(out, r, t->rule);
}

void report_write_background(buffer *out, const report *r,
                             const evaluation *e) {
  uint32_t rule = report_deciding_rule(r, e);
  if (rule != PROGRAM_NONE)
    write_rule(out, r, rule);
  if (e->reason != REASON_NO_PERMIT)
    return;
  const trace_entry *nearest[NEAREST_MAX];
  size_t count = nearest_misses(r, e, nearest);
  for (size_t i = 0; i < count; i++)
    write_miss(out, r, nearest[i]);
}
