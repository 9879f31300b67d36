/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509.h>

#include "base/base64.h"
#include "sign/digest.h"
#include "sign/ec_key.h"
#include "sign/policy_hash.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

/* FIPS 180-4 examples. */
Test(digest, gives_the_standards_examples) {
  static const struct {
    digest_algorithm algorithm;
    const char *text, *expected;
  } rows[] = {
      {DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {DIGEST_SHA256, "abc",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {DIGEST_SHA256, "",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {DIGEST_SHA384, "abc",
       "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
       "8086072ba1e7cc2358baeca134c825a7"},
      {DIGEST_SHA512, "abc",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    uint8_t hash[DIGEST_BYTES_MAX];
    bytes data = bytes_from_slice(slice_from(rows[i].text));
    cr_assert(digest(rows[i].algorithm, data, hash));
    buffer hex = buffer_in(&a);
    buffer_hex(&hex, (bytes){hash, digest_length(rows[i].algorithm)});
    cr_expect(slice_is(buffer_slice(&hex), rows[i].expected), "row %zu", i);
  }
  arena_free(&a);
}

Test(digest, does_not_care_where_parts_are_cut) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  static const char text[] = "the attestation key and the auth data";
  uint8_t whole[SHA256_BYTES], parted[SHA256_BYTES];
  digest_sha256(&a, (bytes){(const uint8_t *)text, sizeof text}, whole);
  for (size_t cut = 0; cut <= sizeof text; cut++) {
    bytes parts[] = {{(const uint8_t *)text, cut},
                     {(const uint8_t *)text + cut, sizeof text - cut}};
    digest_sha256_parts(&a, parts, 2, parted);
    cr_expect_arr_eq(parted, whole, sizeof whole, "cut %zu", cut);
  }
  arena_free(&a);
}

/* Values that the real service gave for these texts. */
Test(policy_hash, agrees_with_the_service) {
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"version= 1.0;authorizationrules{=> permit();};",
       "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco"},
      {"version= 1.1;configurationrules{=> issueproperty(type=\"x-ms-sgx-"
       "tcbidentifier\", value=\"azuredefault\");};authorizationrules{=> "
       "permit();};issuancerules{c:[type==\"x-ms-sgx-is-debuggable\"] => "
       "issue(type=\"is-debuggable\", value=c.value);c:[type==\"x-ms-sgx-"
       "mrsigner\"] => issue(type=\"sgx-mrsigner\", value=c.value);c:[type=="
       "\"x-ms-sgx-mrenclave\"] => issue(type=\"sgx-mrenclave\", value="
       "c.value);c:[type==\"x-ms-sgx-product-id\"] => issue(type=\"product-"
       "id\", value=c.value);c:[type==\"x-ms-sgx-svn\"] => issue(type="
       "\"svn\", value=c.value);c:[type==\"x-ms-attestation-type\"] => "
       "issue(type=\"tee\", value=c.value);};",
       "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc"},
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(
        slice_is(policy_hash(&a, slice_from(rows[i].text)), rows[i].expected),
        "row %zu", i);
  arena_free(&a);
}

/* Token and hash as the JavaScript client sends and computes them. */
Test(policy_hash, writes_the_token_that_clients_send) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  slice token = policy_unsecured_token(
      &a, SLICE("version=1.0; authorizationrules{=> permit();}; "
                "issuancerules{};"));
  cr_expect(slice_is(
      token, "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2Ym"
             "oweExqQTdJR0YxZEdodmNtbDZZWFJwYjI1eWRXeGxjM3M5UGlCd1pYSnRhWFFv"
             "S1R0OU95QnBjM04xWVc1alpYSjFiR1Z6ZTMwNyJ9."));
  cr_expect(slice_is(policy_token_hash(&a, token),
                     "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ"));
  arena_free(&a);
}

static bytes from_hex(arena *a, const char *text) {
  bytes result;
  cr_assert(hex_decode(a, slice_from(text), &result));
  return result;
}

/* RFC 6979, A.2.5: message "sample" with SHA-256. */
Test(ec_key, verifies_the_standards_example) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  bytes point = from_hex(
      &a, "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  bytes signature = from_hex(
      &a, "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EVP_PKEY *key = ec_key_from_point(&a, point);
  cr_assert_not_null(key);
  bytes text = bytes_from_slice(SLICE("sample"));
  cr_expect(ec_verify(key, text, signature));
  cr_expect_not(ec_verify(key, bytes_from_slice(SLICE("simple")), signature));
  cr_expect_not(ec_verify(key, text, (bytes){signature.data, 63}));
  uint8_t again[EC_PUBLIC_BYTES];
  cr_assert(ec_key_point(key, again));
  cr_expect_arr_eq(again, point.data, sizeof again);
  arena_free(&a);
}

Test(ec_key, refuses_points_off_the_curve) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  uint8_t point[EC_PUBLIC_BYTES];
  cr_assert(ec_key_point(ec_key_make(&a), point));
  point[63] ^= 1;
  cr_expect_null(ec_key_from_point(&a, (bytes){point, sizeof point}));
  memset(point, 0, sizeof point);
  cr_expect_null(ec_key_from_point(&a, (bytes){point, sizeof point}));
  memset(point, 0xff, sizeof point);
  cr_expect_null(ec_key_from_point(&a, (bytes){point, sizeof point}));
  cr_expect_null(ec_key_from_point(&a, (bytes){point, 63}));
  arena_free(&a);
}

