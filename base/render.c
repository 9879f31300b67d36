/* SPDX-License-Identifier: Apache-2.0 */
#include "base/render.h"

#include "base/text.h"

/* A wider line is shown as a window around the place. */
enum { WINDOW = 100, WINDOW_BEFORE = 40 };

typedef struct renderer {
  buffer *out;
  const render_source *source;
  line_index lines;
} renderer;

static const char *const colours[] = {"\33[36m", "\33[33m", "\33[31m"};
static const char bold[] = "\33[1m", blue[] = "\33[34m", plain[] = "\33[0m";

static void paint(const renderer *r, const char *colour) {
  if (r->source->colour)
    buffer_text(r->out, colour);
}

/* Characters that would move the cursor or turn the text around. */
static bool is_dangerous(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0xFEFF;
}

static void escape_one(buffer *out, slice rest, size_t length, uint32_t c) {
  if (!length)
    buffer_printf(out, "\\x%02X", (unsigned char)*rest.data);
  else if (is_dangerous(c))
    buffer_printf(out, c < 0x80 ? "\\x%02X" : "\\u%04X", c);
  else
    buffer_add(out, (slice){rest.data, length});
}

void render_escaped(buffer *out, slice text) {
  while (text.length) {
    uint32_t c = 0;
    size_t length = utf8_length(text, &c);
    escape_one(out, text, length, c);
    size_t step = length ? length : 1;
    text.data += step;
    text.length -= step;
  }
}

/* Excerpt. */

/* Cells of the text as it is shown: tabs become one blank. */
static size_t show(buffer *out, slice text) {
  size_t cells = 0;
  while (text.length) {
    uint32_t c = 0;
    size_t length = utf8_length(text, &c), before = out->length;
    if (c == '\t' && length)
      buffer_char(out, ' ');
    else
      escape_one(out, text, length, c);
    bool is_one_cell = length > 1 && !is_dangerous(c);
    cells += is_one_cell ? 1 : out->length - before;
    size_t step = length ? length : 1;
    text.data += step;
    text.length -= step;
  }
  return cells;
}

/* The part of the line that is shown. */
static slice window_of(slice line, size_t column) {
  if (line.length <= WINDOW)
    return line;
  size_t begin = column > WINDOW_BEFORE ? column - WINDOW_BEFORE : 0;
  size_t end = begin + WINDOW < line.length ? begin + WINDOW : line.length;
  while (begin && (line.data[begin] & 0xC0) == 0x80)
    begin--;
  while (end < line.length && (line.data[end] & 0xC0) == 0x80)
    end++;
  return (slice){line.data + begin, end - begin};
}

static void gutter(const renderer *r, int width, uint32_t line) {
  paint(r, blue);
  if (line)
    buffer_printf(r->out, "%*u | ", width, line);
  else
    buffer_printf(r->out, "%*s | ", width, "");
  paint(r, plain);
}

static void repeat(buffer *out, char c, size_t count) {
  for (size_t i = 0; i < count; i++)
    buffer_char(out, c);
}

static void excerpt(const renderer *r, int width, span where, char mark,
                    const char *colour, const char *label) {
  position p = line_index_position(&r->lines, where.begin);
  slice line = line_index_line(&r->lines, p.line);
  size_t offset = (size_t)(r->source->text.data + where.begin - line.data);
  if (offset > line.length)
    offset = line.length;
  slice shown = window_of(line, offset);
  size_t lead = (size_t)(line.data + offset - shown.data);
  size_t rest = shown.length - lead;
  size_t marked = where.end - where.begin < rest ? where.end - where.begin
                                                 : rest;
  buffer ignored = buffer_in(r->out->arena);
  gutter(r, width, p.line);
  buffer_text(r->out, shown.data > line.data ? ".. " : "");
  show(r->out, shown);
  buffer_char(r->out, '\n');
  gutter(r, width, 0);
  repeat(r->out, ' ', (shown.data > line.data ? 3 : 0) +
                          show(&ignored, (slice){shown.data, lead}));
  size_t cells = show(&ignored, (slice){shown.data + lead, marked});
  paint(r, colour);
  repeat(r->out, mark, cells ? cells : 1);
  if (label)
    buffer_printf(r->out, " %s", label);
  paint(r, plain);
  buffer_char(r->out, '\n');
}

static int gutter_width(const renderer *r, const diagnostic *d) {
  uint32_t last = line_index_position(&r->lines, d->where.begin).line;
  for (const diagnostic_label *l = d->labels; l; l = l->next) {
    uint32_t line = line_index_position(&r->lines, l->where.begin).line;
    last = line > last ? line : last;
  }
  int width = 1;
  for (; last >= 10; last /= 10)
    width++;
  return width;
}

static void remark(const renderer *r, int width, const char *kind,
                   const char *text) {
  paint(r, blue);
  buffer_printf(r->out, "%*s = ", width, "");
  paint(r, plain);
  buffer_printf(r->out, "%s: ", kind);
  render_escaped(r->out, slice_from(text));
  buffer_char(r->out, '\n');
}

