/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on tokens by name (RFC 8725, RFC 7515 section 10): each must be
 * refused for its own reason, and its sound neighbour verified. */
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "tests/unit/token_fixture.h"

/* Runs the body with a fixture of fresh keys. */
#define ATTACK(name)                            \
  static void attack_##name(token_fixture *f);  \
  Test(token_attack, name) {                    \
    token_fixture f;                            \
    fixture_begin(&f);                          \
    expect_code(&f, good_token(&f), "none");    \
    attack_##name(&f);                          \
    fixture_end(&f);                            \
  }                                             \
  static void attack_##name(token_fixture *f)

ATTACK(alg_none) {
  expect_code(f, token_of_parts(f, "{\"alg\":\"none\"}", TOKEN_PAYLOAD, ""),
              "unsecured");
  /* Other spellings are no algorithm, not even where none is allowed. */
  f->options.allow_unsecured = true;
  expect_code(f, token_of_parts(f, "{\"alg\":\"none\"}", TOKEN_PAYLOAD, ""),
              "none");
  static const char *const others[] = {"None", "NONE", "nOnE", "none ", ""};
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    buffer header = buffer_in(&f->arena);
    buffer_printf(&header, "{\"alg\":\"%s\"}", others[i]);
    expect_code(f, token_of_parts(f, buffer_slice(&header).data,
                                  TOKEN_PAYLOAD, ""),
                "unsupported-algorithm");
  }
}

ATTACK(alg_none_with_a_signature) {
  f->options.allow_unsecured = true;
  expect_code(f,
              token_of_parts(f, "{\"alg\":\"none\"}", TOKEN_PAYLOAD, "c2ln"),
              "unsecured-with-signature");
}

ATTACK(signature_stripped) {
  f->options.allow_unsecured = true;
  expect_code(f, token_of_parts(f, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
                                TOKEN_PAYLOAD, ""),
              "missing-signature");
}

/* The classic: HMAC with the public key's text, which everybody has. */
ATTACK(alg_confusion_hmac_with_the_public_key) {
  uint8_t mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  slice pem = public_key_pem(&f->arena, f->keys.items[1].key);
  slice input = jws_signing_input(
      &f->arena, SLICE("{\"alg\":\"HS256\",\"kid\":\"rsa\"}"),
      SLICE(TOKEN_PAYLOAD));
  HMAC(EVP_sha256(), pem.data, (int)pem.length, (const uint8_t *)input.data,
       input.length, mac, &length);
  expect_code(f, jws_attach(&f->arena, input, (bytes){mac, length}),
              "symmetric-algorithm");
}

/* The header names an algorithm of another kind of key. */
ATTACK(alg_confusion_between_keys) {
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256,
                              "{\"alg\":\"ES256\",\"kid\":\"rsa\"}",
                              TOKEN_PAYLOAD),
              "algorithm-mismatch");
  expect_code(f, signed_token(f, &f->ec, JWS_ES256,
                              "{\"alg\":\"RS256\",\"kid\":\"ec\"}",
                              TOKEN_PAYLOAD),
              "algorithm-mismatch");
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256,
                              "{\"alg\":\"PS256\",\"kid\":\"rsa\"}",
                              TOKEN_PAYLOAD),
              "wrong-signature");
  expect_code(f, signed_token(f, &f->ec, JWS_ES256,
                              "{\"alg\":\"ES384\",\"kid\":\"ec\"}",
                              TOKEN_PAYLOAD),
              "algorithm-mismatch");
}

ATTACK(alg_unknown) {
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256,
                              "{\"alg\":\"RSA256\",\"kid\":\"rsa\"}",
                              TOKEN_PAYLOAD),
              "unsupported-algorithm");
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256, "{\"kid\":\"rsa\"}",
                              TOKEN_PAYLOAD),
              "missing-algorithm");
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256, "{\"alg\":[\"RS256\"]}",
                              TOKEN_PAYLOAD),
              "missing-algorithm");
}

