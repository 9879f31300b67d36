/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "base/limits.h"
#include "base/render.h"
#include "cli/paths.h"
#include "cli/verbs.h"
#include "compiler/lint.h"

static const cli_option options[] = {
    {"type", 't', "T", "attestation type of the policies"},
    {"format", 0, "F", "human, plain or json (human)"},
    {"select", 0, "C,..", "report only these codes; a prefix names a group"},
    {"ignore", 0, "C,..", "leave these codes out"},
    {"max-warnings", 0, "N", "exit 1 if there are more warnings (no limit)"},
    {NULL, 0, NULL, NULL},
};

typedef enum format { FORMAT_HUMAN, FORMAT_PLAIN, FORMAT_JSON } format;

typedef struct check {
  cli *cli;
  lint_options lint;
  format format;
  size_t errors, warnings, infos, files, dropped;
  bool unusable; /* a file could not be read, or holds nothing */
  array_builder json;
} check;

/* Selection of codes. */

static bool in_list(const char *list, const char *code) {
  while (*list) {
    size_t length = strcspn(list, ",");
    if (length && strncasecmp(list, code, length) == 0)
      return true;
    list += length + (list[length] == ',');
  }
  return false;
}

/* Every part of the list must begin some code. */
static bool valid_list(cli *c, const char *option) {
  for (size_t n = 0; cli_value_at(c, option, n); n++) {
    const char *list = cli_value_at(c, option, n);
    while (*list) {
      size_t length = strcspn(list, ",");
      bool known = length == 0;
      for (int i = 0; i < CODE_COUNT && !known; i++)
        known = strncasecmp(code_text((diagnostic_code)i), list, length) == 0;
      if (!known) {
        cli_usage(c, "--%s: there is no code `%.*s`", option, (int)length,
                  list);
        return false;
      }
      list += length + (list[length] == ',');
    }
  }
  return true;
}

static bool named_by(const cli *c, const char *option, const char *code) {
  for (size_t n = 0; cli_value_at(c, option, n); n++)
    if (in_list(cli_value_at(c, option, n), code))
      return true;
  return false;
}

static bool is_wanted(const cli *c, const diagnostic *d) {
  const char *code = code_text(d->code);
  return (!cli_value_at(c, "select", 0) || named_by(c, "select", code)) &&
         !named_by(c, "ignore", code);
}

static void filter(check *k, diagnostics *findings) {
  diagnostic **at = &findings->first;
  while (*at) {
    if (is_wanted(k->cli, *at)) {
      severity s = (*at)->severity;
      k->errors += s == SEVERITY_ERROR;
      k->warnings += s == SEVERITY_WARNING;
      k->infos += s == SEVERITY_INFO;
      at = &(*at)->next;
    } else {
      *at = (*at)->next;
    }
  }
  k->dropped += findings->dropped;
}

/* Output. */

static void show(check *k, const char *path, const policy *p) {
  render_source source = {path, p->text, p->was_wrapped, k->cli->colour_out};
  if (k->format == FORMAT_HUMAN)
    render_human(&k->cli->out, &source, &p->findings);
  else if (k->format == FORMAT_PLAIN)
    render_plain(&k->cli->out, &source, &p->findings);
  else
    render_json(&k->json, &source, &p->findings);
}

static void count_words(buffer *b, size_t count, const char *what) {
  buffer_printf(b, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void summary(check *k) {
  buffer b = buffer_in(k->cli->arena);
  if (!k->errors && !k->warnings && !k->infos) {
    buffer_text(&b, "no findings");
  } else {
    count_words(&b, k->errors, "error");
    buffer_text(&b, ", ");
    count_words(&b, k->warnings, "warning");
    if (k->infos)
      buffer_printf(&b, ", %zu info", k->infos);
  }
  buffer_text(&b, " in ");
  count_words(&b, k->files, "file");
  if (k->dropped)
    buffer_printf(&b, " (%zu more not shown)", k->dropped);
  cli_print(k->cli, "%.*s\n", SLICE_ARGS(buffer_slice(&b)));
}

static void summary_json(check *k) {
  arena *a = k->cli->arena;
  object_builder o = object_in(a), counts = object_in(a);
  object_set(&counts, SLICE("errors"), value_integer((int64_t)k->errors));
  object_set(&counts, SLICE("warnings"), value_integer((int64_t)k->warnings));
  object_set(&counts, SLICE("infos"), value_integer((int64_t)k->infos));
  object_set(&counts, SLICE("files"), value_integer((int64_t)k->files));
  object_set(&counts, SLICE("notShown"), value_integer((int64_t)k->dropped));
  object_set(&o, SLICE("findings"), array_value(&k->json));
  object_set(&o, SLICE("summary"), object_value(&counts));
  value v = object_value(&o);
  json_write_pretty(&k->cli->out, &v);
  cli_print(k->cli, "\n");
}

/* Work. */

static void check_file(check *k, const char *path) {
  cli *c = k->cli;
  slice text;
  if (!cli_read(c, path, (size_t)LIMIT_POLICY_BYTES, &text)) {
    k->unusable = true;
    return;
  }
  policy *p = policy_compile(c->arena, text);
  policy_lint(c->arena, p, &k->lint);
  k->files++;
  k->unusable |= p->ast->first_token >= p->text.length &&
                 !p->ast->has_syntax_errors; /* no policy at all */
  filter(k, &p->findings);
  show(k, path, p);
}

static int conclude(check *k) {
  const char *given = cli_value(k->cli, "max-warnings");
  size_t most = SIZE_MAX;
  if (given)
    cli_parse_count(given, SIZE_MAX / 16, &most);
  if (k->format == FORMAT_HUMAN && k->files)
    summary(k);
  else if (k->format == FORMAT_JSON)
    summary_json(k);
  if (k->unusable)
    return CLI_INPUT;
  return k->errors || k->dropped || k->warnings > most ? CLI_NO : CLI_OK;
}

static int check_options(check *k) {
  static const char *const formats[] = {"human", "plain", "json", NULL};
  cli *c = k->cli;
  int status, choice = cli_choice(c, "format", formats);
  const char *most = cli_value(c, "max-warnings");
  size_t count;
  if (choice < 0)
    return CLI_USAGE;
  k->format = (format)choice;
  if (most && !cli_parse_count(most, SIZE_MAX / 16, &count))
    return cli_usage(c, "--max-warnings takes a number, not `%s`", most);
  if (!valid_list(c, "select") || !valid_list(c, "ignore"))
    return CLI_USAGE;
  k->lint = (lint_options){.type = cli_type(c, &status),
                           .layout = named_by(c, "select", "F404")};
  if (status == CLI_OK && !c->argument_count)
    return cli_usage(c, "which policy? give a file, a directory or `-`");
  return status;
}

static int run(cli *c) {
  check k = {.cli = c, .json = array_in(c->arena)};
  int status = check_options(&k);
  if (status != CLI_OK)
    return status;
  for (size_t i = 0; i < c->argument_count; i++) {
    path_list paths = {0};
    if (!find_policies(c, c->arguments[i], &paths))
      k.unusable = true;
    for (size_t n = 0; n < paths.count; n++)
      check_file(&k, paths.items[n]);
  }
  return conclude(&k);
}

const cli_verb verb_check = {
    "check",
    "check policies: syntax and meaning",
    "[options] PATH..",
    "maapol check policies/ --format plain",
    options,
    run,
};