static void human(const renderer *r, const diagnostic *d) {
  int width = gutter_width(r, d);
  position p = line_index_position(&r->lines, d->where.begin);
  paint(r, bold);
  paint(r, colours[d->severity]);
  buffer_printf(r->out, "%s[%s]", severity_name(d->severity),
                code_text(d->code));
  paint(r, plain);
  paint(r, bold);
  buffer_text(r->out, ": ");
  render_escaped(r->out, slice_from(d->message));
  paint(r, plain);
  buffer_char(r->out, '\n');
  paint(r, blue);
  buffer_printf(r->out, "%*s--> ", width, "");
  paint(r, plain);
  render_escaped(r->out, slice_from(r->source->path));
  buffer_printf(r->out, ":%u:%u%s\n", p.line, p.column,
                r->source->was_wrapped ? " (in the text inside)" : "");
  if (r->source->text.length) {
    gutter(r, width, 0);
    buffer_char(r->out, '\n');
    excerpt(r, width, d->where, '^', colours[d->severity], NULL);
    for (const diagnostic_label *l = d->labels; l; l = l->next)
      excerpt(r, width, l->where, '~', blue, l->text);
  }
  if (d->help)
    remark(r, width, "help", d->help);
  for (const fix *f = d->fixes; f; f = f->next)
    remark(r, width, f->applicability == FIX_SAFE ? "fix" : "unsafe fix",
           f->title);
}

void render_human(buffer *out, const render_source *source,
                  const diagnostics *findings) {
  renderer r = {.out = out, .source = source};
  line_index_make(&r.lines, out->arena, source->text);
  for (const diagnostic *d = findings->first; d; d = d->next) {
    human(&r, d);
    buffer_char(out, '\n');
  }
}

/* Plain. */

void render_plain(buffer *out, const render_source *source,
                  const diagnostics *findings) {
  line_index lines;
  line_index_make(&lines, out->arena, source->text);
  for (const diagnostic *d = findings->first; d; d = d->next) {
    position p = line_index_position(&lines, d->where.begin);
    render_escaped(out, slice_from(source->path));
    buffer_printf(out, ":%u:%u: %s[%s]: ", p.line, p.column,
                  severity_name(d->severity), code_text(d->code));
    render_escaped(out, slice_from(d->message));
    buffer_char(out, '\n');
  }
}

/* JSON. */

static value text_json(const char *text) {
  return text ? value_text(slice_from(text)) : value_null();
}

static value position_json(arena *a, const line_index *lines,
                           uint32_t offset) {
  object_builder o = object_in(a);
  position p = line_index_position(lines, offset);
  object_set(&o, SLICE("line"), value_integer(p.line));
  object_set(&o, SLICE("column"), value_integer(p.column));
  object_set(&o, SLICE("offset"), value_integer(offset));
  return object_value(&o);
}

static value range_json(arena *a, const line_index *lines, span where) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("start"), position_json(a, lines, where.begin));
  object_set(&o, SLICE("end"), position_json(a, lines, where.end));
  return object_value(&o);
}

static value fix_json(arena *a, const line_index *lines, const fix *f) {
  object_builder o = object_in(a);
  array_builder edits = array_in(a);
  for (const text_edit *e = f->edits; e; e = e->next) {
    object_builder edit = object_in(a);
    object_set(&edit, SLICE("range"), range_json(a, lines, e->where));
    object_set(&edit, SLICE("text"), value_text(e->text));
    array_add(&edits, object_value(&edit));
  }
  object_set(&o, SLICE("title"), text_json(f->title));
  object_set(&o, SLICE("applicability"),
             text_json(f->applicability == FIX_SAFE ? "safe" : "unsafe"));
  object_set(&o, SLICE("edits"), array_value(&edits));
  return object_value(&o);
}

/* A path may be any bytes; JSON is UTF-8. */
static value path_json(arena *a, const char *path) {
  slice given = slice_from(path);
  if (utf8_error(given) == given.length)
    return value_text(given);
  buffer b = buffer_in(a);
  render_escaped(&b, given);
  return value_text(buffer_slice(&b));
}

static value finding_json(arena *a, const line_index *lines,
                          const char *path, const diagnostic *d) {
  object_builder o = object_in(a);
  array_builder labels = array_in(a), fixes = array_in(a);
  for (const diagnostic_label *l = d->labels; l; l = l->next) {
    object_builder label = object_in(a);
    object_set(&label, SLICE("range"), range_json(a, lines, l->where));
    object_set(&label, SLICE("message"), text_json(l->text));
    array_add(&labels, object_value(&label));
  }
  for (const fix *f = d->fixes; f; f = f->next)
    array_add(&fixes, fix_json(a, lines, f));
  object_set(&o, SLICE("path"), path_json(a, path));
  object_set(&o, SLICE("code"), text_json(code_text(d->code)));
  object_set(&o, SLICE("name"), text_json(code_name(d->code)));
  object_set(&o, SLICE("severity"), text_json(severity_name(d->severity)));
  object_set(&o, SLICE("message"), text_json(d->message));
  object_set(&o, SLICE("help"), text_json(d->help));
  object_set(&o, SLICE("range"), range_json(a, lines, d->where));
  object_set(&o, SLICE("labels"), array_value(&labels));
  object_set(&o, SLICE("fixes"), array_value(&fixes));
  return object_value(&o);
}

void render_json(array_builder *list, const render_source *source,
                 const diagnostics *findings) {
  line_index lines;
  line_index_make(&lines, list->arena, source->text);
  for (const diagnostic *d = findings->first; d; d = d->next)
    array_add(list, finding_json(list->arena, &lines, source->path, d));
}
