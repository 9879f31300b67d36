/* SPDX-License-Identifier: Apache-2.0 */
/* F404: another layout than the one of `maapol fmt`. */
#include "compiler/format.h"
#include "compiler/lint.h"

/* What is the same at both ends. */
static span difference(slice before, slice after, slice *replacement) {
  size_t front = 0, back = 0;
  size_t least = before.length < after.length ? before.length : after.length;
  while (front < least && before.data[front] == after.data[front])
    front++;
  while (back < least - front && before.data[before.length - 1 - back] ==
                                     after.data[after.length - 1 - back])
    back++;
  *replacement =
      (slice){after.data + front, after.length - front - back};
  return (span){(uint32_t)front, (uint32_t)(before.length - back)};
}

void lint_layout(linter *l, size_t width) {
  if (l->policy->was_wrapped ||
      !format_is_possible(l->ast, l->findings))
    return;
  format_result made =
      format_policy(l->arena, l->ast, width ? width : FORMAT_WIDTH);
  if (slice_equal(made.text, l->ast->text))
    return;
  slice text;
  span where = difference(l->ast->text, made.text, &text);
  span place = {where.begin, where.begin};
  diagnostic *d = diagnose(l->findings, CODE_F404, place,
                           "the layout changes from here on");
  diagnostic_help(l->findings, d, "maapol fmt -w writes the usual one");
  fix_edit(l->findings,
           diagnostic_fix(l->findings, d, FIX_SAFE, "format the policy"),
           where, text);
}
