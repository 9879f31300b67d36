/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/test_pki.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/certificate.h"
#include "evidence/reader.h"
#include "sign/ec_key.h"
#include "sign/key_file.h"

/* Years are fixed, as those of Intel's root, so that evidence made today can
 * be verified at any time that a test asks for. */
#define NOT_BEFORE "20180521000000Z"
#define NOT_AFTER "20491231235959Z"

#define ROOT_NAME "maapol test SGX Root CA"
#define CA_NAME "maapol test SGX PCK Processor CA"
#define PCK_NAME "maapol test SGX PCK Certificate"

enum { SERIAL_BYTES = 20 };

typedef struct issuing {
  X509 *issuer; /* NULL: self-signed */
  EVP_PKEY *issuer_key;
  const char *name;
  EVP_PKEY *key;
  const char *basic_constraints, *key_usage;
} issuing;

static bool set_name(X509_NAME *name, const char *common_name) {
  static const char organisation[] = "maapol synthetic evidence";
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    (const unsigned char *)common_name, -1, -1,
                                    0) == 1 &&
         X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                    (const unsigned char *)organisation, -1, -1,
                                    0) == 1;
}

/* Positive, random, 20 bytes at most (RFC 5280 section 4.1.2.2). */
static bool set_serial(X509 *certificate) {
  uint8_t serial[SERIAL_BYTES];
  if (RAND_bytes(serial, sizeof serial) != 1)
    return false;
  serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
  ASN1_INTEGER *number = X509_get_serialNumber(certificate);
  return ASN1_STRING_set(number, serial, sizeof serial) == 1;
}

static bool add_extension(X509 *certificate, X509 *issuer, int id,
                          const char *text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer ? issuer : certificate, certificate, NULL,
                 NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, text);
  bool good = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return good;
}

static bool fill_certificate(X509 *certificate, const issuing *what) {
  X509 *issuer = what->issuer ? what->issuer : certificate;
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         set_serial(certificate) &&
         set_name(X509_get_subject_name(certificate), what->name) &&
         X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) ==
             1 &&
         ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate),
                                   NOT_BEFORE) == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate),
                                   NOT_AFTER) == 1 &&
         X509_set_pubkey(certificate, what->key) == 1 &&
         add_extension(certificate, issuer, NID_basic_constraints,
                       what->basic_constraints) &&
         add_extension(certificate, issuer, NID_key_usage, what->key_usage) &&
         add_extension(certificate, issuer, NID_subject_key_identifier,
                       "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier,
                       "keyid:always");
}

static bool openssl_failure(arena *a, evidence_error *error, const char *what) {
  const char *why = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return evidence_fail(a, error, EVIDENCE_CRYPTO, 0, "%s: %s", what,
                       why ? why : "OpenSSL failed");
}

/* Everything but the signature; NULL on failure. */
static X509 *begin_certificate(arena *a, const issuing *what,
                               evidence_error *error) {
  X509 *certificate = certificate_keep(a, X509_new());
  if (fill_certificate(certificate, what))
    return certificate;
  openssl_failure(a, error, what->name);
  return NULL;
}

static bool finish_certificate(arena *a, X509 *certificate, const issuing *what,
                               evidence_error *error) {
  return X509_sign(certificate, what->issuer_key, EVP_sha256()) > 0 ||
         openssl_failure(a, error, what->name);
}

static const char *path_in(arena *a, const char *directory, const char *name) {
  buffer path = buffer_in(a);
  buffer_printf(&path, "%s/%s", directory, name);
  return buffer_slice(&path).data;
}

/* Replaces the file at once, so that nobody sees half of it. */
static bool replace_file(arena *a, const char *path, slice content,
                         evidence_error *error) {
  buffer name = buffer_in(a);
  buffer_printf(&name, "%s.new", path);
  const char *temporary = buffer_slice(&name).data;
  int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool good = file >= 0 &&
              write(file, content.data, content.length) ==
                  (ssize_t)content.length;
  if (file >= 0 && close(file) != 0)
    good = false;
  if (good && rename(temporary, path) == 0)
    return true;
  return evidence_fail(a, error, EVIDENCE_FILE, 0, "cannot write %s", path);
}

static bool make_directory(arena *a, const char *directory,
                           evidence_error *error) {
  return mkdir(directory, 0700) == 0 || errno == EEXIST ||
         evidence_fail(a, error, EVIDENCE_FILE, 0,
                       "%s: the directory cannot be made", directory);
}

bool test_pki_write(arena *a, const char *directory, const char *name,
                    slice content, evidence_error *error) {
  return make_directory(a, directory, error) &&
         replace_file(a, path_in(a, directory, name), content, error);
}

static bool write_certificate(arena *a, const char *path, X509 *certificate,
                              evidence_error *error) {
  buffer text = buffer_in(a);
  certificate_write(&text, certificate);
  return replace_file(a, path, buffer_slice(&text), error);
}

static X509 *read_certificate(arena *a, const char *path,
                              evidence_error *error) {
  slice text;
  const char *reason;
  certificate_chain chain;
  if (file_read(a, path, LIMIT_EVIDENCE_BYTES, &text, &reason) == FILE_OK &&
      certificate_chain_read(a, bytes_from_slice(text), &chain, &reason))
    return chain.items[0];
  evidence_fail(a, error, EVIDENCE_FILE, 0, "%s: %s", path, reason);
  return NULL;
}

