/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that OpenSSL itself verifies, for every algorithm. */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "sign/ec_signature.h"
#include "sign/jws_make.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

static const jws_algorithm every[] = {
    JWS_RS256, JWS_RS384, JWS_RS512, JWS_PS256, JWS_PS384,
    JWS_PS512, JWS_ES256, JWS_ES384, JWS_ES512,
};

static bool verifies(const private_key *key, jws_algorithm algorithm,
                     bytes message, bytes signature) {
  const jws_algorithm_facts *facts = jws_algorithm_of(algorithm);
  static const char *const hashes[] = {"SHA1", "SHA256", "SHA384", "SHA512"};
  uint8_t der[EC_DER_BYTES_MAX];
  if (facts->key_type == JWS_KEY_EC)
    signature =
        (bytes){der, ec_signature_to_der(algorithm, signature, der)};
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *parameters;
  cr_assert(EVP_DigestVerifyInit_ex(context, &parameters,
                                    hashes[facts->digest], NULL, NULL,
                                    key->pair, NULL) == 1);
  if (facts->is_pss) {
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
  }
  bool good = EVP_DigestVerify(context, signature.data, signature.length,
                               message.data, message.length) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

Test(private_key, signs_with_every_algorithm) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  private_key rsa;
  cr_assert(private_key_make(&a, JWS_RS256, 0, &rsa) == PRIVATE_KEY_OK);
  cr_expect(rsa.bits == 2048 && rsa.algorithm == JWS_RS256);
  bytes message = bytes_from_slice(SLICE("the signing input"));
  for (size_t i = 0; i < COUNT_OF(every); i++) {
    private_key key = rsa;
    if (jws_algorithm_of(every[i])->key_type == JWS_KEY_EC)
      cr_assert(private_key_make(&a, every[i], 0, &key) == PRIVATE_KEY_OK);
    bytes signature;
    cr_assert(private_key_sign(&a, &key, every[i], message, &signature));
    cr_expect(verifies(&key, every[i], message, signature), "%s",
              jws_algorithm_name(every[i]));
    bytes other = bytes_from_slice(SLICE("the signing inpuT"));
    cr_expect_not(verifies(&key, every[i], other, signature), "%s",
                  jws_algorithm_name(every[i]));
  }
  arena_free(&a);
}

Test(private_key, signs_only_with_what_suits_the_key) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  private_key key;
  bytes signature, message = bytes_from_slice(SLICE("text"));
  cr_assert(private_key_make(&a, JWS_ES256, 0, &key) == PRIVATE_KEY_OK);
  for (jws_algorithm i = JWS_NONE; i <= JWS_UNKNOWN; i++)
    cr_expect(private_key_sign(&a, &key, i, message, &signature) ==
              (i == JWS_ES256));
  cr_expect(private_key_make(&a, JWS_NONE, 0, &key) == PRIVATE_KEY_UNSUITED);
  cr_expect(private_key_make(&a, JWS_PS256, 2047, &key) ==
            PRIVATE_KEY_UNSUITED);
  cr_expect(private_key_make(&a, JWS_RS256, 8193, &key) ==
            PRIVATE_KEY_UNSUITED);
  arena_free(&a);
}

Test(private_key, refuses_other_kinds) {
  static const struct {
    const char *type, *group;
    size_t bits;
  } rows[] = {{"RSA", NULL, 1024},
              {"RSA", NULL, 2047},
              {"EC", "secp224r1", 0},
              {"EC", "secp256k1", 0},
              {"ED25519", NULL, 0},
              {"X25519", NULL, 0}};
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    EVP_PKEY *pair;
    if (rows[i].bits)
      pair = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", rows[i].bits);
    else if (rows[i].group)
      pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", rows[i].group);
    else
      pair = EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type);
    cr_assert_not_null(pair);
    private_key key;
    const char *reason = NULL;
    cr_expect(private_key_take(&a, pair, &key, &reason) ==
                  PRIVATE_KEY_UNSUITED,
              "row %zu", i);
    cr_expect_not_null(reason);
  }
  arena_free(&a);
}

Test(ec_signature, goes_both_ways_and_refuses_what_is_no_der) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  /* r = 1, s = 0x80.., which needs a zero in front. */
  static const uint8_t der[] = {0x30, 7, 2, 1, 1, 2, 2, 0, 0x80};
  static const struct {
    uint8_t text[10];
    size_t length;
  } wrong[] = {
      {{0x30, 7, 2, 1, 1, 2, 2, 0, 0x80, 0}, 10}, /* something behind */
      {{0x30, 7, 2, 1, 1, 2, 2, 0}, 8},           /* cut short */
      {{0x30, 6, 2, 1, 1, 2, 1, 0x80}, 8},        /* negative */
      {{0x30, 8, 2, 2, 0, 1, 2, 2, 0, 0x80}, 10}, /* not the shortest */
      {{0x30, 0x81, 7, 2, 1, 1, 2, 2, 0, 0x80}, 10},
      {{0x04, 7, 2, 1, 1, 2, 2, 0, 0x80}, 9},
      {{0}, 0},
  };
  uint8_t raw[EC_RAW_BYTES_MAX], again[EC_DER_BYTES_MAX];
  for (jws_algorithm i = JWS_ES256; i <= JWS_ES512; i++) {
    size_t length = ec_signature_raw_length(i), half = length / 2;
    cr_assert(ec_signature_from_der(i, (bytes){der, sizeof der}, raw));
    cr_expect(raw[0] == 0 && raw[half - 1] == 1 && raw[half] == 0 &&
              raw[length - 1] == 0x80);
    cr_expect(ec_signature_to_der(i, (bytes){raw, length}, again) ==
              sizeof der);
    cr_expect_arr_eq(again, der, sizeof der);
    cr_expect(ec_signature_to_der(i, (bytes){raw, length - 1}, again) == 0);
    for (size_t w = 0; w < COUNT_OF(wrong); w++)
      cr_expect_not(ec_signature_from_der(
                        i, (bytes){wrong[w].text, wrong[w].length}, raw),
                    "row %zu", w);
  }
  cr_expect(ec_signature_raw_length(JWS_RS256) == 0);
  arena_free(&a);
}

Test(algorithm, has_exact_names) {
  for (jws_algorithm i = JWS_NONE; i < JWS_UNKNOWN; i++)
    cr_expect(jws_algorithm_from_name(
                  slice_from(jws_algorithm_name(i))) == i);
  static const char *const others[] = {"",      "rs256",  "RS256 ", "HS256",
                                       "None",  "RSA256", "ES256K", "unknown",
                                       "EdDSA", "ECDH256"};
  for (size_t i = 0; i < COUNT_OF(others); i++)
    cr_expect(jws_algorithm_from_name(slice_from(others[i])) == JWS_UNKNOWN,
              "%s", others[i]);
}

/* RFC 7515 appendix A.5, and A.3.1's signing input. */
Test(jws_make, writes_the_standards_examples) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  slice payload = SLICE("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                        "\"http://example.com/is_root\":true}");
  cr_expect(slice_is(
      jws_make_unsecured(&a, SLICE("{\"alg\":\"none\"}"), payload),
      "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"
      "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."));
  cr_expect(slice_is(
      jws_signing_input(&a, SLICE("{\"alg\":\"ES256\"}"), payload),
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"
      "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"));
  arena_free(&a);
}
