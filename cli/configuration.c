/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/configuration.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/glob.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/value.h"
#include "compiler/format.h"

/* What a configuration says of all files, or of those that match. */
typedef struct settings {
  slice pattern; /* empty: all */
  policy_settings says;
} settings;

struct configuration {
  const char *path, *directory;
  settings *settings; /* later ones win */
  size_t count;
  const slice *tests;
  size_t test_count;
};

typedef struct reader {
  cli *cli;
  configuration *made;
  const char *member; /* that is being read, for messages */
} reader;

/* Messages. */

static bool refuse(const reader *r, const char *message) {
  cli_error(r->cli, CLI_INPUT, "%s: %s: %s", r->made->path, r->member,
            message);
  return false;
}

static const char *joined(const reader *r, const char *outer, slice name) {
  buffer b = buffer_in(r->cli->arena);
  buffer_printf(&b, "%s%s%.*s", outer, *outer ? "." : "", SLICE_ARGS(name));
  return buffer_slice(&b).data;
}

static bool unknown_member(const reader *r, slice name,
                           const char *const *known) {
  const char *near = did_you_mean(name, known);
  buffer b = buffer_in(r->cli->arena);
  for (int i = 0; known[i]; i++)
    buffer_printf(&b, "%s%s", i ? ", " : "", known[i]);
  if (near)
    cli_error(r->cli, CLI_INPUT,
              "%s: there is no member `%s`; did you mean `%s`?",
              r->made->path, joined(r, r->member, name), near);
  else
    cli_error(r->cli, CLI_INPUT,
              "%s: there is no member `%s`; here may stand %s",
              r->made->path, joined(r, r->member, name),
              buffer_slice(&b).data);
  return false;
}

/* Members. */

static bool read_type(reader *r, const value *v, policy_settings *s) {
  if (v->kind == VALUE_STRING)
    s->type = attestation_type_from_name(value_string(v));
  if (v->kind == VALUE_STRING && s->type)
    return true;
  buffer b = buffer_in(r->cli->arena);
  buffer_printf(&b, "an attestation type must stand here: %s",
                attestation_type_list());
  return refuse(r, buffer_slice(&b).data);
}

static bool read_level(reader *r, const member *m, policy_settings *s) {
  lint_level level;
  bool is_error;
  r->member = joined(r, r->member, member_name(m));
  if (m->value.kind != VALUE_STRING ||
      !level_from_name(value_string(&m->value), &level))
    return refuse(r, "a level is \"off\", \"info\", \"warning\" or \"error\"");
  if (levels_set(&s->levels, member_name(m), level, &is_error))
    return true;
  return refuse(r, is_error ? "it is an error; a configuration cannot make "
                              "less of it"
                            : "there is no such code");
}

static bool read_lint(reader *r, const value *v, policy_settings *s) {
  const char *outer = r->member;
  if (v->kind != VALUE_OBJECT)
    return refuse(r, "an object of codes and levels must stand here");
  for (uint32_t i = 0; i < v->count; i++) {
    r->member = outer;
    if (!read_level(r, &v->members[i], s))
      return false;
  }
  return true;
}

static bool read_format(reader *r, const value *v, policy_settings *s) {
  static const char *const known[] = {"width", NULL};
  if (v->kind != VALUE_OBJECT)
    return refuse(r, "an object must stand here: {\"width\": 100}");
  for (uint32_t i = 0; i < v->count; i++) {
    const value *width = &v->members[i].value;
    if (!slice_is(member_name(&v->members[i]), "width"))
      return unknown_member(r, member_name(&v->members[i]), known);
    r->member = "format.width";
    if (width->kind != VALUE_INTEGER || width->integer < FORMAT_WIDTH_MIN ||
        width->integer > FORMAT_WIDTH_MAX)
      return refuse(r, "a width is a whole number from 20 to 1000");
    s->width = (size_t)width->integer;
  }
  return true;
}

/* words: "patterns" */
static bool read_list(reader *r, const value *v, const char *words,
                      const slice **list) {
  buffer message = buffer_in(r->cli->arena);
  slice *made = ARENA_ARRAY(r->cli->arena, v->count + 1u, slice);
  *list = made;
  if (v->kind != VALUE_ARRAY)
    buffer_printf(&message, "a list of %s must stand here", words);
  else if (v->count > LIMIT_PATTERNS)
    buffer_printf(&message, "these are too many %s", words);
  for (uint32_t i = 0; !message.length && i < v->count; i++) {
    if (v->items[i].kind != VALUE_STRING || !v->items[i].count)
      buffer_printf(&message, "the %s are strings that are not empty", words);
    else
      made[i] = value_string(&v->items[i]);
  }
  return !message.length || refuse(r, buffer_slice(&message).data);
}

static bool read_tests(reader *r, const value *v) {
  r->made->test_count = v->count;
  return read_list(r, v, "patterns", &r->made->tests);
}

