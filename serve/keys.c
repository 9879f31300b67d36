/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/keys.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "evidence/certificate.h"
#include "sign/digest.h"

/* OpenSSL fails here only for want of memory: all input is our own. */
static void need(arena *a, bool worked) {
  if (worked)
    return;
  ERR_clear_error();
  arena_fail(a, ARENA_NO_MEMORY);
}

static void free_bio(void *bio) { BIO_free_all(bio); }

static BIO *text_bio(arena *a, const BIO_METHOD *kind) {
  BIO *bio = BIO_new(kind);
  need(a, bio != NULL);
  arena_defer(a, free_bio, bio);
  return bio;
}

static slice text_of(arena *a, BIO *bio) {
  char *data = NULL;
  long length = BIO_get_mem_data(bio, &data);
  return arena_copy(a, (slice){data, length > 0 ? (size_t)length : 0});
}

/* --- forms ---------------------------------------------------------------- */

slice key_pem(arena *a, EVP_PKEY *key) {
  BIO *bio = text_bio(a, BIO_s_secmem());
  need(a, PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL,
                                        NULL) == 1);
  return text_of(a, bio);
}

slice certificate_pem(arena *a, X509 *certificate) {
  buffer text = buffer_in(a);
  certificate_write(&text, certificate);
  return buffer_slice(&text);
}

bytes certificate_der(arena *a, X509 *certificate) {
  int length = i2d_X509(certificate, NULL);
  need(a, length > 0);
  uint8_t *der = arena_alloc(a, (size_t)length), *end = der;
  i2d_X509(certificate, &end);
  return (bytes){der, (size_t)length};
}

bytes key_encode(arena *a, EVP_PKEY *key) {
  BIO *bio = text_bio(a, BIO_s_secmem());
  need(a, i2d_PKCS8PrivateKey_bio(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
  return bytes_from_slice(text_of(a, bio));
}

EVP_PKEY *key_decode(bytes content) {
  const unsigned char *at = content.data;
  EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)content.length);
  ERR_clear_error();
  return key;
}

slice key_id(arena *a, const private_key *key) {
  BIO *bio = text_bio(a, BIO_s_mem());
  need(a, PEM_write_bio_PUBKEY(bio, key->pair) == 1);
  slice pem = text_of(a, bio);
  uint8_t hash[SHA256_BYTES];
  pem.length++; /* the NUL */
  digest_sha256(a, bytes_from_slice(pem), hash);
  buffer text = buffer_in(a);
  base64_encode(&text, (bytes){hash, sizeof hash});
  return buffer_slice(&text);
}

static slice rsa_number(arena *a, const private_key *key, const char *name) {
  BIGNUM *number = NULL;
  need(a, EVP_PKEY_get_bn_param(key->pair, name, &number) == 1);
  uint8_t data[RSA_BITS_MAX / 8];
  int length = BN_bn2bin(number, data);
  BN_free(number);
  buffer text = buffer_in(a);
  base64url_encode(&text, (bytes){data, (size_t)length});
  return buffer_slice(&text);
}

slice key_modulus(arena *a, const private_key *key) {
  return rsa_number(a, key, OSSL_PKEY_PARAM_RSA_N);
}

slice key_exponent(arena *a, const private_key *key) {
  return rsa_number(a, key, OSSL_PKEY_PARAM_RSA_E);
}

/* --- certificates --------------------------------------------------------- */

typedef struct extension {
  int id;
  const char *text;
} extension;

typedef struct certificate_plan {
  slice name;
  EVP_PKEY *key, *issuer_key;
  X509 *issuer; /* NULL: itself */
  const char *not_before, *not_after; /* YYYYMMDDHHMMSSZ; NULL: see below */
  long days; /* without them: from yesterday for so many days */
  bool has_random_serial;
  const extension *extensions; /* a row of id 0 ends them */
} certificate_plan;

static void add_extensions(arena *a, X509 *certificate,
                           const certificate_plan *plan) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, plan->issuer ? plan->issuer : certificate,
                 certificate, NULL, NULL, 0);
  for (const extension *e = plan->extensions; e->id; e++) {
    X509_EXTENSION *made =
        X509V3_EXT_conf_nid(NULL, &context, e->id, e->text);
    bool added = made && X509_add_ext(certificate, made, -1) == 1;
    X509_EXTENSION_free(made);
    need(a, added);
  }
}

