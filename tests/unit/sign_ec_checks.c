/* SPDX-License-Identifier: Apache-2.0 */
/* Checks by kept preparations say what fresh ones say. */
#include "sign/ec_checks.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "sign/ec_key.h"
#include "sign/public_key.h"
#include "tests/unit/unit.h"

enum { ARENA_BYTES = 16 << 20, KEYS = 100 };

typedef struct signed_text {
  EVP_PKEY *key;
  uint8_t text[4], signature[EC_SIGNATURE_BYTES];
} signed_text;

static bytes text_of(const signed_text *s) {
  return (bytes){s->text, sizeof s->text};
}

static bytes signature_of(const signed_text *s) {
  return (bytes){s->signature, sizeof s->signature};
}

static signed_text make(arena *a, uint8_t number) {
  signed_text s = {.key = ec_key_make(a), .text = {number, 1, 2, 3}};
  cr_assert(ec_sign(s.key, text_of(&s), s.signature));
  return s;
}

/* More keys than there are places, twice, so that each is made room for. */
Test(ec_checks, tells_many_keys_apart) {
  TEST_ARENA(a, ARENA_BYTES);
  static signed_text all[KEYS];
  ec_checks *checks = ec_checks_new(&a);
  for (size_t i = 0; i < KEYS; i++)
    all[i] = make(&a, (uint8_t)i);
  for (size_t i = 0; i < 2 * KEYS; i++) {
    const signed_text *own = &all[i % KEYS], *other = &all[(i + 1) % KEYS];
    for (int again = 0; again < 2; again++) {
      cr_expect(ec_checks_verify(checks, own->key, text_of(own),
                                 signature_of(own)), "key %zu", i);
      cr_expect_not(ec_checks_verify(checks, other->key, text_of(own),
                                     signature_of(own)), "key %zu", i);
      cr_expect_not(ec_checks_verify(checks, own->key, text_of(other),
                                     signature_of(own)), "key %zu", i);
    }
  }
  arena_free(&a);
}

/* A failure must not stay in what is kept, nor a success. */
Test(ec_checks, lets_no_changed_bit_pass) {
  TEST_ARENA(a, ARENA_BYTES);
  ec_checks *checks = ec_checks_new(&a);
  signed_text s = make(&a, 1);
  for (size_t i = 0; i < 8 * sizeof s.signature; i += 7) {
    s.signature[i / 8] ^= (uint8_t)(1u << i % 8);
    cr_expect_not(
        ec_checks_verify(checks, s.key, text_of(&s), signature_of(&s)));
    s.signature[i / 8] ^= (uint8_t)(1u << i % 8);
    cr_expect(ec_checks_verify(checks, s.key, text_of(&s), signature_of(&s)));
  }
  bytes cut = {s.signature, sizeof s.signature - 1};
  cr_expect_not(ec_checks_verify(checks, s.key, text_of(&s), cut));
  cr_expect_not(
      ec_checks_verify(checks, s.key, text_of(&s), (bytes){NULL, 0}));
  memset(s.signature, 0, sizeof s.signature);
  cr_expect_not(
      ec_checks_verify(checks, s.key, text_of(&s), signature_of(&s)));
  arena_free(&a);
}

/* Keys end before the checks do: the next key may lie where one lay. */
Test(ec_checks, outlives_its_keys) {
  TEST_ARENA(a, ARENA_BYTES);
  TEST_ARENA(request, ARENA_BYTES);
  ec_checks *checks = ec_checks_new(&a);
  signed_text first = make(&a, 0);
  for (uint8_t i = 0; i < KEYS; i++) {
    signed_text s = make(&request, i);
    cr_expect_not(ec_checks_verify(checks, s.key, text_of(&first),
                                   signature_of(&first)));
    cr_expect(ec_checks_verify(checks, s.key, text_of(&s), signature_of(&s)));
    arena_reset(&request);
  }
  arena_free(&request);
  arena_free(&a);
}

Test(ec_checks, takes_no_other_kind_of_key) {
  TEST_ARENA(a, ARENA_BYTES);
  ec_checks *checks = ec_checks_new(&a);
  signed_text s = make(&a, 1);
  EVP_PKEY *rsa = EVP_RSA_gen(2048), *longer = ec384_key_make(&a);
  cr_expect_not(ec_checks_verify(checks, rsa, text_of(&s), signature_of(&s)));
  cr_expect_not(
      ec_checks_verify(checks, longer, text_of(&s), signature_of(&s)));
  cr_expect_not(ec_checks_verify(checks, NULL, text_of(&s), signature_of(&s)));
  cr_expect(ec_checks_verify(NULL, s.key, text_of(&s), signature_of(&s)));
  EVP_PKEY_free(rsa);
  arena_free(&a);
}

Test(ec_checks, verifies_a_hash_by_the_signature_in_der) {
  TEST_ARENA(a, ARENA_BYTES);
  ec_checks *checks = ec_checks_new(&a);
  signed_text s = make(&a, 1);
  uint8_t hash[SHA256_BYTES], der[ECDSA_DER_MAX];
  digest_sha256(&a, text_of(&s), hash);
  size_t length =
      ecdsa_der_from_raw(s.signature, EC_SIGNATURE_BYTES / 2, der);
  bytes whole = {der, length}, cut = {der, length - 1};
  cr_expect(ec_checks_verify_hash(checks, s.key, hash, whole));
  cr_expect_not(ec_checks_verify_hash(checks, s.key, hash, cut));
  cr_expect_not(ec_checks_verify_hash(checks, s.key, hash, (bytes){der, 0}));
  hash[0] ^= 1;
  cr_expect_not(ec_checks_verify_hash(checks, s.key, hash, whole));
  arena_free(&a);
}

/* --- signatures in DER ---------------------------------------------------- */

static void expect_as_openssl(const uint8_t *raw, size_t size) {
  uint8_t der[ECDSA_DER_MAX], expected[ECDSA_DER_MAX], *end = expected;
  ECDSA_SIG *signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(raw, (int)size, NULL),
                 BN_bin2bn(raw + size, (int)size, NULL));
  int length = i2d_ECDSA_SIG(signature, &end);
  cr_assert_gt(length, 0);
  cr_expect_eq(ecdsa_der_from_raw(raw, size, der), (size_t)length);
  cr_expect_arr_eq(der, expected, (size_t)length);
  ECDSA_SIG_free(signature);
}

/* Numbers of every length, with and without a highest bit. */
Test(ecdsa_der, is_written_as_openssl_writes_it) {
  static const size_t sizes[] = {32, 48, 66};
  static const uint8_t heads[] = {0, 1, 0x7f, 0x80, 0xff};
  for (size_t n = 0; n < COUNT_OF(sizes); n++)
    for (size_t zeros = 0; zeros <= sizes[n]; zeros++)
      for (size_t h = 0; h < COUNT_OF(heads); h++) {
        uint8_t raw[2 * 66];
        memset(raw, heads[h], sizeof raw);
        memset(raw, 0, zeros);
        memset(raw + sizes[n] + 1, 0, zeros ? zeros - 1 : 0);
        expect_as_openssl(raw, sizes[n]);
      }
}
