/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing, checking and every lint rule: speed for policies of 1 to 100,000
 * rules, of rules that all have findings, and of many small files. */
#include <stdio.h>

#include "base/buffer.h"
#include "compiler/lint.h"
#include "tests/bench/bench.h"

/* Rules with findings each, under names that no other rule has: what is kept
 * of them is limited, the work must be as well. Findings cost: each of 50
 * bytes of text is compared with every known name. */
static slice faulty_policy(arena *a, size_t rules) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version=1.2;\nauthorizationrules\n{\n");
  for (size_t i = 0; i < rules; i++)
    buffer_printf(&b,
                  "  c:[type==\"x-ms-sgx-svn-%zu\", value==%zu] &&\n"
                  "  [type==\"x-ms-sgx-product-id\", value==\"%zu\"] &&\n"
                  "  [type==\"made-%zu\", value==true]\n"
                  "    => add(type=\"made-%zu\", value=true); \n",
                  i, i % 9, i, i, i + 1);
  buffer_text(&b, "  => permit();\n};\n");
  return buffer_slice(&b);
}

typedef struct linting {
  slice text;
  size_t times; /* fresh arenas, as many files would have */
  size_t findings;
} linting;

static void lint_once(linting *l) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)4 << 30);
  if (!ARENA_GUARD(&a, failure)) {
    policy *p = policy_compile(&a, l->text);
    lint_options options = {.type = ATTESTATION_SGX_ENCLAVE};
    policy_lint(&a, p, &options);
    l->findings = p->findings.count;
  }
  arena_free(&a);
}

static double best_lint(linting *l) {
  double best = 0, spent = 0;
  for (size_t n = 0; n < 200 && (n < 5 || spent < 0.5); n++) {
    double begin = bench_now();
    for (size_t i = 0; i < l->times; i++)
      lint_once(l);
    double seconds = bench_now() - begin;
    best = n && best < seconds ? best : seconds;
    spent += seconds;
  }
  return best;
}

static double speed_of(const char *what, slice text, double mark) {
  linting l = {.text = text, .times = 1};
  double size = 1e-6 * (double)text.length;
  double speed = size / best_lint(&l);
  char words[80];
  snprintf(words, sizeof words, "%s, %.1f kB, %zu findings", what, 1e3 * size,
           l.findings);
  bench_at_least(words, speed, mark, "MB/s", mark);
  return speed;
}

/* As in checking.c: something square would take a hundred times as long for
 * ten times the rules; leaving the caches costs two to three times. */
static void measure_rules(arena *a, const char *what,
                          slice (*make)(arena *a, size_t rules), double mark) {
  double before = 0, worst = 1;
  for (size_t rules = 10; rules <= 100000; rules *= 10) {
    char words[48];
    snprintf(words, sizeof words, "%s, %zu rules", what, rules);
    double speed = speed_of(words, make(a, rules), mark);
    if (before > 0 && speed / before < worst)
      worst = speed / before;
    before = speed;
  }
  bench_at_least("  worst step to ten times the rules", worst, 1, "", 1.0 / 3);
}

static void measure_files(arena *a) {
  enum { FILES = 10000 };
  slice text = bench_policy(a, 3);
  linting l = {.text = {text.data, text.length}, .times = FILES};
  char words[80];
  snprintf(words, sizeof words, "lint %d texts of %zu bytes", FILES,
           text.length);
  bench_at_most(words, best_lint(&l), 1, "s", 1);
}

void bench_lint(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)2 << 30);
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n");
  } else {
    measure_rules(&a, "lint", bench_policy, 30);
    measure_rules(&a, "lint, faulty", faulty_policy, 5);
    measure_files(&a);
  }
  arena_free(&a);
}
