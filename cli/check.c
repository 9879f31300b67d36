/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/diff.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/baseline.h"
#include "cli/check_report.h"
#include "cli/configuration.h"
#include "cli/paths.h"
#include "cli/policy_hash.h"
#include "cli/replace.h"
#include "cli/verbs.h"
#include "compiler/fix.h"
#include "compiler/suppress.h"

static const cli_option options[] = {
    {"type", 't', "T", "attestation type of the policies"},
    {"format", 0, "F", "human, plain, json, sarif, github or junit (human)"},
    {"fix", 0, NULL, "apply the safe fixes; says old and new policy hash"},
    {"unsafe-fixes", 0, NULL, "apply fixes that may change the meaning, too"},
    {"diff", 0, NULL, "show what the fixes would change, and change nothing"},
    {"select", 0, "C,..", "report only these codes; a prefix names a group"},
    {"ignore", 0, "C,..", "leave these codes out"},
    {"max-warnings", 0, "N", "exit 1 if there are more warnings (no limit)"},
    {"baseline", 0, "FILE", "leave out what this file counts"},
    {"write-baseline", 0, "FILE", "count all findings into this file"},
    {"config", 0, "FILE", "this configuration alone; none: without any"},
    {"no-suppressions", 0, NULL, "report what comments silence"},
    {NULL, 0, NULL, NULL},
};

typedef enum fixing { FIXING_NOT, FIXING_FILE, FIXING_SHOWN } fixing;

