/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer. It keeps its own stack: the values that it is given may
 * nest deeper than the reader admits. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/value.h"

/* --- strings -------------------------------------------------------------- */

static inline bool needs_escape(char c) {
  return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

static const char *scan_unescaped(const char *p, const char *end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  while (end - p >= 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(text, control), control);
    __m128i other = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, quote),
                                              _mm_cmpeq_epi8(text, backslash)),
                                 low);
    unsigned mask = (unsigned)_mm_movemask_epi8(other);
    if (mask)
      return p + __builtin_ctz(mask);
    p += 16;
  }
#endif
  while (p < end && !needs_escape(*p))
    p++;
  return p;
}

static void write_escape(buffer *out, char c) {
  switch (c) {
  case '"':
    buffer_add(out, SLICE("\\\""));
    break;
  case '\\':
    buffer_add(out, SLICE("\\\\"));
    break;
  case '\b':
    buffer_add(out, SLICE("\\b"));
    break;
  case '\f':
    buffer_add(out, SLICE("\\f"));
    break;
  case '\n':
    buffer_add(out, SLICE("\\n"));
    break;
  case '\r':
    buffer_add(out, SLICE("\\r"));
    break;
  case '\t':
    buffer_add(out, SLICE("\\t"));
    break;
  default:
    buffer_add(out, SLICE("\\u00"));
    buffer_hex(out, (bytes){(const uint8_t *)&c, 1});
    break;
  }
}

/* Text in which nothing is to be escaped, for which there is room. */
static inline void add_plain(buffer *out, const char *text, size_t length) {
  if (length)
    memcpy(out->data + out->length, text, length);
  out->length += length;
}

void json_write_string(buffer *out, slice text) {
  const char *p = text.length ? text.data : "", *end = p + text.length;
  buffer_reserve(out, text.length + 2);
  out->data[out->length++] = '"';
  for (;;) {
    const char *stop = scan_unescaped(p, end);
    add_plain(out, p, (size_t)(stop - p));
    if (stop == end)
      break;
    write_escape(out, *stop);
    p = stop + 1;
    buffer_reserve(out, (size_t)(end - p) + 1);
  }
  out->data[out->length++] = '"';
}

/* --- trees ---------------------------------------------------------------- */

typedef struct frame {
  const value *container;
  const member *const *order; /* of an object's members; NULL: as they stand */
  uint32_t next;
} frame;

enum { FRAMES_FIRST = 64 };

typedef struct writer {
  buffer *out;
  size_t limit; /* of out->length */
  bool is_pretty;
  bool is_full; /* the limit was reached */
  frame *frames;
  size_t depth, capacity;
  frame first[FRAMES_FIRST];
} writer;

static void new_line(writer *w) {
  if (!w->is_pretty)
    return;
  buffer_char(w->out, '\n');
  for (size_t i = 0; i < w->depth; i++)
    buffer_add(w->out, SLICE("  "));
}

static void open_container(writer *w, const value *v) {
  bool is_object = v->kind == VALUE_OBJECT;
  if (v->count == 0) {
    buffer_add(w->out, is_object ? SLICE("{}") : SLICE("[]"));
    return;
  }
  buffer_char(w->out, is_object ? '{' : '[');
  if (w->depth == w->capacity)
    w->frames = arena_grow(w->out->arena, w->frames, w->depth, &w->capacity,
                           sizeof *w->frames);
  const member *const *order =
      is_object ? value_sorted(w->out->arena, v) : NULL;
  w->frames[w->depth++] = (frame){v, order, 0};
}

static void write_value(writer *w, const value *v) {
  switch ((value_kind)v->kind) {
  case VALUE_NULL:
    buffer_add(w->out, SLICE("null"));
    break;
  case VALUE_BOOLEAN:
    buffer_add(w->out, v->boolean ? SLICE("true") : SLICE("false"));
    break;
  case VALUE_INTEGER:
    json_write_integer(w->out, v->integer);
    break;
  case VALUE_NUMBER:
    json_write_number(w->out, v->number);
    break;
  case VALUE_STRING:
    json_write_string(w->out, value_string(v));
    break;
  case VALUE_ARRAY:
  case VALUE_OBJECT:
    open_container(w, v);
    break;
  }
}

static void close_container(writer *w) {
  bool is_object = w->frames[--w->depth].container->kind == VALUE_OBJECT;
  new_line(w);
  buffer_char(w->out, is_object ? '}' : ']');
}

/* Before a string is written, since one alone may be large. */
static bool has_room(writer *w, size_t more) {
  size_t used = w->out->length;
  w->is_full |= used > w->limit || more > w->limit - used;
  return !w->is_full;
}

static inline size_t least_size(const value *v) {
  return v->kind == VALUE_STRING ? (size_t)v->count + 2 : 1;
}

/* The next item of the innermost container. */
static void write_next(writer *w) {
  frame *top = &w->frames[w->depth - 1];
  const value *container = top->container;
  if (top->next == container->count) {
    close_container(w);
    return;
  }
  uint32_t i = top->next++;
  if (i)
    buffer_char(w->out, ',');
  new_line(w);
  if (container->kind == VALUE_ARRAY) {
    if (has_room(w, least_size(&container->items[i])))
      write_value(w, &container->items[i]);
    return;
  }
  const member *m = top->order ? top->order[i] : &container->members[i];
  if (!has_room(w, (size_t)m->name_length + 3 + least_size(&m->value)))
    return;
  json_write_string(w->out, member_name(m));
  buffer_char(w->out, ':');
  if (w->is_pretty)
    buffer_char(w->out, ' ');
  write_value(w, &m->value);
}

static bool write_tree(buffer *out, const value *v, size_t limit,
                       bool is_pretty) {
  writer w;
  w.out = out;
  w.limit = limit;
  w.is_pretty = is_pretty;
  w.is_full = false;
  w.frames = w.first;
  w.depth = 0;
  w.capacity = FRAMES_FIRST;
  if (has_room(&w, least_size(v)))
    write_value(&w, v);
  while (w.depth && !w.is_full)
    write_next(&w);
  return has_room(&w, 0);
}

void json_write(buffer *out, const value *v) {
  write_tree(out, v, SIZE_MAX, false);
}

bool json_write_limited(buffer *out, const value *v, size_t limit) {
  return write_tree(out, v, limit, false);
}

void json_write_pretty(buffer *out, const value *v) {
  write_tree(out, v, SIZE_MAX, true);
}