static bool read_samples(reader *r, const value *v, policy_settings *s) {
  s->sample_count = v->count;
  return read_list(r, v, "paths", &s->samples);
}

/* A member that files have, too; false in *is_known if it is another. */
static bool read_common(reader *r, const member *m, policy_settings *s,
                        bool *is_known) {
  slice name = member_name(m);
  r->member = joined(r, r->member, name);
  *is_known = true;
  if (slice_is(name, "type"))
    return read_type(r, &m->value, s);
  if (slice_is(name, "lint"))
    return read_lint(r, &m->value, s);
  if (slice_is(name, "format"))
    return read_format(r, &m->value, s);
  if (slice_is(name, "samples"))
    return read_samples(r, &m->value, s);
  return *is_known = false;
}

static bool read_pattern(reader *r, const member *m, settings *s) {
  static const char *const known[] = {"type", "lint", "format", "samples",
                                      NULL};
  const char *outer = joined(r, "files", member_name(m));
  s->pattern = member_name(m);
  r->member = outer;
  if (!s->pattern.length)
    return refuse(r, "a pattern is not empty");
  if (m->value.kind != VALUE_OBJECT)
    return refuse(r, "an object must stand here: {\"type\": .., "
                     "\"lint\": .., \"format\": .., \"samples\": ..}");
  for (uint32_t i = 0; i < m->value.count; i++) {
    const member *inner = &m->value.members[i];
    bool is_known;
    r->member = outer;
    if (read_common(r, inner, &s->says, &is_known))
      continue;
    r->member = outer;
    return !is_known && unknown_member(r, member_name(inner), known);
  }
  return true;
}

static bool read_files(reader *r, const value *v) {
  r->member = "files";
  if (v->kind != VALUE_OBJECT)
    return refuse(r, "an object of patterns must stand here");
  if (v->count > LIMIT_PATTERNS)
    return refuse(r, "these are too many patterns");
  settings *list = ARENA_ARRAY(r->cli->arena, v->count + 1u, settings);
  list[0] = r->made->settings[0];
  for (uint32_t i = 0; i < v->count; i++) {
    list[i + 1] = (settings){.pattern = SLICE_EMPTY};
    if (!read_pattern(r, &v->members[i], &list[i + 1]))
      return false;
  }
  r->made->settings = list;
  r->made->count = v->count + 1u;
  return true;
}

static bool read_member(reader *r, const member *m) {
  static const char *const known[] = {"$schema", "type",  "lint", "format",
                                      "files",   "tests", "samples",
                                      NULL};
  slice name = member_name(m);
  bool is_known;
  r->member = "";
  if (slice_is(name, "$schema") && m->value.kind == VALUE_STRING)
    return true;
  if (slice_is(name, "files") || slice_is(name, "tests"))
    return true; /* afterwards */
  if (read_common(r, m, &r->made->settings->says, &is_known))
    return true;
  r->member = "";
  return !is_known && unknown_member(r, name, known);
}

static bool read_members(reader *r, const value *root) {
  if (root->kind != VALUE_OBJECT) {
    cli_error(r->cli, CLI_INPUT, "%s: an object must stand here",
              r->made->path);
    return false;
  }
  for (uint32_t i = 0; i < root->count; i++)
    if (!read_member(r, &root->members[i]))
      return false;
  const value *files = value_member(root, SLICE("files"));
  const value *tests = value_member(root, SLICE("tests"));
  r->member = "tests";
  if (tests && !read_tests(r, tests))
    return false;
  return !files || read_files(r, files);
}

/* Files. */

static bool read_json(cli *c, const char *path, slice text, value *root) {
  json_error error;
  if (json_read(c->arena, text, 0, root, &error))
    return true;
  line_index lines;
  line_index_make(&lines, c->arena, text);
  position p = line_index_position(&lines, (uint32_t)error.offset);
  cli_error(c, CLI_INPUT, "%s:%u:%u: %s%s%.*s", path, p.line, p.column,
            error.message, error.name.length ? ": " : "",
            SLICE_ARGS(error.name));
  return false;
}

static const configuration *read_text(cli *c, const char *path,
                                      const char *directory, slice text) {
  value root;
  if (!read_json(c, path, text, &root))
    return NULL;
  configuration *made = ARENA_NEW(c->arena, configuration);
  made->path = path;
  made->directory = directory;
  made->settings = ARENA_NEW(c->arena, settings);
  made->count = 1;
  reader r = {c, made, ""};
  return read_members(&r, &root) ? made : NULL;
}

static const configuration *load(cli *c, const char *path,
                                 const char *directory) {
  slice text;
  return cli_read(c, path, (size_t)LIMIT_CONFIGURATION_BYTES, &text)
             ? read_text(c, path, directory, text)
             : NULL;
}

