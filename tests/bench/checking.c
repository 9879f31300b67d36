/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing and checking: speed for policies of 1 to 100,000 rules, and the
 * memory of what is kept. */
#include <stdio.h>

#include "base/buffer.h"
#include "compiler/policy.h"
#include "tests/bench/bench.h"

slice bench_policy(arena *a, size_t rules) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version= 1.0;\nauthorizationrules\n{\n");
  for (size_t i = 0; i < rules; i++)
    buffer_printf(
        &b,
        "  // Product %zu, as released.\n"
        "  [ type==\"x-ms-sgx-is-debuggable\", value==false ] &&\n"
        "  [ type==\"x-ms-sgx-product-id\", value==%zu ] &&\n"
        "  [ type==\"x-ms-sgx-svn\", value>=%zu ] &&\n"
        "  signer:[ type==\"x-ms-sgx-mrsigner\", value==\"%064zx\" ]\n"
        "    => add(type=\"signer-of-%zu\", value=signer.value);\n",
        i, i, i % 7, i * 2654435761u, i);
  buffer_text(&b, "  => permit();\n};\n");
  return buffer_slice(&b);
}

/* What reading each byte once costs. */
static volatile unsigned checksum;
static void read_bytes(void *context) {
  const slice *text = context;
  unsigned sum = 0;
  for (size_t i = 0; i < text->length; i++)
    sum = sum * 31 + (unsigned char)text->data[i];
  checksum = sum;
}

typedef struct checking {
  slice text;
  size_t used;    /* bytes of the arena */
  double seconds; /* the fastest of some runs, cold arena each */
} checking;

static bool check_once(checking *c) {
  arena a;
  jmp_buf failure;
  volatile bool done = false;
  double begin = bench_now();
  arena_init(&a, (size_t)4 << 30);
  if (!ARENA_GUARD(&a, failure)) {
    done = policy_compile(&a, c->text)->program != NULL;
    c->used = a.used;
  }
  arena_free(&a);
  c->seconds = bench_now() - begin;
  return done;
}

static double median_check(checking *c) {
  enum { SAMPLES = 200 };
  double samples[SAMPLES], spent = 0;
  size_t count = 0;
  while (count < SAMPLES && (count < 5 || spent < 0.5)) {
    if (!check_once(c)) {
      printf("the policy of this measurement has errors\n");
      return 0;
    }
    samples[count++] = c->seconds;
    spent += c->seconds;
  }
  return bench_median(samples, count);
}

enum { DECADES = 6 };

static double measure_rules(arena *a, size_t rules) {
  checking c = {.text = bench_policy(a, rules)};
  double size = (double)c.text.length;
  double floor = 1e-6 * size / bench_time(read_bytes, &c.text);
  double speed = 1e-6 * size / median_check(&c);
  char what[64];
  snprintf(what, sizeof what, "parse and check, %zu rules, %.1f kB", rules,
           size / 1000);
  bench_at_least(what, speed, floor, "MB/s", 50);
  if (rules >= 100) /* below, one page is more than the text */
    bench_at_most("  memory kept, against the text", (double)c.used / 1000,
                  size / 1000, "kB", 20 * size / 1000);
  return speed;
}

/* Ten times the rules must not take thirty times as long. Something square
 * would take a hundred times as long; leaving the caches, and memory that the
 * process has to ask for, cost two to three times. */
static void measure(arena *a) {
  double speeds[DECADES], slower = 0, faster = 0;
  size_t rules = 1;
  for (size_t i = 0; i < DECADES; i++, rules *= 10) {
    speeds[i] = measure_rules(a, rules);
    if (i > 0 && (i == 1 || speeds[i] / speeds[i - 1] < slower / faster)) {
      slower = speeds[i];
      faster = speeds[i - 1];
    }
  }
  bench_at_least("linear: the worst step to ten times the rules", slower,
                 faster, "MB/s", faster / 3);
}

void bench_checking(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)1 << 30);
  if (ARENA_GUARD(&a, failure))
    printf("out of memory\n");
  else
    measure(&a);
  arena_free(&a);
}
