/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of every case that parses: proven, stable, the same whatever the
 * white space was; and as NAME.formatted says where there is one. */
#include "compiler/format.h"

#include "compiler/format_scan.h"
#include "compiler/policy.h"
#include "tests/cases/case.h"

static slice formatted(context *c, slice text, const ast_policy **tree) {
  const policy *p = policy_compile(c->arena, text);
  if (!format_is_possible(p->ast, &p->findings))
    return SLICE_EMPTY;
  *tree = p->ast;
  return format_policy(c->arena, p->ast, FORMAT_WIDTH).text;
}

/* The same tokens with other blanks between them: all that a person could
 * have typed, one kind after the other. */
static slice respaced(context *c, slice text, size_t turn) {
  static const char *const blanks[] = {" ", "\n", "\t ", "\r\n", "", " \n "};
  enum { KINDS = sizeof blanks / sizeof *blanks };
  format_scanner s = {text.data, text.data, text.data + text.length};
  buffer out = buffer_in(c->arena);
  for (format_token t = format_scan(&s); t.kind != FORMAT_END;
       t = format_scan(&s), turn++) {
    if (out.length) /* two words must not become one */
      buffer_text(&out, t.kind == FORMAT_WORD && !*blanks[turn % KINDS]
                            ? " "
                            : blanks[turn % KINDS]);
    buffer_add(&out, (slice){text.data + t.begin, t.end - t.begin});
  }
  return arena_copy(c->arena, buffer_slice(&out));
}

static void compare_respaced(context *c, slice text) {
  const ast_policy *tree;
  slice first = formatted(c, respaced(c, text, 0), &tree);
  for (size_t turn = 1; turn < 6; turn++) {
    slice other = formatted(c, respaced(c, text, turn), &tree);
    if (!slice_equal(first, other))
      problem(c, "other blanks, other layout: got\n%.*sand\n%.*s",
              SLICE_ARGS(first), SLICE_ARGS(other));
  }
}

void run_layout(context *c) {
  slice expected;
  const ast_policy *tree = NULL, *again = NULL;
  bool expects = read_sibling(c, ".formatted", &expected);
  slice made = formatted(c, c->text, &tree);
  if (!tree && !expects)
    return; /* it is left alone */
  if (expects && !slice_equal(made, expected))
    problem(c, "formatted: got\n%.*s", SLICE_ARGS(made));
  if (tree && !format_is_proven(c->arena, tree, made))
    problem(c, "another policy: got\n%.*s", SLICE_ARGS(made));
  if (tree && !slice_equal(formatted(c, made, &again), made))
    problem(c, "formatted twice: got\n%.*s", SLICE_ARGS(made));
  if (tree && !tree->comment_count)
    compare_respaced(c, c->text);
  finish_run(c, SLICE("layout"));
}