/* Every single bit counts. */
Test(ec_key, signs_so_that_only_that_text_verifies) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  EVP_PKEY *key = ec_key_make(&a), *other = ec_key_make(&a);
  uint8_t signature[EC_SIGNATURE_BYTES], text[] = {1, 2, 3};
  bytes data = {text, sizeof text}, signed_by = {signature, sizeof signature};
  cr_assert(ec_sign(key, data, signature));
  cr_expect(ec_verify(key, data, signed_by));
  cr_expect_not(ec_verify(other, data, signed_by));
  for (size_t i = 0; i < 8 * sizeof signature; i += 7) {
    signature[i / 8] ^= (uint8_t)(1u << i % 8);
    cr_expect_not(ec_verify(key, data, signed_by), "bit %zu", i);
    signature[i / 8] ^= (uint8_t)(1u << i % 8);
  }
  text[1] = 9;
  cr_expect_not(ec_verify(key, data, signed_by));
  arena_free(&a);
}

/* RFC 6979, A.2.6: message "sample" with SHA-384. */
Test(ec384_key, verifies_the_standards_example) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  bytes spki = from_hex(
      &a, "3076301006072a8648ce3d020106052b8104002203620004"
          "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
          "def8f0ea9055866064a254515480bc13"
          "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
          "288b231c3ae0d4fe7344fd2533264720");
  bytes signature = from_hex(
      &a, "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
          "81a648152e44acf96e36dd1e80fabe46"
          "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
          "a329c145786e679e7b82c71a38628ac8");
  const unsigned char *at = spki.data;
  EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.length);
  cr_assert_not_null(key);
  bytes text = bytes_from_slice(SLICE("sample"));
  cr_expect(ec384_verify(key, text, signature));
  cr_expect_not(ec384_verify(key, bytes_from_slice(SLICE("x")), signature));
  cr_expect_not(ec384_verify(key, text, (bytes){signature.data, 95}));
  cr_expect_not(ec_verify(key, text, (bytes){signature.data, 64}));
  EVP_PKEY_free(key);
  arena_free(&a);
}

Test(ec384_key, signs_so_that_only_that_text_verifies) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  EVP_PKEY *key = ec384_key_make(&a);
  uint8_t signature[EC384_SIGNATURE_BYTES], text[] = {1, 2, 3};
  bytes data = {text, sizeof text}, signed_by = {signature, sizeof signature};
  cr_expect_not(ec_sign(key, data, signature));
  cr_expect_not(ec384_sign(ec_key_make(&a), data, signature));
  cr_assert(ec384_sign(key, data, signature));
  cr_expect(ec384_verify(key, data, signed_by));
  cr_expect_not(ec384_verify(ec384_key_make(&a), data, signed_by));
  for (size_t i = 0; i < 8 * sizeof signature; i += 13) {
    signature[i / 8] ^= (uint8_t)(1u << i % 8);
    cr_expect_not(ec384_verify(key, data, signed_by), "bit %zu", i);
    signature[i / 8] ^= (uint8_t)(1u << i % 8);
  }
  text[1] = 9;
  cr_expect_not(ec384_verify(key, data, signed_by));
  arena_free(&a);
}
