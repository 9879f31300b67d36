/* SPDX-License-Identifier: Apache-2.0 */
/* What the client decides without a network: where a URL leads, when to try
 * again, what an answer says, what must not be shown. */
#include "remote/answer.h"
#include "remote/endpoint.h"
#include "remote/retry.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)4 << 20)

/* --- URLs ----------------------------------------------------------------- */

Test(remote_url, tells_the_service_from_others) {
  static const struct {
    const char *text;
    bool is_service, is_loopback;
  } rows[] = {
      {"https://a.eus.attest.azure.net", true, false},
      {"https://A.EUS.Attest.Azure.NET/", true, false},
      {"https://a.attest.azure.us", true, false},
      {"https://a.attest.azure.cn:444", true, false},
      {"http://a.eus.attest.azure.net", false, false},
      {"https://attest.azure.net", false, false},
      {"https://xattest.azure.net", false, false},
      {"https://a.attest.azure.net.example.com", false, false},
      {"https://example.com/.attest.azure.net", false, false},
      {"https://localhost:8443", false, true},
      {"https://LOCALHOST", false, true},
      {"http://127.0.0.1:1/x", false, true},
      {"http://127.1", false, true},
      {"https://[::1]:8443", false, true},
      {"https://[::2]", false, false},
      {"https://127.0.0.1.example.com", false, false},
      {"https://localhost.example.com", false, false},
      {"https://128.0.0.1", false, false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    TEST_ARENA(a, ARENA_LIMIT_BYTES);
    url u;
    const char *reason = "";
    cr_assert(url_read(&a, slice_from(rows[i].text), &u, &reason), "%s: %s",
              rows[i].text, reason);
    cr_expect(url_is_attestation_service(&u) == rows[i].is_service, "%s",
              rows[i].text);
    cr_expect(u.is_loopback == rows[i].is_loopback, "%s", rows[i].text);
    arena_free(&a);
  }
}

Test(remote_url, refuses_what_two_could_read_differently) {
  static const char *const texts[] = {
      "", "x", "//a", "ftp://a.attest.azure.net", "https://",
      "https://user@a.attest.azure.net", "https://u:p@localhost",
      "https://evil.com\\@a.attest.azure.net",
      "https://a.attest.azure.net\t", "https://a.attest.azure.net/\n",
      "https://a.attest.azure.net#x", "https://a.attest.azure.net.",
      "https://a_b.attest.azure.net", "https://\xc3\xa9.attest.azure.net",
      "https://[::1", "https://localhost:99999"};
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    TEST_ARENA(a, ARENA_LIMIT_BYTES);
    url u;
    const char *reason = NULL;
    cr_expect_not(url_read(&a, slice_from(texts[i]), &u, &reason), "%s",
                  texts[i]);
    cr_expect(reason && *reason, "%s", texts[i]);
    arena_free(&a);
  }
}

Test(remote_url, is_cut_into_its_parts) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  url u;
  const char *reason;
  cr_assert(url_read(&a, SLICE("https://H.example:443/p/q?a=b&c"), &u,
                     &reason));
  cr_expect(slice_is(u.origin, "https://h.example"));
  cr_expect(slice_is(u.path, "/p/q") && slice_is(u.query, "a=b&c"));
  cr_assert(url_read(&a, SLICE("http://[::1]:80"), &u, &reason));
  cr_expect(slice_is(u.origin, "http://[::1]") && slice_is(u.host, "::1"));
  cr_expect(slice_is(url_encoded(&a, SLICE("a b&c=/+~_.-\xff")),
                     "a%20b%26c%3D%2F%2B~_.-%FF"));
  arena_free(&a);
}

/* --- retries -------------------------------------------------------------- */

Test(remote_retry, of_some_answers) {
  static const long again[] = {408, 429, 500, 502, 503, 504, 599};
  static const long never[] = {200, 204, 301, 400, 401, 403, 404, 409, 501,
                               505, 600};
  for (size_t i = 0; i < COUNT_OF(again); i++)
    cr_expect(retry_status(again[i]), "%ld", again[i]);
  for (size_t i = 0; i < COUNT_OF(never); i++)
    cr_expect_not(retry_status(never[i]), "%ld", never[i]);
}

Test(remote_retry, reads_retry_after) {
  const int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */
  static const struct {
    const char *text;
    int64_t ms;
  } rows[] = {{"", -1},
              {"0", 0},
              {"7", 7000},
              {"-1", -1},
              {"1.5", -1},
              {"x", -1},
              {"999999999", 999999999000},
              {"9999999999999999999999", INT64_MAX},
              {"Sun, 06 Nov 1994 08:49:47 GMT", 10000},
              {"Sun, 06 Nov 1994 08:49:27 GMT", 0}};
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(retry_after_ms(slice_from(rows[i].text), now) == rows[i].ms,
              "%s", rows[i].text);
}

