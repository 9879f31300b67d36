/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/limits.h"
#include "tests/unit/api/fixture.h"

static maapol_claims *no_claims(void) {
  maapol_claims *c = NULL;
  cr_assert_eq(maapol_claims_new(&c), MAAPOL_OK);
  return c;
}

static void expect_claims(const maapol_claims *c, const char *expected) {
  char *json = NULL;
  maapol_status status = maapol_claims_json(c, &json);
  api_expect_text(status, json, expected);
}

/* Whether the policy permits what satisfies the condition. */
static bool holds(maapol_claims *c, const char *condition) {
  char text[300];
  snprintf(text, sizeof text,
           "version= 1.2;authorizationrules{%s => permit();};", condition);
  maapol_policy *p = api_policy(text);
  maapol_decision decision = MAAPOL_DENY;
  cr_expect_eq(maapol_decide(p, c, &decision), MAAPOL_OK);
  maapol_policy_free(p);
  return decision == MAAPOL_PERMIT;
}

Test(api_claims, adds_values_of_every_kind) {
  maapol_claims *c = no_claims();
  expect_claims(c, "{}");
  cr_expect_eq(maapol_claims_add_integer(c, "n", INT64_MIN, NULL, false),
               MAAPOL_OK);
  cr_expect_eq(maapol_claims_add_boolean(c, "b", true, NULL, false), MAAPOL_OK);
  cr_expect_eq(maapol_claims_add_boolean(c, "f", false, NULL, false),
               MAAPOL_OK);
  cr_expect_eq(maapol_claims_add_string(c, "s", "x\"\0y", 4, NULL, false),
               MAAPOL_OK);
  cr_expect_eq(maapol_claims_add_string(c, "s", NULL, 0, NULL, false),
               MAAPOL_OK);
  expect_claims(c, "{\"b\":true,\"f\":false,\"n\":-9223372036854775808,"
                   "\"s\":[\"x\\\"\\u0000y\",\"\"]}");
  cr_expect_eq(maapol_claims_count(c), 5);
  maapol_claims_free(c);
}

Test(api_claims, is_a_set) {
  static const struct {
    const char *type, *value, *issuer;
    bool is_read_only;
    size_t count; /* afterwards */
  } rows[] = {
      {"t", "v", NULL, false, 1},
      {"t", "v", NULL, false, 1},
      {"t", "v", "AttestationService", false, 1},
      {"t", "v", "CustomClaim", false, 2},
      {"t", "v", NULL, true, 3},
      {"t", "w", NULL, false, 4},
      {"u", "v", NULL, false, 5},
      {"pcrs", "v", NULL, false, 6},
      {"pcrs", "v", NULL, true, 6}, /* is read-only anyway */
      {"pcrs", "v", "CustomClaim", false, 7},
      {"pcrs", "v", "CustomClaim", true, 8},
  };
  maapol_claims *c = no_claims();
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    cr_expect_eq(maapol_claims_add_string(c, rows[i].type, rows[i].value, 1,
                                          rows[i].issuer, rows[i].is_read_only),
                 MAAPOL_OK);
    cr_expect_eq(maapol_claims_count(c), rows[i].count, "row %zu", i);
  }
  maapol_claims_free(c);
}

Test(api_claims, copies_what_it_gets) {
  char *type = malloc(2), *text = malloc(1), *issuer = malloc(12);
  maapol_claims *c = no_claims();
  memcpy(type, "t", 2);
  text[0] = 'v';
  memcpy(issuer, "CustomClaim", 12);
  cr_expect_eq(maapol_claims_add_string(c, type, text, 1, issuer, false),
               MAAPOL_OK);
  free(type);
  free(text);
  free(issuer);
  cr_expect(holds(c, "[type==\"t\",value==\"v\",issuer==\"CustomClaim\"]"));
  maapol_claims_free(c);
}

/* --- JSON ----------------------------------------------------------------- */

