/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostic.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/limits.h"

static const struct {
  const char *text, *name;
  severity severity;
} codes[CODE_COUNT] = {
#define CODE(id, level, fix, words) \
  [CODE_##id] = {#id, words, SEVERITY_##level},
    DIAGNOSTIC_CODES(CODE)
#undef CODE
};

const char *severity_name(severity s) {
  static const char *const names[] = {"info", "warning", "error"};
  return names[s];
}

const char *code_text(diagnostic_code code) { return codes[code].text; }
const char *code_name(diagnostic_code code) { return codes[code].name; }
severity code_severity(diagnostic_code code) { return codes[code].severity; }

diagnostic_code code_from_text(const char *text) {
  for (int i = 0; i < CODE_COUNT; i++)
    if (strcasecmp(codes[i].text, text) == 0)
      return (diagnostic_code)i;
  return CODE_COUNT;
}

void diagnostics_init(diagnostics *list, arena *a) {
  *list = (diagnostics){.arena = a};
  list->end = &list->first;
}

/* A message may quote the text: it is cut before it fills a screen. */
enum { MESSAGE_MAX = 240 };

static const char *format_text(arena *a, const char *format,
                               va_list arguments) {
  buffer b = buffer_in(a);
  buffer_vprintf(&b, format, arguments);
  if (b.length > MESSAGE_MAX) {
    b.length = MESSAGE_MAX;
    while ((b.data[b.length] & 0xC0) == 0x80)
      b.length--;
    buffer_text(&b, "..");
  }
  return buffer_slice(&b).data;
}

static void count(diagnostics *list, severity s, int by) {
  if (s == SEVERITY_ERROR)
    list->errors += (size_t)by;
  else if (s == SEVERITY_WARNING)
    list->warnings += (size_t)by;
}

diagnostic *diagnose(diagnostics *list, diagnostic_code code, span where,
                     const char *format, ...) {
  count(list, codes[code].severity, 1);
  if (list->count >= LIMIT_DIAGNOSTICS) { /* counted, not kept */
    list->dropped++;
    list->spare = (diagnostic){.severity = codes[code].severity};
    return &list->spare;
  }
  diagnostic *d = ARENA_NEW(list->arena, diagnostic);
  d->code = code;
  d->severity = codes[code].severity;
  d->where = where;
  va_list arguments;
  va_start(arguments, format);
  d->message = format_text(list->arena, format, arguments);
  va_end(arguments);
  list->count++;
  *list->end = d;
  list->end = &d->next;
  return d;
}

void diagnostic_set_severity(diagnostics *list, diagnostic *d, severity s) {
  count(list, d->severity, -1);
  count(list, s, 1);
  d->severity = s;
}

void diagnostic_help(diagnostics *list, diagnostic *d, const char *format,
                     ...) {
  if (d == &list->spare)
    return;
  va_list arguments;
  va_start(arguments, format);
  d->help = format_text(list->arena, format, arguments);
  va_end(arguments);
}

void diagnostic_label_at(diagnostics *list, diagnostic *d, span where,
                         const char *format, ...) {
  if (d == &list->spare)
    return;
  diagnostic_label *label = ARENA_NEW(list->arena, diagnostic_label);
  va_list arguments;
  va_start(arguments, format);
  label->where = where;
  label->text = format_text(list->arena, format, arguments);
  va_end(arguments);
  diagnostic_label **end = &d->labels;
  while (*end)
    end = &(*end)->next;
  *end = label;
}

fix *diagnostic_fix(diagnostics *list, diagnostic *d,
                    fix_applicability applicability, const char *title) {
  if (d == &list->spare)
    return &list->spare_fix;
  fix *f = ARENA_NEW(list->arena, fix);
  f->applicability = applicability;
  f->title = title;
  fix **end = &d->fixes;
  while (*end)
    end = &(*end)->next;
  *end = f;
  return f;
}

void fix_edit(diagnostics *list, fix *f, span where, slice text) {
  if (f == &list->spare_fix)
    return;
  text_edit *e = ARENA_NEW(list->arena, text_edit);
  e->where = where;
  e->text = text;
  if (f->last_edit)
    f->last_edit->next = e;
  else
    f->edits = e;
  f->last_edit = e;
}

void diagnostics_keep(diagnostics *list,
                      bool (*keep)(const diagnostic *d, void *context),
                      void *context) {
  diagnostic **at = &list->first;
  while (*at) {
    diagnostic *d = *at;
    if (keep(d, context)) {
      at = &d->next;
      continue;
    }
    *at = d->next;
    count(list, d->severity, -1);
    list->count--;
  }
  list->end = at;
}

void diagnostics_copy(diagnostics *to, const diagnostics *from) {
  for (const diagnostic *d = from->first; d; d = d->next) {
    diagnostic *copy = ARENA_NEW(to->arena, diagnostic);
    *copy = *d;
    copy->next = NULL;
    *to->end = copy;
    to->end = &copy->next;
  }
  to->count += from->count;
  to->errors += from->errors;
  to->warnings += from->warnings;
  to->dropped += from->dropped;
}

static int by_place(const void *a, const void *b) {
  const diagnostic *x = *(diagnostic *const *)a, *y = *(diagnostic *const *)b;
  if (x->where.begin != y->where.begin)
    return x->where.begin < y->where.begin ? -1 : 1;
  if (x->code != y->code)
    return x->code < y->code ? -1 : 1;
  return (x->where.end > y->where.end) - (x->where.end < y->where.end);
}

void diagnostics_sort(diagnostics *list) {
  if (list->count < 2)
    return;
  diagnostic **all = ARENA_ARRAY(list->arena, list->count, diagnostic *);
  size_t n = 0;
  for (diagnostic *d = list->first; d; d = d->next)
    all[n++] = d;
  qsort(all, n, sizeof *all, by_place);
  list->end = &list->first;
  for (size_t i = 0; i < n; i++) {
    *list->end = all[i];
    list->end = &all[i]->next;
  }
  *list->end = NULL;
}

/* Lines. */

/* Behind the end of the line that holds byte `at`; beyond the text: it is the
 * last. Texts without CR, nearly all, are passed over by words. */
static size_t line_end(slice text, size_t at, bool has_returns) {
  if (at == text.length)
    return at + 1;
  const char *from = text.data + at;
  const char *feed = memchr(from, '\n', text.length - at);
  size_t end = feed ? (size_t)(feed - text.data) + 1 : text.length + 1;
  if (!has_returns)
    return end;
  const char *back = memchr(from, '\r', (feed ? end : text.length) - at);
  if (!back || back + 1 == feed)
    return end;
  return (size_t)(back - text.data) + 1;
}

void line_index_make(line_index *index, arena *a, slice text) {
  bool has_returns = text.length && memchr(text.data, '\r', text.length);
  size_t count = 0;
  for (size_t at = 0; at <= text.length;
       at = line_end(text, at, has_returns))
    count++;
  uint32_t *starts = ARENA_ARRAY(a, count, uint32_t);
  size_t n = 0;
  for (size_t at = 0; at <= text.length;
       at = line_end(text, at, has_returns))
    starts[n++] = (uint32_t)at;
  *index = (line_index){text, starts, n, count};
}

/* The number of lines that begin at or before the offset. */
static size_t lines_until(const line_index *index, uint32_t offset) {
  size_t low = 0, high = index->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (index->starts[middle] <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Room for `more` lines in the place of lines [from, to). */
static void replace_lines(line_index *index, arena *a, size_t from, size_t to,
                          size_t more) {
  size_t tail = index->count - to, count = from + more + tail;
  uint32_t *starts = index->starts;
  if (count > index->room) {
    index->room = count + count / 2 + 16;
    starts = ARENA_ARRAY(a, index->room, uint32_t);
    memcpy(starts, index->starts, from * sizeof *starts);
  }
  if (tail)
    memmove(starts + from + more, index->starts + to, tail * sizeof *starts);
  index->starts = starts;
  index->count = count;
}

/* A line begins behind LF, or behind CR that no LF follows: whether one begins
 * at an offset is told by the bytes before and at it. */
void line_index_edit(line_index *index, arena *a, slice text, span where,
                     uint32_t length) {
  uint32_t last = where.begin + length, by = length - (where.end - where.begin);
  size_t from = where.begin ? lines_until(index, where.begin - 1) : 1;
  size_t to = lines_until(index, where.end), more = 0;
  size_t begin = index->starts[from - 1], at;
  for (at = line_end(text, begin, true); at <= last;
       at = line_end(text, at, true))
    more++;
  replace_lines(index, a, from, to, more);
  size_t n = from;
  for (at = line_end(text, begin, true); at <= last;
       at = line_end(text, at, true))
    index->starts[n++] = (uint32_t)at;
  for (; n < index->count; n++)
    index->starts[n] += by;
  index->text = text;
}

position line_index_position(const line_index *index, uint32_t offset) {
  if (offset > index->text.length)
    offset = (uint32_t)index->text.length;
  size_t low = 0, high = index->count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (index->starts[middle] <= offset)
      low = middle;
    else
      high = middle;
  }
  uint32_t column = 1;
  for (uint32_t i = index->starts[low]; i < offset; i++)
    if ((index->text.data[i] & 0xC0) != 0x80)
      column++;
  return (position){(uint32_t)low + 1, column};
}

slice line_index_line(const line_index *index, uint32_t line) {
  uint32_t begin = index->starts[line - 1];
  size_t end =
      line < index->count ? index->starts[line] : index->text.length;
  while (end > begin && (index->text.data[end - 1] == '\n' ||
                         index->text.data[end - 1] == '\r'))
    end--;
  return (slice){index->text.data + begin, end - begin};
}
