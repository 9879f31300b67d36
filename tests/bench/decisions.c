/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions over claims that are bound once, against the same decision as a
 * person would write it in C: names compared one by one. */
#include <stdio.h>

#include "base/buffer.h"
#include "compiler/policy.h"
#include "eval/evaluate.h"
#include "tests/bench/bench.h"

enum { PAIRS = 20, CONDITIONS = 5, RULES = 100 };

typedef struct pair {
  const char *name, *value;
} pair;

/* Volatile, so that the compiler cannot know what is compared. */
static pair pairs_given[PAIRS];
static pair *volatile pairs = pairs_given;
static pair wanted_given[CONDITIONS];
static pair *volatile wanted = wanted_given;
static volatile bool answer;

static char names[PAIRS][40];

/* Names share a prefix as real ones do. The conditions want the first claims,
 * which C finds soonest: the floor is as low as it can be. */
static void make_pairs(void) {
  static const char *const values[] = {"true", "a1b2c3d4e5f6", "UpToDate"};
  for (size_t i = 0; i < PAIRS; i++) {
    snprintf(names[i], sizeof names[i], "x-ms-sgx-claim-%02zu", i);
    pairs_given[i] = (pair){names[i], values[i % 3]};
  }
  for (size_t i = 0; i < CONDITIONS; i++)
    wanted_given[i] = pairs_given[i];
}

__attribute__((noinline)) static bool holds_in_c(const pair *list,
                                                 const pair *want) {
  for (size_t i = 0; i < PAIRS; i++)
    if (strcmp(list[i].name, want->name) == 0 &&
        strcmp(list[i].value, want->value) == 0)
      return true;
  return false;
}

static void decide_in_c(void *unused) {
  (void)unused;
  const pair *list = pairs, *want = wanted;
  bool permitted = true;
  for (size_t i = 0; i < CONDITIONS && permitted; i++)
    permitted = holds_in_c(list, &want[i]);
  answer = permitted;
}

typedef struct decision_bench {
  const program *program;
  const bound_claims *claims;
  arena run; /* of one decision */
  jmp_buf failure;
} decision_bench;

static void decide(void *context) {
  decision_bench *b = context;
  evaluation result;
  arena_reset(&b->run);
  evaluate_bound(b->program, b->claims, &b->run, 0, &result);
  answer = result.decision == DECISION_PERMIT;
}

/* `rules` rules of 5 conditions; all but the last fail, at condition number
 * `failing` (from 0), or each at another one (CONDITIONS). */
static slice rules_text(arena *a, size_t rules, size_t failing) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version= 1.0;\nauthorizationrules {\n");
  for (size_t rule = 0; rule < rules; rule++) {
    size_t odd = failing == CONDITIONS ? rule % CONDITIONS : failing;
    for (size_t i = 0; i < CONDITIONS; i++)
      buffer_printf(&b, "%s[type==\"%s\", value==\"%s\"]", i ? " && " : "  ",
                    wanted[i].name,
                    rule + 1 < rules && i == odd ? "other" : wanted[i].value);
    buffer_text(&b, " => permit();\n");
  }
  buffer_text(&b, "};\n");
  return buffer_slice(&b);
}

static claim_list claims_of_pairs(arena *a) {
  claim_list list = claims_in(a);
  for (size_t i = 0; i < PAIRS; i++)
    claims_add(&list, &(claim){.type = slice_from(pairs[i].name),
                               .issuer = ISSUER_SERVICE,
                               .kind = CLAIM_STRING,
                               .text = slice_from(pairs[i].value)});
  return list;
}

static double time_decision(arena *a, slice text) {
  decision_bench b;
  policy *p = policy_compile(a, text);
  if (!p->program) {
    printf("the policy of this measurement has errors\n");
    return 0;
  }
  claim_list claims = claims_of_pairs(a);
  b.program = p->program;
  b.claims = claims_bind(p->program, &claims, a);
  arena_init(&b.run, (size_t)1 << 30);
  b.run.guard = a->guard;
  double seconds = bench_time(decide, &b);
  if (!answer)
    printf("the decision of this measurement is no permit\n");
  arena_free(&b.run);
  return seconds;
}

static void measure(arena *a) {
  make_pairs();
  double floor = 1e9 * bench_time(decide_in_c, NULL);
  if (!answer)
    printf("the decision in C is no permit\n");
  bench_at_most("5 conditions over 20 bound claims",
                1e9 * time_decision(a, rules_text(a, 1, 0)), floor, "ns",
                floor);
  static const struct {
    const char *what;
    size_t failing;
  } rows[] = {
      {"100 rules that fail at their first condition", 0},
      {"100 rules that fail at different conditions", CONDITIONS},
      {"100 rules that fail at their last condition", CONDITIONS - 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    slice text = rules_text(a, RULES, rows[i].failing);
    bench_at_most(rows[i].what, 1e9 * time_decision(a, text), floor, "ns",
                  16 * floor);
  }
}

/* From a claims file to the decision, as `maapol eval` and the library do. */

typedef struct text_bench {
  const program *program;
  slice text;
  arena run;
} text_bench;

static void decide_text(void *context) {
  text_bench *b = context;
  arena_reset(&b->run);
  claim_list claims = claims_in(&b->run);
  claims_error error;
  evaluation result;
  if (!claims_read(&claims, b->text, &error))
    return;
  evaluate(b->program, &claims, &b->run, 0, &result);
  answer = result.decision == DECISION_PERMIT;
}

static slice claims_text(arena *a) {
  enum { BYTES = 1250 };
  buffer b = buffer_in(a);
  buffer_text(&b, "{\"x-ms-attestation-type\":\"sgx\",\"x-ms-sgx-svn\":3,"
                  "\"x-ms-sgx-is-debuggable\":false,"
                  "\"x-ms-sgx-product-id\":4639");
  for (unsigned i = 0; b.length < BYTES - 120; i++)
    buffer_printf(&b, ",\"x-ms-sgx-claim-%02u\":\"%064x\"", i, i * 7919);
  size_t filler = BYTES - b.length - sizeof ",\"x\":\"\"}" + 1;
  buffer_printf(&b, ",\"x\":\"%0*u\"}", (int)filler, 0);
  return buffer_slice(&b);
}

static void skip_text(void *context) {
  const slice *text = context;
  answer = memchr(text->data, 1, text->length) == NULL;
}

static void measure_text(arena *a) {
  slice text = SLICE(
      "version=1.0;\nauthorizationrules {\n"
      "  [type==\"x-ms-sgx-is-debuggable\", value==true] => deny();\n"
      "  [type==\"x-ms-sgx-product-id\", value==4639] &&\n"
      "  [type==\"x-ms-sgx-svn\", value>=3] => permit();\n};\n"
      "issuancerules {\n"
      "  c:[type==\"x-ms-sgx-svn\"] => issue(type=\"svn\", value=c.value);\n"
      "};\n");
  text_bench b = {.program = policy_compile(a, text)->program,
                  .text = claims_text(a)};
  if (!b.program)
    return;
  arena_init(&b.run, (size_t)1 << 30);
  b.run.guard = a->guard;
  double seconds = bench_time(decide_text, &b);
  if (!answer)
    printf("the decision of this measurement is no permit\n");
  bench_at_most("decision from 1250 bytes of claims text", 1e9 * seconds,
                1e9 * bench_time(skip_text, &b.text), "ns", 2000);
  arena_free(&b.run);
}

void bench_decisions(void) {
  arena a;
  jmp_buf failure;
  arena_init(&a, (size_t)1 << 30);
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n");
  } else {
    measure(&a);
    measure_text(&a);
  }
  arena_free(&a);
}
