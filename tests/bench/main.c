/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/bench.h"
#include "tests/bench/token.h"
#include "tests/bench/sign.h"
#include "tests/bench/verify.h"
#include "tests/bench/json.h"

double bench_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

double bench_median(double *samples, size_t count) {
  qsort(samples, count, sizeof *samples, ascending);
  return samples[count / 2];
}

double bench_time(void (*run)(void *context), void *context) {
  enum { BATCHES = 31 };
  double samples[BATCHES];
  size_t calls = 1;
  for (double spent = 0; spent < 2e-3; calls *= 2) {
    double begin = bench_now();
    for (size_t i = 0; i < calls; i++)
      run(context);
    spent = bench_now() - begin;
  }
  for (size_t batch = 0; batch < BATCHES; batch++) {
    double begin = bench_now();
    for (size_t i = 0; i < calls; i++)
      run(context);
    samples[batch] = (bench_now() - begin) / (double)calls;
  }
  double best = samples[0];
  for (size_t batch = 1; batch < BATCHES; batch++)
    best = samples[batch] < best ? samples[batch] : best;
  return best;
}

/* In turn, so that both meet the same machine: its clock and its other users
 * change from one second to the next. */
void bench_pair(void (*first)(void *), void (*second)(void *), void *context,
                double seconds[2]) {
  enum { ROUNDS = 9 };
  for (int i = 0; i < ROUNDS; i++) {
    double one = bench_time(first, context);
    double two = bench_time(second, context);
    seconds[0] = i && seconds[0] < one ? seconds[0] : one;
    seconds[1] = i && seconds[1] < two ? seconds[1] : two;
  }
}

static void row(const char *what, double figure, double reference,
                const char *unit, const char *relation, double bound,
                bool holds) {
  printf("%-44s %10.2f %10.2f %-5s %7.2f  %s %-8.2f %s\n", what, figure,
         reference, unit, figure / reference, relation, bound,
         holds ? "holds" : "MISSED");
  fflush(stdout);
}

void bench_at_most(const char *what, double figure, double reference,
                   const char *unit, double bound) {
  row(what, figure, reference, unit, "<=", bound, figure <= bound);
}

void bench_at_least(const char *what, double figure, double reference,
                    const char *unit, double bound) {
  row(what, figure, reference, unit, ">=", bound, figure >= bound);
}

int main(int count, char **arguments) {
  printf("%-44s %10s %10s %-5s %7s  %s\n", "what", "figure", "reference",
         "unit", "ratio", "mark");
  bench_decisions();
  bench_json();
  bench_checking();
  bench_lint();
  bench_format();
  bench_lint_logic();
  bench_verify();
  bench_sign();
  bench_token();
  bench_lsp(count == 3 ? arguments[1] : NULL,
            count == 3 ? arguments[2] : NULL);
  bench_lsp_change(); /* keeps memory: what comes behind would profit */
  if (count == 3)
    bench_start(arguments[1], arguments[2]);
  return 0;
}
