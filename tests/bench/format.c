/* SPDX-License-Identifier: Apache-2.0 */
/* The formatter with its proof, for policies of 1 to 100,000 rules. */
#include <stdio.h>

#include "compiler/format.h"
#include "compiler/policy.h"
#include "tests/bench/bench.h"

enum { ARENA_BYTES_LOG2 = 32 };

typedef struct formatting {
  slice text;
  double seconds; /* of the fastest run */
} formatting;

/* Parsing counts in: a text is what users have. */
static bool format_once(formatting *f) {
  arena a;
  jmp_buf failure;
  volatile bool done = false;
  double begin = bench_now();
  arena_init(&a, (size_t)1 << ARENA_BYTES_LOG2);
  if (!ARENA_GUARD(&a, failure)) {
    const policy *p = policy_compile(&a, f->text);
    format_result made = format_policy(&a, p->ast, FORMAT_WIDTH);
    done = format_is_proven(&a, p->ast, made.text);
  }
  arena_free(&a);
  double seconds = bench_now() - begin;
  if (!f->seconds || seconds < f->seconds)
    f->seconds = seconds;
  return done;
}

static double measure_rules(arena *a, size_t rules) {
  formatting f = {.text = bench_policy(a, rules)};
  double spent = 0;
  for (int i = 0; i < 200 && (i < 5 || spent < 0.5); i++) {
    if (!format_once(&f)) {
      printf("the policy of this measurement was not formatted\n");
      return 0;
    }
    spent += f.seconds;
  }
  return 1e-6 * (double)f.text.length / f.seconds;
}

static void measure(arena *a) {
  double first = measure_rules(a, 1);
  bench_at_least("check, format and prove, 1 rule", first, first, "MB/s", 30);
  double small = measure_rules(a, 1000);
  bench_at_least("check, format and prove, 1,000 rules", small, first, "MB/s",
                 30);
  double large = measure_rules(a, 100000);
  bench_at_least("check, format and prove, 100,000 rules", large, small,
                 "MB/s", 30);
}

void bench_format(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)1 << 30);
  if (ARENA_GUARD(&a, failure))
    printf("out of memory\n");
  else
    measure(&a);
  arena_free(&a);
}
