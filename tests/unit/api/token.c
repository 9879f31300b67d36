/* SPDX-License-Identifier: Apache-2.0 */
#include "include/maapol_token.h"

#include "tests/unit/api/fixture.h"
#include "tests/unit/token_fixture.h"

static maapol_token_options defaults(void) {
  return (maapol_token_options){.size = sizeof(maapol_token_options),
                                .now = TOKEN_NOW};
}

static maapol_keys *keys_of(slice text) {
  maapol_keys *keys = NULL;
  cr_assert(maapol_keys_read(text.data, text.length, &keys) == MAAPOL_OK);
  return keys;
}

/* The code of the refusal, "" of a verified token. */
static void expect(slice token, const maapol_keys *keys,
                   const maapol_token_options *options, const char *code) {
  maapol_token *t = NULL;
  char *json = NULL;
  cr_assert(maapol_token_verify(token.data, token.length, keys, options, &t) ==
            MAAPOL_OK);
  bool good = *code == 0;
  cr_expect_eq(maapol_token_is_verified(t), good);
  cr_expect_eq(maapol_token_reason(t) == NULL, good);
  cr_expect(good || !maapol_token_claims(t));
  if (good)
    cr_expect_null(maapol_token_code(t));
  else
    cr_expect_str_eq(maapol_token_code(t), code);
  cr_expect(maapol_token_report_json(t, &json) == MAAPOL_OK);
  cr_expect_not_null(strstr(json, good ? "\"verified\":true"
                                       : "\"verified\":false"));
  maapol_string_free(json);
  maapol_token_free(t);
}

Test(api_token, verifies_with_keys) {
  token_fixture f;
  fixture_begin(&f);
  maapol_keys *keys = keys_of(f.keys_text);
  cr_expect_eq(maapol_keys_count(keys), 2);
  cr_expect_null(maapol_keys_error(keys));
  maapol_token_options o = defaults();
  slice token = good_token(&f);
  expect(token, keys, &o, "");
  o.issuer = TOKEN_ISSUER;
  expect(token, keys, &o, "");
  o.issuer = "https://another.attest.azure.net";
  expect(token, keys, &o, "wrong-issuer");
  o = defaults();
  o.now += 3600;
  expect(token, keys, &o, "expired");
  o.leeway = 1;
  expect(token, keys, &o, "");
  o = defaults();
  o.flags = MAAPOL_TOKEN_SERVICE_EVIDENCE;
  expect(token, keys, &o, "no-service-evidence");
  expect(token, NULL, &o, "no-key");
  maapol_keys_free(keys);
  fixture_end(&f);
}

Test(api_token, gives_claims_of_verified_tokens) {
  token_fixture f;
  maapol_token *t = NULL;
  fixture_begin(&f);
  maapol_keys *keys = keys_of(f.keys_text);
  maapol_token_options o = defaults();
  slice token = good_token(&f);
  cr_assert(maapol_token_verify(token.data, token.length, keys, &o, &t) ==
            MAAPOL_OK);
  cr_expect_str_eq(maapol_token_claims(t), TOKEN_PAYLOAD);
  maapol_keys_free(keys);
  cr_expect_str_eq(maapol_token_claims(t), TOKEN_PAYLOAD);
  maapol_token_free(t);
  fixture_end(&f);
}

Test(api_token, accepts_unsecured_tokens_only_where_told) {
  token_fixture f;
  fixture_begin(&f);
  maapol_token_options o = defaults();
  slice token = token_of_parts(&f, "{\"alg\":\"none\"}", TOKEN_PAYLOAD, "");
  expect(token, NULL, &o, "unsecured");
  o.flags = MAAPOL_TOKEN_ALLOW_UNSECURED;
  expect(token, NULL, &o, "");
  fixture_end(&f);
}

Test(api_token, accepts_tokens_for_ever_only_when_told) {
  token_fixture f;
  fixture_begin(&f);
  maapol_token_options o = defaults();
  slice token = token_of_parts(&f, "{\"alg\":\"none\"}", "{}", "");
  o.flags = MAAPOL_TOKEN_ALLOW_UNSECURED;
  expect(token, NULL, &o, "no-expiry");
  o.flags |= MAAPOL_TOKEN_ALLOW_NO_EXPIRY;
  expect(token, NULL, &o, "");
  fixture_end(&f);
}

/* Text that is no set gives keys with which nothing verifies. */
Test(api_token, says_why_keys_cannot_be_read) {
  static const char *const texts[] = {"", "hello", "{}", "[]",
                                      "{\"keys\":7}"};
  token_fixture f;
  fixture_begin(&f);
  maapol_token_options o = defaults();
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    maapol_keys *keys = keys_of(slice_from(texts[i]));
    cr_expect_not_null(maapol_keys_error(keys), "%s", texts[i]);
    cr_expect_eq(maapol_keys_count(keys), 0);
    expect(good_token(&f), keys, &o, "no-key");
    maapol_keys_free(keys);
  }
  fixture_end(&f);
}

Test(api_token, refuses_wrong_arguments) {
  maapol_token *t = NULL;
  maapol_keys *keys = NULL;
  char *json = NULL;
  maapol_token_options o = defaults();
  cr_expect(maapol_keys_read("{}", 2, NULL) == MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_keys_read(NULL, 2, &keys) == MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_keys_read("", (size_t)1 << 30, &keys) == MAAPOL_LIMIT);
  cr_expect(maapol_token_verify("a", 1, NULL, &o, NULL) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_token_verify("a", 1, NULL, NULL, &t) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_token_verify("", (size_t)1 << 30, NULL, &o, &t) ==
            MAAPOL_LIMIT);
  o.flags = 16;
  cr_expect(maapol_token_verify("a", 1, NULL, &o, &t) ==
            MAAPOL_INVALID_ARGUMENT);
  o = defaults();
  o.leeway = -1;
  cr_expect(maapol_token_verify("a", 1, NULL, &o, &t) ==
            MAAPOL_INVALID_ARGUMENT);
  o = defaults();
  o.trust = "no certificate";
  cr_expect(maapol_token_verify("a", 1, NULL, &o, &t) ==
            MAAPOL_INVALID_ARGUMENT);
  o = defaults();
  o.size = 1;
  cr_expect(maapol_token_verify("a", 1, NULL, &o, &t) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(t);
  cr_expect_not(maapol_token_is_verified(NULL));
  cr_expect(maapol_token_show_json("hello", 5, &json) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_token_show_json("a.b.c", 5, NULL) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect_null(json);
  maapol_keys_free(NULL);
  maapol_token_free(NULL);
}

Test(api_token, shows_any_token) {
  token_fixture f;
  char *json = NULL;
  fixture_begin(&f);
  slice token = good_token(&f);
  cr_assert(maapol_token_show_json(token.data, token.length, &json) ==
            MAAPOL_OK);
  cr_expect_not_null(strstr(json, "\"2023-11-14T23:13:20Z\"")); /* exp */
  maapol_string_free(json);
  fixture_end(&f);
}
