/* SPDX-License-Identifier: Apache-2.0 */
/* Policy text out of what carries it: a policy token (JWS compact), the
 * service's answer to a policy request, base64url of the text. */
#ifndef COMPILER_UNWRAP_H
#define COMPILER_UNWRAP_H

#include "base/diagnostic.h"

typedef enum unwrap_status {
  UNWRAP_NOTHING, /* it is no wrapper: take the text as it is */
  UNWRAP_DONE,
  UNWRAP_FAILED /* P017 or P019 was reported */
} unwrap_status;

/* *policy: the text inside, in the arena, with a NUL behind it. */
unwrap_status unwrap_policy(arena *a, slice given, slice *policy,
                            diagnostics *findings);

#endif