static void set_times(arena *a, X509 *certificate,
                      const certificate_plan *plan) {
  ASN1_TIME *begin = X509_getm_notBefore(certificate);
  ASN1_TIME *end = X509_getm_notAfter(certificate);
  if (plan->not_before)
    need(a, ASN1_TIME_set_string_X509(begin, plan->not_before) == 1 &&
                ASN1_TIME_set_string_X509(end, plan->not_after) == 1);
  else
    need(a, X509_time_adj_ex(begin, -1, 0, NULL) &&
                X509_time_adj_ex(end, (int)plan->days, 0, NULL));
}

static void set_serial(arena *a, X509 *certificate, bool is_random) {
  uint8_t serial[16] = {0};
  need(a, RAND_bytes(serial, sizeof serial) == 1);
  serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
  ASN1_INTEGER *number = X509_get_serialNumber(certificate);
  need(a, is_random ? ASN1_STRING_set(number, serial, sizeof serial) == 1
                    : ASN1_INTEGER_set(number, 1) == 1);
}

static X509 *make_certificate(arena *a, const certificate_plan *plan) {
  X509 *x = certificate_keep(a, X509_new());
  X509_NAME *name = X509_get_subject_name(x);
  need(a, X509_set_version(x, X509_VERSION_3) == 1);
  set_serial(a, x, plan->has_random_serial);
  need(a, X509_NAME_add_entry_by_NID(
              name, NID_commonName, MBSTRING_UTF8,
              (const unsigned char *)plan->name.data, (int)plan->name.length,
              -1, 0) == 1);
  need(a, X509_set_issuer_name(x, X509_get_subject_name(
                                      plan->issuer ? plan->issuer : x)) == 1);
  set_times(a, x, plan);
  need(a, X509_set_pubkey(x, plan->key) == 1);
  add_extensions(a, x, plan);
  need(a, X509_sign(x, plan->issuer_key, EVP_sha256()) > 0);
  return x;
}

/* A common name holds 64 characters (RFC 5280 appendix A.1); a longer URL is
 * cut there. */
bytes key_certificate(arena *a, const private_key *key, slice issuer) {
  enum { COMMON_NAME_MAX = 64 };
  static const extension extensions[] = {
      {NID_basic_constraints, "CA:FALSE"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
      {0}};
  if (issuer.length > COMMON_NAME_MAX)
    issuer.length = COMMON_NAME_MAX;
  certificate_plan plan = {.name = issuer,
                           .key = key->pair,
                           .issuer_key = key->pair,
                           .not_before = "20190501000000Z",
                           .not_after = "20501231235959Z",
                           .extensions = extensions};
  return certificate_der(a, make_certificate(a, &plan));
}

/* --- the authority for TLS ------------------------------------------------ */

static bool is_address(const char *host) {
  struct in6_addr any;
  return inet_pton(AF_INET, host, &any) == 1 ||
         inet_pton(AF_INET6, host, &any) == 1;
}

static const char *server_names(arena *a, slice host) {
  buffer names = buffer_in(a);
  buffer_text(&names, "DNS:localhost,IP:127.0.0.1,IP:::1");
  if (host.length && !slice_is(host, "localhost") &&
      !slice_is(host, "127.0.0.1") && !slice_is(host, "::1"))
    buffer_printf(&names, ",%s:%.*s",
                  is_address(arena_string(a, host)) ? "IP" : "DNS",
                  SLICE_ARGS(host));
  return buffer_slice(&names).data;
}

X509 *authority_make(arena *a, EVP_PKEY *key) {
  static const extension extensions[] = {
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,keyCertSign"},
      {NID_subject_key_identifier, "hash"},
      {0}};
  certificate_plan plan = {.name = SLICE("maapol serve, this machine only"),
                           .key = key,
                           .issuer_key = key,
                           .days = 3650,
                           .has_random_serial = true,
                           .extensions = extensions};
  return make_certificate(a, &plan);
}

slice authority_issue(arena *a, X509 *authority, EVP_PKEY *authority_key,
                      EVP_PKEY *key, slice host) {
  const extension extensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, "serverAuth"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
      {NID_subject_alt_name, server_names(a, host)},
      {0}};
  certificate_plan plan = {.name = SLICE("localhost"),
                           .key = key,
                           .issuer_key = authority_key,
                           .issuer = authority,
                           .days = 365,
                           .has_random_serial = true,
                           .extensions = extensions};
  buffer chain = buffer_in(a);
  certificate_write(&chain, make_certificate(a, &plan));
  certificate_write(&chain, authority);
  return buffer_slice(&chain);
}
