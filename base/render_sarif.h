/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as SARIF 2.1.0 (OASIS), for code scanning. */
#ifndef BASE_RENDER_SARIF_H
#define BASE_RENDER_SARIF_H

#include "base/render.h"

typedef struct sarif {
  buffer results; /* separated by commas */
  uint16_t rule_index[CODE_COUNT]; /* plus one; 0: not met yet */
  uint16_t rules[CODE_COUNT];      /* in the order they were met */
  uint16_t rule_count;
} sarif;

typedef struct sarif_tool {
  const char *version;
  const char *rules_url; /* the page of CODE is at rules_url + CODE + ".md" */
  const char *(*page)(diagnostic_code code); /* Markdown, or NULL */
} sarif_tool;

/* The results live in `a` until sarif_write. */
void sarif_init(sarif *s, arena *a);

/* source->path: relative to the root of the repository; or absolute, and then
 * nothing is said of a base. Fingerprints depend on the code and the text of
 * its line, so that they stay when lines move or the file is renamed. Positions
 * in a text that stood in a token say nothing about the file: they go into the
 * message. */
void sarif_add(sarif *s, arena *scratch, const render_source *source,
               const diagnostics *findings);

/* One log with one run. is_complete: every input could be used. */
void sarif_write(buffer *out, sarif *s, const sarif_tool *tool,
                 bool is_complete);

#endif