/* jwk, jku, x5u and x5c of the attacker's own key. */
ATTACK(key_in_header) {
  private_key own;
  arena *a = &f->arena;
  cr_assert(private_key_make(a, JWS_RS256, 0, &own) == PRIVATE_KEY_OK);
  certificate_recipe recipe = {.key = &own, .name = "attacker"};
  slice x5c = certificate_text(f, make_certificate(f, &recipe));
  buffer header = buffer_in(a);
  buffer_printf(&header, "{\"alg\":\"RS256\",\"jwk\":%s,\"x5c\":[\"%s\"],"
                         "\"jku\":\"https://evil.test/certs\","
                         "\"x5u\":\"https://evil.test/pem\"}",
                jwk_text(a, &own, "own").data, x5c.data);
  slice token = signed_token(f, &own, JWS_RS256, buffer_slice(&header).data,
                             TOKEN_PAYLOAD);
  expect_code(f, token, "wrong-signature");
  f->options.keys = NULL;
  expect_code(f, token, "no-key");
  /* With certificates that are trusted, but not this one. */
  certificate_recipe other = {.key = &f->rsa, .name = "signer"};
  X509 *trusted[] = {make_certificate(f, &other)};
  const char *names[] = {"signer"};
  trust_roots roots = {.items = trusted, .names = names, .count = 1};
  f->options.trust = &roots;
  expect_code(f, token, "untrusted-certificate");
}

ATTACK(kid_injection) {
  static const char *const kids[] = {"../../dev/null", "' OR 1=1 --",
                                     "rsa\\u0000",     "",
                                     "RSA",            "/etc/passwd"};
  private_key own;
  cr_assert(private_key_make(&f->arena, JWS_RS256, 0, &own) == PRIVATE_KEY_OK);
  for (size_t i = 0; i < COUNT_OF(kids); i++) {
    buffer header = buffer_in(&f->arena);
    buffer_printf(&header, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", kids[i]);
    expect_code(f, signed_token(f, &own, JWS_RS256, buffer_slice(&header).data,
                                TOKEN_PAYLOAD),
                "unknown-key");
  }
  expect_code(f, signed_token(f, &own, JWS_RS256,
                              "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
                              TOKEN_PAYLOAD),
              "wrong-signature");
  expect_code(f, signed_token(f, &own, JWS_RS256,
                              "{\"alg\":\"RS256\",\"kid\":[\"rsa\"]}",
                              TOKEN_PAYLOAD),
              "bad-header");
}

/* A key of the set that the token does not name must not serve. */
ATTACK(kid_of_another_key) {
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256,
                              "{\"alg\":\"RS256\",\"kid\":\"ec\"}",
                              TOKEN_PAYLOAD),
              "algorithm-mismatch");
}

ATTACK(duplicate_members) {
  static const char *const headers[] = {
      "{\"alg\":\"RS256\",\"alg\":\"none\"}",
      "{\"alg\":\"none\",\"alg\":\"RS256\"}",
      "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"k\\u0069d\":\"ec\"}",
      "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\",\"kty\":\"EC\"}}"};
  f->options.allow_unsecured = true;
  for (size_t i = 0; i < COUNT_OF(headers); i++)
    expect_code(f, signed_token(f, &f->rsa, JWS_RS256, headers[i],
                                TOKEN_PAYLOAD),
                "duplicate-member");
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256, "{\"alg\":\"RS256\"}",
                              "{\"exp\":1,\"exp\":1800000000}"),
              "duplicate-member");
}

static slice changed(token_fixture *f, slice token, size_t at, char c) {
  char *copy = arena_string(&f->arena, token);
  copy[at] = c;
  return (slice){copy, token.length};
}

static slice with_suffix(token_fixture *f, slice token, const char *suffix) {
  buffer text = buffer_in(&f->arena);
  buffer_add(&text, token);
  buffer_text(&text, suffix);
  return buffer_slice(&text);
}

