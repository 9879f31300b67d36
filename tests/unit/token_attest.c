/* SPDX-License-Identifier: Apache-2.0 */
#include "token/attest.h"

#include "evidence/make.h"
#include "sign/policy_hash.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

#define SGX ATTESTATION_SGX_ENCLAVE
#define OE ATTESTATION_OPEN_ENCLAVE

#define PERMIT "version= 1.0;authorizationrules{=> permit();};"

/* A text with any bytes, in a static table. */
#define TEXT(literal) {(literal), sizeof(literal) - 1}
#define DATA(kind, literal) \
  {kind, {(const uint8_t *)(literal), sizeof(literal) - 1}}
#define NO_DATA {DATA_ABSENT, {NULL, 0}}

enum { SETTINGS_MAX = 3 };

/* A request with synthetic evidence. */
static attest_request made_request(arena *a, attestation_type type,
                                   const slice settings[SETTINGS_MAX]) {
  size_t count = 0;
  while (count < SETTINGS_MAX && settings[count].length)
    count++;
  evidence_recipe recipe = {
      .type = type, .settings = settings, .setting_count = count};
  evidence_made made;
  evidence_error error;
  cr_assert(evidence_make(a, &recipe, &made, &error), "%s", error.message);
  return (attest_request){.type = type, .evidence = made.raw};
}

static const slice no_settings[SETTINGS_MAX];

static attest_result run(arena *a, const attest_request *request,
                         const char *policy_text) {
  attest_options options = {
      .policy = slice_from(policy_text),
      .issuer = SLICE("https://maapol.invalid//"),
      .now = 1700000000,
      .flags = EVALUATE_TRACE,
  };
  attest_result result;
  attest(a, request, &options, &result);
  return result;
}

/* The text of a member of an object: "" if it is missing. */
static const char *text_of(arena *a, const value *object, const char *name) {
  const value *v = object->kind == VALUE_OBJECT
                       ? value_member(object, slice_from(name))
                       : NULL;
  if (!v)
    return "";
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text).data;
}

static bool has_note(const attest_result *result, const char *text) {
  for (size_t i = 0; i < result->notes.count; i++)
    if (strstr(result->notes.items[i], text))
      return true;
  return false;
}

/* --- the token ------------------------------------------------------------ */

static void check_payload(arena *a, attestation_type type) {
  static const slice settings[SETTINGS_MAX] = {
      TEXT("product-id=7"), TEXT("debug=true"), TEXT("runtime-data=hello")};
  static const bound_data runtime = DATA(DATA_BINARY, "hello");
  static const struct {
    const char *name, *expected;
  } rows[] = {
      {"iss", "\"https://maapol.invalid\""},
      {"iat", "1700000000"},
      {"nbf", "1700000000"},
      {"exp", "1700028800"},
      {"nonce", "\"n\""},
      {"x-ms-ver", "\"1.0\""},
      {"x-ms-attestation-type", "\"sgx\""},
      {"x-ms-sgx-product-id", "7"},
      {"x-ms-sgx-is-debuggable", "true"},
      {"x-ms-sgx-ehd", "\"aGVsbG8\""},
      {"maa-ehd", "\"aGVsbG8\""},
      {"aas-ehd", "\"aGVsbG8\""},
      {"x-ms-runtime", ""},
      {"x-ms-inittime", ""},
      {"x-ms-policy-signer", ""},
      {"x-ms-sgx-tcbidentifier", "\"azuredefault\""},
      {"x-ms-policy-hash",
       "\"ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc\""},
      /* of the default policy */
      {"tee", "\"sgx\""},
      {"product-id", "7"},
      {"is-debuggable", "true"},
      {"svn", "1"},
      /* only policies see these */
      {"$svn", ""},
  };
  attest_request request = made_request(a, type, settings);
  request.runtime = runtime;
  request.nonce = SLICE("n");
  request.has_nonce = true;
  attest_result result = run(a, &request, NULL);
  cr_assert_eq(result.outcome, ATTEST_PERMITTED);
  cr_expect_eq(result.source, POLICY_DEFAULT);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(text_of(a, &result.payload, rows[i].name),
                     rows[i].expected, "%s: %s", rows[i].name,
                     text_of(a, &result.payload, rows[i].name));
  cr_expect(has_note(&result, "not verified"));
  cr_expect_eq(result.token.data[result.token.length - 1], '.');
}

