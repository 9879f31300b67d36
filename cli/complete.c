/* SPDX-License-Identifier: Apache-2.0 */
/* maapol complete WORD..: what can stand for the last word, which is being
 * typed. One candidate a line, its help behind a tab; or a word to the shell:
 * ":files", ":directories". The scripts in completion/ ask it; what they offer
 * comes from the tables that also read the options. */
#include "cli/complete.h"

#include "cli/options.h"
#include "cli/verbs.h"

/* --- verbs ---------------------------------------------------------------- */

static size_t first_length(const cli_verb *v) { return strcspn(v->name, " "); }

static bool begins_with(const cli_verb *v, const char *word) {
  return v->summary && strlen(word) == first_length(v) &&
         strncmp(v->name, word, first_length(v)) == 0;
}

/* Verbs of two words stand together and are offered once, by the first. */
static void add_first_words(completion *k) {
  slice last = SLICE_EMPTY;
  for (const cli_verb *const *v = cli_verbs; *v; v++) {
    slice word = {(*v)->name, first_length(*v)};
    if (!(*v)->summary || slice_equal(word, last))
      continue;
    bool is_whole = !(*v)->name[word.length];
    completion_add(k, word, is_whole ? (*v)->summary : "...");
    last = word;
  }
}

static void add_second_words(completion *k, const char *first) {
  for (const cli_verb *const *v = cli_verbs; *v; v++)
    if (begins_with(*v, first) && (*v)->name[first_length(*v)])
      completion_add(k, slice_from((*v)->name + first_length(*v) + 1),
                     (*v)->summary);
}

/* The verb that the words begin with, and how many of them; NULL: none. */
static const cli_verb *find_verb(char **words, size_t count, size_t *used) {
  for (const cli_verb *const *v = cli_verbs; *v; v++) {
    const char *second = (*v)->name + first_length(*v);
    if (!begins_with(*v, words[0]))
      continue;
    *used = *second ? 2 : 1;
    if (!*second || (count > 1 && strcmp(words[1], second + 1) == 0))
      return *v;
  }
  return NULL;
}

/* --- options -------------------------------------------------------------- */

static void add_options(completion *k, const cli_option *o) {
  for (; o && o->name; o++) {
    buffer word = buffer_in(k->cli->arena);
    buffer_printf(&word, "--%s", o->name);
    completion_add(k, buffer_slice(&word), o->help);
  }
}

static const cli_option *find_option(const cli_option *o, const char *word,
                                     size_t length) {
  bool is_long = word[1] == '-';
  for (; o && o->name; o++)
    if (is_long ? slice_is((slice){word + 2, length - 2}, o->name)
                : length == 2 && o->letter == word[1])
      return o;
  return NULL;
}

/* The option that `length` bytes of the word name, if it takes a value. */
static const cli_option *wants_value(const cli_verb *v, const char *word,
                                     size_t length) {
  if (length < 2 || word[0] != '-')
    return NULL;
  const cli_option *o = find_option(v->options, word, length);
  if (!o)
    o = find_option(cli_common_options, word, length);
  return o && o->argument ? o : NULL;
}

static void add_values_behind_sign(completion *k, const cli_verb *v,
                                   const char *word, size_t name_length) {
  const cli_option *o = wants_value(v, word, name_length);
  if (!o)
    return;
  k->head = (slice){word, name_length + 1};
  k->typed = slice_from(word + name_length + 1);
  completion_add_values(k, o);
}

/* The words behind a verb. Bash makes three words of "--type=x". */
static void complete_verb(completion *k, const cli_verb *v, char **words,
                          size_t count) {
  const cli_option *open = NULL; /* its value is the next word */
  bool only_arguments = false;
  for (size_t i = 0; i + 1 < count; i++) {
    if (open && strcmp(words[i], "=") == 0)
      continue;
    if (open)
      open = NULL;
    else if (strcmp(words[i], "--") == 0)
      only_arguments = true;
    else if (!only_arguments)
      open = wants_value(v, words[i], strlen(words[i]));
  }
  const char *last = words[count - 1];
  size_t name_length = strcspn(last, "=");
  if (open) {
    completion_add_values(k, open);
  } else if (only_arguments || last[0] != '-') {
    completion_add_arguments(k, v);
  } else if (last[name_length]) {
    add_values_behind_sign(k, v, last, name_length);
  } else {
    add_options(k, v->options);
    add_options(k, cli_common_options);
  }
}

/* --- the verb ------------------------------------------------------------- */

static int complete_words(completion *k, char **words, size_t count) {
  bool is_help = strcmp(words[0], "help") == 0 && count > 1;
  words += is_help;
  count -= is_help;
  size_t used = 0;
  if (count == 1) {
    add_first_words(k);
    completion_add(k, SLICE("help"), "what a verb does, with an example");
    if (words[0][0] == '-') {
      completion_add(k, SLICE("--help"), "list the verbs");
      completion_add(k, SLICE("--version"), "print the version");
    }
    return CLI_OK;
  }
  const cli_verb *v = find_verb(words, count - 1, &used);
  if (!v && count == 2)
    add_second_words(k, words[0]);
  if (!v || is_help)
    return CLI_OK;
  if (!v->usage) /* its options are in a sibling: ask there */
    return v->run(k->cli);
  complete_verb(k, v, words + used, count - used);
  return CLI_OK;
}

static int run(cli *c) {
  static char nothing[] = "";
  char *empty[] = {nothing, NULL};
  char **words = c->argv[2] ? c->argv + 2 : empty;
  size_t count = 0;
  while (words[count])
    count++;
  completion k = {c, SLICE_EMPTY, slice_from(words[count - 1])};
  int status = complete_words(&k, words, count);
  return cli_flush(c) ? status : CLI_SYSTEM;
}

const cli_verb verb_complete = {.name = "complete", .run = run};
