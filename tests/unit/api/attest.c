/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/make.h"
#include "tests/unit/api/fixture.h"

enum { NOW = 1700000000 };

/* Evidence of an enclave with runtime data `{"k":1}`, made once a test. */
typedef struct made {
  arena arena;
  bytes raw;
  slice request; /* the JSON body */
} made;

#define RUNTIME "{\"k\":1}"

static void make_in(made *m) {
  static const slice settings[] = {
      {"runtime-data=" RUNTIME, sizeof "runtime-data=" RUNTIME - 1},
      {"product-id=7", 12}};
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                            .settings = settings,
                            .setting_count = 2};
  evidence_made sample;
  evidence_error error;
  cr_assert(evidence_make(&m->arena, &recipe, &sample, &error), "%s",
            error.message);
  m->raw = sample.raw;
  m->request = evidence_make_request(&m->arena, &sample);
}

static void make(made *m) {
  jmp_buf failure;
  arena_init(&m->arena, (size_t)64 << 20);
  if (ARENA_GUARD(&m->arena, failure))
    cr_assert_fail("out of memory");
  make_in(m);
}

static maapol_request request_of(const made *m) {
  maapol_request r;
  memset(&r, 0, sizeof r);
  r.size = sizeof r;
  r.type = "SgxEnclave";
  r.evidence = m->raw.data;
  r.evidence_length = m->raw.length;
  r.runtime_data = (maapol_data){MAAPOL_DATA_JSON, RUNTIME, sizeof RUNTIME - 1};
  r.nonce = "n";
  return r;
}

static maapol_attest_options options_of(const maapol_policy *p) {
  maapol_attest_options o;
  memset(&o, 0, sizeof o);
  o.size = sizeof o;
  o.now = NOW;
  o.policy = p;
  o.flags = MAAPOL_TRACE;
  o.verify = MAAPOL_VERIFY_NONE; /* nobody trusts what tests make */
  return o;
}

static maapol_attestation *attested(const maapol_request *request,
                                    const maapol_attest_options *options) {
  maapol_attestation *a = NULL;
  maapol_status status = maapol_attest(request, options, &a);
  cr_assert_eq(status, MAAPOL_OK, "%s", maapol_status_text(status));
  return a;
}

/* --- permitted ------------------------------------------------------------ */

static void expect_permitted(const maapol_attestation *a,
                             const char *const *parts) {
  cr_assert_eq(maapol_attestation_outcome(a), MAAPOL_OUTCOME_PERMITTED, "%s",
               maapol_attestation_refusal(a)
                   ? maapol_attestation_refusal(a)->message
                   : "");
  cr_expect_null(maapol_attestation_refusal(a));
  cr_expect_eq(maapol_attestation_verification(a), MAAPOL_NOT_VERIFIED);
  const char *claims = maapol_attestation_claims(a);
  for (size_t i = 0; parts[i]; i++)
    cr_expect(strstr(claims, parts[i]), "%s in %s", parts[i], claims);
  const char *token = maapol_attestation_token(a);
  cr_expect_eq(token[strlen(token) - 1], '.', "no signature");
  cr_expect_eq(strncmp(token, "eyJ", 3), 0);
}

Test(api_attest, answers_a_request_in_parts) {
  static const char *const parts[] = {"\"iat\":1700000000",
                                      "\"nonce\":\"n\"",
                                      "\"iss\":\"https://maapol.invalid\"",
                                      "\"x-ms-runtime\":{\"k\":1}",
                                      "\"x-ms-sgx-product-id\":7",
                                      "\"x-ms-attestation-type\":\"sgx\"",
                                      NULL};
  made m;
  make(&m);
  maapol_request request = request_of(&m);
  maapol_attest_options options = options_of(NULL);
  maapol_attestation *a = attested(&request, &options);
  arena_free(&m.arena); /* nothing of it is kept */
  expect_permitted(a, parts);
  cr_expect_eq(maapol_result_decision(maapol_attestation_result(a)),
               MAAPOL_PERMIT);
  const maapol_note *n = maapol_attestation_notes(a);
  while (n && !strstr(n->text, "not verified"))
    n = n->next;
  cr_expect_not_null(n);
  maapol_attestation_free(a);
}

Test(api_attest, answers_a_body) {
  static const char *const parts[] = {"\"iss\":\"https://x.example\"",
                                      "\"x-ms-runtime\":{\"k\":1}", NULL};
  made m;
  make(&m);
  maapol_attest_options options = options_of(NULL);
  options.issuer = "https://x.example/";
  maapol_attestation *a = NULL;
  cr_assert_eq(maapol_attest_json("sgxenclave", m.request.data,
                                  m.request.length, &options, &a),
               MAAPOL_OK);
  arena_free(&m.arena);
  expect_permitted(a, parts);
  maapol_attestation_free(a);
}

