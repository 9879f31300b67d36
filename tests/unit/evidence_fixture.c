/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence_fixture.h"

evidence_made made_evidence(arena *a, attestation_type type,
                            const char *const *settings) {
  slice list[16];
  evidence_recipe recipe = {.type = type, .settings = list};
  for (; settings && *settings; settings++)
    list[recipe.setting_count++] = slice_from(*settings);
  evidence_made made = {0};
  evidence_error error = {0};
  cr_assert(evidence_make(a, &recipe, &made, &error), "%s", error.message);
  return made;
}

uint8_t *copied(arena *a, bytes data) {
  uint8_t *copy = arena_alloc(a, data.length);
  memcpy(copy, data.data, data.length);
  return copy;
}

evidence parsed_evidence(arena *a, attestation_type type, bytes raw) {
  evidence e = {0};
  evidence_error error = {0};
  cr_assert(evidence_parse(a, type, raw, &e, &error), "%s", error.message);
  return e;
}
