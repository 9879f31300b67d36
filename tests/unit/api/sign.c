/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of policy owners through the public API. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/memory.h"
#include "include/maapol_sign.h"
#include "tests/unit/api/fixture.h"

#define WORDS "correct horse"
#define NOW 1790000000

/* Texts in PEM of a key and its certificate. */
typedef struct pair {
  char *key, *encrypted, *certificate;
  EVP_PKEY *handle;
} pair;

static char *text_of(BIO *bio) {
  char *data;
  long length = BIO_get_mem_data(bio, &data);
  char *text = OPENSSL_strndup(data, (size_t)length);
  BIO_free(bio);
  return text;
}

static X509 *self_signed(EVP_PKEY *key) {
  X509 *one = X509_new();
  X509_set_version(one, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(one), 1);
  ASN1_TIME_set(X509_getm_notBefore(one), NOW - 60);
  ASN1_TIME_set(X509_getm_notAfter(one), NOW + 60);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_ASC,
                             (const unsigned char *)"owner", -1, -1, 0);
  X509_set_issuer_name(one, X509_get_subject_name(one));
  X509_set_pubkey(one, key);
  cr_assert(X509_sign(one, key, EVP_sha256()) > 0);
  return one;
}

static pair make_pair(const char *curve) {
  pair p = {.handle = EVP_EC_gen(curve)};
  BIO *key = BIO_new(BIO_s_mem()), *encrypted = BIO_new(BIO_s_mem());
  BIO *certificate = BIO_new(BIO_s_mem());
  X509 *one = self_signed(p.handle);
  cr_assert(PEM_write_bio_PKCS8PrivateKey(key, p.handle, NULL, NULL, 0, NULL,
                                          NULL) == 1 &&
            PEM_write_bio_PKCS8PrivateKey(encrypted, p.handle,
                                          EVP_aes_128_cbc(), WORDS,
                                          sizeof WORDS - 1, NULL, NULL) == 1 &&
            PEM_write_bio_X509(certificate, one) == 1);
  X509_free(one);
  p.key = text_of(key);
  p.encrypted = text_of(encrypted);
  p.certificate = text_of(certificate);
  return p;
}

static void free_pair(pair *p) {
  OPENSSL_free(p->key);
  OPENSSL_free(p->encrypted);
  OPENSSL_free(p->certificate);
  EVP_PKEY_free(p->handle);
}

static maapol_signer_options options_of(const pair *p, const char *key) {
  maapol_signer_options o = {.size = sizeof o};
  o.key = key;
  o.key_length = key ? strlen(key) : 0;
  o.certificates = p->certificate;
  o.certificates_length = strlen(p->certificate);
  o.now = NOW;
  return o;
}

/* Fills DER in and verifies it through the two steps. */
static void check_two_steps(const maapol_signer *signer, const pair *p) {
  char *input, *token;
  cr_assert(maapol_signing_input(signer, MAAPOL_SIGN_RESET, NULL, 0, &input) ==
            MAAPOL_OK);
  uint8_t der[200];
  size_t length = sizeof der;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  cr_assert(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL,
                               p->handle) == 1 &&
            EVP_DigestSign(context, der, &length, (const uint8_t *)input,
                           strlen(input)) == 1);
  EVP_MD_CTX_free(context);
  cr_expect(maapol_signing_complete(input, der, length, &token) == MAAPOL_OK);
  cr_expect(strncmp(token, input, strlen(input)) == 0 &&
            token[strlen(input)] == '.' && input[strlen(input) - 1] == '.');
  maapol_string_free(token);
  der[length - 1] ^= 1;
  cr_expect(maapol_signing_complete(input, der, length, &token) ==
                MAAPOL_WRONG_SIGNATURE &&
            !token);
  cr_expect(maapol_signing_complete(input, NULL, 0, &token) ==
            MAAPOL_WRONG_SIGNATURE);
  cr_expect(maapol_signing_complete("a.b", der, length, &token) ==
            MAAPOL_INVALID_ARGUMENT);
  maapol_string_free(input);
}

Test(api_sign, signs_and_completes) {
  pair p = make_pair("P-256");
  maapol_signer_options o = options_of(&p, p.key);
  maapol_signer *signer;
  char *token;
  cr_assert(maapol_signer_new(&o, &signer) == MAAPOL_OK);
  cr_expect_null(maapol_signer_error(signer));
  const maapol_note *warning = maapol_signer_warnings(signer);
  cr_assert(warning && strstr(warning->text, "ES256"));
  cr_assert(maapol_sign(signer, MAAPOL_SIGN_POLICY, API_PERMIT,
                        strlen(API_PERMIT), &token) == MAAPOL_OK);
  maapol_policy *policy; /* reads the token back */
  cr_assert(maapol_policy_compile(token, strlen(token), &policy) ==
            MAAPOL_OK);
  cr_expect_str_eq(maapol_policy_text(policy, NULL), API_PERMIT);
  maapol_policy_free(policy);
  maapol_string_free(token);
  cr_expect(maapol_sign(signer, MAAPOL_SIGN_CERTIFICATE, p.certificate,
                        strlen(p.certificate), &token) == MAAPOL_OK);
  maapol_string_free(token);
  cr_expect(maapol_sign(signer, MAAPOL_SIGN_CERTIFICATE, "x", 1, &token) ==
                MAAPOL_INVALID_KEY &&
            !token);
  check_two_steps(signer, &p);
  maapol_signer_free(signer);
  free_pair(&p);
}

