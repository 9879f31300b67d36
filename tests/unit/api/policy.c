/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/limits.h"
#include "base/value.h"
#include "tests/unit/api/fixture.h"

/* base64url of API_PERMIT, twice: within the token's payload. */
#define PERMIT_TOKEN                                                           \
  "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0."                                       \
  "eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmowZ01TNHdPMkYxZEdodmNtbDZZWF"     \
  "JwYjI1eWRXeGxjM3M5UGlCd1pYSnRhWFFvS1R0OU93In0."

Test(api_policy, says_whether_a_text_can_be_evaluated) {
  static const struct {
    const char *text;
    maapol_status status;
    size_t errors, warnings;
    const char *code; /* of the first finding */
    uint32_t line, column, offset;
  } rows[] = {
      {API_PERMIT, MAAPOL_OK, 0, 0, NULL, 0, 0, 0},
      {"", MAAPOL_INVALID_POLICY, 1, 0, "S001", 1, 1, 0},
      {"version= 1.0;\nauthorizationrules{\n  [type=\"\xc3\xa9\"] => "
       "permit(x);\n};",
       MAAPOL_INVALID_POLICY, 2, 0, "P002", 3, 8, 41},
      {"version= 1.0;issuancerules{};\nauthorizationrules{};", MAAPOL_OK, 0, 1,
       "S006", 2, 1, 30},
      {"Version= 1.0;authorizationrules{};", MAAPOL_OK, 0, 0, "F401", 1, 1, 0},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    maapol_policy *p = NULL;
    maapol_status status =
        maapol_policy_compile(rows[i].text, strlen(rows[i].text), &p);
    cr_expect_eq(status, rows[i].status, "row %zu: %d", i, (int)status);
    cr_assert_not_null(p);
    cr_expect_eq(maapol_policy_error_count(p), rows[i].errors, "row %zu", i);
    cr_expect_eq(maapol_policy_warning_count(p), rows[i].warnings, "row %zu",
                 i);
    const maapol_finding *f = maapol_policy_findings(p);
    cr_expect_eq(f != NULL, rows[i].code != NULL, "row %zu", i);
    if (f) {
      maapol_place at = f->where.begin;
      cr_expect_str_eq(f->code, rows[i].code);
      cr_expect(at.line == rows[i].line && at.column == rows[i].column &&
                    at.offset == rows[i].offset,
                "row %zu: %u:%u (%u)", i, at.line, at.column, at.offset);
    }
    maapol_policy_free(p);
  }
}

/* Nothing behind the length is looked at, and nothing of the user's kept. */
Test(api_policy, copies_the_text) {
  size_t length = strlen(API_PERMIT);
  char *text = malloc(length);
  memcpy(text, API_PERMIT, length);
  maapol_policy *p = NULL;
  cr_expect_eq(maapol_policy_compile(text, length, &p), MAAPOL_OK);
  memset(text, '?', length);
  free(text);
  size_t kept;
  cr_expect_str_eq(maapol_policy_text(p, &kept), API_PERMIT);
  cr_expect_eq(kept, length);
  cr_expect_not(maapol_policy_is_wrapped(p));
  maapol_policy_free(p);
}

Test(api_policy, unwraps_a_token) {
  maapol_policy *p = api_policy(PERMIT_TOKEN);
  cr_expect(maapol_policy_is_wrapped(p));
  cr_expect_str_eq(maapol_policy_text(p, NULL), API_PERMIT);
  maapol_policy_free(p);
}

/* Fixes are applied from the end, so that places stay true. */
Test(api_policy, offers_fixes_that_make_it_right) {
  static const char text[] =
      "version= 1.0;authorizationrules{[type=\"a\"] => permit();};";
  char fixed[sizeof text + 8];
  maapol_policy *p = NULL;
  maapol_policy_compile(text, strlen(text), &p);
  const maapol_finding *f = maapol_policy_findings(p);
  cr_assert(f && !f->next && f->fixes);
  cr_expect_str_eq(f->name, "assignment-in-condition");
  cr_expect_eq(f->severity, MAAPOL_SEVERITY_ERROR);
  cr_expect_eq(f->fixes->applicability, MAAPOL_FIX_SAFE);
  const maapol_edit *e = f->fixes->edits;
  cr_assert(e && !e->next);
  cr_expect_eq(strlen(e->text), e->text_length);
  snprintf(fixed, sizeof fixed, "%.*s%s%s", (int)e->where.begin.offset, text,
           e->text, text + e->where.end.offset);
  cr_expect_str_eq(fixed, "version= 1.0;authorizationrules{[type==\"a\"] => "
                          "permit();};");
  maapol_policy_free(p);
}