Test(api_attest, finds_the_type_by_the_evidence) {
  static const char *const parts[] = {"\"x-ms-attestation-type\":\"sgx\"",
                                      NULL};
  made m;
  make(&m);
  maapol_request request = request_of(&m);
  maapol_attest_options options = options_of(NULL);
  request.type = NULL;
  maapol_attestation *a = attested(&request, &options);
  expect_permitted(a, parts);
  maapol_attestation_free(a);
  request.evidence = "no evidence";
  request.evidence_length = 11;
  cr_expect_eq(maapol_attest(&request, &options, &a), MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(a);
  arena_free(&m.arena);
}

Test(api_attest, asks_the_policy_that_is_given) {
  made m;
  make(&m);
  maapol_policy *p = api_policy(
      "version= 1.0;authorizationrules{[type==\"x-ms-sgx-product-id\","
      "value==7]=>permit();};issuancerules{=>issue(type=\"t\",value=1);};");
  maapol_request request = request_of(&m);
  maapol_attest_options options = options_of(p);
  maapol_attestation *a = attested(&request, &options);
  maapol_policy_free(p); /* the attestation needs it still */
  const maapol_result *r = maapol_attestation_result(a);
  cr_assert_not_null(r);
  cr_expect_str_eq(maapol_result_issued(r)->type, "t");
  cr_expect_eq(maapol_result_rule(r)->number, 1);
  char *json = NULL;
  maapol_status status = maapol_result_issued_json(r, &json);
  api_expect_text(status, json, "{\"t\":1}");
  cr_expect_eq(maapol_attestation_report_json(a, &json), MAAPOL_OK);
  cr_expect(strstr(json, "\"status\":\"not verified\""), "%s", json);
  cr_expect(strstr(json, "\"decision\":\"permit\""));
  maapol_string_free(json);
  maapol_attestation_free(a);
  arena_free(&m.arena);
}

/* --- verified ------------------------------------------------------------- */

typedef struct verify_row {
  maapol_verify verify;
  const char *roots, *collateral;
  int64_t now;
  maapol_outcome outcome;
  maapol_verification verification;
  const char *reason; /* part of the refusal, or of why it is not verified */
} verify_row;

static void check_verified(const char *body, size_t length,
                           const verify_row *row) {
  maapol_attest_options options = options_of(NULL);
  options.verify = row->verify;
  options.roots = row->roots;
  options.collateral = row->collateral;
  options.now = row->now;
  maapol_attestation *a = NULL;
  cr_assert_eq(maapol_attest_json("SgxEnclave", body, length, &options, &a),
               MAAPOL_OK);
  const maapol_refusal *refusal = maapol_attestation_refusal(a);
  const char *reason = maapol_attestation_verification_reason(a);
  cr_expect_eq(maapol_attestation_outcome(a), row->outcome, "%s", row->reason);
  cr_expect_eq(maapol_attestation_verification(a), row->verification, "%s",
               row->reason);
  const char *said = refusal ? refusal->text : reason ? reason : "";
  cr_expect(strstr(said, row->reason), "%s: %s", row->reason, said);
  cr_expect_eq(maapol_attestation_token(a) != NULL,
               row->outcome == MAAPOL_OUTCOME_PERMITTED);
  maapol_attestation_free(a);
}

/* The tests run from the root of the tree; 1769860800 is 2026-01-31. */
Test(api_attest, verifies_as_far_as_it_is_told) {
  static const char sgx[] = "examples/sgx";
  static const verify_row rows[] = {
      {MAAPOL_VERIFY_SIGNATURE, sgx, NULL, 1769860800, MAAPOL_OUTCOME_PERMITTED,
       MAAPOL_VERIFIED_SIGNATURE, ""},
      {MAAPOL_VERIFY_SIGNATURE, NULL, NULL, 1769860800, MAAPOL_OUTCOME_REFUSED,
       MAAPOL_VERIFICATION_FAILED, "root that is not trusted"},
      {MAAPOL_VERIFY_SIGNATURE, sgx, NULL, 0, MAAPOL_OUTCOME_REFUSED,
       MAAPOL_VERIFICATION_FAILED, "not yet valid"},
      {MAAPOL_VERIFY_FULL, sgx, NULL, 1769860800, MAAPOL_OUTCOME_REFUSED,
       MAAPOL_NOT_VERIFIED, "no collateral is given"},
      {MAAPOL_VERIFY_NONE, NULL, NULL, 1769860800, MAAPOL_OUTCOME_PERMITTED,
       MAAPOL_NOT_VERIFIED, "not checked"},
      {MAAPOL_VERIFY_SIGNATURE, "missing", NULL, 0, MAAPOL_OUTCOME_UNUSABLE,
       MAAPOL_NOT_VERIFIED, "missing"},
      {MAAPOL_VERIFY_NONE, NULL, "examples/embed", 0, MAAPOL_OUTCOME_UNUSABLE,
       MAAPOL_NOT_VERIFIED, "examples/embed"},
  };
  static char body[1 << 16];
  FILE *file = fopen("examples/sgx/request.json", "rb");
  cr_assert_not_null(file);
  size_t length = fread(body, 1, sizeof body, file);
  fclose(file);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    check_verified(body, length, &rows[i]);
}

/* Who sets nothing asks for signatures. */
Test(api_attest, verifies_signatures_unless_told_otherwise) {
  made m;
  make(&m);
  maapol_request request = request_of(&m);
  maapol_attest_options options = options_of(NULL);
  memset(&options.verify, 0, sizeof options.verify);
  maapol_attestation *a = attested(&request, &options);
  cr_expect_eq(maapol_attestation_outcome(a), MAAPOL_OUTCOME_REFUSED);
  maapol_attestation_free(a);
  arena_free(&m.arena);
}

/* --- refused -------------------------------------------------------------- */

typedef struct refusal_row {
  const char *policy; /* of a draft, compiled even if it has errors */
  const char *runtime;
  size_t evidence_cut; /* bytes at its end that are missing */
  maapol_outcome outcome;
  int http_status;
  const char *code;
  bool was_evaluated;
} refusal_row;

static void check_refusal(const made *m, const refusal_row *row) {
  maapol_policy *p = NULL;
  maapol_policy_compile(row->policy, strlen(row->policy), &p);
  maapol_request request = request_of(m);
  maapol_attest_options options = options_of(p);
  request.runtime_data.bytes = row->runtime;
  request.runtime_data.length = strlen(row->runtime);
  request.evidence_length -= row->evidence_cut;
  maapol_attestation *a = attested(&request, &options);
  const maapol_refusal *refusal = maapol_attestation_refusal(a);
  cr_expect_eq(maapol_attestation_outcome(a), row->outcome, "%s", row->code);
  cr_assert_not_null(refusal);
  cr_expect_str_eq(refusal->code, row->code);
  cr_expect_eq(refusal->http_status, row->http_status);
  cr_expect(strstr(refusal->message, refusal->text), "%s", refusal->message);
  cr_expect_null(maapol_attestation_claims(a));
  cr_expect_null(maapol_attestation_token(a));
  cr_expect_eq(maapol_attestation_result(a) != NULL, row->was_evaluated);
  cr_expect_neq(maapol_result_decision(maapol_attestation_result(a)),
                MAAPOL_PERMIT);
  cr_expect_eq(maapol_attestation_findings(a) != NULL,
               strcmp(row->code, "PolicyParsingError") == 0);
  maapol_attestation_free(a);
  maapol_policy_free(p);
}

Test(api_attest, refuses_as_the_service_does) {
  static const refusal_row rows[] = {
      {"version= 1.0;authorizationrules{};", RUNTIME, 0, MAAPOL_OUTCOME_REFUSED,
       400, "PolicyEvaluationError", true},
      {"version= 1.2;authorizationrules{=>add(type=\"x\",value="
       "JsonToClaimValue(\"{}\"));};",
       RUNTIME, 0, MAAPOL_OUTCOME_REFUSED, 400, "PolicyEvaluationError", true},
      {API_PERMIT, "{\"k\":2}", 0, MAAPOL_OUTCOME_REFUSED, 400,
       "InvalidParameter", false},
      {"version= 1.0;authorizationrules{=> premit();};", RUNTIME, 0,
       MAAPOL_OUTCOME_UNUSABLE, 400, "PolicyParsingError", false},
      {API_PERMIT, RUNTIME, 1000, MAAPOL_OUTCOME_UNUSABLE, 400,
       "InvalidParameter", false},
  };
  made m;
  make(&m);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    check_refusal(&m, &rows[i]);
  arena_free(&m.arena);
}

Test(api_attest, notes_what_it_ignored) {
  static const char body[] = "{\"quote\":\"AAAA\",\"colour\":1}";
  maapol_attest_options options = options_of(NULL);
  maapol_attestation *a = NULL;
  cr_assert_eq(
      maapol_attest_json("SgxEnclave", body, strlen(body), &options, &a),
      MAAPOL_OK);
  cr_expect_eq(maapol_attestation_outcome(a), MAAPOL_OUTCOME_UNUSABLE);
  const maapol_note *n = maapol_attestation_notes(a);
  cr_assert_not_null(n);
  cr_expect(strstr(n->text, "\"colour\""), "%s", n->text);
  cr_expect_null(n->rule);
  maapol_attestation_free(a);
}

Test(api_attest, takes_no_request_for_an_outcome) {
  static const struct {
    const char *body, *text;
  } rows[] = {
      {"", "not valid JSON"},
      {"{}", "no \"quote\""},
      {"[]", "not an object"},
      {"\xff", "not valid JSON"},
  };
  maapol_attest_options options = options_of(NULL);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    maapol_attestation *a = NULL;
    cr_assert_eq(maapol_attest_json("SgxEnclave", rows[i].body,
                                    strlen(rows[i].body), &options, &a),
                 MAAPOL_OK);
    const maapol_refusal *refusal = maapol_attestation_refusal(a);
    cr_expect_eq(maapol_attestation_outcome(a), MAAPOL_OUTCOME_UNUSABLE);
    cr_assert_not_null(refusal);
    cr_expect(strstr(refusal->text, rows[i].text), "%s", refusal->text);
    maapol_attestation_free(a);
  }
}

