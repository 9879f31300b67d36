/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as policy text; what parses is laid out, at some width, into the
 * same policy, and stays as it is when that is done again. */
#include "compiler/format.h"
#include "compiler/policy.h"
#include "tests/fuzz/fuzz.h"

static void check_range(const ast_policy *tree, const format_result *made,
                        size_t at) {
  span replaced, range = {(uint32_t)at, (uint32_t)at};
  slice text;
  if (!format_range(tree, made, range, &replaced, &text))
    return;
  HOLDS(replaced.begin <= replaced.end && replaced.end <= tree->text.length);
  HOLDS(text.data >= made->text.data);
  HOLDS(text.data + text.length <= made->text.data + made->text.length);
}

static void check_policy(arena *a, slice text) {
  policy *p = policy_compile(a, text);
  if (!format_is_possible(p->ast, &p->findings))
    return;
  size_t width = 20 + text.length % 100;
  format_result made = format_policy(a, p->ast, width);
  HOLDS(format_is_proven(a, p->ast, made.text));
  policy *again = policy_compile(a, made.text);
  HOLDS(format_is_possible(again->ast, &again->findings));
  format_result twice = format_policy(a, again->ast, width);
  HOLDS(slice_equal(made.text, twice.text));
  for (size_t i = 0; i < 8; i++)
    check_range(p->ast, &made, p->text.length * i / 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_policy);
}
