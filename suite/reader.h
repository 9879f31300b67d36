/* SPDX-License-Identifier: Apache-2.0 */
/* What the members of suites, tests and rows are read with: suite/suite.c. A
 * function that is given a member's value is false after it told the first
 * mistake in r->error, with the place where the reader is. */
#ifndef SUITE_READER_H
#define SUITE_READER_H

#include "base/diagnostic.h"
#include "base/json_span.h"
#include "base/symbols.h"
#include "suite/suite.h"

enum { SUITE_STEPS_MAX = 8, SUITE_MEMBERS_MAX = 32 };

/* The row of a table. */
typedef struct suite_row {
  const value *set, *unset;
  const char *name;
  const suite_expectation *expect;
  bool has_now;
  int64_t now;
} suite_row;

typedef struct suite_reader {
  arena *arena;
  slice text;
  suite *suite;
  suite_error *error;
  json_step steps[SUITE_STEPS_MAX]; /* where we are */
  size_t depth;
  suite_case test;   /* being read; rows are made of it */
  suite_row *row;    /* being read, or NULL */
  const value *rows; /* of the test */
  bool has_expect;
  bool has_input;
  suite_expectation *expect; /* being read */
  bool has_decision;
  size_t capacity;
  symbols names;
  line_index lines;
  uint32_t line;       /* that suite_line_of found last */
  verify_level verify; /* of the suite: default of its tests */
  bool has_now;
  int64_t now;
} suite_reader;

/* A row of a table of members; the last has no name. */
typedef struct suite_member {
  const char *name;
  bool (*read)(suite_reader *r, const value *v);
} suite_member;

/* Tells that the member where the reader is, is wrong. Always false. */
__attribute__((format(printf, 2, 3))) bool suite_fail(suite_reader *r,
                                                      const char *format, ...);
/* The same of an offset of the text. */
__attribute__((format(printf, 3, 4))) bool
suite_fail_json(suite_reader *r, size_t offset, const char *format, ...);

/* The line of an object's first member, or of a text: both lie in the suite's
 * own text but for escapes, where the line before is near enough. */
uint32_t suite_line_of(suite_reader *r, const value *v);

/* Whether the value is of that kind; wanted: "an object". */
bool suite_wants(suite_reader *r, const value *v, value_kind kind,
                 const char *wanted);

/* A text without NUL, kept in the reader's arena. */
bool suite_read_text(suite_reader *r, const value *v, const char **text);
/* The same, not empty. */
bool suite_read_path(suite_reader *r, const value *v, suite_file *file);
/* Reads each member by its row; of: what the object is, for messages. */
bool suite_read_object(suite_reader *r, const value *v, const char *of,
                       const suite_member *rows);
/* Claims as maapol eval takes them; *result is v. */
bool suite_read_claims(suite_reader *r, const value *v, const value **result);
/* An array of claim types; *result is v. */
bool suite_read_types(suite_reader *r, const value *v, const value **result);
/* Seconds since the epoch, or a time of RFC 3339, as seconds. */
bool suite_read_time(suite_reader *r, const value *v, int64_t *seconds);
/* What must come of a case: one that can hold, and tells the decision. */
bool suite_read_expectation(suite_reader *r, const value *v,
                            suite_expectation *expect);

#endif
