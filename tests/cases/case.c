/* SPDX-License-Identifier: Apache-2.0 */
/* Texts, directives and the report of the case runner. */
#define _POSIX_C_SOURCE 200809L
#include "tests/cases/case.h"

#include <stdio.h>
#include <strings.h>

#include "base/file.h"
#include "base/limits.h"

void problem(context *c, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  buffer_text(&c->problems, "    ");
  buffer_vprintf(&c->problems, format, arguments);
  buffer_char(&c->problems, '\n');
  va_end(arguments);
}

void finish_run(context *c, slice name) {
  if (c->problems.length == 0) {
    c->passed++;
    return;
  }
  c->failed++;
  printf("FAIL %s: %.*s\n", c->path, SLICE_ARGS(name));
  printf("%.*s", SLICE_ARGS(c->problems));
  c->problems.length = 0;
}

slice cut(slice text, char end, slice *rest) {
  const char *found =
      text.length ? memchr(text.data, end, text.length) : NULL;
  if (!found) {
    *rest = SLICE_EMPTY;
    return text;
  }
  *rest = slice_between(found + 1, text.data + text.length);
  return slice_between(text.data, found);
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

slice trim(slice s) {
  while (s.length && is_blank(s.data[0]))
    s = (slice){s.data + 1, s.length - 1};
  while (s.length && is_blank(s.data[s.length - 1]))
    s.length--;
  return s;
}

slice next_word(slice *text) {
  return cut(trim(*text), ' ', text);
}

bool contains(slice text, slice part) {
  if (part.length == 0)
    return true;
  for (size_t i = 0; i + part.length <= text.length; i++)
    if (strncasecmp(text.data + i, part.data, part.length) == 0)
      return true;
  return false;
}

static const char *const directive_names[] = {
    "case",  "claims", "expect", "issued", "properties", "error",
    "rule",  "trace",  "fired",  "note",   "about",      "select",
    "maapol"};

static bool directive_known(slice name) {
  size_t count = sizeof directive_names / sizeof *directive_names;
  for (size_t i = 0; i < count; i++)
    if (slice_is(name, directive_names[i]))
      return true;
  return false;
}

static slice join_lines(arena *a, slice first, slice second) {
  buffer b = buffer_in(a);
  buffer_add(&b, first);
  buffer_char(&b, ' ');
  buffer_add(&b, second);
  return buffer_slice(&b);
}

/* One header line without its slashes. False if it is no directive: a word
 * misspelt must not make a case weaker in silence. */
static bool read_directive(context *c, slice line, directive **last) {
  slice text;
  if (*last && slice_starts_with(line, "   ")) {
    (*last)->text = join_lines(c->arena, (*last)->text, trim(line));
    return true;
  }
  slice name = trim(cut(line, ':', &text));
  if (!directive_known(name))
    return false;
  directive *d = ARENA_NEW(c->arena, directive);
  d->name = name;
  d->text = trim(text);
  if (*last)
    (*last)->next = d;
  else
    c->header = d;
  *last = d;
  return true;
}

bool read_header(context *c, slice text, bool sidecar) {
  directive *last = NULL;
  c->header = NULL;
  while (text.length) {
    slice line = cut(text, '\n', &text);
    bool comment = slice_starts_with(line, "//");
    if (!sidecar && !comment)
      break;
    if (comment)
      line = slice_between(line.data + 2, line.data + line.length);
    if (trim(line).length == 0)
      continue;
    if (!read_directive(c, line, &last)) {
      problem(c, "no directive: %.*s", SLICE_ARGS(line));
      return false;
    }
  }
  return true;
}

const directive *find_directive(const directive *run,
                                       const char *name) {
  for (const directive *d = run; d; d = d->next) {
    if (d != run && slice_is(d->name, "case"))
      return NULL;
    if (slice_is(d->name, name))
      return d;
  }
  return NULL;
}

const directive *next_directive(const directive *d) {
  if (!d->next || slice_is(d->next->name, "case"))
    return NULL;
  char name[16] = "";
  memcpy(name, d->name.data, d->name.length);
  return find_directive(d->next, name);
}

slice directive_or(const directive *run, const char *name,
                          slice otherwise) {
  const directive *d = find_directive(run, name);
  return d ? d->text : otherwise;
}

/* The path with another ending. */
static const char *sibling(context *c, const char *ending) {
  slice path = slice_from(c->path);
  buffer b = buffer_in(c->arena);
  buffer_add(&b, (slice){path.data, path.length - strlen(".maapolicy")});
  buffer_text(&b, ending);
  return buffer_slice(&b).data;
}

bool read_sibling(context *c, const char *ending, slice *text) {
  const char *reason;
  return file_read(c->arena, sibling(c, ending), LIMIT_POLICY_BYTES, text,
                   &reason) == FILE_OK;
}
