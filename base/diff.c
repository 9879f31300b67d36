/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diff.h"

#include <string.h>

#include "base/render.h"

enum { CONTEXT = 3 };

typedef struct side {
  slice *lines; /* with their ends */
  size_t count;
} side;

/* A line of the result: ' ' in both, '-' of the first, '+' of the second. */
typedef struct edit {
  char kind;
  slice line;
} edit;

typedef struct difference {
  arena *arena;
  side a, b;
  edit *edits;
  size_t count, capacity;
} difference;

static side split(arena *a, slice text) {
  size_t capacity = 1;
  side s = {.lines = ARENA_ARRAY(a, capacity, slice)};
  while (text.length) {
    const char *end = memchr(text.data, '\n', text.length);
    size_t length = end ? (size_t)(end - text.data) + 1 : text.length;
    s.lines = arena_grow(a, s.lines, s.count, &capacity, sizeof *s.lines);
    s.lines[s.count++] = (slice){text.data, length};
    text.data += length;
    text.length -= length;
  }
  return s;
}

static void add(difference *d, char kind, slice line) {
  d->edits = arena_grow(d->arena, d->edits, d->count, &d->capacity,
                        sizeof *d->edits);
  d->edits[d->count++] = (edit){kind, line};
}

static bool same(const difference *d, size_t x, size_t y) {
  return slice_equal(d->a.lines[x], d->b.lines[y]);
}

/* The search of Myers over the lines between the common ends: reached[k] is
 * how far in `a` the diagonal k = x - y got; a row is kept for each number of
 * edits, to find the way back. */
typedef struct search {
  difference *d;
  size_t from; /* lines that are the same at the start */
  int32_t a_count, b_count;
  int32_t *rows[DIFF_EDITS_MAX + 1]; /* row e: diagonals -e .. e */
} search;

static bool goes_down(const int32_t *last, int32_t e, int32_t k) {
  /* last: row e - 1; its diagonal k is at [k + e - 1] */
  return k == -e || (k != e && last[k - 1 + e - 1] < last[k + 1 + e - 1]);
}

static int32_t start_of(const search *s, int32_t e, int32_t k) {
  if (e == 0)
    return 0;
  const int32_t *last = s->rows[e - 1];
  return goes_down(last, e, k) ? last[k + 1 + e - 1] : last[k - 1 + e - 1] + 1;
}

/* The least number of edits, or -1 if that is more than the limit. */
static int32_t find_edits(search *s) {
  for (int32_t e = 0; e <= DIFF_EDITS_MAX; e++) {
    s->rows[e] = ARENA_ARRAY(s->d->arena, (size_t)(2 * e + 1), int32_t);
    for (int32_t k = -e; k <= e; k += 2) {
      int32_t x = start_of(s, e, k);
      while (x < s->a_count && x - k < s->b_count &&
             same(s->d, s->from + (size_t)x, s->from + (size_t)(x - k)))
        x++;
      s->rows[e][k + e] = x;
      if (x >= s->a_count && x - k >= s->b_count)
        return e;
    }
  }
  return -1;
}

/* From the end back to the start; *edits is in reverse order. */
static void walk_back(search *s, int32_t e) {
  difference *d = s->d;
  int32_t x = s->a_count, y = s->b_count;
  for (; e >= 0; e--) {
    int32_t k = x - y;
    int32_t start = start_of(s, e, k);
    while (x > start)
      add(d, ' ', d->a.lines[s->from + (size_t)--x]);
    y = x - k;
    if (e == 0)
      return;
    if (goes_down(s->rows[e - 1], e, k))
      add(d, '+', d->b.lines[s->from + (size_t)--y]);
    else
      add(d, '-', d->a.lines[s->from + (size_t)--x]);
  }
}

static void reverse(edit *edits, size_t count) {
  for (size_t i = 0; i < count / 2; i++) {
    edit kept = edits[i];
    edits[i] = edits[count - 1 - i];
    edits[count - 1 - i] = kept;
  }
}

/* All lines from `from`, a_count and b_count of them, as changed. */
static void replace_all(search *s) {
  for (int32_t i = 0; i < s->a_count; i++)
    add(s->d, '-', s->d->a.lines[s->from + (size_t)i]);
  for (int32_t i = 0; i < s->b_count; i++)
    add(s->d, '+', s->d->b.lines[s->from + (size_t)i]);
}

