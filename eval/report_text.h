/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation in words, for people: the decision first, then why, then what
 * came of it. Control characters of claims and policies are escaped, so that
 * neither can forge a line.
 */
#ifndef EVAL_REPORT_TEXT_H
#define EVAL_REPORT_TEXT_H

#include "eval/report.h"

/* The decision's rule with its text and place. Without a permit: the permit
 * rules that came nearest, and what they lacked, which only a traced
 * evaluation knows. */
void report_write_why(buffer *out, const report *r, const evaluation *e);

/* The members of an object under a heading, one in a line; nothing if it is
 * empty. */
void report_write_members(buffer *out, const char *heading,
                          const value *object);

/* Every rule that was looked at. */
void report_write_trace(buffer *out, const report *r, const evaluation *e);

/* Warnings of the run. */
void report_write_notes(buffer *out, const report *r, const evaluation *e);

/* Appends text with control characters, and those that turn the direction of
 * writing, as \xNN or \u{NNNN}. */
void report_write_printable(buffer *out, slice text);

#endif