Test(token_attest, makes_the_token_of_the_default_policy) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_payload(&a, SGX);
  check_payload(&a, OE);
  arena_free(&a);
}

/* Where another signs it, or only the decision counts. */
Test(token_attest, leaves_the_token_out_where_none_is_wanted) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  attest_request request = made_request(&a, SGX, no_settings);
  attest_options options = {.compiled = policy_compile(&a, slice_from(PERMIT)),
                            .policy_signer = value_null(),
                            .issuer = SLICE("https://maapol.invalid"),
                            .no_token = true};
  attest_result result;
  attest(&a, &request, &options, &result);
  cr_assert_eq(result.outcome, ATTEST_PERMITTED);
  cr_expect_eq(result.token.length, 0u);
  slice hash = policy_hash(&a, slice_from(PERMIT));
  cr_expect(slice_equal(
      value_string(value_member(&result.payload, SLICE("x-ms-policy-hash"))),
      hash));
  options.policy_hash = SLICE("known before");
  attest(&a, &request, &options, &result);
  cr_expect_str_eq(text_of(&a, &result.payload, "x-ms-policy-hash"),
                   "\"known before\"");
  options.compiled = NULL; /* it is the hash of another policy */
  options.policy = slice_from(PERMIT);
  attest(&a, &request, &options, &result);
  cr_expect(slice_equal(
      value_string(value_member(&result.payload, SLICE("x-ms-policy-hash"))),
      hash));
  arena_free(&a);
}

static void check_json_data(arena *a) {
  static const slice settings[SETTINGS_MAX] = {
      TEXT("runtime-data={\"b\":1, \"a\":[2]}\0"),
      TEXT("init-data={\"v\":1}\0")};
  static const bound_data runtime =
      DATA(DATA_JSON, "{\"b\":1, \"a\":[2]}\0");
  static const bound_data init = DATA(DATA_JSON, "{\"v\":1}\0");
  attest_request request = made_request(a, SGX, settings);
  request.runtime = runtime; /* one NUL is tolerated, and hashed */
  request.init_time = init;
  attest_result result = run(a, &request, PERMIT);
  cr_assert_eq(result.outcome, ATTEST_PERMITTED);
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-runtime"),
                   "{\"a\":[2],\"b\":1}");
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-inittime"),
                   "{\"v\":1}");
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-sgx-ehd"), "");
  cr_expect_str_eq(text_of(a, &result.payload, "maa-ehd"), "");
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-policy"), "");
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-sgx-tcbidentifier"),
                   "\"azuredefault\"", "without configurationrules too");
  cr_expect_neq(text_of(a, &result.payload, "x-ms-sgx-config-id")[0], 0);
}

Test(token_attest, shows_json_data_as_the_object_it_is) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_json_data(&a);
  arena_free(&a);
}

/* --- what policies see ---------------------------------------------------- */

static void check_decision(arena *a, const attest_request *request,
                           const char *condition, bool permitted) {
  buffer text = buffer_in(a);
  buffer_printf(&text, "version= 1.0;authorizationrules{%s=>permit();};",
                condition);
  attest_result result = run(a, request, buffer_slice(&text).data);
  cr_expect_eq(result.outcome, permitted ? ATTEST_PERMITTED : ATTEST_REFUSED,
               "%s: %s", condition, result.error.text);
}

