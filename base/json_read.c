/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader: one pass, no recursion. Strings without escapes point into
 * the text; the values of open arrays and objects lie on one stack and are
 * copied into the arena once, when their container ends. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/limits.h"
#include "base/text.h"
#include "base/value_stack.h"

typedef struct frame {
  uint32_t base; /* of the container's values on the stack */
  bool is_object;
  const char *open; /* its bracket in the text */
} frame;

enum { STACK_FIRST = 256 };

typedef struct reader {
  arena *arena;
  const char *begin, *end;
  unsigned flags;
  json_error *error;
  value_stack stack; /* a member takes two: its name as a string, its value */
  uint32_t depth;
  frame frames[LIMIT_JSON_DEPTH];
  value first[STACK_FIRST];
} reader;

/* --- errors --------------------------------------------------------------- */

/* Returns NULL, so that readers can end with it. */
static const char *fail(reader *r, const char *at, const char *message) {
  *r->error =
      (json_error){(size_t)(at - r->begin), message, SLICE_EMPTY, false};
  return NULL;
}

static const char *refuse(reader *r, const char *at, const char *message) {
  fail(r, at, message);
  r->error->is_refused = true;
  return NULL;
}

static const char *fail_value(reader *r, const char *at) {
  if (at == r->end)
    return fail(r, at, "the text ends where a value should stand");
  switch (*at) {
  case '\'':
    return fail(r, at, "a string stands in double quotes");
  case ',':
    return fail(r, at, "a value should stand before the comma");
  case ']':
  case '}':
    return fail(r, at, "a value should stand before the closing bracket");
  case '+':
  case '.':
    return fail(r, at, "a number begins with a digit or with - and a digit");
  case '/':
    return fail(r, at, "JSON has no comments; a value should stand here");
  case 'N':
  case 'I':
    return fail(r, at, "JSON has no NaN and no Infinity");
  default:
    return fail(r, at,
                "no value starts so; it is a string, a number, true, false, "
                "null, an array or an object");
  }
}

static const char *fail_after_value(reader *r, const char *at) {
  bool is_object = r->frames[r->depth - 1].is_object;
  if (at == r->end)
    return fail(r, at,
                is_object ? "the text ends inside an object"
                          : "the text ends inside an array");
  return fail(r, at,
              is_object ? "\",\" or \"}\" should stand after a member"
                        : "\",\" or \"]\" should stand after an item");
}

/* --- white space and strings ---------------------------------------------- */

static inline bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_long_space(const char *p, const char *end) {
  for (;;) {
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(' ');
    while (end - p >= 16) { /* indentation */
      __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
      int other = _mm_movemask_epi8(_mm_cmpeq_epi8(text, blank)) ^ 0xFFFF;
      p += other ? __builtin_ctz((unsigned)other) : 16;
      if (other)
        break;
    }
#endif
    if (p == end || !is_space(*p))
      return p;
    p++;
  }
}

static inline const char *skip_space(const char *p, const char *end) {
  if (p == end || (unsigned char)*p > ' ')
    return p;
  return skip_long_space(p, end);
}

static inline bool is_plain(char c) {
  unsigned char u = (unsigned char)c;
  return u >= 0x20 && u < 0x80 && u != '"' && u != '\\';
}

#ifndef __SSE2__
/* Nonzero if one of the eight bytes is not plain. */
static inline uint64_t any_not_plain(uint64_t text) {
  const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
  uint64_t quote = text ^ (ones * '"'), backslash = text ^ (ones * '\\');
  return (text | (text - ones * 0x20) | (quote - ones) | (backslash - ones)) &
         tops;
}
#endif

/* The first byte that is a quote, a backslash, a control character or not
 * ASCII; end if there is none. */
static inline const char *scan_plain(const char *p, const char *end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
  const __m128i blank = _mm_set1_epi8(' ');
  while (end - p >= 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    /* Signed: what is not ASCII is negative, hence less than a blank too. */
    __m128i other = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, quote),
                                              _mm_cmpeq_epi8(text, backslash)),
                                 _mm_cmplt_epi8(text, blank));
    unsigned mask = (unsigned)_mm_movemask_epi8(other);
    if (mask)
      return p + __builtin_ctz(mask);
    p += 16;
  }
