/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at any point is a status: nothing leaks, nothing
 * permits, and what was made before stays whole. */
#include "base/memory.h"
#include "tests/unit/api/fixture.h"

enum { ALLOCATIONS_MAX = 100000 };

/* One way through a part of the library; the first status that is not
 * MAAPOL_OK, after which nothing is left. */
typedef maapol_status (*task)(const void *context);

static void fail_each_allocation(task t, const void *context,
                                 const char *name) {
  memory_fail_after(-1);
  cr_assert_eq(t(context), MAAPOL_OK, "%s", name);
  long needed = memory_fail_after(-1);
  cr_assert(needed > 0 && needed < ALLOCATIONS_MAX, "%s: %ld", name, needed);
  for (long n = 0; n < needed; n++) {
    memory_fail_after(n);
    maapol_status status = t(context);
    memory_fail_after(-1);
    cr_expect_eq(status, MAAPOL_NO_MEMORY, "%s after %ld: %s", name, n,
                 maapol_status_text(status));
  }
}

static const char policy_text[] =
    "version= 1.2;\nAuthorizationrules {\n"
    "  c:[type==\"a\", value>=1] && c:[type==\"a\"] => permit();\n"
    "};\nissuancerules {\n  c:[type==\"a\"] => issue(claim=c);\n"
    "  => issue(type=\"s\", value=AppendString(\"x\", \"y\"));\n};\n";
static const char claims_json[] = "{\"a\":[1,2],\"b\":\"\\n\",\"c\":{\"d\":1}}";

/* --- policies ------------------------------------------------------------- */

static maapol_status compile_and_render(const void *text) {
  maapol_policy *p = NULL;
  char *human = NULL, *json = NULL, hash[MAAPOL_HASH_SIZE];
  maapol_status status = maapol_policy_compile(text, strlen(text), &p);
  cr_expect_eq(p != NULL, status == MAAPOL_OK);
  if (status == MAAPOL_OK)
    status = maapol_policy_render(p, MAAPOL_FORMAT_HUMAN, "p", &human);
  if (status == MAAPOL_OK)
    status = maapol_policy_render(p, MAAPOL_FORMAT_JSON, "p", &json);
  cr_expect_eq(json != NULL, status == MAAPOL_OK);
  if (status == MAAPOL_OK)
    status = maapol_policy_token_hash(p, hash);
  maapol_string_free(json);
  maapol_string_free(human);
  maapol_policy_free(p);
  return status;
}

Test(api_memory, may_run_out_in_policies) {
  fail_each_allocation(compile_and_render, policy_text, "policy");
}

/* --- decisions ------------------------------------------------------------ */

static maapol_status fill(maapol_claims *c) {
  maapol_status status =
      maapol_claims_add_json(c, claims_json, strlen(claims_json));
  for (char i = 0; i < 100 && status == MAAPOL_OK; i++)
    status = maapol_claims_add_string(c, "many", &i, 1, NULL, false);
  return status;
}

static maapol_status ask(const maapol_policy *p, maapol_claims *c) {
  maapol_result *r = NULL;
  char *json = NULL;
  maapol_decision d = MAAPOL_PERMIT;
  maapol_status status = maapol_decide(p, c, &d);
  cr_expect_eq(d, status == MAAPOL_OK ? MAAPOL_PERMIT : MAAPOL_ERROR);
  if (status == MAAPOL_OK)
    status = maapol_evaluate(p, c, MAAPOL_TRACE, &r);
  cr_expect_eq(maapol_result_decision(r),
               status == MAAPOL_OK ? MAAPOL_PERMIT : MAAPOL_ERROR);
  if (status == MAAPOL_OK)
    status = maapol_result_report_json(r, &json);
  cr_expect_eq(json != NULL, status == MAAPOL_OK);
  maapol_string_free(json);
  maapol_result_free(r);
  return status;
}

static maapol_status claim_and_ask(const void *policy) {
  maapol_claims *c = NULL;
  maapol_status status = maapol_claims_new(&c);
  if (status == MAAPOL_OK)
    status = fill(c);
  if (status == MAAPOL_OK)
    status = ask(policy, c);
  maapol_claims_free(c);
  return status;
}

Test(api_memory, may_run_out_in_decisions) {
  maapol_policy *p = api_policy(policy_text);
  fail_each_allocation(claim_and_ask, p, "decision");
  maapol_policy_free(p);
}

/* Half of the claims could mean something else than all of them. */
Test(api_memory, asks_nothing_of_claims_that_may_be_missing) {
  maapol_policy *p = api_policy(API_PERMIT);
  for (long n = 0;; n++) {
    maapol_claims *c = NULL;
    maapol_decision d = MAAPOL_PERMIT;
    char *json = NULL;
    cr_assert_eq(maapol_claims_new(&c), MAAPOL_OK);
    memory_fail_after(n);
    maapol_status status = fill(c);
    memory_fail_after(-1);
    cr_expect_eq(maapol_claims_add_integer(c, "x", 1, NULL, false), status);
    cr_expect_eq(maapol_decide(p, c, &d), status);
    cr_expect_eq(d, status == MAAPOL_OK ? MAAPOL_PERMIT : MAAPOL_ERROR);
    cr_expect_eq(maapol_claims_json(c, &json), status);
    maapol_string_free(json);
    maapol_claims_free(c);
    if (status == MAAPOL_OK)
      break;
    cr_assert_eq(status, MAAPOL_NO_MEMORY);
    cr_assert_lt(n, ALLOCATIONS_MAX);
  }
  maapol_policy_free(p);
}

/* A failed evaluation leaves the claims as they were. */
Test(api_memory, can_ask_again_after_a_failure) {
  static const struct {
    const char *policy, *claims;
  } rows[] = {{policy_text, claims_json}, {API_PERMIT, "{}"}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    maapol_policy *p = api_policy(rows[i].policy);
    maapol_claims *c = api_claims(rows[i].claims);
    for (long n = 0; n < 3; n++) {
      memory_fail_after(n);
      maapol_status status = ask(p, c);
      memory_fail_after(-1);
      cr_expect_eq(status, MAAPOL_NO_MEMORY, "after %ld", n);
    }
    cr_expect_eq(ask(p, c), MAAPOL_OK);
    maapol_claims_free(c);
    maapol_policy_free(p);
  }
}

/* --- attestation ---------------------------------------------------------- */

typedef struct request_text {
  char body[1 << 16];
  size_t length;
} request_text;

static maapol_status attest_and_report(const void *context) {
  const request_text *request = context;
  maapol_attest_options options;
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.now = 1769860800; /* 2026-01-31 */
  options.flags = MAAPOL_TRACE;
  options.roots = "examples/sgx";
  maapol_attestation *a = NULL;
  char *json = NULL;
  maapol_status status = maapol_attest_json("SgxEnclave", request->body,
                                            request->length, &options, &a);
  cr_expect_eq(maapol_attestation_outcome(a), status == MAAPOL_OK
                                                  ? MAAPOL_OUTCOME_PERMITTED
                                                  : MAAPOL_OUTCOME_UNUSABLE);
  if (status == MAAPOL_OK)
    status = maapol_attestation_report_json(a, &json);
  maapol_string_free(json);
  maapol_attestation_free(a);
  return status;
}

Test(api_memory, may_run_out_in_attestations) {
  static request_text request;
  FILE *file = fopen("examples/sgx/request.json", "rb");
  cr_assert_not_null(file);
  request.length = fread(request.body, 1, sizeof request.body, file);
  fclose(file);
  fail_each_allocation(attest_and_report, &request, "attestation");
}
