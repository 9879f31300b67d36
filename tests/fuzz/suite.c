/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a suite. What can be read has tests with names, inputs and
 * places; what cannot has a message with a place in the text. */
#include "suite/suite.h"
#include "tests/fuzz/fuzz.h"

static void check_case(const suite *s, const suite_case *c) {
  HOLDS(c->name && *c->name);
  HOLDS(c->line >= 1 && c->base < s->base_count);
  HOLDS(c->input < SUITE_INPUT_COUNT);
  HOLDS(c->input == SUITE_CLAIMS || !c->claims);
  HOLDS((c->claims != NULL) != (c->file.path.length > 0));
  HOLDS(c->expect.decision <= DECISION_ERROR);
  HOLDS(!c->expect.error || c->expect.decision != DECISION_PERMIT);
}

static void check_suite(arena *a, slice text) {
  suite s;
  suite_error error;
  size_t lines = 1;
  for (size_t i = 0; i < text.length; i++)
    lines += text.data[i] == '\n' || text.data[i] == '\r';
  if (!suite_read(a, "fuzz.maatest.json", text, &s, &error)) {
    HOLDS(error.message && *error.message);
    HOLDS(error.line >= 1 && error.line <= lines && error.column >= 1);
    return;
  }
  HOLDS(s.case_count && s.policy.path.length);
  for (uint32_t i = 0; i < s.case_count; i++)
    check_case(&s, &s.cases[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_suite);
}
