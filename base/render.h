/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as text for people, for tools that read lines, and as JSON. */
#ifndef BASE_RENDER_H
#define BASE_RENDER_H

#include "base/diagnostic.h"
#include "base/value.h"

typedef struct render_source {
  const char *path;   /* as the user gave it */
  slice text;         /* that the spans count in */
  bool was_wrapped;   /* the text stood inside of a token */
  bool colour;
} render_source;

/* Excerpt with carets: the primary place with ^, others with ~. Control
 * characters of the text are escaped. */
void render_human(buffer *out, const render_source *source,
                  const diagnostics *findings);

/* PATH:LINE:COL: error|warning|info[CODE]: TEXT */
void render_plain(buffer *out, const render_source *source,
                  const diagnostics *findings);

/* One object for each finding, added to `list`. */
void render_json(array_builder *list, const render_source *source,
                 const diagnostics *findings);

/* One workflow command of GitHub for each finding: ::error file=..::TEXT.
 * source->path is relative to the root of the repository. */
void render_github(buffer *out, const render_source *source,
                   const diagnostics *findings);

/* A <testsuite> of JUnit for the file: a test case for each finding, failed if
 * it is an error; one that passed if there is none. Returns their number. */
size_t render_junit(buffer *out, const render_source *source,
                    const diagnostics *findings);
/* The <testsuite> of a file that could not be used. */
void render_junit_unusable(buffer *out, const char *path, const char *why);

/* Text with control characters (and CR, LF, DEL, C1, bidirectional marks)
 * escaped, so that a hostile policy cannot forge a line. */
void render_escaped(buffer *out, slice text);

#endif
