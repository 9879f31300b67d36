/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as users of the library see them. Texts stay where they are: the
 * policy's arena has them with a NUL behind. */
#include "api/api.h"

static const maapol_label *labels_of(arena *a, const line_index *lines,
                                     const diagnostic_label *list) {
  const maapol_label *first = NULL, **end = &first;
  for (; list; list = list->next) {
    maapol_label *made = ARENA_NEW(a, maapol_label);
    made->where = api_range(lines, list->where);
    made->text = list->text;
    *end = made;
    end = &made->next;
  }
  return first;
}

static const maapol_edit *edits_of(arena *a, const line_index *lines,
                                   const text_edit *list) {
  const maapol_edit *first = NULL, **end = &first;
  for (; list; list = list->next) {
    maapol_edit *made = ARENA_NEW(a, maapol_edit);
    made->where = api_range(lines, list->where);
    made->text = arena_string(a, list->text);
    made->text_length = list->text.length;
    *end = made;
    end = &made->next;
  }
  return first;
}

static const maapol_fix *fixes_of(arena *a, const line_index *lines,
                                  const fix *list) {
  const maapol_fix *first = NULL, **end = &first;
  for (; list; list = list->next) {
    maapol_fix *made = ARENA_NEW(a, maapol_fix);
    made->applicability =
        list->applicability == FIX_SAFE ? MAAPOL_FIX_SAFE : MAAPOL_FIX_UNSAFE;
    made->title = list->title;
    made->edits = edits_of(a, lines, list->edits);
    *end = made;
    end = &made->next;
  }
  return first;
}

const maapol_finding *api_findings(arena *a, const line_index *lines,
                                   const diagnostics *list) {
  static const maapol_severity severities[] = {
      [SEVERITY_INFO] = MAAPOL_SEVERITY_INFO,
      [SEVERITY_WARNING] = MAAPOL_SEVERITY_WARNING,
      [SEVERITY_ERROR] = MAAPOL_SEVERITY_ERROR,
  };
  const maapol_finding *first = NULL, **end = &first;
  for (const diagnostic *d = list->first; d; d = d->next) {
    maapol_finding *made = ARENA_NEW(a, maapol_finding);
    made->code = code_text(d->code);
    made->name = code_name(d->code);
    made->severity = severities[d->severity];
    made->message = d->message;
    made->help = d->help;
    made->where = api_range(lines, d->where);
    made->labels = labels_of(a, lines, d->labels);
    made->fixes = fixes_of(a, lines, d->fixes);
    *end = made;
    end = &made->next;
  }
  return first;
}
