/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/key_read.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "sign/key_asking.h"
#include "sign/key_rounds.h"

int key_ask(char *to, int room, int writing, void *context) {
  key_asking *q = context;
  (void)writing;
  q->was_asked = true;
  int length = q->source && q->source->ask
                   ? q->source->ask(q->source->context, to, room)
                   : -1;
  q->was_answered = length >= 0 && length <= room;
  return q->was_answered ? length : -1;
}

/* Whether OpenSSL knows the algorithm no more, or only in another provider. */
static bool was_unsupported(void) {
  unsigned long error;
  bool found = false;
  while ((error = ERR_get_error()) != 0)
    found |= ERR_GET_REASON(error) == ERR_R_UNSUPPORTED;
  return found;
}

private_key_status key_failure(const key_asking *q, const char *what,
                               const char **reason) {
  bool unsupported = was_unsupported();
  *reason = what;
  if (!q->was_asked)
    return PRIVATE_KEY_UNREADABLE;
  if (!q->was_answered) {
    *reason = "the key is encrypted, and there is no passphrase";
    return PRIVATE_KEY_NO_PASSPHRASE;
  }
  *reason = "the passphrase is wrong, or the file is damaged";
  if (!unsupported)
    return PRIVATE_KEY_WRONG_PASSPHRASE;
  *reason = "the passphrase is wrong, or the encryption is an old one that "
            "needs OpenSSL's legacy provider";
  return PRIVATE_KEY_WRONG_PASSPHRASE;
}

static private_key_status unaffordable(const char **reason) {
  *reason = "its encryption asks for too many rounds of hashing";
  return PRIVATE_KEY_UNREADABLE;
}

/* --- PEM and DER ---------------------------------------------------------- */

static EVP_PKEY *from_der(BIO *file, key_asking *q, bytes der) {
  const unsigned char *at = der.data;
  EVP_PKEY *pair = d2i_AutoPrivateKey(NULL, &at, (long)der.length);
  if (pair && at == der.data + der.length)
    return pair;
  EVP_PKEY_free(pair);
  return d2i_PKCS8PrivateKey_bio(file, NULL, key_ask, q);
}

/* An ASN.1 SEQUENCE that holds no PEM: text in front of PEM may begin with
 * this byte, a 0, too. */
static bool is_der(bytes file) {
  static const char mark[] = "-----BEGIN";
  if (file.data[0] != 0x30)
    return false;
  for (size_t i = 0; i + sizeof mark <= file.length; i++)
    if (memcmp(file.data + i, mark, sizeof mark - 1) == 0)
      return false;
  return true;
}

private_key_status key_read(arena *a, const secret *file,
                            const passphrase_source *source,
                            private_key *result, const char **reason) {
  key_asking q = {.source = source};
  bytes data = {(const uint8_t *)file->data, file->length};
  *result = (private_key){0};
  if (!data.length || data.length > LIMIT_KEY_BYTES) {
    *reason = data.length ? "it is too large" : "it is empty";
    return PRIVATE_KEY_UNREADABLE;
  }
  if (!(is_der(data) ? key_rounds_of_der(data) : key_rounds_of_pem(data)))
    return unaffordable(reason);
  /* It reads from the secret, and copies nothing. */
  BIO *bio = BIO_new_mem_buf(data.data, (int)data.length);
  if (!bio)
    arena_fail(a, ARENA_NO_MEMORY);
  EVP_PKEY *pair = is_der(data)
                       ? from_der(bio, &q, data)
                       : PEM_read_bio_PrivateKey(bio, NULL, key_ask, &q);
  BIO_free(bio);
  if (!pair)
    return key_failure(&q, "it holds no private key in PEM or DER", reason);
  return private_key_take(a, pair, result, reason);
}

/* --- PKCS #12 ------------------------------------------------------------- */

static void free_pkcs12(void *store) { PKCS12_free(store); }
static void free_certificate(void *one) { X509_free(one); }
static void free_certificates(void *all) {
  sk_X509_pop_free((STACK_OF(X509) *)all, X509_free);
}

static bool add_certificate(X509 *one, key_certificates *certificates) {
  if (certificates->count == KEY_CERTIFICATES_MAX)
    return false;
  certificates->items[certificates->count++] = one;
  return true;
}

/* The arena owns own and others from here on. */
static bool keep_certificates(arena *a, X509 *own, STACK_OF(X509) *others,
                              key_certificates *certificates) {
  bool all = true;
  if (others)
    arena_defer(a, free_certificates, others);
  if (own) {
    arena_defer(a, free_certificate, own);
    all = add_certificate(own, certificates);
  }
  for (int i = 0; all && i < sk_X509_num(others); i++)
    all = add_certificate(sk_X509_value(others, i), certificates);
  return all;
}

/* The words that open the store: none, or those of the source. */
static const char *opening_words(arena *a, PKCS12 *store, key_asking *q) {
  if (PKCS12_mac_present(store) && PKCS12_verify_mac(store, NULL, 0) == 1)
    return NULL;
  if (PKCS12_mac_present(store) && PKCS12_verify_mac(store, "", 0) == 1)
    return "";
  secret *words = secret_make(a, LIMIT_PASSPHRASE_BYTES);
  int length = key_ask(words->data, LIMIT_PASSPHRASE_BYTES, 0, q);
  words->data[length > 0 ? length : 0] = 0;
  return words->data;
}

static private_key_status open_pkcs12(arena *a, PKCS12 *store, key_asking *q,
                                      private_key *result,
                                      key_certificates *certificates,
                                      const char **reason) {
  const char *words = opening_words(a, store, q);
  EVP_PKEY *pair = NULL;
  X509 *own = NULL;
  STACK_OF(X509) *others = NULL;
  ERR_clear_error();
  if (PKCS12_mac_present(store) && !key_rounds_in_pkcs12(store, words))
    return unaffordable(reason);
  if ((q->was_asked && !q->was_answered) ||
      PKCS12_parse(store, words, &pair, &own, &others) != 1)
    return key_failure(q, "it is damaged, or its encryption is an old one that "
                      "needs OpenSSL's legacy provider", reason);
  private_key_status status = PRIVATE_KEY_UNREADABLE;
  *reason = "it holds no private key";
  if (pair)
    status = private_key_take(a, pair, result, reason);
  if (keep_certificates(a, own, others, certificates))
    return status;
  *reason = "it holds more certificates than a chain has";
  return PRIVATE_KEY_UNREADABLE;
}

private_key_status key_read_pkcs12(arena *a, const secret *file,
                                   const passphrase_source *source,
                                   private_key *result,
                                   key_certificates *certificates,
                                   const char **reason) {
  key_asking q = {.source = source};
  const unsigned char *at = (const unsigned char *)file->data;
  *result = (private_key){0};
  *certificates = (key_certificates){0};
  PKCS12 *store = file->length && file->length <= LIMIT_KEY_BYTES
                      ? d2i_PKCS12(NULL, &at, (long)file->length)
                      : NULL;
  if (!store)
    return key_failure(&q, "it is no PKCS #12 file", reason);
  arena_defer(a, free_pkcs12, store);
  if (!key_rounds_of_pkcs12(store))
    return unaffordable(reason);
  return open_pkcs12(a, store, &q, result, certificates, reason);
}
