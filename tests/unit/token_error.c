/* SPDX-License-Identifier: Apache-2.0 */
#include "token/service_error.h"

#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

static const char *body_text(arena *a, const service_error *error) {
  value body = service_error_body(a, error);
  buffer text = buffer_in(a);
  json_write(&text, &body);
  return buffer_slice(&text).data;
}

/* As the service answered on 17 November 2022. */
#define NO_PERMIT                                                             \
  "{\"code\":\"PolicyEvaluationError\"%s,\"message\":\"Attestation Enclave "  \
  "operation failed with 65518: Exception(0) 83FFFFEE Policy Evaluation "     \
  "Error has occurred    Msg:[Policy Engine Exception: No Permit claim was "  \
  "issued in the authorizationrules section, authorization failed.] "         \
  "\\n\\r\\nUnhandled Enclave Exception: \\\"Policy Evaluation Error has "    \
  "occurred\\\"\\r\\n\"}"

Test(token_error, has_the_recorded_form_of_a_denial) {
  TEST_ARENA(a, MEBIBYTE);
  service_error error = service_error_make(
      &a, FAILURE_POLICY_EVALUATION,
      "No Permit claim was issued in the authorizationrules section, "
      "authorization failed.");
  buffer inner = buffer_in(&a), whole = buffer_in(&a);
  buffer_text(&inner, ",\"innererror\":");
  buffer_printf(&inner, NO_PERMIT, "");
  buffer_text(&whole, "{\"error\":");
  buffer_printf(&whole, NO_PERMIT, buffer_slice(&inner).data);
  buffer_text(&whole, "}");
  cr_expect_str_eq(body_text(&a, &error), buffer_slice(&whole).data);
  cr_expect_eq(error.http_status, 400);
  arena_free(&a);
}

Test(token_error, frames_each_failure_in_its_own_way) {
  static const struct {
    service_failure failure;
    const char *code, *holds;
    bool repeats;
  } rows[] = {
      {FAILURE_EVIDENCE, "InvalidParameter",
       "failed with 65534: RETURN_IF_ERROR('EBADQUOTECOLLATERAL') failed with "
       "0xfffe: 'The specified quote was invalid due to an error in the quote "
       "collateral.'what is wrong",
       true},
      {FAILURE_POLICY_PARSING, "PolicyParsingError",
       "failed with 65526: Exception(0) 83FFFFF6 Invalid policy was specified "
       "   Msg:[Policy Parser Exception Thrown: what is wrong]",
       true},
      {FAILURE_PARAMETER, "InvalidParameter", "what is wrong", false},
      {FAILURE_BAD_REQUEST, "Bad request", "what is wrong", false},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    service_error error = service_error_make(&a, rows[i].failure, "what is %s",
                                             "wrong");
    cr_expect_str_eq(error.code, rows[i].code);
    cr_expect_str_eq(error.text, "what is wrong");
    cr_expect(strstr(error.message, rows[i].holds), "%s", error.message);
    bool repeats = strstr(body_text(&a, &error), "innererror") != NULL;
    cr_expect_eq(repeats, rows[i].repeats, "%s", error.code);
  }
  arena_free(&a);
}

static service_error error_at(arena *a, const char *text, span where) {
  diagnostics findings;
  diagnostics_init(&findings, a);
  diagnose(&findings, CODE_S006, (span){0, 1}, "a mere warning");
  diagnose(&findings, CODE_P001, where, "a message");
  diagnose(&findings, CODE_P001, where, "another");
  return service_error_of_policy(a, &findings, slice_from(text));
}

/* The documented example: a version without a semicolon. */
Test(token_error, reports_a_finding_as_the_service_s_parser) {
  static const struct {
    const char *name, *text;
    span where;
    const char *expected;
  } rows[] = {
      {"second line", "version=1.0\n[ x", {12, 13},
       "Offending symbol: '['\nLine: '2', Column: '1'\n"
       "Failure message: 'a message'\nFailing rule: 'policy > versionInfo'"},
      {"in a section", "version=1.0;authorizationrules{ premit", {32, 38},
       "Offending symbol: 'premit'\nLine: '1', Column: '33'\n"
       "Failure message: 'a message'\nFailing rule: 'policy'"},
      {"at the end", "version", {7, 7},
       "Offending symbol: '<EOF>'\nLine: '1', Column: '8'\n"
       "Failure message: 'a message'\nFailing rule: 'policy > versionInfo'"},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    service_error error = error_at(&a, rows[i].text, rows[i].where);
    cr_expect_str_eq(error.text, rows[i].expected, "%s: %s", rows[i].name,
                     error.text);
    cr_expect_str_eq(error.code, "PolicyParsingError");
  }
  arena_free(&a);
}
