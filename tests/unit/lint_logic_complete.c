/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is missed either, in the fragment where conditions are decided: of
 * two rules it is tried with claim sets whether one can run without the other,
 * and L201, L202, L203, L205 and L206 must say just that. Two conditions need
 * two claims at most, so that all sets of two claims, and the largest, do. */
#include "base/buffer.h"
#include "compiler/lint.h"
#include "eval/evaluate.h"
#include "tests/unit/unit.h"

enum { POLICIES = 250, POINTS_MOST = 64 };

typedef struct search {
  arena *arena;
  uint64_t state;
  claim points[POINTS_MOST];
  size_t count;
  const policy *policy;
  bool runs[2], alone[2]; /* rule i, and without the other one */
  bool permits, denies;   /* some set is permitted, is not */
} search;

static uint64_t draw(search *s, uint64_t below) {
  s->state ^= s->state << 13;
  s->state ^= s->state >> 7;
  s->state ^= s->state << 17;
  return s->state % below;
}

static void make_points(search *s) {
  static const char *const types[] = {"a", "b", "z"};
  const slice issuers[] = {ISSUER_SERVICE, ISSUER_CUSTOM};
  for (size_t t = 0; t < COUNT_OF(types); t++)
    for (size_t i = 0; i < COUNT_OF(issuers); i++)
      for (int64_t v = 0; v < 6; v++) {
        claim c = {.type = slice_from(types[t]), .issuer = issuers[i]};
        c.kind = v < 2 ? CLAIM_BOOLEAN : v < 5 ? CLAIM_INTEGER : CLAIM_STRING;
        c.integer = v < 2 ? v : v < 5 ? v - 2 : 0; /* false true 0 1 2 "x" */
        c.text = v == 5 ? SLICE("x") : SLICE_EMPTY;
        s->points[s->count++] = c;
      }
}

static void write_condition(search *s, buffer *b) {
  static const char *const tests[] = {
      "value==1",  "value!=1",    "value>=1", "value<1", "value==true",
      "value!=true", "value==\"x\"", "issuer==\"AttestationService\"",
      "issuer!=\"AttestationService\"", "valueType==\"Integer\""};
  buffer_printf(b, "%s[type==\"%s\"", draw(s, 3) ? "" : "!",
                draw(s, 3) ? "a" : "b");
  for (uint64_t n = draw(s, 3); n; n--)
    buffer_printf(b, ", %s", tests[draw(s, COUNT_OF(tests))]);
  buffer_text(b, "]");
}

static slice write_policy(search *s) {
  buffer b = buffer_in(s->arena);
  buffer_text(&b, "version=1.2;\nauthorizationrules {\n");
  for (int rule = 0; rule < 2; rule++) {
    write_condition(s, &b);
    if (draw(s, 2)) {
      buffer_text(&b, " && ");
      write_condition(s, &b);
    }
    buffer_text(&b, " => permit();\n");
  }
  buffer_text(&b, "};\n");
  return arena_copy(s->arena, buffer_slice(&b));
}

static void try_claims(search *s, const claim_list *claims, arena *scratch) {
  evaluation e;
  bool fired[2] = {false, false};
  evaluate(s->policy->program, claims, scratch, EVALUATE_TRACE, &e);
  for (const trace_entry *t = e.trace; t; t = t->next)
    fired[t->rule] = t->fired;
  for (int i = 0; i < 2; i++) {
    s->runs[i] |= fired[i];
    s->alone[i] |= fired[i] && !fired[!i];
  }
  s->permits |= e.decision == DECISION_PERMIT;
  s->denies |= e.decision != DECISION_PERMIT;
}

/* i == k: one claim. */
static void try_pair(search *s, size_t i, size_t k, arena *scratch) {
  claim_list claims = claims_in(scratch);
  claims_add(&claims, &s->points[i]);
  claims_add(&claims, &s->points[k]);
  try_claims(s, &claims, scratch);
}

/* Every claim that no negated condition of that rule selects. */
static void try_largest(search *s, uint32_t rule, arena *scratch) {
  const program *p = s->policy->program;
  claim_list claims = claims_in(scratch);
  for (size_t i = 0; i < s->count; i++) {
    claim_list one = claims_in(scratch);
    evaluation e;
    bool forbidden = false;
    claims_add(&one, &s->points[i]);
    evaluate(p, &one, scratch, EVALUATE_TRACE, &e);
    for (const trace_entry *t = e.trace; t; t = t->next)
      forbidden |= t->rule == rule && !t->fired &&
                   p->conditions[p->rules[rule].first_condition + t->condition]
                       .negated;
    if (!forbidden)
      claims_add(&claims, &s->points[i]);
  }
  try_claims(s, &claims, scratch);
}

static void try_all(search *s) {
  arena scratch;
  jmp_buf failure;
  arena_init(&scratch, (size_t)256 << 20);
  if (ARENA_GUARD(&scratch, failure))
    cr_assert_fail("out of memory");
  claim_list none = claims_in(&scratch);
  try_claims(s, &none, &scratch);
  for (size_t i = 0; i < s->count; i++)
    for (size_t k = i; k < s->count; k++)
      try_pair(s, i, k, &scratch);
  try_largest(s, 0, &scratch);
  try_largest(s, 1, &scratch);
  arena_free(&scratch);
}

static bool is_said(const search *s, diagnostic_code code, uint32_t rule) {
  for (const diagnostic *d = s->policy->findings.first; d; d = d->next) {
    span where = s->policy->program->places[rule].where;
    if (d->code == code &&
        (code == CODE_L201 || code == CODE_L202 ||
         (d->where.begin >= where.begin && d->where.end <= where.end)))
      return true;
  }
  return false;
}

static void expect(const search *s, diagnostic_code code, uint32_t rule,
                   bool expected) {
  if (is_said(s, code, rule) != expected)
    cr_assert_fail("%s of rule %u should%s be said:\n%.*s", code_text(code),
                   (unsigned)rule + 1, expected ? "" : " not",
                   SLICE_ARGS(s->policy->text));
}

static void compare(const search *s) {
  bool both = s->runs[0] && s->runs[1];
  bool first = both && !s->alone[0], second = both && !s->alone[1];
  expect(s, CODE_L201, 0, !s->permits);
  expect(s, CODE_L202, 0, !s->denies);
  expect(s, CODE_L203, 0, !s->runs[0]);
  expect(s, CODE_L203, 1, !s->runs[1]);
  expect(s, CODE_L205, 1, first && second);
  expect(s, CODE_L206, 0, first && !second);
  expect(s, CODE_L206, 1, second && !first);
}

Test(lint_logic, misses_nothing_that_can_be_decided) {
  static search s = {.state = 0x2545F4914F6CDD1Du};
  make_points(&s);
  for (int i = 0; i < POLICIES; i++) {
    TEST_ARENA(a, (size_t)256 << 20);
    s.arena = &a;
    s.runs[0] = s.runs[1] = s.alone[0] = s.alone[1] = false;
    s.permits = s.denies = false;
    policy *p = policy_compile(&a, write_policy(&s));
    cr_assert(p->program, "%s", p->findings.first->message);
    policy_lint(&a, p, &(lint_options){.layout = false});
    s.policy = p;
    try_all(&s);
    compare(&s);
    arena_free(&a);
  }
}
