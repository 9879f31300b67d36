/* SPDX-License-Identifier: Apache-2.0 */
/* The very text of a member of an object: signatures and hashes are over it,
 * not over what it means. */
#ifndef EVIDENCE_JSON_SPAN_H
#define EVIDENCE_JSON_SPAN_H

#include "base/slice.h"

/* The text of the value of that member, without white space around it; empty
 * if there is none. object: a text that json_read takes for an object. A name
 * that is written with escapes is not found. */
slice json_span(slice object, const char *name);

/* Whether a text, JSON or not, begins as an object that has a member of that
 * name at its top level. */
bool json_has_member(slice text, const char *name);

#endif