/* The key in the file, or a fresh one that is written there. */
static EVP_PKEY *open_key(arena *a, const char *directory, const char *name,
                          bool *is_new, evidence_error *error) {
  if (is_new)
    *is_new = true;
  if (!directory)
    return ec_key_make(a);
  const char *path = path_in(a, directory, name), *reason;
  uint8_t point[EC_PUBLIC_BYTES];
  EVP_PKEY *key;
  if (access(path, F_OK) == 0) {
    if (is_new)
      *is_new = false;
    key = key_file_read(a, path, &reason);
    if (key && ec_key_point(key, point))
      return key;
    if (key)
      reason = "not a P-256 key";
  } else {
    key = ec_key_make(a);
    if (key_file_write(path, key, &reason))
      return key;
  }
  evidence_fail(a, error, EVIDENCE_FILE, 0, "%s: %s", path, reason);
  return NULL;
}

static bool check_authority(arena *a, const char *path, const issuing *what,
                            X509 *certificate, evidence_error *error) {
  EVP_PKEY *signer = what->issuer_key ? what->issuer_key : what->key;
  const char *problem = NULL;
  if (X509_check_private_key(certificate, what->key) != 1)
    problem = "not the certificate of the key beside it";
  else if (X509_verify(certificate, signer) != 1)
    problem = "not issued by the authority above it in the directory";
  ERR_clear_error();
  return !problem ||
         evidence_fail(a, error, EVIDENCE_FILE, 0, "%s: %s", path, problem);
}

/* One authority: key and certificate from the directory, or both fresh. */
static bool open_authority(arena *a, const char *directory, const char *stem,
                           issuing *what, X509 **certificate,
                           evidence_error *error) {
  bool is_new;
  buffer key_name = buffer_in(a), name = buffer_in(a);
  buffer_printf(&key_name, "%s.key", stem);
  buffer_printf(&name, "%s.pem", stem);
  what->key =
      open_key(a, directory, buffer_slice(&key_name).data, &is_new, error);
  if (!what->key)
    return false;
  const char *path =
      directory ? path_in(a, directory, buffer_slice(&name).data) : NULL;
  if (!is_new) {
    *certificate = read_certificate(a, path, error);
    if (!*certificate)
      return false;
    return check_authority(a, path, what, *certificate, error);
  }
  if (!what->issuer_key)
    what->issuer_key = what->key;
  *certificate = begin_certificate(a, what, error);
  return *certificate && finish_certificate(a, *certificate, what, error) &&
         (!path || write_certificate(a, path, *certificate, error));
}

bool test_pki_open(arena *a, const char *directory, test_pki *result,
                   evidence_error *error) {
  *result = (test_pki){.directory = directory};
  if (directory && !make_directory(a, directory, error))
    return false;
  issuing root = {.name = ROOT_NAME,
                  .basic_constraints = "critical,CA:TRUE,pathlen:1",
                  .key_usage = "critical,keyCertSign,cRLSign"};
  if (!open_authority(a, directory, "root-ca", &root, &result->root, error))
    return false;
  result->root_key = root.key;
  if (!test_pki_authority(a, result, "processor-ca", CA_NAME, &result->ca,
                          &result->ca_key, error))
    return false;
  result->pck_key = open_key(a, directory, "pck.key", NULL, error);
  return result->pck_key != NULL;
}

bool test_pki_add_extension(X509 *certificate, const char *oid_text,
                            bytes content) {
  ASN1_OBJECT *oid = OBJ_txt2obj(oid_text, 1);
  ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
  X509_EXTENSION *extension = NULL;
  bool good =
      oid && octets &&
      ASN1_OCTET_STRING_set(octets, content.data, (int)content.length) == 1 &&
      (extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets)) &&
      X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(octets);
  ASN1_OBJECT_free(oid);
  return good;
}

/* context: the extension's DER. */
static bool add_platform(X509 *certificate, const void *context) {
  const slice *der = context;
  return test_pki_add_extension(certificate, PCK_EXTENSION_OID,
                                bytes_from_slice(*der));
}

bool test_pki_authority(arena *a, const test_pki *pki, const char *stem,
                        const char *name, X509 **certificate, EVP_PKEY **key,
                        evidence_error *error) {
  issuing ca = {.issuer = pki->root,
                .issuer_key = pki->root_key,
                .name = name,
                .basic_constraints = "critical,CA:TRUE,pathlen:0",
                .key_usage = "critical,keyCertSign,cRLSign"};
  if (!open_authority(a, pki->directory, stem, &ca, certificate, error))
    return false;
  *key = ca.key;
  return true;
}

bool test_pki_certify(arena *a, const test_certificate *what, X509 **result,
                      evidence_error *error) {
  issuing leaf = {.issuer = what->issuer,
                  .issuer_key = what->issuer_key,
                  .name = what->name,
                  .key = what->key,
                  .basic_constraints = "critical,CA:FALSE",
                  .key_usage = "critical,digitalSignature,nonRepudiation"};
  *result = begin_certificate(a, &leaf, error);
  if (!*result)
    return false;
  if (what->extend && !what->extend(*result, what->context))
    return openssl_failure(a, error, what->name);
  return finish_certificate(a, *result, &leaf, error);
}

bool test_pki_issue(arena *a, test_pki *pki,
                    const pck_extension *platform, buffer *chain,
                    evidence_error *error) {
  buffer der = buffer_in(a);
  pck_extension_write(&der, platform);
  slice extension = buffer_slice(&der);
  test_certificate what = {pki->ca,      pki->ca_key,  PCK_NAME,
                           pki->pck_key, add_platform, &extension};
  if (!test_pki_certify(a, &what, &pki->pck, error))
    return false;
  if (pki->directory &&
      !write_certificate(a, path_in(a, pki->directory, "pck.pem"), pki->pck,
                         error))
    return false;
  certificate_write(chain, pki->pck);
  certificate_write(chain, pki->ca);
  certificate_write(chain, pki->root);
  return true;
}
