/* SPDX-License-Identifier: Apache-2.0 */
/* make bench: figures beside a reference of the same run, so that they can be
 * compared between machines. Not a test: machines are noisy. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "base/arena.h"

/* Seconds that this process has worked, so that others on the machine count
 * for little; and seconds that have passed. */
double bench_now(void);
double bench_clock(void);

/* The time of one call of `run(context)`, in seconds: the best of batches of
 * calls that take some milliseconds each, which is what the machine can do
 * when others leave it alone. Figures and references are taken alike. */
double bench_time(void (*run)(void *context), void *context);

/* The same of two that are compared. */
void bench_pair(void (*first)(void *context), void (*second)(void *context),
                void *context, double seconds[2]);

double bench_median(double *samples, size_t count);

/* Prints one row: what, figure and reference with their unit, the bound that
 * the figure must not pass, and whether it holds. */
void bench_at_most(const char *what, double figure, double reference,
                   const char *unit, double bound);
void bench_at_least(const char *what, double figure, double reference,
                    const char *unit, double bound);

/* A policy of that many different rules of conditions in several shapes. */
slice bench_policy(arena *a, size_t rules);

void bench_decisions(void);
void bench_checking(void);
void bench_lint(void);
void bench_format(void);
void bench_lint_logic(void);
void bench_lsp_change(void);
/* The two programs to start, or NULL. */
void bench_lsp(const char *maapol, const char *empty);
/* The two programs to start. */
void bench_start(const char *maapol, const char *empty);

#endif
