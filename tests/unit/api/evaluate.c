/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "tests/unit/api/fixture.h"

typedef struct decision_row {
  const char *policy, *claims;
  maapol_decision decision;
  uint32_t rule;      /* that decided, without a trace; 0: none */
  const char *reason; /* part of it */
  const char *issued, *properties;
} decision_row;

#define RULES(rules) "version= 1.2;authorizationrules{" rules "};"
#define ISSUE(rules) RULES("=>permit();") "issuancerules{" rules "};"

static const decision_row rows[] = {
    {RULES("=> permit();"), "{}", MAAPOL_PERMIT, 0, "permit() ran", "{}", "{}"},
    {RULES(""), "{}", MAAPOL_DENY, 0, "no permit() ran", "{}", "{}"},
    {RULES("=> permit(); [type==\"d\"] => deny();"), "{\"d\":1}", MAAPOL_DENY,
     2, "rule 2 in authorizationrules (1:46) denied", "{}", "{}"},
    {RULES("=> permit(); [type==\"d\"] => deny();"), "{\"e\":1}", MAAPOL_PERMIT,
     0, "", "{}", "{}"},
    {RULES("=>permit(); =>add(type=\"x\",value=JsonToClaimValue(\"{}\"));"),
     "{}", MAAPOL_ERROR, 2, "JsonToClaimValue", "{}", "{}"},
    {ISSUE("c:[type==\"t\"] => issue(claim=c);"
           "=> issueproperty(type=\"omit_x5c\", value=true);"
           "=> issueproperty(type=\"report_validity_in_minutes\", value=1);"
           "=> issueproperty(type=\"report_validity_in_minutes\", value=2);"),
     "{\"t\":[\"a\",2,false]}", MAAPOL_PERMIT, 0, "", "{\"t\":[\"a\",2,false]}",
     "{\"omit_x5c\":true,\"report_validity_in_minutes\":2}"},
    {"version= 1.1;configurationrules{=> issueproperty(type="
     "\"require_valid_aik_cert\", value=false);};"
     "authorizationrules{=>permit();};",
     "{}", MAAPOL_PERMIT, 0, "", "{}", "{\"require_valid_aik_cert\":false}"},
};

static void check_row(const decision_row *row, unsigned flags) {
  maapol_policy *p = api_policy(row->policy);
  maapol_claims *c = api_claims(row->claims);
  maapol_result *r = api_result(p, c, flags);
  const maapol_rule *rule = maapol_result_rule(r);
  char *json = NULL;
  cr_expect_eq(maapol_result_decision(r), row->decision, "%s", row->policy);
  if (!flags || row->decision != MAAPOL_PERMIT)
    cr_expect_eq(rule ? rule->number : 0, row->rule, "%s", row->policy);
  if (!flags)
    cr_expect(strstr(maapol_result_reason(r), row->reason), "%s: %s",
              row->policy, maapol_result_reason(r));
  cr_expect_eq(maapol_result_error(r) != NULL, row->decision == MAAPOL_ERROR);
  cr_expect_eq(maapol_result_trace(r) != NULL,
               flags && !strstr(row->policy, "authorizationrules{};"));
  maapol_status status = maapol_result_issued_json(r, &json);
  api_expect_text(status, json, row->issued);
  status = maapol_result_properties_json(r, &json);
  api_expect_text(status, json, row->properties);
  maapol_decision alone = MAAPOL_DENY;
  cr_expect_eq(maapol_decide(p, c, &alone), MAAPOL_OK);
  cr_expect_eq(alone, row->decision, "%s", row->policy);
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

Test(api_evaluate, decides) {
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    check_row(&rows[i], 0);
    check_row(&rows[i], MAAPOL_TRACE);
  }
}

/* --- what a result says --------------------------------------------------- */