Test(api_claims, reads_the_forms_of_a_claims_file) {
  static const struct {
    const char *json, *condition;
  } rows[] = {
      {"{\"t\":3}", "[type==\"t\",value==3,issuer==\"AttestationService\"]"},
      {"{\"t\":[1,2]}", "[type==\"t\",value==1]&&[type==\"t\",value==2]"},
      {"[{\"type\":\"t\",\"value\":true,\"issuer\":\"CustomClaim\"}]",
       "[type==\"t\",value==true,issuer==\"CustomClaim\"]"},
      {"eyJhbGciOiJub25lIn0.eyJ0IjozLCJpc3MiOiJ4In0.",
       "[type==\"t\",value==3]&&![type==\"iss\"]"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    maapol_claims *c = api_claims(rows[i].json);
    cr_expect(holds(c, rows[i].condition), "row %zu", i);
    maapol_claims_free(c);
  }
}

Test(api_claims, needs_no_nul_behind_json) {
  static const char json[] = "{\"t\":12}";
  size_t length = sizeof json - 1;
  char *text = malloc(length);
  memcpy(text, json, length);
  maapol_claims *c = no_claims();
  cr_expect_eq(maapol_claims_add_json(c, text, length), MAAPOL_OK);
  memset(text, '?', length);
  free(text);
  expect_claims(c, json);
  maapol_claims_free(c);
}

Test(api_claims, adds_all_of_a_text_or_none) {
  static const struct {
    const char *json, *message;
    size_t offset;
  } rows[] = {
      {"{\"a\":1,\"b\":null}", "claim b", 0},
      {"{\"a\":1,\"b\":0.5}", "claim b", 0},
      {"{\"a\":1,\"a\":2}", "\"a\"", 7},
      {"{\"a\":1,", "", 7},
      {"[{\"type\":\"a\",\"value\":1},{\"type\":\"b\"}]", "claim 2", 0},
      {"", "empty", 0},
      {"3", "object", 0},
      {"eyJ.a.b", "", 0},
  };
  maapol_claims *c = api_claims("{\"kept\":true}");
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    size_t offset = 99;
    cr_expect_eq(maapol_claims_add_json(c, rows[i].json, strlen(rows[i].json)),
                 MAAPOL_INVALID_CLAIMS, "row %zu", i);
    const char *message = maapol_claims_error(c, &offset);
    cr_expect(message && strstr(message, rows[i].message), "row %zu: %s", i,
              message);
    cr_expect_eq(offset, rows[i].offset, "row %zu: %zu", i, offset);
    expect_claims(c, "{\"kept\":true}");
  }
  cr_expect_eq(maapol_claims_add_json(c, "{\"b\":2}", 7), MAAPOL_OK);
  cr_expect_null(maapol_claims_error(c, NULL), "an addition clears it");
  cr_expect_eq(maapol_claims_add_json(c, "", 0), MAAPOL_INVALID_CLAIMS);
  cr_expect_eq(maapol_claims_add_integer(c, "b", 2, NULL, false), MAAPOL_OK);
  cr_expect_null(maapol_claims_error(c, NULL), "of every kind");
  expect_claims(c, "{\"b\":2,\"kept\":true}");
  maapol_claims_free(c);
}

Test(api_claims, joins_several_texts) {
  maapol_claims *c = api_claims("{\"a\":1,\"b\":[1,2]}");
  cr_expect_eq(maapol_claims_add_json(c, "{\"b\":[2,3],\"c\":4}", 17),
               MAAPOL_OK);
  expect_claims(c, "{\"a\":1,\"b\":[1,2,3],\"c\":4}");
  cr_expect_eq(maapol_claims_count(c), 5);
  maapol_claims_free(c);
}

/* --- limits and refusals -------------------------------------------------- */

Test(api_claims, holds_so_many_and_no_more) {
  maapol_claims *c = no_claims();
  for (int i = 0; i < LIMIT_CLAIMS; i++)
    cr_assert_eq(maapol_claims_add_integer(c, "n", i, NULL, false), MAAPOL_OK);
  cr_expect_eq(maapol_claims_add_integer(c, "n", -1, NULL, false),
               MAAPOL_LIMIT);
  cr_expect_eq(maapol_claims_add_json(c, "{\"n\":-1}", 8), MAAPOL_LIMIT);
  cr_expect_eq(maapol_claims_count(c), LIMIT_CLAIMS);
  cr_expect_eq(maapol_claims_add_integer(c, "n", 0, NULL, false), MAAPOL_OK,
               "one that is there changes nothing");
  cr_expect(holds(c, "[type==\"n\",value==7]"), "it can still be asked");
  maapol_claims_free(c);
}

Test(api_claims, refuses_wrong_arguments) {
  static const struct {
    const char *type, *value;
    size_t length;
    const char *issuer;
    maapol_status status;
  } rows[] = {
      {NULL, "v", 1, NULL, MAAPOL_INVALID_ARGUMENT},
      {"", "v", 1, NULL, MAAPOL_INVALID_ARGUMENT},
      {"\xff", "v", 1, NULL, MAAPOL_INVALID_ARGUMENT},
      {"t", NULL, 1, NULL, MAAPOL_INVALID_ARGUMENT},
      {"t", "\xc3\x28", 2, NULL, MAAPOL_INVALID_ARGUMENT},
      {"t", "\xc3\xa9", 1, NULL, MAAPOL_INVALID_ARGUMENT},
      {"t", "v", 1, "", MAAPOL_INVALID_ARGUMENT},
      {"t", "v", 1, "\xed\xa0\x80", MAAPOL_INVALID_ARGUMENT},
      {"t", "v", (size_t)LIMIT_JSON_BYTES + 1, NULL, MAAPOL_LIMIT},
  };
  maapol_claims *c = no_claims();
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_eq(maapol_claims_add_string(c, rows[i].type, rows[i].value,
                                          rows[i].length, rows[i].issuer,
                                          false),
                 rows[i].status, "row %zu", i);
  cr_expect_eq(maapol_claims_add_json(c, NULL, 1), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_claims_add_json(c, "{}", (size_t)LIMIT_JSON_BYTES + 1),
               MAAPOL_LIMIT);
  cr_expect_eq(maapol_claims_json(c, NULL), MAAPOL_INVALID_ARGUMENT);
  expect_claims(c, "{}");
  maapol_claims_free(c);
}

Test(api_claims, takes_null_for_no_claims) {
  char *json = NULL;
  size_t offset = 1;
  cr_expect_eq(maapol_claims_new(NULL), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_claims_add_boolean(NULL, "t", true, NULL, false),
               MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_claims_add_json(NULL, "{}", 2), MAAPOL_INVALID_ARGUMENT);
  cr_expect_eq(maapol_claims_json(NULL, &json), MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(json);
  cr_expect_null(maapol_claims_error(NULL, &offset));
  cr_expect_eq(offset, 0);
  cr_expect_eq(maapol_claims_count(NULL), 0);
  maapol_claims_free(NULL);
}
