/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report_text.h"

#include "base/text.h"

enum { NEAREST_MAX = 3 };

/* --- characters ----------------------------------------------------------- */

/* C0 and C1 controls; marks, embeddings, overrides and isolates of the
 * bidirectional algorithm (UAX #9); line and paragraph separator. */
static bool is_treacherous(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c ||
         (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

void report_write_printable(buffer *out, slice text) {
  while (text.length) {
    uint32_t c;
    size_t length = utf8_length(text, &c);
    if (length == 0)
      buffer_printf(out, "\\x%02x", (uint8_t)text.data[0]);
    else if (is_treacherous(c))
      buffer_printf(out, c < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)c);
    else
      buffer_add(out, (slice){text.data, length});
    size_t step = length ? length : 1;
    text = (slice){text.data + step, text.length - step};
  }
}

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

/* In one line, without comments: a line comment would hide what follows. */
static slice one_line(arena *a, slice text) {
  buffer line = buffer_in(a);
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
  report_write_printable(out, one_line(r->arena, report_rule_text(r, rule)));
  buffer_char(out, '\n');
}

/* --- why ------------------------------------------------------------------ */

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

static void write_entry(buffer *out, const report *r, const trace_entry *t) {
  buffer_printf(out, "  %s ", report_rule_name(r, t->rule));
  if (t->fired)
    buffer_text(out, "ran: ");
  else
    buffer_printf(out, "did not run; condition %u: ",
                  (unsigned)t->condition + 1);
  report_write_printable(out, slice_from(t->text));
  buffer_char(out, '\n');
}

void report_write_why(buffer *out, const report *r, const evaluation *e) {
  buffer_text(out, "  ");
  report_write_printable(out, slice_from(report_reason(r, e)));
  buffer_char(out, '\n');
  uint32_t rule = report_deciding_rule(r, e);
  if (rule != PROGRAM_NONE)
    write_rule(out, r, rule);
  if (e->reason != REASON_NO_PERMIT)
    return;
  const trace_entry *nearest[NEAREST_MAX];
  size_t count = nearest_misses(r, e, nearest);
  for (size_t i = 0; i < count; i++) {
    write_entry(out, r, nearest[i]);
    write_rule(out, r, nearest[i]->rule);
  }
}

/* --- what came of it ------------------------------------------------------ */

void report_write_members(buffer *out, const char *heading,
                          const value *object) {
  if (!object->count)
    return;
  buffer_printf(out, "%s\n", heading);
  for (uint32_t i = 0; i < object->count; i++) {
    buffer text = buffer_in(out->arena);
    json_write(&text, &object->members[i].value);
    buffer_text(out, "  ");
    report_write_printable(out, member_name(&object->members[i]));
    buffer_text(out, " = ");
    report_write_printable(out, buffer_slice(&text));
    buffer_char(out, '\n');
  }
}

void report_write_trace(buffer *out, const report *r, const evaluation *e) {
  buffer_text(out, "trace\n");
  for (const trace_entry *t = e->trace; t; t = t->next) {
    write_entry(out, r, t);
    write_rule(out, r, t->rule);
  }
}

void report_write_notes(buffer *out, const report *r, const evaluation *e) {
  for (const evaluation_note *n = e->notes; n; n = n->next) {
    buffer_printf(out, "note: %s: ", report_rule_name(r, n->rule));
    report_write_printable(out, slice_from(n->text));
    buffer_char(out, '\n');
  }
}
