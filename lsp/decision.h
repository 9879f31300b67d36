/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions on samples, in words. Claims are whatever somebody wrote, and
 * evidence that did not verify decides nothing: the words never say a bare
 * "permit" for what nobody verified. */
#ifndef LSP_DECISION_H
#define LSP_DECISION_H

#include "lsp/samples.h"

/* "deny on the claims of x.json: rule 1, condition 2: ..". In one line, control
 * characters escaped. */
slice decision_title(arena *a, const sample_book *book, size_t index);

/* What stands before its name, so that nobody takes it for verified evidence:
 * "the claims of ", .., or "". */
const char *decision_of_what(const sample *s);

/* All that `maapol eval --trace` says of it, as Markdown. */
void decision_page(buffer *out, const sample_book *book, size_t index);

/* {"decision","reason",.. as `maapol eval --format json`, "sample",
 * "source"}; decision is null if the rules were not asked. */
value decision_value(arena *a, const sample_book *book, size_t index);

/* The text in one line, control characters escaped. */
slice escaped_line(arena *a, slice text);

#endif