ATTACK(bad_base64url_padding) {
  /* 256 bytes are 342 digits: two "=" would be right in base64. */
  expect_code(f, with_suffix(f, good_token(f), "=="), "bad-base64url");
  expect_code(f, with_suffix(f, good_token(f), "="), "bad-base64url");
}

ATTACK(bad_base64url_alphabet) {
  slice token = good_token(f);
  static const char wrong[] = "+/ \n\t%\"\\*\x80";
  for (size_t i = 0; wrong[i]; i++) {
    expect_code(f, changed(f, token, 3, wrong[i]), "bad-base64url");
    expect_code(f, changed(f, token, token.length - 9, wrong[i]),
                "bad-base64url");
  }
  expect_code(f, with_suffix(f, token, "\n"), "bad-base64url");
}

/* The last digit of 256 bytes carries 4 bits: the other two must be zero. */
ATTACK(bad_base64url_trailing_bits) {
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  slice token = good_token(f);
  const char *last = strchr(digits, token.data[token.length - 1]);
  cr_assert(last && (last - digits) % 16 == 0);
  for (int i = 1; i < 16; i++)
    expect_code(f, changed(f, token, token.length - 1, last[i]),
                "bad-base64url");
  slice shorter = {token.data, token.length - 1};
  expect_code(f, shorter, "bad-base64url");
}

/* One number of an ECDSA signature replaced. */
static slice with_number(token_fixture *f, bool is_s, const uint8_t *number) {
  slice input = jws_signing_input(&f->arena, SLICE("{\"alg\":\"ES256\"}"),
                                  SLICE(TOKEN_PAYLOAD));
  bytes signature;
  uint8_t forged[64];
  cr_assert(private_key_sign(&f->arena, &f->ec, JWS_ES256,
                             bytes_from_slice(input), &signature));
  memcpy(forged, signature.data, sizeof forged);
  memcpy(forged + (is_s ? 32 : 0), number, 32);
  return jws_attach(&f->arena, input, (bytes){forged, sizeof forged});
}

static const uint8_t zero[32];
static const uint8_t p256_order[32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

ATTACK(ecdsa_r_or_s_zero) {
  for (int s = 0; s < 2; s++)
    expect_code(f, with_number(f, s == 1, zero), "wrong-signature");
  uint8_t both[64] = {0};
  slice input = jws_signing_input(&f->arena, SLICE("{\"alg\":\"ES256\"}"),
                                  SLICE(TOKEN_PAYLOAD));
  expect_code(f, jws_attach(&f->arena, input, (bytes){both, sizeof both}),
              "wrong-signature");
}

ATTACK(ecdsa_r_or_s_over_the_order) {
  uint8_t all_ones[32];
  memset(all_ones, 0xff, sizeof all_ones);
  for (int s = 0; s < 2; s++) {
    expect_code(f, with_number(f, s == 1, p256_order), "wrong-signature");
    expect_code(f, with_number(f, s == 1, all_ones), "wrong-signature");
  }
}

/* s + n is the same number to who computes modulo n. */
ATTACK(ecdsa_s_plus_the_order) {
  slice input = jws_signing_input(&f->arena, SLICE("{\"alg\":\"ES256\"}"),
                                  SLICE(TOKEN_PAYLOAD));
  bytes signature;
  cr_assert(private_key_sign(&f->arena, &f->ec, JWS_ES256,
                             bytes_from_slice(input), &signature));
  expect_code(f, jws_attach(&f->arena, input, signature), "none");
  uint8_t longer[66] = {0};
  memcpy(longer + 1, signature.data, 32); /* numbers of 33 bytes */
  memcpy(longer + 34, signature.data + 32, 32);
  expect_code(f, jws_attach(&f->arena, input, (bytes){longer, sizeof longer}),
              "wrong-signature");
}

static slice der_token(token_fixture *f) {
  slice input = jws_signing_input(&f->arena, SLICE("{\"alg\":\"ES256\"}"),
                                  SLICE(TOKEN_PAYLOAD));
  uint8_t der[80];
  size_t length = sizeof der;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, f->ec.pair);
  cr_assert(EVP_DigestSign(context, der, &length,
                           (const uint8_t *)input.data, input.length) == 1);
  EVP_MD_CTX_free(context);
  return jws_attach(&f->arena, input, (bytes){der, length});
}

