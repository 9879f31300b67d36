/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the case runner share. README.md has the directives. */
#ifndef TESTS_CASES_CASE_H
#define TESTS_CASES_CASE_H

#include "base/arena.h"
#include "base/buffer.h"

/* One `// name: text` of a header, with its continuation lines. */
typedef struct directive {
  struct directive *next;
  slice name, text;
} directive;

/* The file at hand, and what is wrong with the run at hand. */
typedef struct context {
  arena *arena;
  const char *path;
  slice text;
  directive *header;
  buffer problems;
  size_t passed, failed;
} context;

/* Notes what is wrong with the run at hand. */
void problem(context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Counts a run, and prints it if it has a problem. */
void finish_run(context *c, slice name);

/* The text up to `end` or its own end; *rest is what follows. */
slice cut(slice text, char end, slice *rest);
slice trim(slice s);
/* Cuts the word before the next blank off. */
slice next_word(slice *text);
/* Whether `text` holds `part`, in any case: messages may begin a sentence. */
bool contains(slice text, slice part);

/* Reads leading `//` lines, or every line of a sidecar, into c->header. False,
 * with a problem noted, at a line that is no directive. */
bool read_header(context *c, slice text, bool sidecar);

/* The first directive of that name in a run, which ends at the next `case`;
 * NULL if there is none. */
const directive *find_directive(const directive *run, const char *name);
/* The next one of the same name in the same run, or NULL. */
const directive *next_directive(const directive *d);
slice directive_or(const directive *run, const char *name, slice otherwise);

/* Reads the file beside the case that has another ending, as ".fixed". */
bool read_sibling(context *c, const char *ending, slice *text);

/* layout.c: how the formatter lays the text out. */
void run_layout(context *c);

/* evaluation.c: every `case` of the header over the policy below it. */
void run_evaluation_file(context *c);

/* findings.c: the findings of the text and what its fixes make of it. */
void run_check_file(context *c);

#endif
