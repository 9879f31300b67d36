/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/token_fixture.h"

#include <openssl/x509v3.h>

#include "base/base64.h"

#define ARENA_LIMIT_BYTES ((size_t)256 << 20)

/* The public half of a key as a JWK with a certificate's key in its numbers. */
slice jwk_text(arena *a, const private_key *key, const char *kid) {
  buffer out = buffer_in(a);
  BIGNUM *n = NULL, *m = NULL;
  uint8_t first[1024], second[1024];
  bool is_ec = key->type == JWS_KEY_EC;
  cr_assert(EVP_PKEY_get_bn_param(key->pair, is_ec ? "qx" : "n", &n) == 1);
  cr_assert(EVP_PKEY_get_bn_param(key->pair, is_ec ? "qy" : "e", &m) == 1);
  int size = is_ec ? (int)jws_algorithm_of(key->algorithm)->number_bytes
                   : BN_num_bytes(n);
  cr_assert(BN_bn2binpad(n, first, size) == size);
  int other = is_ec ? size : BN_num_bytes(m);
  cr_assert(BN_bn2binpad(m, second, other) == other);
  BN_free(n);
  BN_free(m);
  buffer_printf(&out, "{\"kid\":\"%s\",", kid);
  if (is_ec)
    buffer_printf(&out, "\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"",
                  jws_algorithm_of(key->algorithm)->curve);
  else
    buffer_text(&out, "\"kty\":\"RSA\",\"n\":\"");
  base64url_encode(&out, (bytes){first, (size_t)size});
  buffer_text(&out, is_ec ? "\",\"y\":\"" : "\",\"e\":\"");
  base64url_encode(&out, (bytes){second, (size_t)other});
  buffer_text(&out, "\"}");
  return buffer_slice(&out);
}

slice jwk_set_text(arena *a, const private_key *key, const char *kid) {
  buffer out = buffer_in(a);
  buffer_text(&out, "{\"keys\":[");
  buffer_add(&out, jwk_text(a, key, kid));
  buffer_text(&out, "]}");
  return buffer_slice(&out);
}

void fixture_begin(token_fixture *f) {
  const char *reason = NULL;
  arena_init(&f->arena, ARENA_LIMIT_BYTES);
  if (ARENA_GUARD(&f->arena, f->failure))
    cr_assert_fail("out of memory");
  arena *a = &f->arena;
  cr_assert(private_key_make(a, JWS_RS256, 0, &f->rsa) == PRIVATE_KEY_OK);
  cr_assert(private_key_make(a, JWS_ES256, 0, &f->ec) == PRIVATE_KEY_OK);
  buffer out = buffer_in(a);
  buffer_text(&out, "{\"keys\":[");
  buffer_add(&out, jwk_text(a, &f->ec, "ec"));
  buffer_char(&out, ',');
  buffer_add(&out, jwk_text(a, &f->rsa, "rsa"));
  buffer_text(&out, "]}");
  f->keys_text = buffer_slice(&out);
  cr_assert(jwk_set_read(a, f->keys_text, &f->keys, &reason), "%s", reason);
  cr_assert(f->keys.items[0].key && f->keys.items[1].key);
  f->options = (token_verify_options){.now = TOKEN_NOW, .keys = &f->keys};
}

void fixture_end(token_fixture *f) { arena_free(&f->arena); }

slice signed_token(token_fixture *f, const private_key *key,
                   jws_algorithm algorithm, const char *header,
                   const char *payload) {
  slice token;
  cr_assert(jws_make(&f->arena, key, algorithm, slice_from(header),
                     slice_from(payload), &token));
  return token;
}

slice token_of_parts(token_fixture *f, const char *header, const char *payload,
                     const char *signature) {
  buffer token = buffer_in(&f->arena);
  base64url_encode(&token, bytes_from_slice(slice_from(header)));
  buffer_char(&token, '.');
  base64url_encode(&token, bytes_from_slice(slice_from(payload)));
  buffer_printf(&token, ".%s", signature);
  return buffer_slice(&token);
}

slice good_token(token_fixture *f) {
  return signed_token(f, &f->rsa, JWS_RS256,
                      "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", TOKEN_PAYLOAD);
}

void expect_code(token_fixture *f, slice token, const char *code) {
  bool verified =
      token_verify(&f->arena, token, &f->options, &f->result);
  const token_refusal *why = &f->result.why;
  cr_expect_str_eq(token_refusal_name(why->code), code, "%s instead of %s: %s",
                   token_refusal_name(why->code), code,
                   why->reason ? why->reason : "");
  cr_expect(verified == (strcmp(code, "none") == 0));
  cr_expect(verified == f->result.is_verified);
  cr_expect(verified == (why->reason == NULL));
}

/* --- certificates --------------------------------------------------------- */

static void free_certificate(void *certificate) { X509_free(certificate); }

static void set_name(X509_NAME *to, const char *text) {
  cr_assert(X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8,
                                       (const unsigned char *)text, -1, -1,
                                       0) == 1);
}

static void add_extension(X509 *certificate, const char *oid, bytes content) {
  ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
  ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(data, content.data, (int)content.length);
  X509_EXTENSION *extension =
      X509_EXTENSION_create_by_OBJ(NULL, object, 0, data);
  cr_assert(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(data);
  ASN1_OBJECT_free(object);
}

static void add_constraints(X509 *certificate, bool is_authority) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(
      NULL, NULL, NID_basic_constraints,
      is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  cr_assert(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

static void add_evidence(X509 *certificate, const certificate_recipe *r) {
  static const uint8_t kind[] = "\x0c\x09" "acisevsnp";
  if (r->has_sgx_extension)
    add_extension(certificate, "1.3.6.1.4.1.311.105.1", r->extension);
  if (!r->is_snp)
    return;
  add_extension(certificate, "1.3.6.1.4.1.311.105.1000.1", r->extension);
  add_extension(certificate, "1.3.6.1.4.1.311.105.1000.2",
                (bytes){kind, sizeof kind - 1});
}

X509 *make_certificate(token_fixture *f, const certificate_recipe *r) {
  X509 *certificate = X509_new();
  cr_assert_not_null(certificate);
  arena_defer(&f->arena, free_certificate, certificate);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  ASN1_TIME_set(X509_getm_notBefore(certificate), TOKEN_NOW - 86400);
  ASN1_TIME_set(X509_getm_notAfter(certificate), TOKEN_NOW + 86400);
  set_name(X509_get_subject_name(certificate), r->name);
  set_name(X509_get_issuer_name(certificate),
           r->issuer ? r->issuer_name : r->name);
  X509_set_pubkey(certificate, r->key->pair);
  add_constraints(certificate, r->is_authority);
  add_evidence(certificate, r);
  const private_key *issuer = r->issuer ? r->issuer : r->key;
  cr_assert(X509_sign(certificate, issuer->pair, EVP_sha256()) > 0);
  return certificate;
}

slice certificate_text(token_fixture *f, X509 *certificate) {
  buffer out = buffer_in(&f->arena);
  unsigned char *der = NULL;
  int length = i2d_X509(certificate, &der);
  cr_assert(length > 0);
  base64_encode(&out, (bytes){der, (size_t)length});
  OPENSSL_free(der);
  return buffer_slice(&out);
}
