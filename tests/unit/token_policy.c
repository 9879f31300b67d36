/* SPDX-License-Identifier: Apache-2.0 */
#include "token/policy_token.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "sign/ec_key.h"
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

/* --- signers -------------------------------------------------------------- */

/* Base64 of a self-signed certificate for the key. */
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
  return buffer_slice(&text).data;
}

/* PKCS #1 v1.5 or ECDSA as DER, with SHA-256. */
static bytes sign_plainly(arena *a, EVP_PKEY *key, slice data) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t length = (size_t)EVP_PKEY_get_size(key);
  unsigned char *signature = arena_alloc(a, length);
  cr_assert(
      EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
      EVP_DigestSign(context, signature, &length,
                     (const unsigned char *)data.data, data.length) == 1);
  EVP_MD_CTX_free(context);
  return (bytes){signature, length};
}

static bytes sign_raw(arena *a, EVP_PKEY *key, slice data) {
  uint8_t *signature = arena_alloc(a, EC_SIGNATURE_BYTES);
  cr_assert(ec_sign(key, bytes_from_slice(data), signature));
  return (bytes){signature, EC_SIGNATURE_BYTES};
}

/* A policy token; @ in the header stands for the certificate. */
static slice signed_token(arena *a, const char *format, const char *leaf,
                          EVP_PKEY *key,
                          bytes (*sign)(arena *, EVP_PKEY *, slice)) {
  buffer header = buffer_in(a), token = buffer_in(a);
  for (const char *f = format; *f; f++)
    if (*f == '@')
      buffer_text(&header, leaf);
    else
      buffer_char(&header, *f);
  base64url_encode(&token, bytes_from_slice(buffer_slice(&header)));
  buffer_char(&token, '.');
  base64url_encode(&token, bytes_from_slice(SLICE(POLICY_PAYLOAD)));
  bytes signature = sign(a, key, buffer_slice(&token));
  buffer_char(&token, '.');
  base64url_encode(&token, signature);
  return buffer_slice(&token);
}

static void check_signed(arena *a, slice token, const char *leaf,
                         const char *type) {
  value signer;
  cr_expect_eq(policy_token_signer(a, token, &signer), POLICY_SIGNED, "%s",
               type);
  buffer expected = buffer_in(a), text = buffer_in(a);
  buffer_printf(&expected, "{\"kty\":\"%s\",\"x5c\":[\"%s\"]}", type, leaf);
  json_write(&text, &signer);
  cr_expect_str_eq(buffer_slice(&text).data, buffer_slice(&expected).data);
  /* Any other payload: the last of its characters is another one. */
  char *forged = arena_string(a, token);
  char *end = strrchr(forged, '.');
  end[-1] = end[-1] == 'A' ? 'E' : 'A';
  cr_expect_eq(policy_token_signer(a, slice_from(forged), &signer),
               POLICY_SIGNED_WRONGLY, "%s", type);
  cr_expect_eq(signer.kind, VALUE_NULL, "%s", type);
}

static const char standard[] = "{\"alg\":\"RS256\",\"x5c\":[\"@\"]}";
static const char python[] =
    "{\"alg\": \"RSA256\", \"jwk\": {\"x5c\": [\"@\"]}}";

Test(token_policy, names_a_signer_whose_signature_holds) {
  TEST_ARENA(a, MEBIBYTE);
  EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
  const char *rsa_leaf = certificate(&a, rsa), *ec_leaf = certificate(&a, ec);
  check_signed(&a, signed_token(&a, standard, rsa_leaf, rsa, sign_plainly),
               rsa_leaf, "RSA");
  check_signed(&a, signed_token(&a, python, rsa_leaf, rsa, sign_plainly),
               rsa_leaf, "RSA");
  check_signed(&a, signed_token(&a, standard, ec_leaf, ec, sign_raw), ec_leaf,
               "EC");
  check_signed(&a, signed_token(&a, standard, ec_leaf, ec, sign_plainly),
               ec_leaf, "EC");
  EVP_PKEY_free(rsa);
  EVP_PKEY_free(ec);
  arena_free(&a);
}

static void check_others(arena *a, EVP_PKEY *key, const char *leaf) {
  static const struct {
    const char *header;
    policy_signature expected;
  } rows[] = {
      {"{\"alg\":\"none\"}", POLICY_UNSIGNED},
      {"{\"alg\":\"none\",\"x5c\":[\"@\"]}", POLICY_UNSIGNED},
      {"{\"alg\":\"RS256\"}", POLICY_UNSIGNED},
      {"{\"x5c\":[]}", POLICY_UNSIGNED},
      {"{\"x5c\":\"@\"}", POLICY_UNSIGNED},
      {"{\"x5c\":[17]}", POLICY_UNSIGNED},
      {"{\"jwk\":17}", POLICY_UNSIGNED},
      {"[\"@\"]", POLICY_UNSIGNED},
      {"not JSON", POLICY_UNSIGNED},
      {"{\"x5c\":[\"AAAA\"]}", POLICY_SIGNED_WRONGLY},
      {"{\"x5c\":[\"?\"]}", POLICY_SIGNED_WRONGLY},
      {"{\"x5c\":[\"@\"]}", POLICY_SIGNED_WRONGLY},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value signer;
    slice token = signed_token(a, rows[i].header, leaf, key, sign_raw);
    cr_expect_eq(policy_token_signer(a, token, &signer), rows[i].expected,
                 "%s", rows[i].header);
    cr_expect_eq(signer.kind, VALUE_NULL, "%s", rows[i].header);
  }
}

/* Signed by another key than the certificate's. */
Test(token_policy, names_nobody_else) {
  TEST_ARENA(a, MEBIBYTE);
  EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
  check_others(&a, other, certificate(&a, key));
  EVP_PKEY_free(key);
  EVP_PKEY_free(other);
  arena_free(&a);
}
