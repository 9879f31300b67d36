/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists (RFC 5280 section 5). */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

#include "base/base64.h"
#include "evidence/collateral.h"

static void free_list(void *list) { X509_CRL_free(list); }

static void free_bio(void *bio) { BIO_free(bio); }

/* OpenSSL would ask at the terminal for the password of an encrypted text. */
static int no_password(char *to, /* NOLINT(readability-non-const-parameter) */
                       int size, int writing, void *data) {
  (void)to, (void)size, (void)writing, (void)data;
  return -1;
}

static X509_CRL *read_pem(bytes data) {
  BIO *bio = BIO_new_mem_buf(data.data, (int)data.length);
  X509_CRL *list =
      bio ? PEM_read_bio_X509_CRL(bio, NULL, no_password, NULL) : NULL;
  BIO_free(bio);
  return list;
}

static X509_CRL *read_der(bytes data) {
  const unsigned char *at = data.data;
  return d2i_X509_CRL(NULL, &at, (long)data.length);
}

/* As Intel's caching service answers: hex digits of the DER. */
static X509_CRL *read_hex(arena *a, bytes data) {
  slice text = slice_from_bytes(data);
  bytes der;
  while (text.length > 0 && (text.data[text.length - 1] == '\n' ||
                             text.data[text.length - 1] == '\r'))
    text.length--;
  return hex_decode(a, text, &der) ? read_der(der) : NULL;
}

X509_CRL *crl_read(arena *a, bytes data) {
  if (data.length == 0 || data.length > LIMIT_EVIDENCE_BYTES)
    return NULL;
  X509_CRL *list = read_der(data);
  if (!list)
    list = read_pem(data);
  if (!list)
    list = read_hex(a, data);
  ERR_clear_error();
  if (list)
    arena_defer(a, free_list, list);
  return list;
}

void crl_write(buffer *out, X509_CRL *list) {
  BIO *bio = BIO_new(BIO_s_mem());
  if (!bio)
    arena_fail(out->arena, ARENA_NO_MEMORY);
  arena_defer(out->arena, free_bio, bio);
  if (PEM_write_bio_X509_CRL(bio, list) != 1)
    arena_fail(out->arena, ARENA_NO_MEMORY);
  char *data = NULL;
  long length = BIO_get_mem_data(bio, &data);
  buffer_add(out, (slice){data, length > 0 ? (size_t)length : 0});
}

/* A list of some certificates or reasons only says so in a critical extension,
 * and would be taken for the whole one. */
static bool has_critical_extension(const X509_CRL *list) {
  for (int i = 0; i < X509_CRL_get_ext_count(list); i++)
    if (X509_EXTENSION_get_critical(X509_CRL_get_ext(list, i)))
      return true;
  return false;
}

static const char *date_text(arena *a, const ASN1_TIME *date) {
  struct tm t;
  buffer text = buffer_in(a);
  if (!date || ASN1_TIME_to_tm(date, &t) != 1)
    return "?";
  buffer_printf(&text, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1,
                t.tm_mday);
  return buffer_slice(&text).data;
}

static bool is_current(const verifier *v, const X509_CRL *list) {
  time_t now = (time_t)v->options->now;
  const ASN1_TIME *to = X509_CRL_get0_nextUpdate(list);
  return X509_cmp_time(X509_CRL_get0_lastUpdate(list), &now) < 0 && to &&
         X509_cmp_time(to, &now) > 0;
}

static bool check_revoked(verifier *v, X509_CRL *list, X509 *certificate,
                          const char *what) {
  X509_REVOKED *entry;
  bool listed = X509_CRL_get0_by_cert(list, &entry, certificate) != 0;
  return verify_step(v, !listed, what,
                     certificate_subject(v->arena, certificate).data,
                     verify_text(v, "serial number %s is %s",
                                 certificate_serial(v->arena, certificate).data,
                                 listed ? "revoked" : "not on the list"));
}

bool crl_verify(verifier *v, bytes data, X509 *issuer,
                X509 *const *certificates, size_t count, const char *what) {
  const char *name = certificate_subject(v->arena, issuer).data;
  X509_CRL *list = crl_read(v->arena, data);
  if (!list || has_critical_extension(list))
    return verify_step(v, false, what, NULL,
                       list ? "a critical extension that is not known"
                            : "not a revocation list in DER, PEM or hex");
  bool holds = X509_NAME_cmp(X509_CRL_get_issuer(list),
                             X509_get_subject_name(issuer)) == 0 &&
               X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1;
  ERR_clear_error();
  if (!verify_step(v, holds, verify_text(v, "%s signature", what), name, NULL))
    return false;
  if (!verify_step(
          v, is_current(v, list), verify_text(v, "%s dates", what), NULL,
          verify_text(v, "issued %s, next update %s",
                      date_text(v->arena, X509_CRL_get0_lastUpdate(list)),
                      date_text(v->arena, X509_CRL_get0_nextUpdate(list)))))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!check_revoked(v, list, certificates[i], what))
      return false;
  return true;
}
