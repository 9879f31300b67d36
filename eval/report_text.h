/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind a decision, in words for people. */
#ifndef EVAL_REPORT_TEXT_H
#define EVAL_REPORT_TEXT_H

#include "eval/report.h"

/* The rule in one line: white space folded but in strings, comments left out,
 * since a line comment would hide what follows. Not escaped. */
slice report_rule_line(const report *r, uint32_t rule);

/* Lines below the reason: the deciding rule; or without a permit the permit
 * rules that came nearest and what each lacked, which only a traced evaluation
 * knows. Control characters are escaped, so that neither claims nor policies
 * can forge a line. */
void report_write_background(buffer *out, const report *r,
                             const evaluation *e);

#endif
