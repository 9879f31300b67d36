/* SPDX-License-Identifier: Apache-2.0 */
/* Findings about a policy text: code, severity, message, places, fixes.
 * Adding one never prints; base/render.h makes text of them. */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/codes.h"

/* Bytes [begin, end) of the text. */
typedef struct span {
  uint32_t begin, end;
} span;

typedef enum severity {
  SEVERITY_INFO,
  SEVERITY_WARNING,
  SEVERITY_ERROR
} severity;

typedef enum fix_applicability {
  FIX_NONE,
  FIX_SAFE,  /* keeps or restores what the author plainly meant */
  FIX_UNSAFE /* may change the meaning: a person should look */
} fix_applicability;

/* Replaces the bytes of `where` by `text`. */
typedef struct text_edit {
  struct text_edit *next;
  span where;
  slice text;
} text_edit;

typedef struct fix {
  struct fix *next;
  fix_applicability applicability;
  const char *title;
  text_edit *edits; /* in the order of the text, not overlapping */
  text_edit *last_edit;
} fix;

/* A second place: "because of this one". */
typedef struct diagnostic_label {
  struct diagnostic_label *next;
  span where;
  const char *text;
} diagnostic_label;

typedef struct diagnostic {
  struct diagnostic *next;
  diagnostic_code code;
  severity severity;
  span where;
  const char *message; /* one line, no full stop */
  const char *help;    /* what to write instead, or NULL */
  diagnostic_label *labels;
  fix *fixes;
} diagnostic;

/* The findings of one text, in its arena. */
typedef struct diagnostics {
  arena *arena;
  diagnostic *first, **end;
  size_t count, errors, warnings;
  size_t dropped; /* beyond LIMIT_DIAGNOSTICS: counted, not kept */
  /* What a caller gets to fill in for one that is dropped: nothing is kept of
   * it, so that a text of mistakes cannot take all memory. */
  diagnostic spare;
  fix spare_fix;
} diagnostics;

void diagnostics_init(diagnostics *list, arena *a);

/* Adds a finding with the code's own severity. The result may be given labels
 * and fixes until the next is added; it is never NULL. */
diagnostic *diagnose(diagnostics *list, diagnostic_code code, span where,
                     const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Changes the severity of a finding just added, and the counts with it. */
void diagnostic_set_severity(diagnostics *list, diagnostic *d, severity s);

void diagnostic_help(diagnostics *list, diagnostic *d, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diagnostic_label_at(diagnostics *list, diagnostic *d, span where,
                         const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A fix without edits; edits are added with fix_edit in text order. */
fix *diagnostic_fix(diagnostics *list, diagnostic *d,
                    fix_applicability applicability, const char *title);
void fix_edit(diagnostics *list, fix *f, span where, slice text);

/* Takes out the findings for which keep(d, context) is false, and counts what
 * is left. Those that were dropped stay dropped. */
void diagnostics_keep(diagnostics *list,
                      bool (*keep)(const diagnostic *d, void *context),
                      void *context);

/* Appends copies. Labels and fixes are shared: they are never changed. */
void diagnostics_copy(diagnostics *to, const diagnostics *from);

/* Sorts by place, then code. */
void diagnostics_sort(diagnostics *list);

/* "error", "warning", "info" */
const char *severity_name(severity s);

const char *code_text(diagnostic_code code);
const char *code_name(diagnostic_code code);
severity code_severity(diagnostic_code code);
/* The code of that text ("P002", any case); CODE_COUNT if there is none. */
diagnostic_code code_from_text(const char *text);

/* Lines. A line ends with LF, CR LF or CR. */
typedef struct line_index {
  slice text;
  uint32_t *starts; /* offset of every line's first byte */
  size_t count, room;
} line_index;

/* Line from 1; column from 1, in Unicode code points. */
typedef struct position {
  uint32_t line, column;
} position;

void line_index_make(line_index *index, arena *a, slice text);

/* Brings it up to date after bytes [begin, end) became `length` bytes and the
 * text so became `text`. a: where the index lives. */
void line_index_edit(line_index *index, arena *a, slice text, span where,
                     uint32_t length);

position line_index_position(const line_index *index, uint32_t offset);
/* The line's text without its end; line counts from 1. */
slice line_index_line(const line_index *index, uint32_t line);

#endif
