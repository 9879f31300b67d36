/* SPDX-License-Identifier: Apache-2.0 */
/* Coverage, mutants and witnesses of small policies. */
#include "compiler/policy.h"
#include "suite/coverage.h"
#include "suite/mutate.h"
#include "suite/witness.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

#define POLICY(rules) "version=1.2;authorizationrules{" rules "};"

static policy *compile(arena *a, const char *text) {
  policy *p = policy_compile(a, slice_from(text));
  cr_assert(p->program, "%s: %s", text, p->findings.first->message);
  return p;
}

static void decide(arena *a, const program *p, const char *text,
                   claim_list *claims, evaluation *e) {
  claims_error error;
  *claims = claims_in(a);
  cr_assert(claims_read(claims, slice_from(text), &error), "%s", text);
  evaluate(p, claims, a, EVALUATE_TRACE, e);
}

/* --- coverage ------------------------------------------------------------- */

static void check_coverage(arena *a) {
  static const struct {
    const char *policy, *claims[3];
    uint32_t fired, conditions, decisive;
  } rows[] = {
      {POLICY("[type==\"a\"]=>permit();"), {"{\"a\":1}", "{}"}, 1, 1, 1},
      {POLICY("[type==\"a\"]=>permit();"), {"{\"a\":1}"}, 1, 1, 0},
      {POLICY("[type==\"a\"]=>permit();"), {"{}"}, 0, 1, 0},
      {POLICY("[type==\"a\"]&&[type==\"b\"]=>permit();"),
       {"{\"a\":1,\"b\":1}", "{}"}, 1, 2, 0},
      {POLICY("[type==\"a\"]&&[type==\"b\"]=>permit();"),
       {"{\"a\":1,\"b\":1}", "{\"a\":1}", "{\"b\":1}"}, 1, 2, 2},
      {POLICY("![type==\"a\"]=>permit();"), {"{\"a\":1}", "{}"}, 1, 1, 1},
      /* The second hangs on the first: it has nothing to look at. */
      {POLICY("c:[type==\"a\"]&&[type==\"b\",value==c.value]=>permit();"),
       {"{\"a\":1,\"b\":1}", "{\"b\":1}", "{\"a\":1,\"b\":2}"}, 1, 2, 2},
      /* What a rule in front of it does is not its own. */
      {POLICY("[type==\"a\"]=>deny();[type==\"b\"]=>permit();"),
       {"{\"a\":1,\"b\":1}", "{\"b\":1}"}, 2, 2, 1},
      /* An issuance rule's condition that permit has asked for. */
      {"version=1.0;authorizationrules{[type==\"a\",value>1]=>permit();};"
       "issuancerules{[type==\"a\"]=>issue(type=\"b\",value=1);};",
       {"{\"a\":2}", "{\"a\":1}"}, 2, 1, 1},
      /* But not if another permit has not. */
      {"version=1.0;authorizationrules{[type==\"a\"]=>permit();"
       "[type==\"z\"]=>permit();};"
       "issuancerules{[type==\"a\"]=>issue(type=\"b\",value=1);};",
       {"{\"a\":2}"}, 2, 3, 0},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const program *p = compile(a, rows[i].policy)->program;
    coverage c;
    coverage_init(&c, p, a);
    for (size_t k = 0; k < 3 && rows[i].claims[k]; k++) {
      claim_list claims;
      evaluation e;
      decide(a, p, rows[i].claims[k], &claims, &e);
      coverage_add(&c, &claims, &e, a);
    }
    coverage_count(&c);
    cr_expect_eq(c.rules_fired, rows[i].fired, "row %zu: %u", i,
                 c.rules_fired);
    cr_expect_eq(c.conditions, rows[i].conditions, "row %zu: %u", i,
                 c.conditions);
    cr_expect_eq(c.conditions_decisive, rows[i].decisive, "row %zu: %u", i,
                 c.conditions_decisive);
  }
}

Test(suite_coverage, counts_what_was_decisive) {
  TEST_ARENA(a, 32 * MEBIBYTE);
  check_coverage(&a);
  arena_free(&a);
}

/* --- mutants -------------------------------------------------------------- */

static bool has_mutant(arena *a, const policy *p, const mutation *m,
                       const char *text) {
  for (size_t i = 0; i < m->count; i++)
    if (slice_is(suite_mutant_text(a, p, &m->mutants[i]), text))
      return true;
  return false;
}

