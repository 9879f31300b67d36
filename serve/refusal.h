/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals in the service's codes and words. Texts marked "recorded" stand so
 * in answers of the real service; the others have its form and our words. */
#ifndef SERVE_REFUSAL_H
#define SERVE_REFUSAL_H

#include "base/value.h"
#include "token/service_error.h"

typedef struct refusal {
  int status;
  const char *code, *message;
  bool is_repeated;  /* the service repeats it as innererror */
  value diagnostics; /* an array for innererror, or null */
} refusal;

/* Numbers that the enclave refuses with. */
typedef enum enclave_number {
  ENCLAVE_BAD_MESSAGE = 74,  /* InvalidOperation */
  ENCLAVE_NOT_FOUND = 65529, /* InvalidParameter */
  ENCLAVE_DISALLOWED = 65530 /* InvalidOperation */
} enclave_number;

refusal refusal_plain(arena *a, int status, const char *code,
                      const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* An exception of the enclave with that message inside. */
refusal refusal_enclave(arena *a, enclave_number number, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

/* Recorded: certificates:add and :remove on an instance in AAD mode. */
refusal refusal_no_certificates(bool is_add);

/* Recorded: an unsigned policy on an isolated instance. */
refusal refusal_unsigned(void);

refusal refusal_of_service_error(const service_error *error);

/* {"error":{"code","message"[,"innererror"]}} */
value refusal_body(arena *a, const refusal *r);

#endif
