/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys are keys at all; signatures are in tests/unit/sign_private_key.c
 * and tests/unit/token_attacks.c. */
#include "sign/public_key.h"

#include <openssl/x509.h>

#include "sign/jwk.h"
#include "tests/unit/token_fixture.h"

/* A P-256 key whose curve is written out instead of named: whoever chooses the
 * generator can sign for any public point (CVE-2020-0601). */
Test(public_key, refuses_a_curve_that_is_written_out) {
  TEST_ARENA(a, (size_t)16 << 20);
  const char *reason = NULL;
  unsigned char *der = NULL;
  private_key key;
  cr_assert(private_key_make(&a, JWS_ES256, 0, &key) == PRIVATE_KEY_OK);
  bytes named = private_key_public_der(&a, &key);
  cr_expect_not_null(public_key_from_spki(&a, named, &reason));
  cr_assert(EVP_PKEY_set_utf8_string_param(key.pair, "encoding",
                                           "explicit") == 1);
  int length = i2d_PUBKEY(key.pair, &der);
  cr_assert(length > (int)named.length);
  cr_expect_null(
      public_key_from_spki(&a, (bytes){der, (size_t)length}, &reason));
  cr_expect_str_eq(reason,
                   "the key's curve is not P-256, P-384 or P-521 by name");
  OPENSSL_free(der);
  arena_free(&a);
}

Test(public_key, refuses_points_that_are_none) {
  TEST_ARENA(a, (size_t)16 << 20);
  const char *reason = NULL;
  uint8_t zeros[66] = {0};
  static const size_t sizes[] = {0, 31, 32, 33, 48, 66};
  static const char *const curves[] = {"P-256", "P-384", "P-521",
                                       "secp256k1", "p-256", ""};
  for (size_t c = 0; c < COUNT_OF(curves); c++)
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
      bytes number = {zeros, sizes[i]};
      cr_expect_null(public_key_from_point(&a, slice_from(curves[c]), number,
                                           number, &reason));
    }
  arena_free(&a);
}

Test(public_key, refuses_spki_with_more_behind_it) {
  TEST_ARENA(a, (size_t)16 << 20);
  const char *reason = NULL;
  private_key key;
  cr_assert(private_key_make(&a, JWS_ES256, 0, &key) == PRIVATE_KEY_OK);
  bytes der = private_key_public_der(&a, &key);
  uint8_t *longer = arena_zalloc(&a, der.length + 1);
  memcpy(longer, der.data, der.length);
  cr_expect_null(
      public_key_from_spki(&a, (bytes){longer, der.length + 1}, &reason));
  for (size_t i = 0; i < der.length; i++)
    cr_expect_null(public_key_from_spki(&a, (bytes){der.data, i}, &reason));
  arena_free(&a);
}

/* --- JWK ------------------------------------------------------------------ */

/* The good EC key of RFC 7515 appendix A.3 with a member more or less. */
#define NUMBERS                                                    \
  "\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9u" \
  "PHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""

Test(jwk, is_usable_only_to_verify) {
  static const struct {
    const char *text;
    bool is_usable;
  } rows[] = {
      {"{\"kty\":\"EC\"," NUMBERS "}", true},
      {"{\"kty\":\"EC\",\"use\":\"sig\"," NUMBERS "}", true},
      {"{\"kty\":\"EC\",\"use\":\"enc\"," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"use\":1," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"key_ops\":[\"verify\"]," NUMBERS "}", true},
      {"{\"kty\":\"EC\",\"key_ops\":[\"encrypt\"]," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"key_ops\":[]," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"alg\":\"ES256\"," NUMBERS "}", true},
      {"{\"kty\":\"EC\",\"alg\":\"HS256\"," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"alg\":\"none\"," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"d\":\"AQ\"," NUMBERS "}", true},
      {"{\"kty\":\"EC\",\"x5c\":[]," NUMBERS "}", false},
      {"{\"kty\":\"EC\",\"x5c\":[\"AAAA\"]," NUMBERS "}", false},
      {"{\"kty\":\"RSA\"," NUMBERS "}", false},
      {"{\"kty\":\"ec\"," NUMBERS "}", false},
      {"{\"kty\":\"oct\",\"k\":\"AQ\"}", false},
      {"{\"kty\":\"EC\"}", false},
  };
  TEST_ARENA(a, (size_t)16 << 20);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    jwk_set keys;
    const char *reason = NULL;
    cr_assert(jwk_set_read(&a, slice_from(rows[i].text), &keys, &reason));
    cr_assert_eq(keys.count, 1);
    cr_expect_eq(keys.items[0].key != NULL, rows[i].is_usable, "%s",
                 rows[i].text);
    cr_expect_eq(keys.items[0].reason == NULL, rows[i].is_usable);
  }
  arena_free(&a);
}

/* Numbers of one key beside the certificate of another. */
Test(jwk, must_be_one_key) {
  token_fixture f;
  fixture_begin(&f);
  certificate_recipe own = {.key = &f.rsa, .name = "own"}, other = own;
  private_key another;
  cr_assert(private_key_make(&f.arena, JWS_RS256, 0, &another) ==
            PRIVATE_KEY_OK);
  other.key = &another;
  const certificate_recipe *recipes[] = {&own, &other};
  for (size_t i = 0; i < 2; i++) {
    jwk_set keys;
    const char *reason = NULL;
    slice numbers = jwk_text(&f.arena, &f.rsa, "k");
    slice x5c = certificate_text(&f, make_certificate(&f, recipes[i]));
    buffer text = buffer_in(&f.arena);
    buffer_printf(&text, "%.*s,\"x5c\":[\"%.*s\"]}", (int)numbers.length - 1,
                  numbers.data, SLICE_ARGS(x5c));
    cr_assert(jwk_set_read(&f.arena, buffer_slice(&text), &keys, &reason));
    cr_expect_eq(keys.items[0].key != NULL, i == 0);
  }
  fixture_end(&f);
}
