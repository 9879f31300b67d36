/* SPDX-License-Identifier: Apache-2.0 */
/* Every form in which OpenSSL writes private keys is read back. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "sign/key_read.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

static const char words[] = "correct horse";

static int know(void *context, char *to, int room) {
  const char *text = context;
  cr_assert(strlen(text) <= (size_t)room);
  memcpy(to, text, strlen(text));
  return (int)strlen(text);
}

static secret *secret_of(arena *a, const void *data, size_t length) {
  secret *s = secret_make(a, length);
  memcpy(s->data, data, length);
  s->length = length;
  return s;
}

static secret *written(arena *a, BIO *bio) {
  char *data;
  long length = BIO_get_mem_data(bio, &data);
  cr_assert(length > 0);
  secret *s = secret_of(a, data, (size_t)length);
  BIO_free(bio);
  return s;
}

typedef enum form {
  PKCS8_PEM,
  PKCS8_ENCRYPTED_PEM,
  OLD_PEM,
  OLD_ENCRYPTED_PEM,
  PKCS8_DER,
  PKCS8_ENCRYPTED_DER,
  OLD_DER,
  FORMS
} form;

static bool is_encrypted(form f) {
  return f == PKCS8_ENCRYPTED_PEM || f == OLD_ENCRYPTED_PEM ||
         f == PKCS8_ENCRYPTED_DER;
}

static secret *write_key(arena *a, EVP_PKEY *pair, form f) {
  BIO *bio = BIO_new(BIO_s_mem());
  const EVP_CIPHER *cipher = is_encrypted(f) ? EVP_aes_256_cbc() : NULL;
  const char *pass = cipher ? words : NULL;
  int length = cipher ? (int)strlen(words) : 0, done;
  if (f == PKCS8_PEM || f == PKCS8_ENCRYPTED_PEM)
    done = PEM_write_bio_PKCS8PrivateKey(bio, pair, cipher, pass, length,
                                         NULL, NULL);
  else if (f == OLD_PEM || f == OLD_ENCRYPTED_PEM)
    done = PEM_write_bio_PrivateKey_traditional(
        bio, pair, cipher, (const unsigned char *)pass, length, NULL, NULL);
  else if (f == OLD_DER)
    done = i2d_PrivateKey_bio(bio, pair);
  else
    done = i2d_PKCS8PrivateKey_bio(bio, pair, cipher, pass, length, NULL,
                                   NULL);
  cr_assert(done == 1);
  return written(a, bio);
}

static void check_forms(arena *a, const private_key *made) {
  passphrase_source right = {know, (void *)words};
  passphrase_source wrong = {know, (void *)"wrong horse"};
  for (form f = 0; f < FORMS; f++) {
    secret *file = write_key(a, made->pair, f);
    private_key key;
    const char *reason;
    cr_expect(key_read(a, file, &right, &key, &reason) == PRIVATE_KEY_OK &&
                  EVP_PKEY_eq(key.pair, made->pair) == 1 &&
                  key.algorithm == made->algorithm,
              "form %d", (int)f);
    private_key_status none = key_read(a, file, NULL, &key, &reason);
    cr_expect(none == (is_encrypted(f) ? PRIVATE_KEY_NO_PASSPHRASE
                                       : PRIVATE_KEY_OK),
              "form %d", (int)f);
    if (is_encrypted(f))
      cr_expect(key_read(a, file, &wrong, &key, &reason) ==
                        PRIVATE_KEY_WRONG_PASSPHRASE &&
                    !key.pair,
                "form %d", (int)f);
  }
}

Test(key_read, takes_every_form_of_every_kind) {
  static const jws_algorithm kinds[] = {JWS_RS256, JWS_ES256, JWS_ES384,
                                        JWS_ES512};
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(kinds); i++) {
    private_key made;
    cr_assert(private_key_make(&a, kinds[i], 0, &made) == PRIVATE_KEY_OK);
    check_forms(&a, &made);
  }
  arena_free(&a);
}

Test(key_read, refuses_what_is_no_key) {
  static const char *const texts[] = {
      "",
      "-----BEGIN PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "\x30\x82\x01",
      "0\x80",
      "{\"kty\":\"RSA\"}",
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    private_key key;
    const char *reason = NULL;
    secret *file = secret_of(&a, texts[i], strlen(texts[i]));
    cr_expect(key_read(&a, file, NULL, &key, &reason) ==
                      PRIVATE_KEY_UNREADABLE &&
                  reason && !key.pair,
              "row %zu", i);
  }
  arena_free(&a);
}

/* A public key's text, or a key cut anywhere, is no private key. */
Test(key_read, refuses_every_cut) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  private_key made, key;
  const char *reason;
  cr_assert(private_key_make(&a, JWS_ES256, 0, &made) == PRIVATE_KEY_OK);
  for (form f = PKCS8_PEM; f <= OLD_DER; f++) {
    secret *file = write_key(&a, made.pair, f);
    passphrase_source right = {know, (void *)words};
    size_t whole = file->length - (f < PKCS8_DER ? 2 : 0);
    for (size_t cut = 0; cut < whole; cut++) {
      file->length = cut;
      cr_expect(key_read(&a, file, &right, &key, &reason) != PRIVATE_KEY_OK,
                "form %d, %zu bytes", (int)f, cut);
    }
  }
  arena_free(&a);
}