Test(remote_retry, waits_longer_each_time_and_ends) {
  const retry_settings s = {4, 100, 350, 5000};
  unsigned wait;
  cr_assert(retry_next(&s, 1, -1, 0, &wait) && wait == 100);
  cr_assert(retry_next(&s, 2, -1, 0, &wait) && wait == 200);
  cr_assert(retry_next(&s, 3, -1, 0, &wait) && wait == 350);
  cr_assert_not(retry_next(&s, 4, -1, 0, &wait));
  for (unsigned dice = 0; dice < 300; dice++)
    cr_assert(retry_next(&s, 1, -1, dice, &wait) && wait >= 100 &&
              wait < 125);
  cr_assert(retry_next(&s, 1, 3000, 0, &wait) && wait == 3000);
  cr_assert(retry_next(&s, 1, 0, 0, &wait) && wait == 100);
  cr_assert_not(retry_next(&s, 1, 5001, 0, &wait));
  cr_assert_not(retry_next(&s, 1, INT64_MAX, 0, &wait));
}

/* --- answers -------------------------------------------------------------- */

Test(remote_answer, holds_a_token) {
  static const struct {
    const char *body, *token;
    bool is_data;
  } rows[] = {{"{\"token\":\"a.b.c\"}", "a.b.c", false},
              {"{\"policy\":\"a.b.c\"}", "a.b.c", false},
              {"\"a.b.c\"", "a.b.c", false},
              {"{\"data\":\"e30\"}", "e30", true},
              {"{}", NULL, false},
              {"{\"token\":1}", NULL, false},
              {"{\"token\":\"\"}", NULL, false},
              {"\"\"", NULL, false},
              {"", NULL, false},
              {"{\"token\":\"a\"", NULL, false}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    TEST_ARENA(a, ARENA_LIMIT_BYTES);
    slice token;
    bool is_data, found = reply_token(&a, slice_from(rows[i].body), &token,
                                       &is_data);
    cr_assert(found == (rows[i].token != NULL), "%s", rows[i].body);
    if (found)
      cr_expect(slice_is(token, rows[i].token) && is_data == rows[i].is_data);
    arena_free(&a);
  }
}

Test(remote_answer, says_where_the_parser_stopped) {
  static const struct {
    const char *text;
    bool found;
    unsigned line, column;
  } rows[] = {{"symbol: '['\nLine: '2', Column: '1'\nFailure", true, 2, 1},
              {"Line: 12, Column: 345", true, 12, 345},
              {"Line: '2'", false, 0, 0},
              {"Line: '0', Column: '1'", false, 0, 0},
              {"Line: '', Column: ''", false, 0, 0},
              {"Line: '99999999999', Column: '1'", false, 0, 0},
              {"Line", false, 0, 0},
              {"", false, 0, 0}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    unsigned line = 0, column = 0;
    bool found = reply_place(slice_from(rows[i].text), &line, &column);
    cr_expect(found == rows[i].found, "%s", rows[i].text);
    cr_expect(!found || (line == rows[i].line && column == rows[i].column));
  }
}

Test(remote_answer, gives_the_reason_without_its_frame) {
  static const char *const rows[][2] = {
      {"Native operation failed with 74: x    Msg:[Unsigned JWS.] \n\r\n..",
       "Unsigned JWS."},
      {"x Msg:[a [b] c] Msg:[second]", "a [b] c"},
      {"x Msg:[open", "open"},
      {"Tpm attestation is not supported\r\nmore",
       "Tpm attestation is not supported"},
      {"", ""}};
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(slice_is(reply_reason(slice_from(rows[i][0])), rows[i][1]),
              "%s", rows[i][0]);
}

Test(remote_answer, knows_a_token_that_holds_nothing) {
  cr_expect(reply_is_empty_token(SLICE("eyJhbGciOiJub25lIn0..")));
  cr_expect(reply_is_empty_token(SLICE("eyJ..c2ln")));
  cr_expect_not(reply_is_empty_token(SLICE("a.b.")));
  cr_expect_not(reply_is_empty_token(SLICE("a.")));
  cr_expect_not(reply_is_empty_token(SLICE_EMPTY));
}

/* --- secrets -------------------------------------------------------------- */

Test(remote_secrets, are_never_shown) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  remote r;
  remote_init(&r, &a);
  remote_secret_copy(&r, SLICE("hunter2"));
  remote_secret_copy(&r, SLICE("hunter2-longer"));
  remote_secret_copy(&r, SLICE_EMPTY);
  cr_expect(slice_is(remote_redacted(&r, SLICE("a hunter2-longer hunter2 b")),
                     "a *** *** b"));
  cr_expect_not(remote_fail(&r, REMOTE_DENIED, "the word is %s", "hunter2"));
  cr_expect_str_eq(r.failure.message, "the word is ***");
  arena_free(&a);
}

Test(remote_secrets, are_cleansed) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  arena inner;
  remote r;
  char word[] = "hunter2";
  arena_init(&inner, ARENA_LIMIT_BYTES);
  inner.guard = a.guard;
  remote_init(&r, &inner);
  remote_secret(&r, (slice){word, sizeof word - 1});
  arena_free(&inner);
  for (size_t i = 0; i < sizeof word - 1; i++)
    cr_expect(word[i] == 0);
  arena_free(&a);
}
