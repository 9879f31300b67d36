/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diff.h"
#include "base/limits.h"
#include "base/render.h"
#include "cli/configuration.h"
#include "cli/paths.h"
#include "cli/policy_hash.h"
#include "cli/policy_input.h"
#include "cli/replace.h"
#include "cli/verbs.h"
#include "compiler/format.h"

static const cli_option options[] = {
    {"write", 'w', NULL, "change the files; says old and new policy hash"},
    {"check", 0, NULL, "name the files that are not formatted; exit 1 if any"},
    {"diff", 0, NULL, "show what would change; exit 1 if anything"},
    {"width", 0, "N", "columns that a line may have, 20 to 1000 (100)"},
    {"config", 0, "FILE", "this configuration alone; none: without any"},
    {NULL, 0, NULL, NULL},
};

typedef enum mode { MODE_PRINT, MODE_WRITE, MODE_CHECK, MODE_DIFF } mode;

typedef struct fmt {
  cli *cli;
  mode mode;
  size_t width; /* from the command line, or 0 */
  configurations configurations;
  int status; /* the worst so far */
} fmt;

static void worse(fmt *f, int status) {
  if (status > f->status)
    f->status = status;
}

/* Says why a text is left alone. */
static void refuse(fmt *f, const char *path, const policy *p) {
  cli *c = f->cli;
  if (p->was_wrapped)
    cli_error(c, CLI_INPUT,
              "%s: a policy inside a token or base64url: its bytes are what "
              "was signed; take the text out to format it",
              path);
  else if (!format_is_possible(p->ast, &p->findings))
    cli_print_findings(c, path, p);
  else
    cli_error(c, CLI_INPUT, "%s: there is no policy in it", path);
  worse(f, CLI_INPUT);
}

static bool is_usable(const policy *p) {
  return !p->was_wrapped && format_is_possible(p->ast, &p->findings) &&
         p->ast->first_token < p->text.length;
}

/* Relying parties pin the hash: a change of white space changes it. */
static void say_hashes(fmt *f, const char *path, slice before, slice after) {
  cli *c = f->cli;
  buffer shown = buffer_in(c->arena);
  render_escaped(&shown, slice_from(path));
  cli_print(c, "%s: policy hash %.*s -> %.*s\n", buffer_slice(&shown).data,
            SLICE_ARGS(cli_policy_hash(c->arena, before)),
            SLICE_ARGS(cli_policy_hash(c->arena, after)));
}

static void show_change(fmt *f, const char *path, slice before, slice after) {
  cli *c = f->cli;
  buffer shown = buffer_in(c->arena);
  switch (f->mode) {
  case MODE_CHECK:
    render_escaped(&shown, slice_from(path));
    cli_print(c, "%s\n", buffer_slice(&shown).data);
    worse(f, CLI_NO);
    break;
  case MODE_DIFF:
    diff_write(&c->out, path, before, after, c->colour_out);
    worse(f, CLI_NO);
    break;
  case MODE_WRITE:
    if (cli_replace(c, path, after))
      say_hashes(f, path, before, after);
    else
      worse(f, CLI_SYSTEM);
    break;
  default:
    break;
  }
}

/* 0 after a message: the configuration is not valid. */
static size_t width_for(fmt *f, const char *path) {
  policy_settings s;
  if (f->width)
    return f->width;
  if (!configuration_for(&f->configurations, path, &s))
    return 0;
  return s.width ? s.width : FORMAT_WIDTH;
}

static void format_file(fmt *f, const char *path) {
  cli *c = f->cli;
  slice text;
  size_t width = width_for(f, path);
  if (!width || !cli_read(c, path, (size_t)LIMIT_POLICY_BYTES, &text)) {
    worse(f, CLI_INPUT);
    return;
  }
  const policy *p = policy_compile(c->arena, text);
  if (!is_usable(p)) {
    refuse(f, path, p);
    return;
  }
  format_result made = format_policy(c->arena, p->ast, width);
  if (!format_is_proven(c->arena, p->ast, made.text)) {
    cli_error(c, CLI_SYSTEM,
              "%s: the new layout would not be the same policy; it was left "
              "alone. This is a mistake of maapol: please report it",
              path);
    worse(f, CLI_SYSTEM);
    return;
  }
  if (f->mode == MODE_PRINT)
    buffer_add(&c->out, made.text);
  else if (!slice_equal(p->text, made.text))
    show_change(f, path, p->text, made.text);
}

static int read_options(fmt *f) {
  cli *c = f->cli;
  const char *width = cli_value(c, "width");
  bool write = cli_flag(c, "write"), check = cli_flag(c, "check"),
       diff = cli_flag(c, "diff");
  if (write + check + diff > 1)
    return cli_usage(c, "--write, --check and --diff exclude each other");
  f->mode = write ? MODE_WRITE
            : check ? MODE_CHECK
            : diff  ? MODE_DIFF
                    : MODE_PRINT;
  if (width && (!cli_parse_count(width, FORMAT_WIDTH_MAX, &f->width) ||
                f->width < FORMAT_WIDTH_MIN))
    return cli_usage(c, "--width takes %d to %d, not `%s`", FORMAT_WIDTH_MIN,
                     FORMAT_WIDTH_MAX, width);
  if (!c->argument_count)
    return cli_usage(c, "which policy? give a file, a directory or `-`");
  for (size_t i = 0; write && i < c->argument_count; i++)
    if (strcmp(c->arguments[i], "-") == 0)
      return cli_usage(c, "--write changes files; `-` is none");
  return CLI_OK;
}

static int run(cli *c) {
  fmt f = {.cli = c};
  int status = read_options(&f);
  if (status != CLI_OK)
    return status;
  if (f.mode == MODE_WRITE && !cli_policy_hash)
    return cli_exec_sibling(c, "maapol-crypto");
  if (!configurations_init(&f.configurations, c))
    return CLI_INPUT;
  for (size_t i = 0; i < c->argument_count; i++) {
    path_list paths = {0};
    if (!find_policies(c, c->arguments[i], &paths))
      worse(&f, CLI_INPUT);
    for (size_t n = 0; n < paths.count; n++)
      format_file(&f, paths.items[n]);
  }
  return f.status;
}

const cli_verb verb_fmt = {
    "fmt",
    "lay policies out in the one way",
    "[--write | --check | --diff] PATH..",
    "maapol fmt -w policies/",
    options,
    run,
};
