/* SPDX-License-Identifier: Apache-2.0 */
/* Options by table: reading them, and the help. */
#include "cli/options.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/text.h"

/* Every verb has these. */
const cli_option cli_common_options[] = {
    {"help", 'h', NULL, "show this help"},
    {"color", 0, "WHEN", "auto, always or never (auto; NO_COLOR is heeded)"},
    {"verbose", 0, NULL, "log steps on standard error"},
    {NULL, 0, NULL, NULL},
};

static const cli_option no_options[] = {{NULL, 0, NULL, NULL}};

static const cli_option *options_of(const cli *c) {
  return c->verb->options ? c->verb->options : no_options;
}

static const cli_option *find_in(const cli_option *table, slice name) {
  for (; table->name; table++)
    if (slice_is(name, table->name))
      return table;
  return NULL;
}

static const cli_option *find_long(const cli *c, slice name) {
  const cli_option *found = find_in(options_of(c), name);
  return found ? found : find_in(cli_common_options, name);
}

static const cli_option *find_short(const cli *c, char letter) {
  const cli_option *tables[] = {options_of(c), cli_common_options};
  for (int i = 0; i < 2; i++)
    for (const cli_option *o = tables[i]; o->name; o++)
      if (o->letter == letter)
        return o;
  return NULL;
}

static int unknown_option(cli *c, slice name) {
  enum { NAMES_MAX = 64 };
  const char *names[NAMES_MAX + 1];
  size_t count = 0;
  const cli_option *o = options_of(c);
  for (; o->name && count < NAMES_MAX; o++)
    names[count++] = o->name;
  o = cli_common_options;
  for (; o->name && count < NAMES_MAX; o++)
    names[count++] = o->name;
  names[count] = NULL;
  const char *near = did_you_mean(name, names);
  if (near)
    return cli_usage(c, "there is no option --%.*s; did you mean --%s?",
                     SLICE_ARGS(name), near);
  return cli_usage(c, "there is no option --%.*s", SLICE_ARGS(name));
}

static void keep(cli *c, const cli_option *option, const char *text) {
  c->given[c->value_count] = option;
  c->values[c->value_count++] = text;
}

/* words[*i] is "--name", "--name=value"; *i moves past a value. */
static int read_long(cli *c, int count, char **words, int *i) {
  const char *equals = strchr(words[*i], '=');
  slice name = equals ? slice_between(words[*i] + 2, equals)
                      : slice_from(words[*i] + 2);
  const cli_option *o = find_long(c, name);
  if (!o)
    return unknown_option(c, name);
  if (!o->argument && equals)
    return cli_usage(c, "--%s takes no value", o->name);
  if (!o->argument)
    keep(c, o, "");
  else if (equals)
    keep(c, o, equals + 1);
  else if (++*i < count)
    keep(c, o, words[*i]);
  else
    return cli_usage(c, "--%s needs a value: %s", o->name, o->argument);
  return CLI_OK;
}

static int read_short(cli *c, int count, char **words, int *i) {
  const cli_option *o = find_short(c, words[*i][1]);
  if (!o)
    return cli_usage(c, "there is no option %s", words[*i]);
  const char *rest = words[*i] + 2;
  if (!o->argument && *rest)
    return cli_usage(c, "-%c takes no value", o->letter);
  if (!o->argument)
    keep(c, o, "");
  else if (*rest)
    keep(c, o, rest);
  else if (++*i < count)
    keep(c, o, words[*i]);
  else
    return cli_usage(c, "-%c needs a value: %s", o->letter, o->argument);
  return CLI_OK;
}

static int use_common(cli *c, bool *wants_help) {
  static const char *const when[] = {"auto", "always", "never", NULL};
  int choice = cli_choice(c, "color", when);
  const char *no_color = getenv("NO_COLOR");
  if (choice < 0)
    return CLI_USAGE;
  if (choice == 1)
    c->colour_out = c->colour_err = true;
  else if (choice == 2 || (no_color && *no_color))
    c->colour_out = c->colour_err = false;
  c->verbose = cli_flag(c, "verbose");
  *wants_help = cli_flag(c, "help");
  return CLI_OK;
}