/* --- wrong calls ---------------------------------------------------------- */

enum { BREAKS = 16, BREAKS_LIMIT = 14 };

static void break_call(int which, maapol_request *r, maapol_attest_options *o) {
  maapol_data *runtime = &r->runtime_data;
  switch (which) {
  case 0:
    r->size--;
    break;
  case 1:
    o->size++;
    break;
  case 2:
    o->flags = 2;
    break;
  case 3:
    r->type = "Sgx";
    break;
  case 4:
    r->evidence = NULL;
    break;
  case 5:
    runtime->kind = MAAPOL_DATA_ABSENT;
    break;
  case 6:
    runtime->kind = (maapol_data_kind)3;
    break;
  case 7:
    runtime->bytes = NULL;
    break;
  case 8:
    r->init_time_data.length = 1;
    break;
  case 9:
    r->nonce = "\xff";
    break;
  case 10:
    o->issuer = "\xc3";
    break;
  case 11:
    o->verify = (maapol_verify)3;
    break;
  case 12:
    o->roots = "\xff";
    break;
  case 13:
    o->collateral = "\xff";
    break;
  case 14:
    r->evidence_length = (size_t)1 << 40;
    break;
  case 15:
    runtime->length = (size_t)1 << 40;
    break;
  default:
    cr_assert_fail("no such break");
  }
}

