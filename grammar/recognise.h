/* SPDX-License-Identifier: Apache-2.0 */
/* What people hand in where a policy is due. */
#ifndef GRAMMAR_RECOGNISE_H
#define GRAMMAR_RECOGNISE_H

#include "base/diagnostic.h"

/* True if the text should be parsed as a policy. Otherwise says what it is
 * (P013 another encoding, P016 escaped as a whole, P017 something else). */
bool recognise_policy_text(slice text, diagnostics *findings);

#endif
