/* SPDX-License-Identifier: Apache-2.0 */
/* How severe each code is taken to be. What is an error by nature stays one: a
 * policy repository must not be able to weaken the check that judges it. */
#ifndef COMPILER_LEVELS_H
#define COMPILER_LEVELS_H

#include "base/diagnostic.h"

typedef enum lint_level {
  LEVEL_AS_IS, /* the code's own severity */
  LEVEL_OFF,
  LEVEL_INFO,
  LEVEL_WARNING,
  LEVEL_ERROR
} lint_level;

typedef struct lint_levels {
  uint8_t of[CODE_COUNT]; /* lint_level */
} lint_levels;

/* "off", "info", "warning", "error"; false for any other word. */
bool level_from_name(slice name, lint_level *level);

/* Sets the level of the code, or of all codes that begin with `prefix` (any
 * case); errors by nature are passed over when a prefix names a group. False:
 * no code begins so, or the one code named is an error by nature and *is_error
 * says so. */
bool levels_set(lint_levels *levels, slice prefix, lint_level level,
                bool *is_error);

/* Whether a code begins so, in any case. */
bool code_begins(diagnostic_code code, slice prefix);

/* Changes severities and takes out what is off. */
void levels_apply(const lint_levels *levels, diagnostics *findings);

#endif