Test(api_attest, refuses_wrong_arguments) {
  made m;
  make(&m);
  for (int i = 0; i < BREAKS; i++) {
    maapol_request request = request_of(&m);
    maapol_attest_options options = options_of(NULL);
    maapol_attestation *a = (maapol_attestation *)&m;
    break_call(i, &request, &options);
    cr_expect_eq(maapol_attest(&request, &options, &a),
                 i < BREAKS_LIMIT ? MAAPOL_INVALID_ARGUMENT : MAAPOL_LIMIT,
                 "%d", i);
    cr_expect_null(a);
  }
  maapol_request request = request_of(&m);
  maapol_attest_options options = options_of(NULL);
  maapol_attestation *a = NULL;
  cr_expect_eq(maapol_attest(NULL, &options, &a), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_attest(&request, NULL, &a), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_attest(&request, &options, NULL),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_attest_json(NULL, "{}", 2, &options, &a),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_attest_json("Sgx", "{}", 2, &options, &a),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_attest_json("SgxEnclave", NULL, 2, &options, &a),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(
      maapol_attest_json("SgxEnclave", "{}", (size_t)1 << 40, &options, &a),
      MAAPOL_LIMIT);
  arena_free(&m.arena);
}

Test(api_attest, takes_null_for_no_attestation) {
  char *json = NULL;
  cr_expect_eq(maapol_attestation_outcome(NULL), MAAPOL_OUTCOME_UNUSABLE);
  cr_expect_eq(maapol_attestation_verification(NULL), MAAPOL_NOT_VERIFIED);
  cr_expect_null(maapol_attestation_refusal(NULL));
  cr_expect_null(maapol_attestation_verification_reason(NULL));
  cr_expect_null(maapol_attestation_result(NULL));
  cr_expect_null(maapol_attestation_findings(NULL));
  cr_expect_null(maapol_attestation_claims(NULL));
  cr_expect_null(maapol_attestation_token(NULL));
  cr_expect_null(maapol_attestation_notes(NULL));
  cr_expect_eq(maapol_attestation_report_json(NULL, &json),
               MAAPOL_INVALID_ARGUMENT);
  maapol_attestation_free(NULL);
}