/* One that nobody named: a pipe of that name would keep us for ever. */
static const configuration *load_found(cli *c, const char *path,
                                       const char *directory) {
  slice text;
  const char *why;
  cli_verbose(c, "reading %s", path);
  if (file_read_regular(c->arena, path, (size_t)LIMIT_CONFIGURATION_BYTES,
                        &text, &why) == FILE_OK)
    return read_text(c, path, directory, text);
  cli_error(c, CLI_INPUT, "%s: %s", path, why);
  return NULL;
}

static bool exists(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0;
}

/* NULL if there is no such file in it; *failed after a message. */
static const configuration *load_in(configurations *all,
                                    const char *directory, bool *failed) {
  cli *c = all->cli;
  buffer b = buffer_in(c->arena);
  buffer_printf(&b, "%s/.maapol.json", directory);
  const char *path = buffer_slice(&b).data;
  if (!exists(path))
    return NULL;
  const char *below = project_below(path, all->project.here);
  const configuration *made =
      load_found(c, below ? below : path, directory);
  *failed = !made;
  return made;
}

/* Where the search ends. What stands above a repository is not the
 * repository's: /tmp/.maapol.json is anybody's. */
static const char *last_directory(const configurations *all,
                                  const char *directory) {
  for (const char *d = directory; d; d = project_parent(all->cli, d))
    if (project_is_root(all->cli, d))
      return d;
  return project_below(directory, all->project.here) ? all->project.here
                                                     : directory;
}

static const configuration *search(configurations *all,
                                   const char *directory, bool *failed) {
  size_t last = strlen(last_directory(all, directory));
  const configuration *found = NULL;
  for (const char *d = directory; d && strlen(d) >= last && !found && !*failed;
       d = project_parent(all->cli, d))
    found = load_in(all, d, failed);
  return found;
}

/* Each directory is looked at once. */
static const configuration *find(configurations *all, const char *directory,
                                 bool *failed) {
  slice text = slice_from(directory);
  uint32_t known = symbols_find(&all->directories, text);
  if (known)
    return all->found[known - 1];
  const configuration *found = search(all, directory, failed);
  if (*failed)
    return NULL;
  uint32_t number = symbols_intern(&all->directories, text);
  all->found = arena_grow(all->cli->arena, all->found, number - 1,
                          &all->found_capacity, sizeof *all->found);
  all->found[number - 1] = found;
  return found;
}

bool configurations_init(configurations *all, cli *c) {
  *all = (configurations){.cli = c};
  project_init(&all->project, c);
  symbols_init(&all->directories, c->arena);
  const char *given = cli_value(c, "config");
  if (!given)
    return true;
  all->is_fixed = true;
  if (strcmp(given, "none") == 0)
    return true;
  /* It is the repository's, wherever it was taken from. */
  all->fixed = load(c, given, all->project.root);
  return all->fixed != NULL;
}

/* What is held against the path. */

static void override(policy_settings *s, const policy_settings *by) {
  if (by->type)
    s->type = by->type;
  if (by->width)
    s->width = by->width;
  if (by->samples) {
    s->samples = by->samples;
    s->sample_count = by->sample_count;
  }
  for (int i = 0; i < CODE_COUNT; i++)
    if (by->levels.of[i])
      s->levels.of[i] = by->levels.of[i];
}

static void settle(configurations *all, const configuration *found,
                   const char *path, policy_settings *s) {
  const char *absolute = project_absolute(&all->project, path);
  const char *below =
      absolute ? project_below(absolute, found->directory) : NULL;
  *s = found->settings->says;
  s->directory = found->directory;
  for (size_t i = 1; below && i < found->count; i++)
    if (glob_matches(all->cli->arena, found->settings[i].pattern,
                     slice_from(below)))
      override(s, &found->settings[i].says);
}

bool configuration_for(configurations *all, const char *path,
                       policy_settings *s) {
  bool failed = false;
  const configuration *found = all->fixed;
  *s = (policy_settings){.type = ATTESTATION_TYPE_UNKNOWN};
  if (!all->is_fixed) {
    const char *directory = project_directory(&all->project, path);
    found = directory ? find(all, directory, &failed) : NULL;
  }
  if (found)
    settle(all, found, path, s);
  return !failed;
}

const slice *configuration_tests(configurations *all, size_t *count,
                                 const char **directory, bool *failed) {
  *failed = false;
  const configuration *found =
      all->is_fixed ? all->fixed : find(all, all->project.here, failed);
  *count = found ? found->test_count : 0;
  *directory = found ? found->directory : NULL;
  return found ? found->tests : NULL;
}

attestation_type configured_type(cli *c, const char *path,
                                 attestation_type directive, int *status) {
  configurations all;
  policy_settings s;
  attestation_type given = cli_type(c, status);
  if (*status != CLI_OK || given)
    return given;
  if (directive)
    return directive;
  if (configurations_init(&all, c) &&
      configuration_for(&all, path ? path : "-", &s))
    return s.type;
  *status = CLI_INPUT;
  return ATTESTATION_TYPE_UNKNOWN;
}
