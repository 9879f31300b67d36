/* SPDX-License-Identifier: Apache-2.0 */
/* The library's JSON is the report of the program, word for word. */
#include "compiler/policy.h"
#include "eval/report.h"
#include "tests/unit/api/fixture.h"

typedef struct report_row {
  const char *policy, *claims;
} report_row;

/* As cli/eval.c decides. */
static slice expected_report(arena *a, const report_row *row) {
  policy *p = policy_compile(a, arena_copy(a, slice_from(row->policy)));
  claim_list list = claims_in(a);
  claims_error error;
  evaluation configuration, e;
  cr_assert(claims_read(&list, slice_from(row->claims), &error));
  if (evaluate_configuration(p->program, a, EVALUATE_TRACE, &configuration)) {
    evaluate(p->program, &list, a, EVALUATE_TRACE, &e);
    evaluation_join(&configuration, &e);
  } else {
    e = configuration;
  }
  report r = report_of(a, p->program);
  object_builder o = object_in(a);
  report_evaluation(&r, &e, &o);
  value whole = object_value(&o);
  buffer text = buffer_in(a);
  json_write(&text, &whole);
  return buffer_slice(&text);
}

static void check_report(const report_row *row) {
  TEST_ARENA(a, (size_t)64 << 20);
  maapol_policy *p = api_policy(row->policy);
  maapol_claims *c = api_claims(row->claims);
  maapol_result *r = api_result(p, c, MAAPOL_TRACE);
  char *json = NULL;
  maapol_status status = maapol_result_report_json(r, &json);
  api_expect_text(status, json, expected_report(&a, row).data);
  maapol_result_free(r);
  maapol_claims_free(c);
  maapol_policy_free(p);
  arena_free(&a);
}

Test(api_report, is_that_of_the_program) {
  static const report_row rows[] = {
      {API_PERMIT, "{}"},
      {"version= 1.2;configurationrules{=>issueproperty(type="
       "\"require_valid_aik_cert\",value=false);};authorizationrules{"
       "[type==\"a\",value>=3]=>permit();c:[type==\"a\"]=>add(type=\"b\","
       "value=c.value);[type==\"b\"]=>permit();};issuancerules{"
       "c:[type==\"b\"]=>issue(claim=c);c:[type==\"s\"]=>issue(type=\"j\","
       "value=JsonToClaimValue(c.value));=>issueproperty(type=\"omit_x5c\","
       "value=true);};",
       "{\"a\":[1,2],\"s\":\"no \\u0000 json\"}"},
      {"version= 1.0;authorizationrules{[type==\"a\"]=>deny();};",
       "{\"a\":{\"b\":[]}}"},
      {"version= 1.2;authorizationrules{=>add(type=\"x\",value="
       "JsonToClaimValue(\"{}\"));};",
       "{}"},
      {"version= 1.2;configurationrules{=>issueproperty(type=\"x\",value="
       "JsonToClaimValue(\"{}\"));};authorizationrules{=>permit();};",
       "{\"a\":1}"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    check_report(&rows[i]);
}