static void find(difference *d) {
  size_t front = 0, back = 0;
  size_t least = d->a.count < d->b.count ? d->a.count : d->b.count;
  while (front < least && same(d, front, front))
    add(d, ' ', d->a.lines[front++]);
  while (back < least - front &&
         same(d, d->a.count - 1 - back, d->b.count - 1 - back))
    back++;
  search *s = ARENA_NEW(d->arena, search);
  *s = (search){.d = d,
                .from = front,
                .a_count = (int32_t)(d->a.count - front - back),
                .b_count = (int32_t)(d->b.count - front - back)};
  size_t before = d->count;
  int32_t e = find_edits(s);
  if (e < 0) {
    replace_all(s);
  } else {
    walk_back(s, e);
    reverse(d->edits + before, d->count - before);
  }
  for (; back; back--)
    add(d, ' ', d->a.lines[d->a.count - back]);
}

/* Output. */

static void write_line(buffer *out, const edit *e, bool colour) {
  const char *start = e->kind == '-' ? "\x1b[31m" : "\x1b[32m";
  bool painted = colour && e->kind != ' ';
  slice line = e->line;
  bool ended = line.data[line.length - 1] == '\n';
  line.length -= ended;
  if (painted)
    buffer_text(out, start);
  buffer_char(out, e->kind);
  if (colour)
    render_escaped(out, line);
  else
    buffer_add(out, line);
  if (painted)
    buffer_text(out, "\x1b[0m");
  buffer_text(out, ended ? "\n" : "\n\\ No newline at end of file\n");
}

/* "3,2": line and count, as diff -u writes them. */
static void write_range(buffer *out, size_t line, size_t count) {
  buffer_printf(out, "%zu", count ? line + 1 : line);
  if (count != 1)
    buffer_printf(out, ",%zu", count);
}

typedef struct place {
  size_t a, b; /* lines before it */
} place;

static void pass(place *at, const edit *e) {
  at->a += e->kind != '+';
  at->b += e->kind != '-';
}

static void write_hunk(buffer *out, const difference *d, size_t from,
                       size_t to, place at, bool colour) {
  place end = at;
  for (size_t i = from; i < to; i++)
    pass(&end, &d->edits[i]);
  buffer_text(out, colour ? "\x1b[36m@@ -" : "@@ -");
  write_range(out, at.a, end.a - at.a);
  buffer_text(out, " +");
  write_range(out, at.b, end.b - at.b);
  buffer_text(out, colour ? " @@\x1b[0m\n" : " @@\n");
  for (size_t i = from; i < to; i++)
    write_line(out, &d->edits[i], colour);
}

/* The end of the hunk whose first change is at `i`: changes with less than
 * twice the context between them are one. */
static size_t hunk_end(const difference *d, size_t i) {
  size_t last = i;
  for (; i < d->count && i <= last + (size_t)2 * CONTEXT; i++)
    if (d->edits[i].kind != ' ')
      last = i;
  size_t end = last + 1 + CONTEXT;
  return end < d->count ? end : d->count;
}

static void write_hunks(buffer *out, const difference *d, bool colour) {
  place at = {0};
  size_t written = 0; /* edits before this one are behind `at` */
  for (size_t i = 0; i < d->count; i++) {
    if (d->edits[i].kind == ' ')
      continue;
    size_t from = i > written + CONTEXT ? i - CONTEXT : written;
    for (; written < from; written++)
      pass(&at, &d->edits[written]);
    size_t to = hunk_end(d, i);
    write_hunk(out, d, from, to, at, colour);
    for (; written < to; written++)
      pass(&at, &d->edits[written]);
    i = to - 1;
  }
}

static void write_path(buffer *out, const char *mark, const char *folder,
                       const char *path) {
  buffer_text(out, mark);
  buffer_text(out, *path == '/' ? "" : folder);
  render_escaped(out, slice_from(path));
  buffer_char(out, '\n');
}

void diff_write(buffer *out, const char *path, slice before, slice after,
                bool colour) {
  if (slice_equal(before, after))
    return;
  difference d = {.arena = out->arena,
                  .a = split(out->arena, before),
                  .b = split(out->arena, after)};
  find(&d);
  write_path(out, "--- ", "a/", path);
  write_path(out, "+++ ", "b/", path);
  write_hunks(out, &d, colour);
}