#else
  for (uint64_t text; end - p >= 8; p += 8) {
    memcpy(&text, p, 8);
    if (any_not_plain(text))
      break;
  }
#endif
  while (p < end && is_plain(*p))
    p++;
  return p;
}

/* Four hex digits at p, or -1. */
static int32_t read_hex4(const char *p, const char *end) {
  if (end - p < 4)
    return -1;
  int32_t result = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(p[i]);
    if (digit < 0)
      return -1;
    result = result << 4 | digit;
  }
  return result;
}

/* p stands on the backslash of \uXXXX; end is that of the string. */
static const char *read_unicode_escape(reader *r, const char *p,
                                       const char *end, char **to) {
  int32_t unit = read_hex4(p + 2, end);
  if (unit < 0)
    return fail(r, p, "\\u takes four hex digits");
  const char *next = p + 6;
  uint32_t code_point = (uint32_t)unit;
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    int32_t low = -1;
    if (unit < 0xDC00 && end - next >= 6 && next[0] == '\\' && next[1] == 'u')
      low = read_hex4(next + 2, end);
    if (low < 0xDC00 || low > 0xDFFF)
      return fail(r, p, "half of a surrogate pair stands alone");
    code_point =
        0x10000 + ((code_point - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    next += 6;
  }
  *to += utf8_encode(code_point, *to);
  return next;
}

static const char *read_escape(reader *r, const char *p, const char *end,
                               char **to) {
  char c;
  switch (p[1]) { /* the string goes on: a backslash is never its last byte */
  case '"':
  case '\\':
  case '/':
    c = p[1];
    break;
  case 'b':
    c = '\b';
    break;
  case 'f':
    c = '\f';
    break;
  case 'n':
    c = '\n';
    break;
  case 'r':
    c = '\r';
    break;
  case 't':
    c = '\t';
    break;
  case 'u':
    return read_unicode_escape(r, p, end, to);
  default:
    return fail(r, p, "no escape of JSON; write \\\\ for a backslash");
  }
  *(*to)++ = c;
  return p + 2;
}

/* What escapes stand for is never longer than they are. */
static bool unescape(reader *r, const char *p, const char *end, slice *out) {
  char *data = arena_alloc(r->arena, (size_t)(end - p) + 1), *to = data;
  for (;;) {
    const char *stop = memchr(p, '\\', (size_t)(end - p));
    size_t length = (size_t)((stop ? stop : end) - p);
    memcpy(to, p, length);
    to += length;
    if (!stop)
      break;
    p = read_escape(r, stop, end, &to);
    if (!p)
      return false;
  }
  *to = 0;
  *out = slice_between(data, to);
  return true;
}

/* The rest of a string that is not plain ASCII; stop is the first place that
 * is not. */
static const char *read_string_slow(reader *r, const char *start,
                                    const char *stop, slice *out) {
  bool escaped = false;
  for (;; stop = scan_plain(stop, r->end)) {
    if (stop == r->end)
      return fail(r, start - 1, "the text ends inside this string");
    if (*stop == '"')
      break;
    if (*stop == '\\') {
      escaped = true;
      stop++;
      if (stop < r->end && (*stop == '"' || *stop == '\\'))
        stop++;
    } else if ((unsigned char)*stop < 0x20) {
      return fail(r, stop, "a control character in a string; escape it");
    } else {
      size_t length = utf8_length(slice_between(stop, r->end), NULL);
      if (length == 0)
        return fail(r, stop, "this is not UTF-8");
      stop += length;
    }
  }
  *out = slice_between(start, stop);
  if (escaped && !unescape(r, start, stop, out))
    return NULL;
  return stop + 1;
}

/* p stands on the quote; the result behind the closing one. */
static inline const char *read_string(reader *r, const char *p, slice *out) {
  const char *start = p + 1, *stop = scan_plain(start, r->end);
  if (stop == r->end || *stop != '"')
    return read_string_slow(r, start, stop, out);
  *out = slice_between(start, stop);
  return stop + 1;
}

/* --- numbers and literals ------------------------------------------------- */

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* Ends where no byte of a number stands any more. */
static const char *read_number_slow(reader *r, const char *start, value *v) {
  const char *p = start;
  while (p < r->end && (is_digit(*p) || *p == '.' || *p == '-' || *p == '+' ||
                        *p == 'e' || *p == 'E'))
    p++;
  json_number_status status = json_read_number(slice_between(start, p), v);
  if (status == JSON_NUMBER_OK)
    return p;
  fail(r, start,
       status == JSON_NUMBER_RANGE
           ? "a number beyond the range of double"
           : "a number is written like -12, 0.5 or 1.5e10");
  r->error->is_refused = status == JSON_NUMBER_RANGE;
  return NULL;
}

static inline const char *read_number(reader *r, const char *start, value *v) {
  enum { DIGITS_SAFE = 18 }; /* that cannot leave int64 */
  const char *p = start + (*start == '-'), *digits = p;
  uint64_t magnitude = 0;
  while (p < r->end && is_digit(*p))
    magnitude = magnitude * 10 + (uint64_t)(*p++ - '0');
  size_t count = (size_t)(p - digits);
  if (count == 0 || count > DIGITS_SAFE || (*digits == '0' && count > 1) ||
      (p < r->end && (*p == '.' || *p == 'e' || *p == 'E')))
    return read_number_slow(r, start, v);
  int64_t integer = (int64_t)magnitude;
  *v = value_integer(*start == '-' ? -integer : integer);
  return p;
}

static const char *read_word(reader *r, const char *p, slice word, value v,
                             value *result) {
  slice rest = slice_between(p, r->end);
  if (!slice_starts_with(rest, word.data))
    return fail_value(r, p);
  *result = v;
  return p + word.length;
}

static inline const char *read_scalar(reader *r, const char *p, value *v) {
  slice text;
  switch (*p) {
  case '"':
    p = read_string(r, p, &text);
    if (p)
      *v = value_text(text);
    return p;
  case '-':
  case '0':
  case '1':
  case '2':
  case '3':
  case '4':
  case '5':
  case '6':
  case '7':
  case '8':
  case '9':
    return read_number(r, p, v);
  case 't':
    return read_word(r, p, SLICE("true"), value_boolean(true), v);
  case 'f':
    return read_word(r, p, SLICE("false"), value_boolean(false), v);
  case 'n':
    return read_word(r, p, SLICE("null"), value_null(), v);
  default:
    return fail_value(r, p);
  }
}

/* --- arrays and objects --------------------------------------------------- */

/* The place of a name in the text; one with escapes is no longer there. */
static const char *place_of_name(const reader *r, const member *m,
                                 const char *otherwise) {
  uintptr_t name = (uintptr_t)m->name;
  bool inside = name >= (uintptr_t)r->begin && name < (uintptr_t)r->end;
  return inside ? m->name - 1 : otherwise;
}

static const char *fail_duplicate(reader *r, const member *m,
                                  const char *open) {
  fail(r, place_of_name(r, m, open), "the name stands twice in the object");
  r->error->name = member_name(m);
  r->error->is_refused = true;
  return NULL;
}

static bool close_object(reader *r, uint32_t base, const char *open, value *v) {
  uint32_t count = (r->stack.used - base) / 2;
  member *members = arena_alloc(r->arena, count * sizeof *members);
  const value *from = r->stack.items + base;
  for (uint32_t i = 0; i < count; i++, from += 2)
    members[i] = (member){from[0].string, from[0].count, from[1]};
  *v = (value){.kind = VALUE_OBJECT, .count = count, .members = members};
  const member *second = value_duplicate(r->arena, members, count);
  if (!second)
    return true;
  if (!(r->flags & JSON_LAST_NAME_WINS))
    return fail_duplicate(r, second, open);
  *v = object_value(&(object_builder){r->arena, members, count, count});
  return true;
}

static bool close_container(reader *r, value *v) {
  frame top = r->frames[--r->depth];
  if (!top.is_object)
    *v = value_stack_take(&r->stack, top.base);
  else if (!close_object(r, top.base, top.open, v))
    return false;
  r->stack.used = top.base;
  return true;
}

/* Where a name should stand; the result where its value should. */
static inline const char *read_name(reader *r, const char *p) {
  if (p == r->end)
    return fail(r, p, "the text ends where a name should stand");
  if (*p != '"')
    return fail(r, p,
                *p == '}' ? "a comma stands before the closing bracket"
                          : "a name in double quotes should stand here");
  slice name;
  p = read_string(r, p, &name);
  if (!p)
    return NULL;
  value_stack_push(&r->stack, value_text(name));
  p = skip_space(p, r->end);
  if (p == r->end || *p != ':')
    return fail(r, p, "\":\" should stand after a name");
  return skip_space(p + 1, r->end);
}

/* Opens the container at p; the result where its first value should stand, or
 * on its bracket if it is empty. */
static const char *open_container(reader *r, const char *p) {
  if (r->depth == LIMIT_JSON_DEPTH)
    return refuse(r, p, "arrays and objects nest deeper than the limit");
  bool is_object = *p == '{';
  r->frames[r->depth++] = (frame){r->stack.used, is_object, p};
  p = skip_space(p + 1, r->end);
  if (!is_object || (p < r->end && *p == '}'))
    return p;
  return read_name(r, p);
}

/* Takes the value *v just read, and closes what ends after it. The result is
 * where the next value should stand or, with depth 0, the end of the text's
 * value, which is *v then. */
static inline const char *after_value(reader *r, const char *p, value *v) {
  while (r->depth) {
    value_stack_push(&r->stack, *v);
    p = skip_space(p, r->end);
    if (p == r->end)
      return fail_after_value(r, p);
    bool is_object = r->frames[r->depth - 1].is_object;
    if (*p == ',') {
      p = skip_space(p + 1, r->end);
      return is_object ? read_name(r, p) : p;
    }
    if (*p != (is_object ? '}' : ']'))
      return fail_after_value(r, p);
    if (!close_container(r, v))
      return NULL;
    p++;
  }
  return p;
}

static const char *read_tree(reader *r, const char *p, value *v) {
  do {
    if (p == r->end)
      return fail_value(r, p);
    if (*p == '{' || *p == '[') {
      p = open_container(r, p);
      if (!p)
        return NULL;
      const frame *top = &r->frames[r->depth - 1];
      bool is_empty = p < r->end && *p == (top->is_object ? '}' : ']') &&
                      r->stack.used == top->base;
      if (!is_empty)
        continue;
      *v = (value){.kind = top->is_object ? VALUE_OBJECT : VALUE_ARRAY};
      r->depth--;
      p++;
    } else {
      p = read_scalar(r, p, v);
      if (!p)
        return NULL;
    }
    p = after_value(r, p, v);
  } while (p && r->depth);
  return p;
}

static bool read_text(reader *r, value *result) {
  const char *p = skip_space(r->begin, r->end);
  if (slice_starts_with(slice_between(p, r->end), "\xEF\xBB\xBF"))
    return fail(r, p, "a byte-order mark stands before the text");
  p = read_tree(r, p, result);
  if (!p)
    return false;
  p = skip_space(p, r->end);
  if (p != r->end)
    return fail(r, p, "the text goes on behind its value");
  return true;
}

bool json_read(arena *a, slice text, unsigned flags, value *result,
               json_error *error) {
  reader r;
  r.arena = a;
  r.begin = text.data ? text.data : "";
  r.end = r.begin + text.length;
  r.flags = flags;
  r.error = error;
  value_stack_init(&r.stack, a, r.first, STACK_FIRST);
  r.depth = 0;
  if ((flags & JSON_TRAILING_NUL) && text.length && r.end[-1] == 0)
    r.end--;
  if (text.length > LIMIT_JSON_BYTES)
    return refuse(&r, r.begin + LIMIT_JSON_BYTES,
                  "the text is larger than the limit");
  bool done = read_text(&r, result);
  value_stack_release(&r.stack);
  return done;
}
