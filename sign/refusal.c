/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/refusal.h"

static const char *const names[REFUSAL_COUNT] = {
#define REFUSAL(id, name) name,
    REFUSALS(REFUSAL)
#undef REFUSAL
};

const char *token_refusal_name(token_refusal_code code) {
  return code < REFUSAL_COUNT ? names[code] : "none";
}

bool refuse_because(token_refusal *why, token_refusal_code code,
                    const char *reason) {
  *why = (token_refusal){code, reason};
  return false;
}
