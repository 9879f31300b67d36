/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
#include "lsp/frame.h"

#include "base/limits.h"

/* Header fields are two at most. */
enum { HEADER_MAX = 4096, KEPT_MAX = 1 << 20 };

void frames_init(frames *f) {
  *f = (frames){.skip = 0};
  arena_init(&f->memory, LIMIT_ARENA_BYTES);
  f->data = buffer_in(&f->memory);
}

void frames_free(frames *f) { arena_free(&f->memory); }

slice frames_ahead(const frames *f) {
  if (!f->data.data)
    return SLICE("");
  return (slice){f->data.data + f->begin, f->data.length - f->begin};
}

static void take(frames *f, size_t count) { f->begin += count; }

/* A long session must not keep what its largest message needed. */
static void make_room(frames *f) {
  if (f->begin == f->data.length && f->data.capacity > KEPT_MAX) {
    arena_free(&f->memory);
    jmp_buf *guard = f->memory.guard;
    arena_init(&f->memory, LIMIT_ARENA_BYTES);
    f->memory.guard = guard;
    f->data = buffer_in(&f->memory);
  } else if (f->begin) {
    f->data.length -= f->begin;
    memmove(f->data.data, f->data.data + f->begin, f->data.length);
  }
  f->begin = 0;
}

void frames_add(frames *f, slice input) {
  make_room(f);
  size_t skipped = f->skip < input.length ? f->skip : input.length;
  f->skip -= skipped;
  buffer_add(&f->data,
             (slice){input.data + skipped, input.length - skipped});
}

static slice next_line(slice *rest) {
  const char *end = memchr(rest->data, '\n', rest->length);
  size_t length = end ? (size_t)(end - rest->data) : rest->length;
  slice line = {rest->data, length};
  size_t taken = end ? length + 1 : length;
  *rest = (slice){rest->data + taken, rest->length - taken};
  if (line.length && line.data[line.length - 1] == '\r')
    line.length--;
  return line;
}

static slice trimmed(slice s) {
  while (s.length && (*s.data == ' ' || *s.data == '\t'))
    s.data++, s.length--;
  while (s.length && (s.data[s.length - 1] == ' ' ||
                      s.data[s.length - 1] == '\t'))
    s.length--;
  return s;
}

static bool read_count(slice digits, size_t *count) {
  *count = 0;
  if (!digits.length || digits.length > 15)
    return false;
  for (size_t i = 0; i < digits.length; i++) {
    if (digits.data[i] < '0' || digits.data[i] > '9')
      return false;
    *count = *count * 10 + (size_t)(digits.data[i] - '0');
  }
  return true;
}

/* The content of a field Content-Length, in any case (as HTTP's). What stands
 * before the name, colons too, is what a bad message has left. */
static bool find_length(slice line, slice *content) {
  static const slice wanted = {"Content-Length", 14};
  const char *end = line.data + line.length;
  for (const char *colon = end; colon > line.data;) {
    if (*--colon != ':')
      continue;
    slice name = trimmed(slice_between(line.data, colon));
    if (name.length >= wanted.length &&
        slice_equal_ignore_case(
            (slice){name.data + name.length - wanted.length, wanted.length},
            wanted)) {
      *content = trimmed(slice_between(colon + 1, end));
      return true;
    }
  }
  return false;
}

/* Of two lengths neither counts. */
static bool read_header(slice header, size_t *length) {
  unsigned found = 0;
  while (header.length) {
    slice content, line = next_line(&header);
    if (!find_length(line, &content))
      continue;
    if (!read_count(content, length))
      return false;
    found++;
  }
  return found == 1;
}

/* Bytes of the header with its empty line; 0: not all of it is there. */
static size_t header_size(slice ahead) {
  size_t shown = ahead.length < HEADER_MAX ? ahead.length : HEADER_MAX;
  if (!shown)
    return 0;
  const char *end = memmem(ahead.data, shown, "\r\n\r\n", 4);
  const char *bare = memmem(ahead.data, shown, "\n\n", 2);
  if (end && (!bare || end < bare))
    return (size_t)(end - ahead.data) + 4;
  return bare ? (size_t)(bare - ahead.data) + 2 : 0;
}

/* No end of a header in sight: looks for the next one. */
static frame_status pass_garbage(frames *f, slice ahead) {
  static const char mark[] = "Content-Length";
  const char *next =
      memmem(ahead.data + 1, ahead.length - 1, mark, sizeof mark - 1);
  take(f, next ? (size_t)(next - ahead.data)
               : ahead.length - (sizeof mark - 1));
  return FRAME_BAD;
}

frame_status frames_next(frames *f, slice *message) {
  slice ahead = frames_ahead(f);
  size_t header = header_size(ahead), length = 0;
  if (!header)
    return ahead.length >= HEADER_MAX ? pass_garbage(f, ahead) : FRAME_NONE;
  if (!read_header((slice){ahead.data, header}, &length)) {
    take(f, header);
    return FRAME_BAD;
  }
  if (length > LIMIT_JSON_BYTES) {
    size_t there = ahead.length - header;
    there = there < length ? there : length;
    take(f, header + there);
    f->skip = length - there;
    return FRAME_TOO_LARGE;
  }
  if (ahead.length - header < length)
    return FRAME_NONE;
  *message = (slice){ahead.data + header, length};
  take(f, header + length);
  return FRAME_MESSAGE;
}
