/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/api/fixture.h"

maapol_policy *api_policy(const char *text) {
  maapol_policy *policy = NULL;
  maapol_status status = maapol_policy_compile(text, strlen(text), &policy);
  cr_assert_eq(status, MAAPOL_OK, "%s: %s", maapol_status_text(status), text);
  return policy;
}

maapol_claims *api_claims(const char *json) {
  maapol_claims *claims = NULL;
  cr_assert_eq(maapol_claims_new(&claims), MAAPOL_OK);
  maapol_status status = maapol_claims_add_json(claims, json, strlen(json));
  cr_assert_eq(status, MAAPOL_OK, "%s", maapol_claims_error(claims, NULL));
  return claims;
}

maapol_result *api_result(const maapol_policy *policy, maapol_claims *claims,
                          unsigned flags) {
  maapol_result *result = NULL;
  maapol_status status = maapol_evaluate(policy, claims, flags, &result);
  cr_assert_eq(status, MAAPOL_OK, "%s", maapol_status_text(status));
  return result;
}

void api_expect_text(maapol_status status, char *text, const char *expected) {
  cr_expect_eq(status, MAAPOL_OK, "%s", maapol_status_text(status));
  cr_expect(text && strcmp(text, expected) == 0, "%s, wanted %s",
            text ? text : "NULL", expected);
  maapol_string_free(text);
}