ATTACK(ecdsa_der_where_raw_is_due) {
  slice token = der_token(f);
  expect_code(f, token, "wrong-signature");
  cr_expect_not_null(strstr(f->result.why.reason, "DER"));
  f->options.is_policy_owners = true; /* as the C++ SDK signs policies */
  expect_code(f, token, "none");
}

/* No key of maapol's own makes such a token, so OpenSSL does. */
static slice token_of_short_key(token_fixture *f, EVP_PKEY *pair) {
  slice input = jws_signing_input(
      &f->arena, SLICE("{\"alg\":\"RS256\",\"kid\":\"k\"}"),
      SLICE(TOKEN_PAYLOAD));
  uint8_t signature[512];
  size_t length = sizeof signature;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair);
  cr_assert(EVP_DigestSign(context, signature, &length,
                           (const uint8_t *)input.data, input.length) == 1);
  EVP_MD_CTX_free(context);
  return jws_attach(&f->arena, input, (bytes){signature, length});
}

ATTACK(rsa_key_too_short) {
  arena *a = &f->arena;
  const char *reason;
  static const unsigned sizes[] = {1024, 2040};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    private_key key = {.pair = EVP_RSA_gen(sizes[i]), .type = JWS_KEY_RSA};
    cr_assert_not_null(key.pair);
    jwk_set keys;
    cr_assert(jwk_set_read(a, jwk_set_text(a, &key, "k"), &keys, &reason));
    slice token = token_of_short_key(f, key.pair);
    EVP_PKEY_free(key.pair);
    f->options.keys = &keys;
    f->options.rsa_bits_min = 0;
    expect_code(f, token, "key-too-short");
    f->options.rsa_bits_min = sizes[i] + 1;
    expect_code(f, token, "key-too-short");
    f->options.rsa_bits_min = sizes[i];
    expect_code(f, token, "none");
  }
}

/* An exponent of 1 makes every message its own signature. */
ATTACK(rsa_exponent_of_one) {
  static const char *const exponents[] = {"AQ", "Ag", "AA", "AQABAQABAQABAQAB"};
  const char *reason;
  for (size_t i = 0; i < COUNT_OF(exponents); i++) {
    char *text = arena_string(&f->arena,
                              jwk_set_text(&f->arena, &f->rsa, "rsa"));
    char *at = strstr(text, "\"AQAB\"");
    cr_assert_not_null(at);
    buffer set = buffer_in(&f->arena);
    buffer_printf(&set, "%.*s\"%s\"%s", (int)(at - text), text, exponents[i],
                  at + 6);
    jwk_set keys;
    cr_assert(jwk_set_read(&f->arena, buffer_slice(&set), &keys, &reason));
    f->options.keys = &keys;
    expect_code(f, good_token(f), "unusable-key");
  }
}

