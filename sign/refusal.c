/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/refusal.h"

static const char *const names[REFUSAL_COUNT] = {
#define REFUSAL(id, name) name,
    REFUSALS(REFUSAL)
#undef REFUSAL
};

const char *refusal_name(refusal_code code) {
  return code < REFUSAL_COUNT ? names[code] : "none";
}

bool refuse_because(refusal *why, refusal_code code, const char *reason) {
  *why = (refusal){code, reason};
  return false;
}