/* --- PKCS #12 ------------------------------------------------------------- */

static X509 *self_signed(EVP_PKEY *pair) {
  X509 *one = X509_new();
  cr_assert(one && X509_set_version(one, X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(one), 7);
  X509_gmtime_adj(X509_getm_notBefore(one), 0);
  X509_gmtime_adj(X509_getm_notAfter(one), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_ASC,
                             (const unsigned char *)"signer", -1, -1, 0);
  X509_set_issuer_name(one, X509_get_subject_name(one));
  X509_set_pubkey(one, pair);
  cr_assert(X509_sign(one, pair, EVP_sha256()) > 0);
  return one;
}

static secret *pkcs12_of(arena *a, const private_key *made, const char *pass,
                         int others, int rounds) {
  X509 *own = self_signed(made->pair);
  STACK_OF(X509) *chain = sk_X509_new_null();
  for (int i = 0; i < others; i++)
    sk_X509_push(chain, own);
  PKCS12 *store = PKCS12_create(pass, "name", made->pair, own, chain, 0, 0, 0,
                                rounds, 0);
  cr_assert_not_null(store);
  BIO *bio = BIO_new(BIO_s_mem());
  cr_assert(i2d_PKCS12_bio(bio, store) == 1);
  PKCS12_free(store);
  sk_X509_free(chain);
  X509_free(own);
  return written(a, bio);
}

Test(key_read, takes_pkcs12_with_its_certificates) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  passphrase_source right = {know, (void *)words};
  passphrase_source wrong = {know, (void *)"wrong horse"};
  private_key made, key;
  key_certificates chain;
  const char *reason;
  cr_assert(private_key_make(&a, JWS_RS256, 0, &made) == PRIVATE_KEY_OK);
  secret *file = pkcs12_of(&a, &made, words, 2, 1);
  cr_expect(key_read_pkcs12(&a, file, &right, &key, &chain, &reason) ==
                PRIVATE_KEY_OK &&
            EVP_PKEY_eq(key.pair, made.pair) == 1);
  cr_expect(chain.count == 3 &&
            X509_check_private_key(chain.items[0], key.pair) == 1);
  cr_expect(key_read_pkcs12(&a, file, &wrong, &key, &chain, &reason) ==
            PRIVATE_KEY_WRONG_PASSPHRASE);
  cr_expect(key_read_pkcs12(&a, file, NULL, &key, &chain, &reason) ==
            PRIVATE_KEY_NO_PASSPHRASE);
  for (size_t cut = 0; cut < file->length; cut++) {
    secret part = {file->data, cut, cut};
    cr_expect(key_read_pkcs12(&a, &part, &right, &key, &chain, &reason) !=
              PRIVATE_KEY_OK);
  }
  file = pkcs12_of(&a, &made, "", 0, 1); /* nobody is asked */
  cr_expect(key_read_pkcs12(&a, file, NULL, &key, &chain, &reason) ==
            PRIVATE_KEY_OK);
  file = pkcs12_of(&a, &made, words, KEY_CERTIFICATES_MAX, 1);
  cr_expect(key_read_pkcs12(&a, file, &right, &key, &chain, &reason) ==
            PRIVATE_KEY_UNREADABLE);
  arena_free(&a);
}