/* The hash that the service answered to this token is public. */
Test(api_sign, makes_the_token_that_clients_send) {
  static const char text[] =
      "version=1.0; authorizationrules{=> permit();}; issuancerules{};";
  char *token, hash[MAAPOL_HASH_SIZE];
  maapol_policy *policy;
  cr_assert(maapol_unsecured_token(MAAPOL_SIGN_POLICY, text, strlen(text),
                                   &token) == MAAPOL_OK);
  cr_assert(maapol_policy_compile(token, strlen(token), &policy) ==
            MAAPOL_OK);
  cr_assert(maapol_policy_token_hash(policy, hash) == MAAPOL_OK);
  cr_expect_str_eq(hash, "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ");
  maapol_policy_free(policy);
  maapol_string_free(token);
  cr_assert(maapol_unsecured_token(MAAPOL_SIGN_RESET, NULL, 0, &token) ==
            MAAPOL_OK);
  api_expect_text(MAAPOL_OK, token, "eyJhbGciOiJub25lIn0..");
}

static void expect_refused(const maapol_signer_options *o,
                           maapol_status status) {
  maapol_signer *signer;
  char *token;
  cr_expect_eq(maapol_signer_new(o, &signer), status);
  cr_assert_not_null(signer);
  cr_expect_not_null(maapol_signer_error(signer));
  cr_expect(maapol_sign(signer, MAAPOL_SIGN_RESET, NULL, 0, &token) ==
                MAAPOL_INVALID_KEY &&
            !token);
  cr_expect(maapol_signing_input(signer, MAAPOL_SIGN_RESET, NULL, 0,
                                 &token) == MAAPOL_INVALID_KEY);
  maapol_signer_free(signer);
}

Test(api_sign, refuses_what_cannot_sign) {
  pair p = make_pair("P-256"), other = make_pair("P-256");
  maapol_signer_options o = options_of(&p, p.encrypted);
  expect_refused(&o, MAAPOL_NO_PASSPHRASE);
  o.passphrase = "wrong";
  o.passphrase_length = 5;
  expect_refused(&o, MAAPOL_WRONG_PASSPHRASE);
  o = options_of(&p, other.key);
  expect_refused(&o, MAAPOL_INVALID_KEY);
  o = options_of(&p, p.certificate);
  expect_refused(&o, MAAPOL_INVALID_KEY);
  o = options_of(&p, p.key);
  o.now = NOW + 3600;
  expect_refused(&o, MAAPOL_INVALID_KEY);
  o.now = NOW;
  o.algorithm = "RS256";
  expect_refused(&o, MAAPOL_INVALID_KEY);
  o.algorithm = NULL;
  o.certificates_length = 0;
  expect_refused(&o, MAAPOL_INVALID_KEY);
  free_pair(&p);
  free_pair(&other);
}

Test(api_sign, refuses_wrong_arguments) {
  pair p = make_pair("P-256");
  maapol_signer_options good = options_of(&p, NULL), o = good;
  maapol_signer *signer;
  char *token;
  cr_expect(maapol_signer_new(NULL, &signer) == MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_signer_new(&good, NULL) == MAAPOL_INVALID_ARGUMENT);
  o.size--;
  cr_expect(maapol_signer_new(&o, &signer) == MAAPOL_INVALID_ARGUMENT &&
            !signer);
  o = good;
  o.algorithm = "HS256";
  cr_expect(maapol_signer_new(&o, &signer) == MAAPOL_INVALID_ARGUMENT);
  cr_assert(maapol_signer_new(&good, &signer) == MAAPOL_OK);
  /* Its key is elsewhere. */
  cr_expect(maapol_sign(signer, MAAPOL_SIGN_RESET, NULL, 0, &token) ==
            MAAPOL_INVALID_KEY);
  cr_expect(maapol_signing_input(signer, MAAPOL_SIGN_RESET, "x", 1, &token) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_signing_input(signer, MAAPOL_SIGN_RESET, NULL, 0, NULL) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_sign(NULL, MAAPOL_SIGN_RESET, NULL, 0, &token) ==
            MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_unsecured_token(MAAPOL_SIGN_CERTIFICATE, p.certificate, 1,
                                   &token) == MAAPOL_INVALID_ARGUMENT);
  cr_expect(maapol_signing_complete(NULL, "x", 1, &token) ==
            MAAPOL_INVALID_ARGUMENT);
  maapol_signer_free(signer);
  maapol_signer_free(NULL);
  free_pair(&p);
}

/* Every allocation of ours fails once: a status, no leak, no token. */
Test(api_sign, survives_the_lack_of_memory) {
  pair p = make_pair("P-256");
  maapol_signer_options o = options_of(&p, p.encrypted);
  o.passphrase = WORDS;
  o.passphrase_length = sizeof WORDS - 1;
  maapol_status status = MAAPOL_NO_MEMORY;
  for (long n = 0; status == MAAPOL_NO_MEMORY && n < 1000; n++) {
    maapol_signer *signer = NULL;
    char *token = NULL;
    memory_fail_after(n);
    status = maapol_signer_new(&o, &signer);
    if (status == MAAPOL_OK)
      status = maapol_sign(signer, MAAPOL_SIGN_POLICY, API_PERMIT,
                           strlen(API_PERMIT), &token);
    memory_fail_after(-1);
    cr_expect((token != NULL) == (status == MAAPOL_OK));
    maapol_string_free(token);
    maapol_signer_free(signer);
  }
  cr_expect_eq(status, MAAPOL_OK);
  free_pair(&p);
}
