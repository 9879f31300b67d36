/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of every algorithm, and which keys make them. Independent
 * programs verify them in tests/command/sign_test.py. */
#include <openssl/evp.h>

#include "sign/jws_make.h"
#include "sign/public_key.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

static const jws_algorithm every[] = {
    JWS_RS256, JWS_RS384, JWS_RS512, JWS_PS256, JWS_PS384,
    JWS_PS512, JWS_ES256, JWS_ES384, JWS_ES512,
};

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
    const char *reason;
    public_key *public = public_key_from_handle(&a, key.pair, &reason);
    cr_assert_not_null(public);
    cr_assert(private_key_sign(&a, &key, every[i], message, &signature));
    cr_expect(public_key_verify(public, every[i], message, signature), "%s",
              jws_algorithm_name(every[i]));
    bytes other = bytes_from_slice(SLICE("the signing inpuT"));
    cr_expect_not(public_key_verify(public, every[i], other, signature), "%s",
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

Test(public_key, takes_one_encoding_of_a_signature_only) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  /* r = 1, s = 0x80, which needs a zero in front. */
  static const uint8_t der[] = {0x30, 7, 2, 1, 1, 2, 2, 0, 0x80};
  static const struct {
    uint8_t text[12];
    size_t length;
  } wrong[] = {
      {{0x30, 7, 2, 1, 1, 2, 2, 0, 0x80, 0}, 10},    /* something behind */
      {{0x30, 8, 2, 1, 1, 2, 2, 0, 0x80, 0}, 10},    /* the same inside */
      {{0x30, 7, 2, 1, 1, 2, 2, 0}, 8},              /* cut short */
      {{0x30, 6, 2, 1, 1, 2, 1, 0x80}, 8},           /* negative */
      {{0x30, 8, 2, 2, 0, 1, 2, 2, 0, 0x80}, 10},    /* not the shortest */
      {{0x30, 0x81, 7, 2, 1, 1, 2, 2, 0, 0x80}, 10}, /* nor here */
      {{0x30, 8, 2, 0x81, 1, 1, 2, 2, 0, 0x80}, 10},
      {{0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0}, 10}, /* no length */
      {{0x30, 5, 2, 0, 2, 1, 1}, 7},              /* an empty number */
      {{0x30, 3, 2, 1, 1}, 5},                    /* one number */
      {{0x04, 7, 2, 1, 1, 2, 2, 0, 0x80}, 9},
      {{0x30, 0x81}, 2},
      {{0x30}, 1},
      {{0}, 0},
  };
  bytes raw;
  for (jws_algorithm i = JWS_ES256; i <= JWS_ES512; i++) {
    size_t size = jws_algorithm_of(i)->number_bytes;
    cr_assert(ecdsa_signature_from_der(&a, (bytes){der, sizeof der}, size,
                                       &raw));
    cr_expect(raw.length == 2 * size && raw.data[0] == 0 &&
              raw.data[size - 1] == 1 && raw.data[size] == 0 &&
              raw.data[2 * size - 1] == 0x80);
    for (size_t w = 0; w < COUNT_OF(wrong); w++)
      cr_expect_not(ecdsa_signature_from_der(
                        &a, (bytes){wrong[w].text, wrong[w].length}, size,
                        &raw),
                    "row %zu", w);
  }
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