Test(api_policy, shows_the_second_place_of_a_finding) {
  static const char text[] = "version= 1.0;authorizationrules{\n"
                             "c:[type==\"a\"] && c:[type==\"b\"] => "
                             "permit();};";
  maapol_policy *p = api_policy(text);
  const maapol_finding *f = maapol_policy_findings(p);
  while (f && strcmp(f->code, "S012") != 0)
    f = f->next;
  cr_assert(f && f->labels);
  cr_expect_eq(f->where.begin.column, 18, "%u", f->where.begin.column);
  cr_expect_eq(f->labels->where.begin.line, 2);
  cr_expect_eq(f->labels->where.begin.column, 1);
  cr_expect_gt(strlen(f->labels->text), 0);
  maapol_policy_free(p);
}

/* --- rendering ------------------------------------------------------------ */

static char *rendered(const maapol_policy *p, maapol_format format,
                      const char *path) {
  char *text = NULL;
  cr_assert_eq(maapol_policy_render(p, format, path, &text), MAAPOL_OK);
  return text;
}

Test(api_policy, renders_findings) {
  static const char text[] =
      "version= 1.0;authorizationrules{[type=\"a\"] => permit();};";
  static const struct {
    maapol_format format;
    const char *path, *part;
  } rows[] = {
      {MAAPOL_FORMAT_PLAIN, "a.policy", "a.policy:1:38: error[P002]: "},
      {MAAPOL_FORMAT_PLAIN, NULL, "policy:1:38: error[P002]: "},
      {MAAPOL_FORMAT_PLAIN, "a\nb", "a\\x0Ab:1:38: error[P002]: "},
      {MAAPOL_FORMAT_HUMAN, "a.policy", "error[P002]: "},
      {MAAPOL_FORMAT_HUMAN, "a.policy", " --> a.policy:1:38\n"},
      {MAAPOL_FORMAT_HUMAN, "a.policy", " ^"},
      {MAAPOL_FORMAT_COLOUR, "a.policy", "\33["},
      {MAAPOL_FORMAT_JSON, "a.policy", "\"code\":\"P002\""},
  };
  maapol_policy *p = NULL;
  maapol_policy_compile(text, strlen(text), &p);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    char *made = rendered(p, rows[i].format, rows[i].path);
    cr_expect(strstr(made, rows[i].part), "row %zu: %s", i, made);
    cr_expect_eq(strchr(made, '\33') != NULL,
                 rows[i].format == MAAPOL_FORMAT_COLOUR, "row %zu", i);
    maapol_string_free(made);
  }
  maapol_policy_free(p);
}

Test(api_policy, renders_no_findings) {
  maapol_policy *p = api_policy(API_PERMIT);
  for (int format = MAAPOL_FORMAT_HUMAN; format <= MAAPOL_FORMAT_JSON;
       format++) {
    char *text = NULL;
    maapol_status status =
        maapol_policy_render(p, (maapol_format)format, NULL, &text);
    api_expect_text(status, text, format == MAAPOL_FORMAT_JSON ? "[]" : "");
  }
  maapol_policy_free(p);
}

/* As many as the list holds, places and all. */
Test(api_policy, renders_json_that_agrees_with_the_list) {
  static const char text[] = "version= 1.0;\nauthorizationrules {\n"
                             "  [type=\"a\"] => premit();\n};\n";
  maapol_policy *p = NULL;
  maapol_policy_compile(text, strlen(text), &p);
  TEST_ARENA(a, (size_t)16 << 20);
  char *json = rendered(p, MAAPOL_FORMAT_JSON, "p");
  value list;
  json_error error;
  cr_assert(json_read(&a, slice_from(json), 0, &list, &error));
  uint32_t count = 0;
  for (const maapol_finding *f = maapol_policy_findings(p); f; f = f->next) {
    cr_assert_lt(count, list.count);
    const value *v = &list.items[count++];
    const value *start =
        value_member(value_member(v, SLICE("range")), SLICE("start"));
    cr_expect(slice_is(value_string(value_member(v, SLICE("code"))), f->code));
    cr_expect_eq(value_member(start, SLICE("line"))->integer,
                 f->where.begin.line);
    cr_expect_eq(value_member(start, SLICE("offset"))->integer,
                 f->where.begin.offset);
  }
  cr_expect_eq(count, list.count);
  cr_expect_geq(count, 2);
  maapol_string_free(json);
  arena_free(&a);
  maapol_policy_free(p);
}