Test(api_evaluate, lists_issued_claims_with_their_lengths) {
  static const struct {
    const char *type;
    maapol_claim_kind kind;
    int64_t integer;
    const char *string;
    size_t length;
  } expected[] = {
      {"b", MAAPOL_CLAIM_BOOLEAN, 1, NULL, 0},
      {"n", MAAPOL_CLAIM_INTEGER, -5, NULL, 0},
      {"s", MAAPOL_CLAIM_STRING, 0, "x\0y", 3},
      {"made", MAAPOL_CLAIM_STRING, 0, "", 0},
  };
  maapol_policy *p = api_policy(ISSUE("c:[type==\"b\"] => issue(claim=c);"
                                      "c:[type==\"n\"] => issue(claim=c);"
                                      "c:[type==\"s\"] => issue(claim=c);"
                                      "=> issue(type=\"made\", value=\"\");"));
  maapol_claims *c = api_claims("{\"s\":\"x\\u0000y\",\"n\":-5,\"b\":true}");
  maapol_result *r = api_result(p, c, 0);
  const maapol_claim *claim = maapol_result_issued(r);
  for (size_t i = 0; i < COUNT_OF(expected); i++, claim = claim->next) {
    cr_assert_not_null(claim);
    cr_expect_str_eq(claim->type, expected[i].type);
    cr_expect_eq(claim->type_length, strlen(expected[i].type));
    cr_expect_str_eq(claim->issuer, "AttestationPolicy");
    cr_expect_eq(claim->issuer_length, strlen(claim->issuer));
    cr_expect_eq(claim->kind, expected[i].kind);
    cr_expect_eq(claim->integer, expected[i].integer);
    cr_expect_eq(claim->string_length, expected[i].length);
    cr_expect_eq(claim->string == NULL, expected[i].string == NULL);
    if (claim->string)
      cr_expect_arr_eq(claim->string, expected[i].string,
                       expected[i].length + 1, "with the NUL behind it");
  }
  cr_expect_null(claim);
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

Test(api_evaluate, names_rules_and_places) {
  maapol_policy *p = api_policy(
      "version= 1.2;\nauthorizationrules {\n  => permit();\n"
      "  [type==\"a\"]\n    => add(type=\"x\", value=1);\n"
      "  c:[type==\"t\"] => add(type=\"x\", value=NegateBool(c.value));\n};");
  maapol_claims *c = api_claims("{\"t\":\"text\"}");
  maapol_result *r = api_result(p, c, MAAPOL_TRACE);
  const maapol_evaluation_error *e = maapol_result_error(r);
  const maapol_rule *rule = maapol_result_rule(r);
  cr_assert(e && rule);
  cr_expect_str_eq(e->code, "PolicyEvaluationError");
  cr_expect(strstr(e->message, "NegateBool"));
  cr_expect_eq(e->where.begin.line, 6);
  cr_expect_eq(e->where.begin.column, 51, "%u", e->where.begin.column);
  cr_expect_eq(rule->number, 3);
  cr_expect_str_eq(rule->section, "authorizationrules");
  cr_expect_str_eq(
      rule->text,
      "c:[type==\"t\"] => add(type=\"x\", value=NegateBool(c.value));");
  cr_expect_eq(rule->where.begin.line, 6);
  cr_expect_eq(rule->where.begin.column, 3);
  cr_expect_eq(rule->where.end.offset - rule->where.begin.offset,
               strlen(rule->text));
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

Test(api_evaluate, traces_every_rule) {
  static const struct {
    uint32_t number;
    bool fired;
    uint32_t condition;
    const char *text;
  } expected[] = {
      {1, false, 2, "svn is 2"},
      {2, true, 0, "permit"},
      {3, true, 0, "issued out = 1"},
  };
  maapol_policy *p = api_policy(
      RULES("[type==\"svn\"]&&[type==\"svn\",value>=3]=>permit();"
            "[type==\"svn\",value==2]=>permit();") "issuancerules{=>issue(type="
                                                   "\"out\",value=1);};");
  maapol_claims *c = api_claims("{\"svn\":2}");
  maapol_result *r = api_result(p, c, MAAPOL_TRACE);
  const maapol_trace *t = maapol_result_trace(r);
  for (size_t i = 0; i < COUNT_OF(expected); i++, t = t->next) {
    cr_assert_not_null(t);
    cr_expect_eq(t->rule->number, expected[i].number);
    cr_expect_eq(t->fired, expected[i].fired, "entry %zu", i);
    cr_expect_eq(t->condition, expected[i].condition, "entry %zu", i);
    cr_expect(strstr(t->text, expected[i].text), "entry %zu: %s", i, t->text);
  }
  cr_expect_null(t);
  cr_assert_not_null(maapol_result_rule(r));
  cr_expect_eq(maapol_result_rule(r)->number, 2, "the one that permitted");
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

Test(api_evaluate, hands_notes_on) {
  maapol_policy *p = api_policy(
      ISSUE("c:[type==\"t\"] => issue(type=\"x\", value=JsonToClaimValue("
            "c.value));"));
  maapol_claims *c = api_claims("{\"t\":\"no json\"}");
  maapol_result *r = api_result(p, c, 0);
  const maapol_note *n = maapol_result_notes(r);
  cr_assert(n && n->rule && !n->next);
  cr_expect_eq(n->rule->number, 2);
  cr_expect(strstr(n->text, "JSON"), "%s", n->text);
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

Test(api_evaluate, knows_the_property_that_counts) {
  maapol_policy *p = api_policy(
      ISSUE("=> issueproperty(type=\"report_validity_in_minutes\", value=1);"
            "=> issueproperty(type=\"omit_x5c\", value=true);"
            "=> issueproperty(type=\"report_validity_in_minutes\", value=2);"));
  maapol_claims *c = api_claims("{}");
  maapol_result *r = api_result(p, c, 0);
  const maapol_claim *found =
      maapol_result_property(r, "report_validity_in_minutes");
  cr_assert_not_null(found);
  cr_expect_eq(found->integer, 2);
  cr_expect_null(found->next, "the last one");
  cr_expect_null(maapol_result_property(r, "omit"));
  cr_expect_null(maapol_result_property(r, NULL));
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

/* --- again and again ------------------------------------------------------ */

Test(api_evaluate, sees_claims_that_are_added_later) {
  maapol_policy *p = api_policy(RULES("[type==\"a\",value==20]=>permit();"));
  maapol_claims *c = api_claims("{\"b\":1}");
  for (int i = 0; i < 40; i++) {
    maapol_decision decision = MAAPOL_ERROR;
    cr_expect_eq(maapol_claims_add_integer(c, "a", i, NULL, false), MAAPOL_OK);
    cr_expect_eq(maapol_decide(p, c, &decision), MAAPOL_OK);
    cr_expect_eq(decision, i < 20 ? MAAPOL_DENY : MAAPOL_PERMIT, "%d", i);
  }
  maapol_claims_free(c);
  maapol_policy_free(p);
}

enum { POLICIES = 11 }; /* more than are remembered */

Test(api_evaluate, tells_many_policies_apart) {
  maapol_policy *policies[POLICIES];
  maapol_claims *c = api_claims("{\"n\":[\"v1\",\"v4\",\"v7\"]}");
  char text[200];
  for (int i = 0; i < POLICIES; i++) {
    snprintf(text, sizeof text,
             RULES("[type==\"n\",value==\"v%d\"]=>permit();"), i);
    policies[i] = api_policy(text);
  }
  for (int step = 0; step < 200; step++) {
    int i = step * step % POLICIES;
    maapol_decision decision = MAAPOL_ERROR;
    cr_expect_eq(maapol_decide(policies[i], c, &decision), MAAPOL_OK);
    cr_expect_eq(decision, i % 3 == 1 && i < 8 ? MAAPOL_PERMIT : MAAPOL_DENY);
  }
  for (int i = 0; i < POLICIES; i++)
    maapol_policy_free(policies[i]);
  maapol_claims_free(c);
}

/* A policy that is gone must not be taken for a new one at its address. */
Test(api_evaluate, tells_policies_apart_that_were_freed) {
  maapol_claims *c = api_claims("{\"n\":1}");
  for (int i = 0; i < 50; i++) {
    maapol_policy *p = api_policy(i % 2 ? RULES("[type==\"n\"]=>permit();")
                                        : RULES("[type==\"m\"]=>permit();"));
    maapol_decision decision = MAAPOL_ERROR;
    cr_expect_eq(maapol_decide(p, c, &decision), MAAPOL_OK);
    cr_expect_eq(decision, i % 2 ? MAAPOL_PERMIT : MAAPOL_DENY, "%d", i);
    maapol_policy_free(p);
  }
  maapol_claims_free(c);
}

Test(api_evaluate, decides_again_without_new_memory) {
  maapol_policy *p =
      api_policy(ISSUE("c:[type==\"t\"] => add(type=\"x\", value=c.value);"
                       "c:[type==\"x\"] => issue(claim=c);"));
  maapol_claims *c = api_claims("{\"t\":[1,2,3]}");
  maapol_decision decision = MAAPOL_ERROR;
  cr_expect_eq(maapol_decide(p, c, &decision), MAAPOL_OK);
  memory_fail_after(0);
  for (int i = 0; i < 1000; i++) {
    cr_assert_eq(maapol_decide(p, c, &decision), MAAPOL_OK);
    cr_assert_eq(decision, MAAPOL_PERMIT);
  }
  cr_expect_eq(memory_fail_after(-1), 0);
  maapol_claims_free(c);
  maapol_policy_free(p);
}

/* --- ownership ------------------------------------------------------------ */

Test(api_evaluate, lets_results_outlive_policy_and_claims) {
  maapol_policy *p =
      api_policy(ISSUE("c:[type==\"t\"] => issue(type=\"u\", value=c.value);"));
  maapol_claims *c = api_claims("{\"t\":\"text of the claims\"}");
  maapol_result *one = api_result(p, c, MAAPOL_TRACE);
  maapol_result *other = api_result(p, c, 0);
  for (int i = 0; i < 100; i++) /* may move the claims */
    maapol_claims_add_integer(c, "n", i, NULL, false);
  maapol_policy_free(p);
  maapol_claims_free(c);
  maapol_result_free(one);
  char *json = NULL;
  maapol_status status = maapol_result_claims_json(other, &json);
  api_expect_text(status, json,
                  "{\"t\":\"text of the claims\",\"u\":"
                  "\"text of the claims\"}");
  cr_expect_str_eq(maapol_result_issued(other)->string, "text of the claims");
  maapol_result_free(other);
}

Test(api_evaluate, lets_claims_outlive_policies) {
  maapol_policy *p = api_policy(RULES("[type==\"t\"] => permit();"));
  maapol_claims *c = api_claims("{\"t\":1}");
  maapol_decision decision = MAAPOL_ERROR;
  cr_expect_eq(maapol_decide(p, c, &decision), MAAPOL_OK);
  maapol_policy_free(p);
  cr_expect_eq(maapol_claims_add_integer(c, "n", 1, NULL, false), MAAPOL_OK);
  maapol_claims_free(c);
}

/* --- refusals ------------------------------------------------------------- */

Test(api_evaluate, admits_nobody_by_a_wrong_call) {
  maapol_policy *good = api_policy(API_PERMIT), *bad = NULL;
  maapol_claims *c = api_claims("{}");
  maapol_policy_compile("version", 7, &bad);
  const struct {
    const maapol_policy *policy;
    maapol_claims *claims;
    unsigned flags;
    maapol_status status;
  } calls[] = {
      {NULL, c, 0, MAAPOL_INVALID_ARGUMENT},
      {good, NULL, 0, MAAPOL_INVALID_ARGUMENT},
      {good, c, 2, MAAPOL_INVALID_ARGUMENT},
      {good, c, MAAPOL_TRACE | 64, MAAPOL_INVALID_ARGUMENT},
      {bad, c, 0, MAAPOL_INVALID_POLICY},
  };
  for (size_t i = 0; i < COUNT_OF(calls); i++) {
    maapol_result *r = (maapol_result *)c;
    maapol_decision decision = MAAPOL_PERMIT;
    cr_expect_eq(
        maapol_evaluate(calls[i].policy, calls[i].claims, calls[i].flags, &r),
        calls[i].status, "call %zu", i);
    cr_expect_null(r);
    if (calls[i].flags)
      continue;
    cr_expect_eq(maapol_decide(calls[i].policy, calls[i].claims, &decision),
                 calls[i].status, "call %zu", i);
    cr_expect_eq(decision, MAAPOL_ERROR);
  }
  cr_expect_eq(maapol_evaluate(good, c, 0, NULL), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_decide(good, c, NULL), MAAPOL_INVALID_ARGUMENT);
  maapol_claims_free(c);
  maapol_policy_free(bad);
  maapol_policy_free(good);
}

Test(api_evaluate, takes_null_for_no_result) {
  char *json = NULL;
  cr_expect_eq(maapol_result_decision(NULL), MAAPOL_ERROR);
  cr_expect_null(maapol_result_reason(NULL));
  cr_expect_null(maapol_result_rule(NULL));
  cr_expect_null(maapol_result_error(NULL));
  cr_expect_null(maapol_result_issued(NULL));
  cr_expect_null(maapol_result_properties(NULL));
  cr_expect_null(maapol_result_property(NULL, "x"));
  cr_expect_null(maapol_result_trace(NULL));
  cr_expect_null(maapol_result_notes(NULL));
  cr_expect_eq(maapol_result_report_json(NULL, &json), MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(json);
  maapol_result_free(NULL);
}
