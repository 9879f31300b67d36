/* SPDX-License-Identifier: Apache-2.0 */
/* Logic rules over policies of 1,000 to 100,000 rules: usual ones, and ones of
 * many rules that nearly imply each other. */
#include <stdio.h>

#include "base/buffer.h"
#include "compiler/lint.h"
#include "tests/bench/bench.h"

typedef slice policy_maker(arena *a, size_t rules);

static slice wrap(arena *a, const char *rule, size_t rules) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version=1.2;\nauthorizationrules\n{\n");
  for (size_t i = 0; i < rules; i++) {
    for (const char *c = rule; *c; c++)
      if (*c == '#')
        buffer_printf(&b, "%zu", i);
      else
        buffer_add(&b, (slice){c, 1});
    buffer_text(&b, "\n");
  }
  buffer_text(&b, "  [type==\"last\"] => permit();\n};\n");
  return arena_copy(a, buffer_slice(&b));
}

/* Each implies the one before it: a chain of weaker rules. */
static slice floors(arena *a, size_t rules) {
  return wrap(a, "  [type==\"svn\", value>=#] && [type==\"a\"] => permit();",
              rules);
}

/* Denies of one type, which are weighed together. */
static slice holes(arena *a, size_t rules) {
  return wrap(a, "  [type==\"svn\", value==#, issuer!=\"x#\"] => deny();",
              rules);
}

/* Two identifiers each, one rule adding for the next. */
static slice joins(arena *a, size_t rules) {
  return wrap(a, "  c:[type==\"k#\"] && [type==\"a\", value==c.value] && "
                 "![value!=#] => add(type=\"k\", value=c.value);",
              rules);
}

static double lint_once(slice text, bool logic) {
  arena a;
  jmp_buf failure;
  volatile double seconds = 0;
  arena_init(&a, (size_t)4 << 30);
  if (!ARENA_GUARD(&a, failure)) {
    double begin = bench_now();
    policy *p = policy_compile(&a, text);
    if (logic)
      policy_lint(&a, p, &(lint_options){.layout = false});
    seconds = p->program ? bench_now() - begin : -1;
  }
  arena_free(&a);
  return seconds;
}

static double fastest(slice text, bool logic) {
  double best = lint_once(text, logic), spent = best;
  for (int i = 0; i < 20 && spent < 1; i++) {
    double seconds = lint_once(text, logic);
    best = seconds < best ? seconds : best;
    spent += seconds;
  }
  return best;
}

static void measure(arena *a, const char *what, policy_maker *make) {
  double before = 0;
  for (size_t rules = 1000; rules <= 100000; rules *= 10) {
    slice text = make(a, rules);
    double plain = 1e-6 * (double)text.length / fastest(text, false);
    double speed = 1e-6 * (double)text.length / fastest(text, true);
    char row[80];
    snprintf(row, sizeof row, "check with lint, %zu %s", rules, what);
    bench_at_least(row, speed, plain, "MB/s", 30);
    if (before > 0)
      bench_at_least("  linear: ten times the rules", speed, before, "MB/s",
                     before / 3);
    before = speed;
  }
}

void bench_lint_logic(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)1 << 30);
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n");
  } else {
    measure(&a, "usual rules", bench_policy);
    measure(&a, "floors", floors);
    measure(&a, "holes", holes);
    measure(&a, "joins", joins);
  }
  arena_free(&a);
}
