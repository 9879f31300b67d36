/* SPDX-License-Identifier: Apache-2.0 */
/* Errors and warnings of a run. */
#include "eval/engine.h"

static const char *format_text(arena *a, const char *format,
                               va_list arguments) {
  buffer b = buffer_in(a);
  buffer_vprintf(&b, format, arguments);
  return buffer_slice(&b).data;
}

bool engine_fail(engine *e, span where, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  e->result->message = format_text(e->arena, format, arguments);
  va_end(arguments);
  e->result->decision = DECISION_ERROR;
  e->result->reason = REASON_RULE_FAILED;
  e->result->rule = e->rule;
  e->result->where = where;
  return false;
}

void engine_note(engine *e, const char *format, ...) {
  evaluation_note *note = ARENA_NEW(e->arena, evaluation_note);
  va_list arguments;
  va_start(arguments, format);
  note->text = format_text(e->arena, format, arguments);
  va_end(arguments);
  note->rule = e->rule;
  *e->note_end = note;
  e->note_end = &note->next;
}