int cli_read_options(cli *c, int count, char **words, bool *wants_help) {
  size_t room = (size_t)count + 1;
  c->values = ARENA_ARRAY(c->arena, room, const char *);
  c->given = ARENA_ARRAY(c->arena, room, const cli_option *);
  c->arguments = ARENA_ARRAY(c->arena, room, const char *);
  bool only_arguments = false;
  for (int i = 0; i < count; i++) {
    const char *word = words[i];
    int status = CLI_OK;
    if (only_arguments || word[0] != '-' || !word[1])
      c->arguments[c->argument_count++] = word;
    else if (strcmp(word, "--") == 0)
      only_arguments = true;
    else if (word[1] == '-')
      status = read_long(c, count, words, &i);
    else
      status = read_short(c, count, words, &i);
    if (status != CLI_OK)
      return status;
  }
  return use_common(c, wants_help);
}

/* Values. The environment may not weaken a check: only these are taken. */
static const char *from_environment(const char *option) {
  static const char *const allowed[] = {"type", "format", "color", "width",
                                        NULL};
  char name[40] = "MAAPOL_";
  size_t n = strlen(name);
  for (const char *const *a = allowed; *a; a++)
    if (strcmp(*a, option) == 0) {
      for (; *option && n < sizeof name - 1; option++)
        name[n++] =
            *option == '-' ? '_' : (char)toupper((unsigned char)*option);
      name[n] = 0;
      const char *found = getenv(name);
      return found && *found ? found : NULL;
    }
  return NULL;
}

const char *cli_value_at(const cli *c, const char *option, size_t index) {
  for (size_t i = 0; i < c->value_count; i++)
    if (strcmp(c->given[i]->name, option) == 0 && index-- == 0)
      return c->values[i];
  return NULL;
}

const char *cli_value(const cli *c, const char *option) {
  const char *found = NULL;
  for (size_t i = 0; i < c->value_count; i++)
    if (strcmp(c->given[i]->name, option) == 0)
      found = c->values[i];
  return found ? found : from_environment(option);
}

bool cli_flag(const cli *c, const char *option) {
  return cli_value_at(c, option, 0) != NULL;
}

int cli_choice(cli *c, const char *option, const char *const *choices) {
  const char *given = cli_value(c, option);
  if (!given)
    return 0;
  buffer all = buffer_in(c->arena);
  for (int i = 0; choices[i]; i++) {
    if (strcmp(choices[i], given) == 0)
      return i;
    buffer_printf(&all, "%s%s", i ? ", " : "", choices[i]);
  }
  cli_usage(c, "--%s is one of %.*s, not `%s`", option,
            SLICE_ARGS(buffer_slice(&all)), given);
  return -1;
}

/* Help. */

static void print_option(cli *c, const cli_option *o) {
  buffer left = buffer_in(c->arena);
  if (o->letter)
    buffer_printf(&left, "-%c, ", o->letter);
  else
    buffer_text(&left, "    ");
  buffer_printf(&left, "--%s", o->name);
  if (o->argument)
    buffer_printf(&left, " %s", o->argument);
  slice text = buffer_slice(&left);
  if (text.length > 26)
    cli_print(c, "  %.*s\n  %-28s", SLICE_ARGS(text), "");
  else
    cli_print(c, "  %-28.*s", SLICE_ARGS(text));
  cli_print(c, "%s\n", o->help);
}

void cli_print_help(cli *c) {
  const cli_verb *v = c->verb;
  cli_print(c, "usage: maapol %s %s\n\n%s\n\noptions:\n", v->name, v->usage,
            v->summary);
  for (const cli_option *o = options_of(c); o->name; o++)
    print_option(c, o);
  for (const cli_option *o = cli_common_options; o->name; o++)
    print_option(c, o);
  cli_print(c, "\nexample:\n  %s\n", v->example);
}