/* --- what an encryption may cost ------------------------------------------ */

/* EncryptedPrivateKeyInfo that asks for so much, made without doing it. */
static secret *costly_pkcs8(arena *a, X509_ALGOR *encryption, bool is_pem) {
  static const unsigned char text[32];
  ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
  BIO *bio = BIO_new(BIO_s_mem());
  unsigned char *algorithm = NULL, *octets = NULL;
  ASN1_OCTET_STRING_set(data, text, sizeof text);
  int first = i2d_X509_ALGOR(encryption, &algorithm);
  int second = i2d_ASN1_OCTET_STRING(data, &octets);
  buffer sequence = buffer_in(a);
  buffer_add(&sequence, (slice){"\x30\x82", 2});
  buffer_char(&sequence, (char)((first + second) >> 8));
  buffer_char(&sequence, (char)(first + second));
  buffer_add(&sequence, (slice){(const char *)algorithm, (size_t)first});
  buffer_add(&sequence, (slice){(const char *)octets, (size_t)second});
  const unsigned char *at =
      (const unsigned char *)buffer_slice(&sequence).data;
  X509_SIG *key = d2i_X509_SIG(NULL, &at, (long)sequence.length);
  cr_assert_not_null(key);
  cr_assert((is_pem ? PEM_write_bio_PKCS8(bio, key)
                    : i2d_PKCS8_bio(bio, key)) == 1);
  X509_SIG_free(key);
  X509_ALGOR_free(encryption);
  ASN1_OCTET_STRING_free(data);
  OPENSSL_free(algorithm);
  OPENSSL_free(octets);
  return written(a, bio);
}

/* Not read for its cost: at once, and without a question. */
static bool is_unaffordable(arena *a, const secret *file) {
  private_key key;
  const char *reason = "";
  return key_read(a, file, NULL, &key, &reason) == PRIVATE_KEY_UNREADABLE &&
         strstr(reason, "too many rounds") != NULL;
}

static X509_ALGOR *pbkdf2(int rounds) {
  return PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), rounds, NULL, 0, NULL,
                           NID_hmacWithSHA256);
}

static X509_ALGOR *pbes1(int rounds) {
  return PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, rounds, NULL,
                       0);
}

Test(key_read, refuses_keys_that_cost_too_much) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  int most = LIMIT_KEY_ROUNDS;
  for (int is_pem = 0; is_pem < 2; is_pem++) {
    cr_expect_not(is_unaffordable(&a, costly_pkcs8(&a, pbkdf2(most), is_pem)));
    cr_expect(is_unaffordable(&a, costly_pkcs8(&a, pbkdf2(most + 1), is_pem)));
    cr_expect_not(is_unaffordable(&a, costly_pkcs8(&a, pbes1(most), is_pem)));
    cr_expect(is_unaffordable(&a, costly_pkcs8(&a, pbes1(most + 1), is_pem)));
  }
  arena_free(&a);
}

static X509_ALGOR *scrypt(uint64_t n, uint64_t r, uint64_t p) {
  static unsigned char salt[16], iv[16];
  return PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof salt, iv, n, r,
                               p);
}