static void check_incoming_claims(arena *a) {
  static const struct {
    const char *condition;
    bool permitted;
  } rows[] = {
      {"[type==\"x-ms-sgx-svn\",value==1]", true},
      {"[type==\"x-ms-sgx-svn\",value==2]", false},
      {"[type==\"$svn\",value==1]", true},
      {"[type==\"$product-id\",value==7]", true},
      {"[type==\"$is-debuggable\",value==false]", true},
      {"[type==\"$tee\",value==\"sgx\"]", true},
      {"[type==\"$sgx-mrsigner\"]&&[type==\"$sgx-mrenclave\"]", true},
      {"[type==\"x-ms-attestation-type\",value==\"sgx\"]", true},
      {"[type==\"x-ms-sgx-svn\",issuer==\"AttestationService\"]", true},
      {"[type==\"x-ms-sgx-svn\",issuer==\"AttestationPolicy\"]", false},
      {"[type==\"x-ms-runtime\",value==\"{\\\"a\\\":1,\\\"b\\\":2}\"]", true},
      {"[type==\"x-ms-sgx-ehd\"]", false},
      {"[type==\"nonce\"]", false},
  };
  static const slice settings[SETTINGS_MAX] = {
      TEXT("product-id=7"), TEXT("runtime-data={\"b\":2,\"a\":1}")};
  static const bound_data runtime =
      DATA(DATA_JSON, "{\"b\":2,\"a\":1}");
  attest_request request = made_request(a, SGX, settings);
  request.runtime = runtime;
  request.nonce = SLICE("n");
  request.has_nonce = true;
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    check_decision(a, &request, rows[i].condition, rows[i].permitted);
}

Test(token_attest, shows_policies_the_service_s_claims) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_incoming_claims(&a);
  arena_free(&a);
}

static void check_properties(arena *a) {
  attest_request request = made_request(a, SGX, no_settings);
  attest_result result = run(
      a, &request,
      "version= 1.1;configurationrules{=> issueproperty(type=\"x-ms-sgx-"
      "tcbidentifier\",value=\"11\");};authorizationrules{=>permit();};"
      "issuancerules{=>issueproperty(type=\"omit_x5c\",value=true);};");
  cr_assert_eq(result.outcome, ATTEST_PERMITTED, "%s", result.error.text);
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-sgx-tcbidentifier"),
                   "\"11\"");
  value report = attest_report(a, &result);
  cr_expect_str_eq(text_of(a, &report, "properties"),
                   "{\"omit_x5c\":true,\"x-ms-sgx-tcbidentifier\":\"11\"}");
  cr_expect_str_eq(text_of(a, &result.payload, "omit_x5c"), "");
}

Test(token_attest, follows_the_policy_s_properties) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_properties(&a);
  arena_free(&a);
}

static size_t traced(arena *a, const char *policy_text, bool trace_refusals,
                     attest_outcome expected) {
  attest_request request = made_request(a, SGX, no_settings);
  attest_options options = {.policy = slice_from(policy_text),
                            .issuer = SLICE("https://maapol.invalid"),
                            .trace_refusals = trace_refusals};
  attest_result result;
  attest(a, &request, &options, &result);
  cr_expect_eq(result.outcome, expected, "%s", policy_text);
  cr_expect(result.was_evaluated);
  size_t count = 0;
  for (const trace_entry *t = result.evaluation.trace; t; t = t->next)
    count++;
  return count;
}

/* The reasons of a refusal cost a permit nothing. */
Test(token_attest, traces_refusals_alone) {
  static const struct {
    const char *policy;
    attest_outcome expected;
  } rows[] = {
      {PERMIT, ATTEST_PERMITTED},
      {"version= 1.0;authorizationrules{"
       "[type==\"x-ms-sgx-is-debuggable\",value==\"no\"]=>permit();};",
       ATTEST_REFUSED},
      {"version= 1.0;authorizationrules{=>permit();=>deny();};",
       ATTEST_REFUSED},
  };
  TEST_ARENA(a, 64 * MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    bool refused = rows[i].expected == ATTEST_REFUSED;
    cr_expect_eq(traced(&a, rows[i].policy, false, rows[i].expected), 0u);
    cr_expect_eq(traced(&a, rows[i].policy, true, rows[i].expected) > 0,
                 refused, "%s", rows[i].policy);
  }
  arena_free(&a);
}