/* --- hashes --------------------------------------------------------------- */

/* Computed by Python's hashlib from the formulas in the header. */
Test(api_policy, knows_the_hashes_of_the_service) {
  static const char policy_hash[] =
      "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco";
  static const char token_hash[] =
      "RozMVcnGVY1yKt2ba5uhxq5p2lPNc9vA-9wdm5G-7dw";
  static const char given_token_hash[] =
      "JAgnC_jl1aTIU4n43Gyod5Tpwv1DcefA2ETwC_YKEgQ";
  char hash[MAAPOL_HASH_SIZE];
  maapol_policy *text = api_policy(API_PERMIT);
  maapol_policy *token = api_policy("\"" PERMIT_TOKEN "\"");
  cr_expect_eq(maapol_policy_hash(text, hash), MAAPOL_OK);
  cr_expect_str_eq(hash, policy_hash);
  cr_expect_eq(maapol_policy_hash(token, hash), MAAPOL_OK);
  cr_expect_str_eq(hash, policy_hash);
  cr_expect_eq(maapol_policy_token_hash(text, hash), MAAPOL_OK);
  cr_expect_str_eq(hash, token_hash);
  cr_expect_eq(maapol_policy_token_hash(token, hash), MAAPOL_OK);
  cr_expect_str_eq(hash, given_token_hash);
  maapol_policy_free(text);
  maapol_policy_free(token);
}

Test(api_policy, hashes_no_policy_with_errors) {
  char hash[MAAPOL_HASH_SIZE] = "x";
  maapol_policy *p = NULL;
  cr_expect_eq(maapol_policy_compile("version", 7, &p), MAAPOL_INVALID_POLICY);
  cr_expect_eq(maapol_policy_hash(p, hash), MAAPOL_INVALID_POLICY);
  cr_expect_str_eq(hash, "");
  maapol_policy_free(p);
}

/* --- refusals ------------------------------------------------------------- */

Test(api_policy, refuses_wrong_arguments) {
  maapol_policy *p = api_policy(API_PERMIT), *none = p;
  char *text = NULL, hash[MAAPOL_HASH_SIZE];
  size_t length = 1;
  cr_expect_eq(maapol_policy_compile("x", 1, NULL), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_policy_compile(NULL, 1, &none), MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(none);
  none = p;
  cr_expect_eq(maapol_policy_compile("x", LIMIT_POLICY_BYTES + 1, &none),
               MAAPOL_LIMIT);
  cr_expect_null(none);
  cr_expect_eq(maapol_policy_render(NULL, MAAPOL_FORMAT_PLAIN, NULL, &text),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_policy_render(p, MAAPOL_FORMAT_PLAIN, NULL, NULL),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_policy_render(p, (maapol_format)4, NULL, &text),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_policy_render(p, MAAPOL_FORMAT_JSON, "\xff", &text),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(text);
  cr_expect_eq(maapol_policy_hash(NULL, hash), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_policy_hash(p, NULL), MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(maapol_policy_text(NULL, &length));
  cr_expect_eq(length, 0);
  cr_expect_null(maapol_policy_findings(NULL));
  cr_expect_eq(maapol_policy_error_count(NULL), 0);
  cr_expect_eq(maapol_policy_warning_count(NULL), 0);
  cr_expect_not(maapol_policy_is_wrapped(NULL));
  maapol_policy_free(NULL);
  maapol_string_free(NULL);
  maapol_policy_free(p);
}

Test(api_policy, has_names_for_all_numbers) {
  for (int i = MAAPOL_OK; i <= MAAPOL_WRONG_SIGNATURE; i++)
    cr_expect_str_neq(maapol_status_text((maapol_status)i), "unknown");
  cr_expect_str_eq(maapol_status_text((maapol_status)99), "unknown");
  cr_expect_str_eq(maapol_status_text((maapol_status)-1), "unknown");
  cr_expect_str_eq(maapol_decision_name(MAAPOL_DENY), "deny");
  cr_expect_str_eq(maapol_decision_name(MAAPOL_PERMIT), "permit");
  cr_expect_str_eq(maapol_decision_name(MAAPOL_ERROR), "error");
  cr_expect_str_eq(maapol_severity_name(MAAPOL_SEVERITY_WARNING), "warning");
  cr_expect_str_eq(maapol_verification_name(MAAPOL_NOT_VERIFIED),
                   "not verified");
}