Test(key_read, refuses_scrypt_that_costs_too_much) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  uint64_t most = LIMIT_KEY_ROUNDS / 128;
  cr_expect_not(is_unaffordable(&a, costly_pkcs8(&a, scrypt(16384, 8, 1), 1)));
  cr_expect_not(is_unaffordable(&a, costly_pkcs8(&a, scrypt(128, 1, most), 1)));
  cr_expect(is_unaffordable(&a, costly_pkcs8(&a, scrypt(128, 1, most + 1), 1)));
  cr_expect(is_unaffordable(&a, costly_pkcs8(&a, scrypt(128, 2, most), 0)));
  arena_free(&a);
}

/* Takes the store. */
static bool is_unaffordable_store(arena *a, PKCS12 *store,
                                  const passphrase_source *source) {
  BIO *bio = BIO_new(BIO_s_mem());
  cr_assert(i2d_PKCS12_bio(bio, store) == 1);
  PKCS12_free(store);
  private_key key;
  key_certificates chain;
  const char *reason = "";
  return key_read_pkcs12(a, written(a, bio), source, &key, &chain, &reason) ==
             PRIVATE_KEY_UNREADABLE &&
         strstr(reason, "too many rounds") != NULL;
}

/* A store whose one bag is a key encrypted as costly_pkcs8 makes it; the bag
 * lies open, or in a part that the passphrase opens. */
static PKCS12 *costly_store(arena *a, bool is_hidden) {
  secret *file = costly_pkcs8(a, pbkdf2(LIMIT_KEY_ROUNDS + 1), false);
  const unsigned char *at = (const unsigned char *)file->data;
  X509_SIG *key = d2i_X509_SIG(NULL, &at, (long)file->length);
  STACK_OF(PKCS12_SAFEBAG) *bags = sk_PKCS12_SAFEBAG_new_null();
  STACK_OF(PKCS7) *parts = sk_PKCS7_new_null();
  sk_PKCS12_SAFEBAG_push(bags, PKCS12_SAFEBAG_create0_pkcs8(key));
  sk_PKCS7_push(parts,
                is_hidden ? PKCS12_pack_p7encdata(
                                NID_aes_256_cbc, words, -1, NULL, 0, 1, bags)
                          : PKCS12_pack_p7data(bags));
  PKCS12 *store = PKCS12_init(NID_pkcs7_data);
  cr_assert(PKCS12_pack_authsafes(store, parts) == 1 &&
            PKCS12_set_mac(store, words, -1, NULL, 0, 1, NULL) == 1);
  sk_PKCS7_pop_free(parts, PKCS7_free);
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  return store;
}

Test(key_read, refuses_stores_that_cost_too_much) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  passphrase_source right = {know, (void *)words};
  cr_expect(is_unaffordable_store(&a, costly_store(&a, false), NULL));
  cr_expect(is_unaffordable_store(&a, costly_store(&a, true), &right));
  arena_free(&a);
}

/* --- secrets -------------------------------------------------------------- */

Test(secret, reads_up_to_its_limit) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  char name[] = "/tmp/maapol-secret-XXXXXX";
  int descriptor = mkstemp(name);
  static const char block[10000] = {'x'};
  cr_assert(write(descriptor, block, sizeof block) == sizeof block);
  const char *reason = NULL;
  secret *s = secret_read_file(&a, name, sizeof block, &reason);
  cr_assert_not_null(s);
  cr_expect(s->length == sizeof block && s->data[0] == 'x' &&
            s->data[s->length] == 0);
  secret_wipe(s);
  cr_expect(!s->data && s->length == 0);
  cr_expect_null(secret_read_file(&a, name, sizeof block - 1, &reason));
  cr_expect_not_null(reason);
  close(descriptor);
  unlink(name);
  reason = NULL;
  cr_expect_null(secret_read_file(&a, name, sizeof block, &reason));
  cr_expect_not_null(reason);
  cr_expect_null(secret_read_file(&a, "/", sizeof block, &reason));
  arena_free(&a);
}