/* What verification has to demand must be known before it begins. */
Test(token_attest, configuration_comes_before_verification) {
  TEST_ARENA(a, MEBIBYTE);
  attest_request request = made_request(&a, SGX, no_settings);
  verify_options no_roots = {.level = VERIFY_SIGNATURE, .now = 1700000000};
  attest_options options = {
      .policy = SLICE("version= 1.2;configurationrules{=> issueproperty("
                      "type=\"x-ms-sgx-tcbidentifier\", value="
                      "AppendString(\"1\", JsonToClaimValue(\"1\")));};"
                      "authorizationrules{=> permit();};"),
      .issuer = SLICE("https://maapol.invalid"),
      .now = 1700000000,
      .verify = &no_roots};
  attest_result result;
  attest(&a, &request, &options, &result);
  cr_expect_eq(result.outcome, ATTEST_REFUSED);
  cr_expect_str_eq(result.error.code, "PolicyEvaluationError");
  cr_expect_null(result.verification.steps);
  arena_free(&a);
}

/* --- refusals ------------------------------------------------------------- */

typedef struct refusal {
  const char *name;
  slice settings[SETTINGS_MAX];
  bound_data runtime, init_time;
  const char *policy;
  attest_outcome outcome;
  const char *code, *text;
} refusal;

static const refusal refusals[] = {
    {"other runtime data", {TEXT("runtime-data=hello")},
     DATA(DATA_BINARY, "hellp"), NO_DATA, PERMIT, ATTEST_REFUSED,
     "InvalidParameter",
     "SuppliedRuntimeDataDigest does not match RuntimeData Digest in quote"},
    {"runtime data with a NUL more", {TEXT("runtime-data={}")},
     DATA(DATA_JSON, "{}\0"), NO_DATA, PERMIT, ATTEST_REFUSED,
     "InvalidParameter", "SuppliedRuntimeDataDigest"},
    {"report data with more than a digest",
     {TEXT("report-data="
           "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
           "0000000000000000000000000000000000000000000000000000000000000001"
      )},
     DATA(DATA_BINARY, "hello"), NO_DATA, PERMIT, ATTEST_REFUSED,
     "InvalidParameter", "SuppliedRuntimeDataDigest"},
    {"runtime data that is no JSON", {TEXT("runtime-data={\"a\"}")},
     DATA(DATA_JSON, "{\"a\"}"), NO_DATA, PERMIT, ATTEST_UNUSABLE,
     "InvalidParameter", "JSON"},
    {"two NULs behind JSON", {TEXT("runtime-data={}\0\0")},
     DATA(DATA_JSON, "{}\0\0"), NO_DATA, PERMIT, ATTEST_UNUSABLE,
     "InvalidParameter", "JSON"},
    {"other init-time data", {TEXT("init-data=hello")}, NO_DATA,
     DATA(DATA_BINARY, "hellp"), PERMIT, ATTEST_REFUSED, "InvalidParameter",
     "SuppliedInitTimeDataDigest does not match"},
    {"init-time data that is no JSON", {TEXT("init-data={")}, NO_DATA,
     DATA(DATA_JSON, "{"), PERMIT, ATTEST_UNUSABLE, "InvalidParameter",
     "JSON"},
    {"init-time data without KSS", {TEXT("svn=1")}, NO_DATA,
     DATA(DATA_BINARY, "hello"), PERMIT, ATTEST_REFUSED, "InvalidParameter",
     "no place"},
    {"no permit", {TEXT("svn=1")}, NO_DATA, NO_DATA,
     "version= 1.0;authorizationrules{[type==\"x\"]=>permit();};",
     ATTEST_REFUSED, "PolicyEvaluationError", "No Permit claim was issued"},
    {"a deny", {TEXT("svn=1")}, NO_DATA, NO_DATA,
     "version= 1.0;authorizationrules{=>permit();=>deny();};", ATTEST_REFUSED,
     "PolicyEvaluationError", "A Deny claim was issued"},
    {"an evaluation error", {TEXT("svn=1")}, NO_DATA, NO_DATA,
     "version= 1.2;authorizationrules{c:[type==\"x-ms-sgx-svn\"]=>"
     "add(type=\"x\",value=NegateBool(c.value));=>permit();};",
     ATTEST_REFUSED, "PolicyEvaluationError", "NegateBool"},
    {"a policy with a mistake", {TEXT("svn=1")}, NO_DATA, NO_DATA,
     "version= 1.0;authorizationrules{=>premit();};", ATTEST_UNUSABLE,
     "PolicyParsingError", "Line: '1', Column: '"},
};

