/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/levels.h"

bool level_from_name(slice name, lint_level *level) {
  static const char *const names[] = {"off", "info", "warning", "error"};
  for (int i = 0; i < 4; i++)
    if (slice_is(name, names[i])) {
      *level = (lint_level)(LEVEL_OFF + i);
      return true;
    }
  return false;
}

bool code_begins(diagnostic_code code, slice prefix) {
  slice text = slice_from(code_text(code));
  if (!prefix.length || prefix.length > text.length)
    return false;
  text.length = prefix.length;
  return slice_equal_ignore_case(text, prefix);
}

bool levels_set(lint_levels *levels, slice prefix, lint_level level,
                bool *is_error) {
  size_t met = 0, errors = 0;
  for (int i = 0; i < CODE_COUNT; i++) {
    if (!code_begins((diagnostic_code)i, prefix))
      continue;
    met++;
    if (code_severity((diagnostic_code)i) == SEVERITY_ERROR)
      errors++;
    else
      levels->of[i] = (uint8_t)level;
  }
  *is_error = met == 1 && errors == 1 && level != LEVEL_ERROR;
  return met && !*is_error;
}

static bool is_on(const diagnostic *d, void *context) {
  const lint_levels *levels = context;
  return d->severity == SEVERITY_ERROR || levels->of[d->code] != LEVEL_OFF;
}

void levels_apply(const lint_levels *levels, diagnostics *findings) {
  lint_levels copy = *levels;
  diagnostics_keep(findings, is_on, &copy);
  for (diagnostic *d = findings->first; d; d = d->next) {
    lint_level level = (lint_level)levels->of[d->code];
    if (level >= LEVEL_INFO && d->severity != SEVERITY_ERROR)
      diagnostic_set_severity(findings, d,
                              (severity)(level - LEVEL_INFO));
  }
}
