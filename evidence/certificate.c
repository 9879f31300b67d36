/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

enum { SECONDS_OF_A_DAY = 24 * 60 * 60 };

static void free_certificate(void *certificate) { X509_free(certificate); }

static void free_bio(void *bio) { BIO_free(bio); }

X509 *certificate_keep(arena *a, X509 *certificate) {
  if (!certificate)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_certificate, certificate);
  return certificate;
}

/* A readable memory BIO over data, or an empty one to write to. */
static BIO *memory_bio(arena *a, bytes data) {
  BIO *bio = data.data ? BIO_new_mem_buf(data.data, (int)data.length)
                       : BIO_new(BIO_s_mem());
  if (!bio)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_bio, bio);
  return bio;
}

static slice bio_text(arena *a, BIO *bio) {
  char *data = NULL;
  long length = BIO_get_mem_data(bio, &data);
  return arena_copy(a, (slice){data, length > 0 ? (size_t)length : 0});
}

/* OpenSSL would ask at the terminal for the password of an encrypted text. */
static int no_password(char *to, /* NOLINT(readability-non-const-parameter) */
                       int size, int writing, void *data) {
  (void)to, (void)size, (void)writing, (void)data;
  return -1;
}

bool certificate_chain_read(arena *a, bytes pem, certificate_chain *result,
                            const char **reason) {
  static const uint8_t nothing = 0;
  *result = (certificate_chain){0};
  if (pem.length > LIMIT_EVIDENCE_BYTES) {
    *reason = "the PEM text is too long";
    return false;
  }
  BIO *bio = memory_bio(a, pem.length ? pem : (bytes){&nothing, 0});
  while (true) {
    X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    if (!certificate)
      break;
    certificate_keep(a, certificate);
    if (result->count == LIMIT_CERTIFICATES) {
      *reason = "more certificates than a chain has";
      return false;
    }
    result->items[result->count++] = certificate;
  }
  unsigned long error = ERR_peek_last_error();
  bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
                ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  *reason = at_end ? "no certificate in PEM form" : "a broken certificate";
  return at_end && result->count > 0;
}

void certificate_write(buffer *out, X509 *certificate) {
  BIO *bio = memory_bio(out->arena, (bytes){NULL, 0});
  if (PEM_write_bio_X509(bio, certificate) != 1)
    arena_fail(out->arena, ARENA_NO_MEMORY);
  buffer_add(out, bio_text(out->arena, bio));
}

static bool is_plain(const unsigned char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    unsigned char c = text[i];
    bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                   (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '/' ||
                   c == ':' || (c == ' ' && i && i + 1 < length);
    if (!is_word)
      return false;
  }
  return length > 0;
}

/* One part of a name, "CN=Intel SGX Root CA"; false: it is none of the usual,
 * which need no escape. */
static bool write_plain_part(buffer *out, const X509_NAME_ENTRY *entry) {
  static const int usual[] = {NID_commonName, NID_organizationName,
                              NID_localityName, NID_stateOrProvinceName,
                              NID_countryName, NID_organizationalUnitName};
  const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
  int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
  int type = ASN1_STRING_type(value);
  size_t length = (size_t)ASN1_STRING_length(value);
  const char *text = (const char *)ASN1_STRING_get0_data(value);
  bool is_usual = false;
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    is_usual |= usual[i] == nid;
  if (!is_usual ||
      (type != V_ASN1_UTF8STRING && type != V_ASN1_PRINTABLESTRING) ||
      !is_plain((const unsigned char *)text, length))
    return false;
  buffer_printf(out, "%s=%.*s", OBJ_nid2sn(nid), (int)length, text);
  return true;
}

/* What OpenSSL prints, for names that every issuer has: its own way takes as
 * long as a quarter of a signature's check. */
static bool write_plain_name(buffer *out, const X509_NAME *name) {
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; i--) {
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
    bool joins_next = i > 0 && X509_NAME_ENTRY_set(entry) ==
                                   X509_NAME_ENTRY_set(
                                       X509_NAME_get_entry(name, i - 1));
    if (joins_next || !write_plain_part(out, entry))
      return false;
    if (i)
      buffer_char(out, ',');
  }
  return out->length > 0;
}

static slice name_text(arena *a, const X509_NAME *name) {
  buffer plain = buffer_in(a);
  if (write_plain_name(&plain, name))
    return buffer_slice(&plain);
  BIO *bio = memory_bio(a, (bytes){NULL, 0});
  X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
  ERR_clear_error();
  return bio_text(a, bio);
}

slice certificate_subject(arena *a, const X509 *certificate) {
  return name_text(a, X509_get_subject_name(certificate));
}

slice certificate_issuer(arena *a, const X509 *certificate) {
  return name_text(a, X509_get_issuer_name(certificate));
}

static slice time_text(arena *a, const ASN1_TIME *time) {
  struct tm t;
  if (ASN1_TIME_to_tm(time, &t) != 1)
    return SLICE("invalid time");
  buffer text = buffer_in(a);
  buffer_printf(&text, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900,
                t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
  return buffer_slice(&text);
}

slice certificate_not_before(arena *a, const X509 *certificate) {
  return time_text(a, X509_get0_notBefore(certificate));
}

slice certificate_not_after(arena *a, const X509 *certificate) {
  return time_text(a, X509_get0_notAfter(certificate));
}

static bool seconds_between(const ASN1_TIME *epoch, const ASN1_TIME *time,
                            int64_t *seconds) {
  int days, rest;
  if (ASN1_TIME_diff(&days, &rest, epoch, time) != 1)
    return false;
  *seconds = (int64_t)days * SECONDS_OF_A_DAY + rest;
  return true;
}

/* OpenSSL takes the last second itself for the first that is too late. */
bool certificate_validity(const X509 *certificate, int64_t *from,
                          int64_t *until) {
  ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
  bool good =
      epoch &&
      seconds_between(epoch, X509_get0_notBefore(certificate), from) &&
      seconds_between(epoch, X509_get0_notAfter(certificate), until);
  ASN1_TIME_free(epoch);
  ERR_clear_error();
  return good;
}

slice certificate_serial(arena *a, const X509 *certificate) {
  const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
  buffer text = buffer_in(a);
  buffer_hex(&text, (bytes){ASN1_STRING_get0_data(serial),
                            (size_t)ASN1_STRING_length(serial)});
  return buffer_slice(&text);
}

bytes certificate_extension(const X509 *certificate, const char *oid) {
  bytes result = {NULL, 0};
  ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
  int index = object ? X509_get_ext_by_OBJ(certificate, object, -1) : -1;
  ASN1_OBJECT_free(object);
  if (index < 0)
    return result;
  const ASN1_OCTET_STRING *data =
      X509_EXTENSION_get_data(X509_get_ext(certificate, index));
  result.data = ASN1_STRING_get0_data(data);
  result.length = (size_t)ASN1_STRING_length(data);
  return result;
}
