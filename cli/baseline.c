/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/baseline.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/render.h"
#include "cli/replace.h"

void baseline_init(baseline *b, cli *c, const char *root) {
  *b = (baseline){.cli = c, .root = root};
  symbols_init(&b->paths, c->arena);
}

static baseline_file *file_of(baseline *b, slice path) {
  uint32_t number = symbols_find(&b->paths, path);
  if (number)
    return b->files[number - 1];
  arena *a = b->cli->arena;
  number = symbols_intern(&b->paths, arena_copy(a, path));
  b->files = arena_grow(a, b->files, number - 1, &b->capacity,
                        sizeof(baseline_file *));
  return b->files[number - 1] = ARENA_NEW(a, baseline_file);
}

/* Paths are JSON strings. */
static slice path_text(arena *a, const char *path) {
  slice given = slice_from(path);
  if (utf8_error(given) == given.length)
    return given;
  buffer clean = buffer_in(a);
  render_escaped(&clean, given);
  return buffer_slice(&clean);
}

/* Reading. */

static bool refuse(const baseline *b, const char *path, const char *why) {
  cli_error(b->cli, CLI_INPUT, "%s: it is no baseline: %s", path, why);
  return false;
}

static bool read_counts(baseline *b, const char *path, const member *file) {
  if (file->value.kind != VALUE_OBJECT)
    return refuse(b, path, "a file has an object of codes and counts");
  baseline_file *f = file_of(b, member_name(file));
  for (uint32_t i = 0; i < file->value.count; i++) {
    const member *m = &file->value.members[i];
    diagnostic_code code =
        code_from_text(arena_string(b->cli->arena, member_name(m)));
    if (m->value.kind != VALUE_INTEGER || m->value.integer < 0 ||
        m->value.integer > UINT32_MAX)
      return refuse(b, path, "a count is a whole number");
    if (code == CODE_COUNT)
      return refuse(b, path, "there is no such code in this version");
    f->allowed[code] = (uint32_t)m->value.integer;
  }
  return true;
}

bool baseline_read(baseline *b, const char *path) {
  slice text;
  value root;
  json_error error;
  if (!cli_read(b->cli, path, (size_t)LIMIT_BASELINE_BYTES, &text))
    return false;
  if (!json_read(b->cli->arena, text, 0, &root, &error))
    return refuse(b, path, error.message);
  const value *version = value_member(&root, SLICE("version"));
  const value *findings = value_member(&root, SLICE("findings"));
  if (!version || version->kind != VALUE_INTEGER || version->integer != 1)
    return refuse(b, path, "\"version\": 1 is missing");
  if (!findings || findings->kind != VALUE_OBJECT)
    return refuse(b, path, "\"findings\" is missing");
  for (uint32_t i = 0; i < findings->count; i++)
    if (!read_counts(b, path, &findings->members[i]))
      return false;
  return true;
}

/* Comparing. */

static bool is_there(const baseline *b, slice path) {
  buffer full = buffer_in(b->cli->arena);
  if (!slice_starts_with(path, "/"))
    buffer_printf(&full, "%s/", b->root);
  buffer_add(&full, path);
  return access(buffer_slice(&full).data, F_OK) == 0;
}

/* An error is always new: nobody whose change is judged by the file may hide
 * one in it. */
static bool is_new(const diagnostic *d, void *context) {
  const baseline_file *f = context;
  return d->severity == SEVERITY_ERROR ||
         f->met[d->code] > f->allowed[d->code];
}

size_t baseline_filter(baseline *b, const char *path, diagnostics *findings,
                       bool hides) {
  baseline_file *f = file_of(b, path_text(b->cli->arena, path));
  f->was_checked = true;
  for (const diagnostic *d = findings->first; d; d = d->next)
    f->met[d->code] += d->severity != SEVERITY_ERROR;
  size_t before = findings->count;
  if (hides && !findings->dropped)
    diagnostics_keep(findings, is_new, f);
  return before - findings->count;
}

void baseline_report(const baseline *b, bool (*is_judged)(diagnostic_code code,
                                                          void *context),
                     void *context) {
  for (uint32_t n = 0; n < b->paths.count; n++) {
    const baseline_file *f = b->files[n];
    slice path = symbols_text(&b->paths, n + 1);
    for (int i = 0; f->was_checked && i < CODE_COUNT; i++) {
      const char *code = code_text((diagnostic_code)i);
      if (f->met[i] > f->allowed[i] && f->allowed[i])
        cli_error(b->cli, CLI_OK,
                  "%.*s: %u times %s, the baseline has %u: all are shown",
                  SLICE_ARGS(path), f->met[i], code, f->allowed[i]);
      else if (f->met[i] < f->allowed[i] &&
               is_judged((diagnostic_code)i, context))
        cli_error(b->cli, CLI_OK,
                  "%.*s: %u times %s, the baseline has %u: write it again",
                  SLICE_ARGS(path), f->met[i], code, f->allowed[i]);
    }
    if (!f->was_checked && !is_there(b, path))
      cli_error(b->cli, CLI_OK,
                "%.*s: the baseline has it, but there is no such file",
                SLICE_ARGS(path));
  }
}

/* Writing. */

static value counts_of(arena *a, const baseline_file *f) {
  object_builder o = object_in(a);
  for (int i = 0; i < CODE_COUNT; i++)
    if (f->met[i])
      object_set(&o, slice_from(code_text((diagnostic_code)i)),
                 value_integer(f->met[i]));
  return object_value(&o);
}

/* Names are sorted when they are written. Setting them one by one would look
 * for each among all. */
static value files_of(const baseline *b) {
  arena *a = b->cli->arena;
  member *members = ARENA_ARRAY(a, b->paths.count + 1u, member);
  uint32_t count = 0;
  for (uint32_t n = 0; n < b->paths.count; n++) {
    slice path = symbols_text(&b->paths, n + 1);
    value counts = counts_of(a, b->files[n]);
    if (counts.count)
      members[count++] =
          (member){path.data, (uint32_t)path.length, counts};
  }
  return (value){.kind = VALUE_OBJECT, .count = count, .members = members};
}

/* cli_replace wants a file that is there. */
static bool create(const baseline *b, const char *path) {
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file >= 0)
    return close(file) == 0;
  if (errno == EEXIST)
    return true;
  cli_error(b->cli, CLI_SYSTEM, "%s: cannot be written: %s", path,
            strerror(errno));
  return false;
}

int baseline_write(const baseline *b, const char *path) {
  arena *a = b->cli->arena;
  object_builder o = object_in(a);
  buffer text = buffer_in(a);
  object_set(&o, SLICE("version"), value_integer(1));
  object_set(&o, SLICE("findings"), files_of(b));
  value v = object_value(&o);
  json_write_pretty(&text, &v);
  buffer_char(&text, '\n');
  if (strcmp(path, "-") == 0) {
    buffer_add(&b->cli->out, buffer_slice(&text));
    return CLI_OK;
  }
  return create(b, path) && cli_replace(b->cli, path, buffer_slice(&text))
             ? CLI_OK
             : CLI_SYSTEM;
}