static void check_mutants(arena *a) {
  static const struct {
    const char *rule, *mutant;
    bool is_one;
  } rows[] = {
      {"[type==\"a\",value>=3]=>permit();",
       "[type==\"a\",value>3]=>permit();", true},
      {"[type==\"a\",value>=3]=>permit();",
       "[type==\"a\",value<3]=>permit();", true},
      {"[type==\"a\",value>=3]=>permit();",
       "[type==\"a\",value>=2]=>permit();", true},
      /* `> 3` says it */
      {"[type==\"a\",value>=3]=>permit();",
       "[type==\"a\",value>=4]=>permit();", false},
      {"[type==\"a\",value==true]=>permit();",
       "[type==\"a\",value==false]=>permit();", true},
      {"[type==\"a\",value==true]=>permit();",
       "[type==\"a\",value!=true]=>permit();", false},
      {"[type==\"a\"]&&[type==\"b\"]=>permit();", "[type==\"b\"]=>permit();",
       true},
      {"[type==\"a\"]&&[type==\"b\"]=>permit();", "[type==\"a\"]=>permit();",
       true},
      {"[type==\"a\"]=>permit();", "=>permit();", true},
      {"[type==\"a\"]=>permit();", "[type==\"a\"]=>deny();", true},
      {"[type==\"a\"]=>permit();", "", true},
      {"![type==\"a\"]=>permit();", "[type==\"a\"]=>permit();", true},
      {"[type==\"a\",issuer==\"CustomClaim\"]=>permit();",
       "[type==\"a\",issuer==\"AttestationService\"]=>permit();", true},
      {"[type==\"a\",issuer==\"CustomClaim\"]=>permit();",
       "[type==\"a\"]=>permit();", true},
      {"[type==\"a\",value==\"x\\n\"]=>permit();",
       "[type==\"a\",value==\"x\\n-other\"]=>permit();", true},
      {"[type==\"a\",value==9223372036854775807]=>permit();",
       "[type==\"a\",value==9223372036854775806]=>permit();", true},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer given = buffer_in(a), wanted = buffer_in(a);
    buffer_printf(&given, "version=1.2;authorizationrules{%s};",
                  rows[i].rule);
    buffer_printf(&wanted, "version=1.2;authorizationrules{%s};",
                  rows[i].mutant);
    policy *p = compile(a, buffer_slice(&given).data);
    mutation m = {0};
    suite_mutants(a, p, &m);
    cr_expect_eq(has_mutant(a, p, &m, buffer_slice(&wanted).data),
                 rows[i].is_one, "%s to %s", rows[i].rule, rows[i].mutant);
  }
}

Test(suite_mutants, are_the_slips_of_a_pen) {
  TEST_ARENA(a, 32 * MEBIBYTE);
  check_mutants(&a);
  arena_free(&a);
}

Test(suite_mutants, of_what_never_runs_there_are_none) {
  TEST_ARENA(a, 8 * MEBIBYTE);
  policy *p = compile(&a, "version=1.0;authorizationrules{=>deny();"
                          "[type==\"a\"]=>permit();};"
                          "issuancerules{=>issue(type=\"b\",value=1);};");
  mutation m = {0};
  suite_mutants(&a, p, &m);
  for (size_t i = 0; i < m.count; i++)
    cr_expect_eq(m.mutants[i].rule, 0u, "%s", m.mutants[i].what);
  cr_expect_eq(m.count, 2u);
  arena_free(&a);
}

/* --- witnesses ------------------------------------------------------------ */

static void check_witnesses(arena *a) {
  static const struct {
    const char *rules;
    uint32_t rule;
    bool found;
  } rows[] = {
      {"[type==\"a\",value>3,value<=4]=>permit();", 0, true},
      {"[type==\"a\",value>3,value<4]=>permit();", 0, false},
      {"[type==\"a\",value>3,value!=4,value!=5,value<7]=>permit();", 0, true},
      {"[type==\"a\",value==1,value==2]=>permit();", 0, false},
      {"[type==\"a\",value==true]=>deny();[type==\"a\"]=>permit();", 1, true},
      {"[type==\"a\",value==true]=>deny();[type==\"a\"]=>permit();", 0, true},
      {"[type==\"a\"]=>deny();[type==\"a\"]=>permit();", 1, false},
      {"![type==\"b\"]=>deny();[type==\"a\"]=>permit();", 1, true},
      {"[type==\"a\",valueType==\"String\"]=>permit();", 0, true},
      {"[type==\"a\",value>9223372036854775807]=>permit();", 0, false},
      {"[type==\"m\",issuer==\"AttestationPolicy\"]=>permit();", 0, false},
      {"=>add(type=\"m\",value=1);"
       "[type==\"m\",value==1,issuer==\"AttestationPolicy\"]=>permit();", 1,
       true},
      {"=>add(type=\"m\",value=1);"
       "[type==\"m\",value==2,issuer==\"AttestationPolicy\"]=>permit();", 1,
       false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer text = buffer_in(a);
    buffer_printf(&text, "version=1.2;authorizationrules{%s};",
                  rows[i].rules);
    const program *p = compile(a, buffer_slice(&text).data)->program;
    witness *w = ARENA_NEW(a, witness);
    const char *reason = NULL;
    bool found = witness_find(w, p, rows[i].rule, true, a, &reason);
    cr_expect_eq(found, rows[i].found, "row %zu", i);
    cr_expect(found || reason);
    if (!found)
      continue;
    claim_list claims = witness_claims(w);
    evaluation e;
    evaluate(p, &claims, a, 0, &e);
    bool denies = p->rules[rows[i].rule].action == ACTION_DENY;
    cr_expect_eq(e.decision, denies ? DECISION_DENY : DECISION_PERMIT,
                 "row %zu", i);
  }
}

Test(suite_witness, makes_rules_run) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_witnesses(&a);
  arena_free(&a);
}
