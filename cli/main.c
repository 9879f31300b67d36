/* SPDX-License-Identifier: Apache-2.0 */
/* maapol: finds the verb, reads the options, runs it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/render.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options.h"

static void print_overview(FILE *to) {
  fputs("usage: maapol VERB [options] [arguments]\n\n"
        "The toolchain for Microsoft Azure Attestation policies.\n\n",
        to);
  for (const cli_verb *const *v = cli_verbs; *v; v++)
    if ((*v)->summary)
      fprintf(to, "  %-16s %s\n", (*v)->name, (*v)->summary);
  fputs("\nmaapol VERB --help tells more, with an example.\n"
        "Exit status: 0 yes, 1 no, 2 wrong usage, 3 unusable input, "
        "4 system.\n",
        to);
}

/* How many words of argv the verb's name takes; 0: another verb. */
static int matches(const cli_verb *v, int argc, char **argv) {
  const char *blank = strchr(v->name, ' ');
  if (!blank)
    return strcmp(v->name, argv[1]) == 0;
  size_t first = (size_t)(blank - v->name);
  return argc > 2 && strlen(argv[1]) == first &&
                 strncmp(argv[1], v->name, first) == 0 &&
                 strcmp(argv[2], blank + 1) == 0
             ? 2
             : 0;
}

static bool is_first_word(const char *word) {
  size_t length = strlen(word);
  for (const cli_verb *const *v = cli_verbs; *v; v++)
    if (strncmp((*v)->name, word, length) == 0 && (*v)->name[length] == ' ')
      return true;
  return false;
}

static int unknown_verb(arena *a, int argc, char **argv) {
  enum { VERBS_MAX = 64 };
  const char *names[VERBS_MAX + 1];
  size_t count = 0;
  for (const cli_verb *const *v = cli_verbs; *v && count < VERBS_MAX; v++)
    if ((*v)->summary)
      names[count++] = (*v)->name;
  names[count] = NULL;
  buffer given = buffer_in(a);
  buffer_text(&given, argv[1]);
  if (argc > 2 && argv[2][0] != '-')
    buffer_printf(&given, " %s", argv[2]);
  slice name = buffer_slice(&given);
  const char *near = did_you_mean(name, names);
  if (!near) /* the second word may be an argument */
    near = did_you_mean(slice_from(argv[1]), names);
  if (!near || strchr(near, ' ') == NULL)
    name = slice_from(argv[1]);
  buffer shown = buffer_in(a);
  render_escaped(&shown, name);
  fprintf(stderr, "maapol: there is no verb `%s`", buffer_slice(&shown).data);
  if (near)
    fprintf(stderr, "; did you mean `%s`?", near);
  fputs("\nmaapol --help lists the verbs\n", stderr);
  return CLI_USAGE;
}

/* `status`, if what was printed did get out. */
static int written(FILE *to, int status) {
  if (fflush(to) == 0)
    return status;
  fprintf(stderr, "maapol: cannot write: %s\n", strerror(errno));
  return CLI_SYSTEM;
}

/* "evidence" alone, or with --help: what can follow. */
static int print_second_words(int argc, char **argv) {
  bool wants_help = argc > 2 && (strcmp(argv[2], "--help") == 0 ||
                                 strcmp(argv[2], "-h") == 0);
  FILE *to = wants_help ? stdout : stderr;
  size_t length = strlen(argv[1]);
  for (const cli_verb *const *v = cli_verbs; *v; v++)
    if ((*v)->summary && strncmp((*v)->name, argv[1], length) == 0 &&
        (*v)->name[length] == ' ')
      fprintf(to, "maapol %-16s %s\n", (*v)->name, (*v)->summary);
  return written(to, wants_help ? CLI_OK : CLI_USAGE);
}

static int run_verb(cli *c, int argc, char **argv) {
  int words = 0;
  for (const cli_verb *const *v = cli_verbs; *v && !words; v++) {
    c->verb = *v;
    words = matches(*v, argc, argv);
  }
  if (!words && is_first_word(argv[1]) && (argc == 2 || argv[2][0] == '-'))
    return print_second_words(argc, argv);
  if (!words)
    return unknown_verb(c->arena, argc, argv);
  if (!c->verb->usage)
    return c->verb->run(c);
  bool wants_help = false;
  int status = cli_read_options(c, argc - 1 - words, argv + 1 + words,
                                &wants_help);
  if (status != CLI_OK)
    return status;
  if (wants_help)
    cli_print_help(c);
  else
    status = c->verb->run(c);
  return cli_flush(c) ? status : CLI_SYSTEM;
}

static char version_word[] = "version", help_option[] = "--help";

static int dispatch(cli *c, int argc, char **argv) {
  if (argc < 2) {
    print_overview(stderr);
    return CLI_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
      (strcmp(argv[1], "help") == 0 && argc == 2)) {
    print_overview(stdout);
    return written(stdout, CLI_OK);
  }
  if (strcmp(argv[1], "--version") == 0)
    argv[1] = version_word;
  if (strcmp(argv[1], "help") == 0) { /* help VERB is VERB --help */
    memmove(&argv[1], &argv[2], (size_t)(argc - 2) * sizeof *argv);
    argv[argc - 1] = help_option;
  }
  return run_verb(c, argc, argv);
}

int main(int argc, char **argv) {
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    fprintf(stderr, "maapol: %s\n",
            a.failure == ARENA_LIMIT
                ? "the input needs more memory than is allowed"
                : "there is no memory left");
    int status = a.failure == ARENA_LIMIT ? CLI_INPUT : CLI_SYSTEM;
    arena_free(&a);
    return status;
  }
  cli c = {.arena = &a, .out = buffer_in(&a), .argv = argv};
  c.colour_out = isatty(STDOUT_FILENO);
  c.colour_err = isatty(STDERR_FILENO);
  int status = dispatch(&c, argc, argv);
  arena_free(&a);
  return status;
}
