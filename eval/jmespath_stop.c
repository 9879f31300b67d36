/* SPDX-License-Identifier: Apache-2.0 */
/* How an evaluation ends early: by a jump to jmespath_search, so that no step
 * needs to pass an error on. */
#include <stdarg.h>

#include "eval/jmespath_evaluator.h"

_Noreturn void jmespath_stop(jmespath_evaluator *e, jmespath_error_kind kind,
                             span where, const char *format, ...) {
  buffer message = buffer_in(e->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&message, format, arguments);
  va_end(arguments);
  *e->error = (jmespath_error){kind, where, buffer_slice(&message).data, NULL};
  longjmp(e->failure, 1);
}

_Noreturn void jmespath_exhausted(jmespath_evaluator *e, span where,
                                  const char *what) {
  jmespath_stop(e, JMESPATH_LIMIT, where,
                "the query takes more %s than the limit allows", what);
}
