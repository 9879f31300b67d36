/* SPDX-License-Identifier: Apache-2.0 */
/* maapol option-table: the verbs that are at home in this program and their
 * options, one row a line, columns between tabs. The manual pages are made
 * from it (tools/man-pages), so that they cannot differ from the help. */
#include "cli/options.h"
#include "cli/verbs.h"

static void print_options(cli *c, const char *word, const cli_option *o) {
  for (; o && o->name; o++)
    cli_print(c, "%s\t%s\t%.1s\t%s\t%s\n", word, o->name,
              o->letter ? &o->letter : "", o->argument ? o->argument : "",
              o->help);
}

static void print_verb(cli *c, const cli_verb *v) {
  cli_print(c, "verb\t%s\t%s\t%s\n", v->name, v->summary, v->usage);
  for (const char *line = v->example; *line;) {
    size_t length = strcspn(line, "\n");
    size_t blanks = strspn(line, " ");
    cli_print(c, "example\t%.*s\n", (int)(length - blanks), line + blanks);
    line += length + (line[length] == '\n');
  }
  print_options(c, "option", v->options);
}

static int run(cli *c) {
  for (const cli_verb *const *v = cli_verbs; *v; v++)
    if ((*v)->summary && (*v)->usage)
      print_verb(c, *v);
  for (const cli_verb *const *v = cli_verbs; *v; v++)
    if ((*v)->summary)
      cli_print(c, "overview\t%s\t%s\n", (*v)->name, (*v)->summary);
  print_options(c, "common", cli_common_options);
  cli_print(c, "end\n");
  return cli_flush(c) ? CLI_OK : CLI_SYSTEM;
}

const cli_verb verb_option_table = {.name = "option-table", .run = run};
