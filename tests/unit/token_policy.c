/* SPDX-License-Identifier: Apache-2.0 */
#include "token/policy_token.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "sign/policy_hash.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

/* header.payload.signature of JSON texts; the signature is not looked at. */
static slice token_of(arena *a, const char *header, const char *payload) {
  buffer token = buffer_in(a);
  base64url_encode(&token, bytes_from_slice(slice_from(header)));
  buffer_char(&token, '.');
  base64url_encode(&token, bytes_from_slice(slice_from(payload)));
  buffer_text(&token, ".c2ln");
  return buffer_slice(&token);
}

#define POLICY_PAYLOAD "{\"AttestationPolicy\":\"dg\"}"

static slice answer_of(arena *a, slice policy_token) {
  buffer payload = buffer_in(a);
  buffer_printf(&payload, "{\"exp\":1,\"x-ms-policy\":\"%.*s\"}",
                SLICE_ARGS(policy_token));
  return token_of(a, "{\"alg\":\"RS256\"}", buffer_slice(&payload).data);
}

static slice padded(arena *a, const char *before, slice token,
                    const char *behind) {
  buffer text = buffer_in(a);
  buffer_printf(&text, "%s%.*s%s", before, SLICE_ARGS(token), behind);
  return buffer_slice(&text);
}

static void check_find(arena *a) {
  slice token = token_of(a, "{\"alg\":\"none\"}", POLICY_PAYLOAD);
  const struct {
    const char *name;
    slice given, expected;
  } rows[] = {
      {"bare", token, token},
      {"with a line end", padded(a, "", token, "\r\n"), token},
      {"in quotes, as the command line of Azure sends it",
       padded(a, " \"", token, "\"\n"), token},
      {"in the service's answer", answer_of(a, token), token},
      {"twice in answers", answer_of(a, answer_of(a, token)), token},
      {"without end in answers",
       answer_of(a, answer_of(a, answer_of(a, token))), SLICE_EMPTY},
      {"text", SLICE("version= 1.0;"), SLICE_EMPTY},
      {"nothing", SLICE_EMPTY, SLICE_EMPTY},
      {"only quotes", SLICE("\"\""), SLICE_EMPTY},
      {"a reset", SLICE("eyJhbGciOiJub25lIn0.."), SLICE_EMPTY},
      {"another token", token_of(a, "{}", "{\"iss\":\"x\"}"), SLICE_EMPTY},
      {"no object", token_of(a, "{}", "[1]"), SLICE_EMPTY},
      {"no JSON", token_of(a, "{}", "{"), SLICE_EMPTY},
      {"one part", SLICE("eyJhbGciOiJub25lIn0"), SLICE_EMPTY},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice found = policy_token_find(a, rows[i].given);
    cr_expect(slice_equal(found, rows[i].expected), "%s: %.*s", rows[i].name,
              SLICE_ARGS(found));
  }
}

Test(token_policy, finds_the_token_that_the_service_hashes) {
  TEST_ARENA(a, MEBIBYTE);
  check_find(&a);
  arena_free(&a);
}

/* Base64 of a self-signed certificate for a key of that type. */
static const char *certificate(arena *a, EVP_PKEY *key) {
  X509 *x = X509_new();
  cr_assert(x && key && X509_set_pubkey(x, key) &&
            X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
            X509_gmtime_adj(X509_getm_notAfter(x), 60) &&
            X509_sign(x, key, EVP_sha256()) > 0);
  unsigned char *der = NULL;
  int length = i2d_X509(x, &der);
  cr_assert_gt(length, 0);
  buffer text = buffer_in(a);
  base64_encode(&text, (bytes){der, (size_t)length});
  OPENSSL_free(der);
  X509_free(x);
  EVP_PKEY_free(key);
  return buffer_slice(&text).data;
}

static const char *signer_text(arena *a, const char *format,
                               const char *leaf) {
  buffer header = buffer_in(a);
  for (const char *f = format; *f; f++)
    if (*f == '@')
      buffer_text(&header, leaf);
    else
      buffer_char(&header, *f);
  slice token = token_of(a, buffer_slice(&header).data, POLICY_PAYLOAD);
  value signer = policy_token_signer(a, token);
  buffer text = buffer_in(a);
  json_write(&text, &signer);
  return buffer_slice(&text).data;
}

static void check_signer(arena *a, const char *leaf, const char *type) {
  static const char *const headers[] = {
      "{\"alg\":\"RS256\",\"x5c\":[\"@\"]}",
      "{\"x5c\":[\"@\"],\"alg\":\"RS256\"}",
      "{\"alg\": \"RSA256\", \"jwk\": {\"x5c\": [\"@\"]}}",
  };
  buffer expected = buffer_in(a);
  buffer_printf(&expected, "{\"kty\":\"%s\",\"x5c\":[\"%s\"]}", type, leaf);
  for (size_t i = 0; i < COUNT_OF(headers); i++)
    cr_expect_str_eq(signer_text(a, headers[i], leaf),
                     buffer_slice(&expected).data, "%s", headers[i]);
}

static void check_no_signer(arena *a, const char *leaf) {
  static const char *const headers[] = {
      "{\"alg\":\"none\"}",
      "{\"x5c\":[]}",
      "{\"x5c\":\"@\"}",
      "{\"x5c\":[17]}",
      "{\"x5c\":[\"AAAA\"]}",
      "{\"x5c\":[\"?\"]}",
      "{\"jwk\":17}",
      "{\"jwk\":{}}",
      "[\"@\"]",
      "not JSON",
  };
  for (size_t i = 0; i < COUNT_OF(headers); i++)
    cr_expect_str_eq(signer_text(a, headers[i], leaf), "null", "%s",
                     headers[i]);
}

Test(token_policy, names_the_signer_of_either_kind_of_header) {
  TEST_ARENA(a, MEBIBYTE);
  const char *rsa = certificate(&a, EVP_RSA_gen(2048));
  const char *ec = certificate(&a, EVP_EC_gen("P-256"));
  check_signer(&a, rsa, "RSA");
  check_signer(&a, ec, "EC");
  check_no_signer(&a, ec);
  arena_free(&a);
}