ATTACK(critical_header) {
  static const struct {
    const char *header, *code;
  } rows[] = {
      {"{\"alg\":\"RS256\",\"crit\":[\"exp\"],\"exp\":1}", "critical-header"},
      {"{\"alg\":\"RS256\",\"crit\":[]}", "critical-header"},
      {"{\"alg\":\"RS256\",\"crit\":null}", "critical-header"},
      {"{\"alg\":\"RS256\",\"b64\":false,\"crit\":[\"b64\"]}",
       "unencoded-payload"},
      {"{\"alg\":\"RS256\",\"b64\":true}", "unencoded-payload"},
      {"{\"alg\":\"RS256\",\"enc\":\"A128GCM\"}", "encrypted"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    expect_code(f, signed_token(f, &f->rsa, JWS_RS256, rows[i].header,
                                TOKEN_PAYLOAD),
                rows[i].code);
}

static slice repeated(token_fixture *f, const char *what, size_t times) {
  buffer text = buffer_in(&f->arena);
  for (size_t i = 0; i < times; i++)
    buffer_text(&text, what);
  return buffer_slice(&text);
}

ATTACK(deep_json) {
  buffer header = buffer_in(&f->arena), payload = buffer_in(&f->arena);
  buffer_text(&header, "{\"alg\":\"RS256\",\"x\":");
  buffer_add(&header, repeated(f, "[", 1000));
  buffer_add(&header, repeated(f, "]", 1000));
  buffer_text(&header, "}");
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256,
                              buffer_slice(&header).data, TOKEN_PAYLOAD),
              "json-limit");
  buffer_text(&payload, "{\"x\":");
  buffer_add(&payload, repeated(f, "{\"x\":", 100000));
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256, "{\"alg\":\"RS256\"}",
                              buffer_slice(&payload).data),
              "json-limit");
}

ATTACK(huge_json) {
  buffer header = buffer_in(&f->arena);
  buffer_text(&header, "{\"alg\":\"RS256\",\"x\":\"");
  buffer_add(&header, repeated(f, "0123456789abcdef", 16384));
  buffer_text(&header, "\"}");
  expect_code(f, signed_token(f, &f->rsa, JWS_RS256,
                              buffer_slice(&header).data, TOKEN_PAYLOAD),
              "too-large");
  expect_code(f, repeated(f, "0123456789abcdef", LIMIT_TOKEN_BYTES / 16 + 1),
              "too-large");
}

ATTACK(other_serialisations) {
  expect_code(f, SLICE("{\"payload\":\"e30\",\"signatures\":[]}"),
              "json-serialization");
  expect_code(f, SLICE("a.b.c.d.e"), "encrypted");
  expect_code(f, SLICE("a.b"), "not-compact");
  expect_code(f, SLICE("a.b.c.d"), "not-compact");
  expect_code(f, SLICE(""), "not-compact");
  expect_code(f, SLICE(".."), "bad-header");
}

ATTACK(detached_payload) {
  slice token = signed_token(f, &f->rsa, JWS_RS256, "{\"alg\":\"RS256\"}", "");
  expect_code(f, token, "detached-payload");
  f->options.is_policy_owners = true; /* it resets a policy */
  expect_code(f, token, "none");
}

/* Any one bit of the token changed: nothing of it verifies. */
ATTACK(any_bit_changed) {
  slice token = signed_token(f, &f->ec, JWS_ES256,
                             "{\"alg\":\"ES256\",\"kid\":\"ec\"}",
                             TOKEN_PAYLOAD);
  for (size_t i = 0; i < token.length; i++)
    for (int bit = 0; bit < 8; bit++) {
      slice forged =
          changed(f, token, i, (char)(token.data[i] ^ (1 << bit)));
      cr_expect_not(
          token_verify(&f->arena, forged, &f->options, &f->result),
          "byte %zu, bit %d", i, bit);
    }
}

ATTACK(token_cut_anywhere) {
  slice token = good_token(f);
  for (size_t i = 0; i < token.length; i++)
    cr_expect_not(token_verify(&f->arena, (slice){token.data, i}, &f->options,
                               &f->result),
                  "%zu bytes", i);
}

/* A payload of one token under the signature of another. */
ATTACK(parts_exchanged) {
  slice one = good_token(f);
  slice two = signed_token(f, &f->rsa, JWS_RS256,
                           "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
                           "{\"exp\":1900000000}");
  const char *dot = memchr(one.data, '.', one.length);
  const char *end = strrchr(two.data, '.');
  buffer mixed = buffer_in(&f->arena);
  buffer_add(&mixed, slice_between(one.data, dot));
  buffer_add(&mixed, slice_between(strchr(two.data, '.'), end));
  buffer_text(&mixed, strrchr(one.data, '.'));
  expect_code(f, buffer_slice(&mixed), "wrong-signature");
}