static void check_refusal(arena *a, const refusal *row) {
  attest_request request = made_request(a, SGX, row->settings);
  request.runtime = row->runtime;
  request.init_time = row->init_time;
  attest_result result = run(a, &request, row->policy);
  cr_expect_eq(result.outcome, row->outcome, "%s", row->name);
  cr_assert_neq(result.error.failure, FAILURE_NONE, "%s", row->name);
  cr_expect_str_eq(result.error.code, row->code, "%s", row->name);
  cr_expect(strstr(result.error.text, row->text), "%s: %s", row->name,
            result.error.text);
  cr_expect_eq(result.token.length, 0, "%s", row->name);
  cr_expect_eq(result.payload.kind, VALUE_NULL, "%s", row->name);
  value report = attest_report(a, &result);
  cr_expect_str_eq(text_of(a, &report, "issued"), "{}", "%s", row->name);
  cr_expect_str_eq(text_of(a, &report, "properties"), "{}", "%s", row->name);
  cr_expect(strstr(text_of(a, &report, "error"), row->code), "%s",
            row->name);
}

Test(token_attest, refuses_in_the_service_s_words) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(refusals); i++)
    check_refusal(&a, &refusals[i]);
  arena_free(&a);
}

static void check_no_policy(arena *a) {
  attest_request request = made_request(a, SGX, no_settings);
  request.type = ATTESTATION_TPM;
  attest_result result = run(a, &request, NULL);
  cr_expect_eq(result.outcome, ATTEST_UNUSABLE);
  cr_expect_str_eq(result.error.code, "Bad request");
  cr_expect(strstr(result.error.text, "policy has not been set"));
  request.type = OE;
  result = run(a, &request, NULL);
  cr_expect_eq(result.outcome, ATTEST_UNUSABLE);
  cr_expect(has_note(&result, "type SgxEnclave"));
  request.type = SGX;
  request.evidence.length--;
  result = run(a, &request, NULL);
  cr_expect_eq(result.outcome, ATTEST_UNUSABLE);
  cr_expect_str_eq(result.error.code, "InvalidParameter");
}

Test(token_attest, refuses_broken_evidence_and_a_missing_policy) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_no_policy(&a);
  arena_free(&a);
}

/* --- which policy --------------------------------------------------------- */

static void check_sources(arena *a) {
  static const char draft[] =
      "version=1.0;authorizationrules{=>permit();};"
      "issuancerules{=>issue(type=\"from\",value=\"draft\");};";
  attest_request request = made_request(a, SGX, no_settings);
  request.draft_policy = slice_from(draft);
  request.has_draft = true;
  attest_result result = run(a, &request, NULL);
  cr_expect_eq(result.source, POLICY_DRAFT);
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-policy"),
                   "{\"from\":\"draft\"}");
  cr_expect_str_eq(text_of(a, &result.payload, "svn"), "",
                   "the default policy does not run besides");
  request.draft_policy = policy_unsecured_token(a, slice_from(draft));
  attest_result wrapped = run(a, &request, NULL);
  cr_expect_str_eq(text_of(a, &wrapped.payload, "x-ms-policy-hash"),
                   text_of(a, &result.payload, "x-ms-policy-hash"),
                   "a token around the text does not enter the hash");
  result = run(a, &request, PERMIT);
  cr_expect_eq(result.source, POLICY_GIVEN);
  cr_expect_str_eq(text_of(a, &result.payload, "x-ms-policy"), "");
  cr_expect(has_note(&result, "draft policy is not used"));
}

Test(token_attest, takes_the_given_policy_then_the_draft) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  check_sources(&a);
  arena_free(&a);
}