typedef struct check {
  cli *cli;
  check_report report;
  configurations configurations;
  policy_settings settings; /* of the present file */
  lint_options lint;        /* for it */
  attestation_type type;    /* from the command line */
  baseline baseline;
  bool has_baseline;
  fixing fixing;
  size_t silenced; /* in the text that was inspected last */
  arena scratch;   /* of the present file */
  int failure;     /* a status that ends everything, or CLI_OK */
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

/* `--select "$CODES"` with CODES unset must not make every policy clean. */
static bool selects_nothing(const cli *c) {
  for (size_t n = 0; cli_value_at(c, "select", n); n++)
    if (cli_value_at(c, "select", n)[strspn(cli_value_at(c, "select", n), ",")])
      return false;
  return cli_value_at(c, "select", 0);
}

static bool named_by(const cli *c, const char *option, const char *code) {
  for (size_t n = 0; cli_value_at(c, option, n); n++)
    if (in_list(cli_value_at(c, option, n), code))
      return true;
  return false;
}

static bool is_selected(diagnostic_code code, void *context) {
  const cli *c = context;
  const char *text = code_text(code);
  return (!cli_value_at(c, "select", 0) || named_by(c, "select", text)) &&
         !named_by(c, "ignore", text);
}

static bool is_wanted(const diagnostic *d, void *context) {
  return is_selected(d->code, context);
}

/* Whether findings of the code were looked for in the present file. */
static bool is_judged(diagnostic_code code, void *context) {
  const check *k = context;
  return is_selected(code, k->cli) &&
         k->settings.levels.of[code] != LEVEL_OFF &&
         (code != CODE_F404 || k->lint.layout);
}

/* One text. */

/* Of code and directive, the text's own word goes before the configuration. */
static policy *inspect(void *context, arena *a, slice text, size_t *errors) {
  check *k = context;
  policy *p = policy_compile(a, text);
  k->lint.type = k->type;
  if (!k->lint.type)
    k->lint.type = policy_directive_type(p->ast);
  if (!k->lint.type)
    k->lint.type = k->settings.type;
  policy_lint(a, p, &k->lint);
  levels_apply(&k->settings.levels, &p->findings);
  *errors = p->findings.errors;
  diagnostics_keep(&p->findings, is_wanted, k->cli);
  suppressor s = {k->lint.type, is_judged, k};
  k->silenced = 0;
  if (!cli_flag(k->cli, "no-suppressions")) {
    k->silenced = policy_suppress(a, p, &s);
    diagnostics_keep(&p->findings, is_wanted, k->cli);
    levels_apply(&k->settings.levels, &p->findings);
  }
  return p;
}

static bool settle(check *k, const char *path) {
  if (!configuration_for(&k->configurations, path, &k->settings)) {
    k->failure = CLI_INPUT;
    return false;
  }
  lint_level layout = (lint_level)k->settings.levels.of[CODE_F404];
  k->lint = (lint_options){.width = k->settings.width};
  k->lint.layout =
      layout >= LEVEL_INFO || named_by(k->cli, "select", "F404");
  return true;
}

/* Fixes. */

static void explain_rest(check *k, const char *path, const fix_result *r) {
  if (r->refused)
    cli_error(k->cli, CLI_OK,
              "%s: %zu fixes were left out, since they would add an error",
              path, r->refused);
  else if (!r->is_stable)
    cli_error(k->cli, CLI_OK, "%s: there are more fixes: run it again", path);
}

/* False: the file could not be written, and holds what it held. */
static bool put(check *k, const char *path, slice before,
                const fix_result *r) {
  cli *c = k->cli;
  if (k->fixing == FIXING_SHOWN) {
    diff_write(&k->report.result, path, before, r->text, c->colour_out);
  } else if (!cli_replace(c, path, r->text)) {
    k->failure = CLI_SYSTEM;
    return false;
  } else {
    check_report_change(&k->report, path, r->applied,
                        cli_policy_hash(c->arena, before),
                        cli_policy_hash(c->arena, r->text));
    return true;
  }
  k->report.totals.fixes += r->applied;
  k->report.totals.changed++;
  return true;
}

static slice fix_text(check *k, const char *path, slice text) {
  fixer f = {inspect, k, cli_flag(k->cli, "unsafe-fixes")};
  fix_result r = policy_fix(&k->scratch, text, &f);
  bool is_input = strcmp(path, "-") == 0;
  explain_rest(k, path, &r);
  if (is_input && k->fixing == FIXING_FILE) {
    buffer_add(&k->report.result, r.text);
    k->report.totals.fixes += r.applied;
    k->report.totals.changed += r.applied != 0;
  } else if (r.applied && !put(k, path, text, &r)) {
    return text;
  }
  return r.text;
}

/* Files. */

static void check_text(check *k, const char *path, slice text) {
  size_t errors;
  if (k->fixing)
    text = fix_text(k, path, text);
  policy *p = inspect(k, &k->scratch, text, &errors);
  check_totals *t = &k->report.totals;
  t->silenced += k->silenced;
  if (k->has_baseline)
    t->baselined += baseline_filter(
        &k->baseline, project_path(&k->configurations.project, path),
        &p->findings, cli_value(k->cli, "baseline") != NULL);
  if (k->fixing && p->was_wrapped)
    cli_error(k->cli, CLI_OK,
              "%s: a policy inside a token or base64url is left as it is: its "
              "bytes are what was signed",
              path);
  k->report.is_incomplete |= p->ast->first_token >= p->text.length &&
                             !p->ast->has_syntax_errors; /* no policy */
  check_report_file(&k->report, &k->scratch, path, p);
}

/* A file that needs too much memory is one that cannot be used; the others are
 * checked all the same. */
static void check_file(check *k, const char *path) {
  jmp_buf failure;
  arena *a = &k->scratch;
  arena_reset(a);
  if (ARENA_GUARD(a, failure)) {
    check_report_unusable(&k->report, path,
                          a->failure == ARENA_LIMIT
                              ? "it needs more memory than is allowed"
                              : "there is no memory left");
    return;
  }
  slice text;
  const char *reason;
  cli_verbose(k->cli, "reading %s", path);
  if (!settle(k, path))
    return;
  if (file_read(a, path, (size_t)LIMIT_POLICY_BYTES, &text, &reason) !=
      FILE_OK)
    check_report_unusable(&k->report, path, reason);
  else
    check_text(k, path, text);
}

/* How far it is, on a terminal, if it takes longer than a second. */
static void show_progress(const check *k, size_t done, size_t all,
                          const struct timespec *begin, double *next) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double seconds = (double)(now.tv_sec - begin->tv_sec) +
                   (double)(now.tv_nsec - begin->tv_nsec) * 1e-9;
  if (seconds < *next)
    return;
  *next = seconds + 0.1;
  buffer line = buffer_in(k->cli->arena);
  buffer_printf(&line, "\r%zu of %zu files", done, all);
  cli_print_error(k->cli, buffer_slice(&line));
}

static void check_all(check *k, const path_list *paths) {
  bool has_terminal = isatty(STDERR_FILENO);
  struct timespec begin;
  double next = 1;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (size_t n = 0; n < paths->count && !k->failure; n++) {
    if (has_terminal)
      show_progress(k, n, paths->count, &begin, &next);
    check_file(k, paths->items[n]);
  }
  if (has_terminal && next > 1)
    cli_print_error(k->cli, SLICE("\r\33[K"));
}

/* The end. */

static bool is_counted(diagnostic_code code, void *context) {
  char group = *code_text(code);
  return is_selected(code, context) && group != 'C' && group != 'X';
}

static int conclude(check *k) {
  cli *c = k->cli;
  const check_totals *t = &k->report.totals;
  const char *given = cli_value(c, "max-warnings");
  const char *written = cli_value(c, "write-baseline");
  size_t most = SIZE_MAX;
  if (k->failure == CLI_INPUT)
    return k->failure;
  if (given)
    cli_parse_count(given, SIZE_MAX / 16, &most);
  if (cli_value(c, "baseline"))
    baseline_report(&k->baseline, is_counted, c);
  check_report_end(&k->report);
  if (k->failure)
    return k->failure;
  if (k->report.is_incomplete)
    return CLI_INPUT;
  if (written) {
    int status = baseline_write(&k->baseline, written);
    return status == CLI_OK && (t->errors || t->dropped) ? CLI_NO : status;
  }
  return t->errors || t->dropped || t->warnings > most ||
                 (k->fixing == FIXING_SHOWN && t->changed)
             ? CLI_NO
             : CLI_OK;
}

