/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options and arguments of verbs, as the tables describe them. */
#include <ctype.h>
#include <strings.h>

#include "base/diagnostic.h"
#include "cli/complete.h"
#include "compiler/claim_catalogue.h"

void completion_add(completion *k, slice word, const char *help) {
  if (word.length < k->typed.length ||
      strncasecmp(word.data, k->typed.data, k->typed.length) != 0)
    return;
  cli_print(k->cli, "%.*s%.*s\t%s\n", SLICE_ARGS(k->head), SLICE_ARGS(word),
            help);
}

static bool is_one_of(slice word, const char *const *list) {
  for (; *list; list++)
    if (slice_is(word, *list))
      return true;
  return false;
}

/* What follows the last comma is completed, what is before it kept. */
static void move_behind_comma(completion *k) {
  for (size_t i = k->typed.length; i > 0; i--)
    if (k->typed.data[i - 1] == ',') {
      const char *end = k->typed.data + k->typed.length;
      const char *start = k->head.length ? k->head.data : k->typed.data;
      k->head = slice_between(start, k->typed.data + i);
      k->typed = slice_between(k->typed.data + i, end);
      return;
    }
}

static void add_types(completion *k) {
  for (int t = ATTESTATION_TYPE_UNKNOWN + 1; t < ATTESTATION_TYPE_COUNT; t++)
    completion_add(k, slice_from(attestation_type_name((attestation_type)t)),
                   "attestation type");
}

static void add_codes(completion *k) {
  for (int i = 0; i < CODE_COUNT; i++)
    completion_add(k, slice_from(code_text((diagnostic_code)i)),
                   code_name((diagnostic_code)i));
}

/* Rows of one name stand together. */
static void add_claims(completion *k) {
  const char *last = "";
  for (const claim_entry *e = claim_catalogue; e->name; e++)
    if (strcmp(e->name, last) != 0) {
      completion_add(k, slice_from(e->name), e->meaning);
      last = e->name;
    }
}

/* "human|plain|json" */
static void add_choices(completion *k, const char *text, size_t length) {
  for (const char *end = text + length; text < end;) {
    const char *bar = memchr(text, '|', (size_t)(end - text));
    slice word = slice_between(text, bar ? bar : end);
    completion_add(k, word, "");
    text = bar ? bar + 1 : end;
  }
}

/* "human, plain or json (human)": where the help lists the choices. */
static void add_choices_of_help(completion *k, const char *help) {
  while (*help) {
    size_t length = strspn(help, "abcdefghijklmnopqrstuvwxyz0123456789-");
    completion_add(k, (slice){help, length}, "");
    help += length;
    if (strncmp(help, ", ", 2) == 0)
      help += 2;
    else if (strncmp(help, " or ", 4) == 0)
      help += 4;
    else
      return;
  }
}

/* By the word that stands for the value in help and usage. */
static bool add_by_name(completion *k, slice name) {
  static const char *const types[] = {"T", "TYPE", NULL};
  static const char *const files[] = {
      "FILE",     "PEM",      "PATH", "POLICY", "PATH..", "FILE|URL",
      "FILE|DIR", "FILE|URI", "R",    "P",      "F",      NULL};
  if (is_one_of(name, types))
    add_types(k);
  else if (slice_is(name, "CODE"))
    add_codes(k);
  else if (slice_is(name, "CLAIM"))
    add_claims(k);
  else if (slice_is(name, "DIR"))
    cli_print(k->cli, ":directories\n");
  else if (is_one_of(name, files))
    cli_print(k->cli, ":files\n");
  else
    return false;
  return true;
}

void completion_add_values(completion *k, const cli_option *o) {
  static const char *const in_help[] = {"F", "FORMAT", "WHEN", "LEVEL", NULL};
  slice name = slice_from(o->argument);
  if (slice_is(name, "C,..")) {
    move_behind_comma(k);
    add_codes(k);
  } else if (is_one_of(name, in_help)) {
    add_choices_of_help(k, o->help);
  } else if (!add_by_name(k, name) && strchr(o->argument, '|')) {
    add_choices(k, name.data, name.length);
  }
}

static bool has_upper(slice word) {
  for (size_t i = 0; i < word.length; i++)
    if (isupper((unsigned char)word.data[i]))
      return true;
  return false;
}

/* The next word of a usage, without brackets; *is_closed: there was one
 * behind it. */
static slice next_word(const char **usage, bool *is_closed) {
  const char *begin = *usage + strspn(*usage, " [(");
  size_t length = strcspn(begin, " ])");
  *is_closed = begin[length] != ' ';
  *usage = begin + length + strspn(begin + length, " ])");
  return (slice){begin, length};
}

/* "--policy FILE [--type T] FILE": what stands there without an option. */
void completion_add_arguments(completion *k, const cli_verb *v) {
  const char *usage = v->usage;
  while (*usage) {
    bool is_closed, is_skipped;
    slice word = next_word(&usage, &is_closed);
    if (slice_starts_with(word, "-")) {
      if (!is_closed)
        next_word(&usage, &is_skipped);
    } else if (has_upper(word)) {
      if (slice_is(word, "T") || !add_by_name(k, word))
        cli_print(k->cli, ":files\n"); /* T: a token's file */
      return;
    } else if (memchr(word.data, '|', word.length) && word.length > 1) {
      add_choices(k, word.data, word.length);
      return;
    }
  }
}