/* Options. */

static int fixing_options(check *k) {
  cli *c = k->cli;
  bool has_input = false;
  bool fixes = cli_flag(c, "fix") || cli_flag(c, "unsafe-fixes");
  for (size_t i = 0; i < c->argument_count; i++)
    has_input |= strcmp(c->arguments[i], "-") == 0;
  k->fixing = cli_flag(c, "diff") ? FIXING_SHOWN
              : fixes             ? FIXING_FILE
                                  : FIXING_NOT;
  k->report.is_quiet = k->fixing == FIXING_SHOWN;
  k->report.is_aside =
      k->fixing == FIXING_SHOWN || (k->fixing == FIXING_FILE && has_input);
  if (k->fixing == FIXING_SHOWN && k->report.format != FORMAT_HUMAN)
    return cli_usage(c, "--diff has a format of its own");
  if (k->fixing == FIXING_FILE && has_input && c->argument_count > 1)
    return cli_usage(c, "`-` is fixed alone: its text goes to standard output");
  if (k->fixing && cli_value(c, "write-baseline"))
    return cli_usage(c, "fix first, then write the baseline");
  return CLI_OK;
}

static int baseline_options(check *k) {
  cli *c = k->cli;
  const char *read = cli_value(c, "baseline");
  if (read && cli_value(c, "write-baseline"))
    return cli_usage(c, "--baseline and --write-baseline exclude each other");
  k->has_baseline = read || cli_value(c, "write-baseline");
  baseline_init(&k->baseline, c, k->configurations.project.root);
  return !read || baseline_read(&k->baseline, read) ? CLI_OK : CLI_INPUT;
}

static int check_options(check *k) {
  static const char *const formats[] = {"human",  "plain", "json", "sarif",
                                        "github", "junit", NULL};
  cli *c = k->cli;
  int status, choice = cli_choice(c, "format", formats);
  const char *most = cli_value(c, "max-warnings");
  size_t count;
  if (choice < 0)
    return CLI_USAGE;
  if (most && !cli_parse_count(most, SIZE_MAX / 16, &count))
    return cli_usage(c, "--max-warnings takes a number, not `%s`", most);
  if (!valid_list(c, "select") || !valid_list(c, "ignore"))
    return CLI_USAGE;
  if (selects_nothing(c))
    return cli_usage(c, "--select names no code: nothing would be reported");
  k->type = cli_type(c, &status);
  if (status == CLI_OK && !c->argument_count)
    return cli_usage(c, "which policy? give a file, a directory or `-`");
  if (status != CLI_OK)
    return status;
  check_report_init(&k->report, c, &k->configurations.project,
                    (check_format)choice);
  return fixing_options(k);
}

static void find_all(check *k, path_list *all) {
  cli *c = k->cli;
  for (size_t i = 0; i < c->argument_count; i++) {
    path_list found = {0};
    if (!find_policies(c, c->arguments[i], &found))
      k->report.is_incomplete = true;
    for (size_t n = 0; n < found.count; n++) {
      all->items = arena_grow(c->arena, all->items, all->count,
                              &all->capacity, sizeof *all->items);
      all->items[all->count++] = found.items[n];
    }
  }
}

static void release(void *memory) { arena_free(memory); }

static int run(cli *c) {
  check *k = ARENA_NEW(c->arena, check);
  k->cli = c;
  int status = check_options(k);
  if (status != CLI_OK)
    return status;
  if (k->fixing == FIXING_FILE && !k->report.is_aside && !cli_policy_hash)
    return cli_exec_sibling(c, "maapol-crypto");
  if (!configurations_init(&k->configurations, c))
    return CLI_INPUT;
  status = baseline_options(k);
  if (status != CLI_OK)
    return status;
  arena_init(&k->scratch, LIMIT_ARENA_BYTES);
  arena_defer(c->arena, release, &k->scratch);
  path_list paths = {0};
  find_all(k, &paths);
  /* Nothing is changed before every configuration is known to be valid. */
  for (size_t n = 0; k->fixing && n < paths.count && !k->failure; n++)
    settle(k, paths.items[n]);
  check_all(k, &paths);
  return conclude(k);
}

const cli_verb verb_check = {
    "check",
    "check policies: syntax and meaning",
    "[options] PATH..",
    "maapol check policies/ --format plain",
    options,
    run,
};
