/* SPDX-License-Identifier: Apache-2.0 */
/* Names of certificates are those that OpenSSL writes, whichever way they are
 * written. */
#include "evidence/certificate.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "tests/unit/unit.h"

enum { ARENA_BYTES = 8 << 20 };

/* One attribute of a name, of a kind that nobody knows if nid is 0; is_joined:
 * of the same RDN as the one before. */
typedef struct part {
  int nid, type;
  slice text;
  bool is_joined;
} part;

static const char unknown_oid[] = "1.3.6.1.4.1.99999.1";

static void free_certificate(void *certificate) { X509_free(certificate); }

static void free_bio(void *bio) { BIO_free(bio); }

/* A certificate of which only the names are set. */
static X509 *named(arena *a, const part *parts, size_t count) {
  X509 *certificate = X509_new();
  cr_assert_not_null(certificate);
  arena_defer(a, free_certificate, certificate);
  X509_NAME *name = X509_NAME_new();
  for (size_t i = 0; i < count; i++) {
    const unsigned char *text = bytes_from_slice(parts[i].text).data;
    int length = (int)parts[i].text.length;
    const char *kind = parts[i].nid ? OBJ_nid2sn(parts[i].nid) : unknown_oid;
    cr_assert(X509_NAME_add_entry_by_txt(
        name, kind, parts[i].type, text ? text : (const unsigned char *)"",
        length, -1, parts[i].is_joined ? -1 : 0));
  }
  cr_assert(X509_set_subject_name(certificate, name));
  cr_assert(X509_set_issuer_name(certificate, name));
  X509_NAME_free(name);
  return certificate;
}

static slice as_openssl_writes(arena *a, const X509 *certificate) {
  BIO *bio = BIO_new(BIO_s_mem());
  char *data = NULL;
  cr_assert_not_null(bio);
  arena_defer(a, free_bio, bio);
  X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253);
  long length = BIO_get_mem_data(bio, &data);
  ERR_clear_error();
  return (slice){data, (size_t)length};
}

static void expect_same(arena *a, const part *parts, size_t count) {
  X509 *certificate = named(a, parts, count);
  slice wanted = as_openssl_writes(a, certificate);
  slice subject = certificate_subject(a, certificate);
  cr_expect(slice_equal(subject, wanted), "%.*s, but OpenSSL: %.*s",
            SLICE_ARGS(subject), SLICE_ARGS(wanted));
  cr_expect(slice_equal(certificate_issuer(a, certificate), wanted));
}

#define TEXT(nid, literal) \
  { (nid), V_ASN1_UTF8STRING, {(literal), sizeof(literal) - 1}, false }
#define JOINED(nid, literal) \
  { (nid), V_ASN1_UTF8STRING, {(literal), sizeof(literal) - 1}, true }

Test(certificate_name, is_what_standards_say) {
  static const struct {
    part parts[3];
    size_t count;
    const char *expected;
  } rows[] = {
      {{TEXT(NID_countryName, "US"), TEXT(NID_organizationName, "Intel"),
        TEXT(NID_commonName, "Intel SGX Root CA")},
       3,
       "CN=Intel SGX Root CA,O=Intel,C=US"},
      {{TEXT(NID_commonName, "a,b")}, 1, "CN=a\\,b"},
      {{TEXT(NID_commonName, "a\"b")}, 1, "CN=a\\\"b"},
      {{TEXT(NID_commonName, "#1")}, 1, "CN=\\#1"},
      {{TEXT(NID_commonName, " a ")}, 1, "CN=\\ a\\ "},
      {{TEXT(NID_commonName, "")}, 1, "CN="},
      {{TEXT(NID_commonName, "\xC3\xA4")}, 1, "CN=\\C3\\A4"},
      {{TEXT(NID_commonName, "a\nCN=b")}, 1, "CN=a\\0ACN=b"},
      {{TEXT(NID_commonName, "a"), JOINED(NID_organizationName, "b")}, 2,
       "O=b+CN=a"},
      {{TEXT(NID_commonName, "a+O=b")}, 1, "CN=a\\+O=b"},
  };
  TEST_ARENA(a, ARENA_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    X509 *certificate = named(&a, rows[i].parts, rows[i].count);
    slice subject = certificate_subject(&a, certificate);
    cr_expect(slice_is(subject, rows[i].expected), "%.*s, not %s",
              SLICE_ARGS(subject), rows[i].expected);
    expect_same(&a, rows[i].parts, rows[i].count);
  }
  expect_same(&a, NULL, 0);
  arena_free(&a);
}

/* Every byte alone, first, last and between others. */
Test(certificate_name, is_written_alike_for_every_byte) {
  static const int types[] = {V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING,
                              V_ASN1_IA5STRING, V_ASN1_T61STRING};
  TEST_ARENA(a, ARENA_BYTES);
  for (size_t t = 0; t < COUNT_OF(types); t++)
    for (unsigned c = 0; c < (types[t] == V_ASN1_UTF8STRING ? 0x80 : 0x100);
         c++) {
      const char text[] = {(char)c, 'x', (char)c, 'y', (char)c};
      part rows[] = {{NID_commonName, types[t], {text, 1}, false},
                     {NID_commonName, types[t], {text, 2}, false},
                     {NID_commonName, types[t], {text + 1, 2}, false},
                     {NID_commonName, types[t], {text + 1, 3}, false},
                     {NID_commonName, types[t], {text, 5}, false}};
      for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_same(&a, &rows[i], 1);
      arena_reset(&a);
    }
  arena_free(&a);
}

static void check_kind(arena *a, int nid, int type) {
  const part plain = TEXT(NID_organizationName, "Contoso");
  part parts[] = {plain, {nid, type, SLICE("Some text"), false}, plain};
  expect_same(a, parts, 3);
  for (size_t joined = 1; joined < 3; joined++) {
    parts[joined].is_joined = true;
    expect_same(a, parts, 3);
    parts[joined].is_joined = false;
  }
  parts[1].text = SLICE_EMPTY;
  expect_same(a, parts, 3);
  expect_same(a, parts + 1, 1);
}

/* Attributes that are not usual, and kinds of text that are not one byte a
 * character; each amidst plain parts and joined with one. */
Test(certificate_name, is_written_alike_for_every_kind) {
  static const int kinds[] = {NID_commonName,
                              NID_organizationName,
                              NID_localityName,
                              NID_stateOrProvinceName,
                              NID_countryName,
                              NID_organizationalUnitName,
                              NID_serialNumber,
                              NID_pkcs9_emailAddress,
                              NID_domainComponent,
                              NID_name,
                              0};
  static const int types[] = {V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING,
                              V_ASN1_IA5STRING, V_ASN1_T61STRING};
  TEST_ARENA(a, ARENA_BYTES);
  for (size_t k = 0; k < COUNT_OF(kinds); k++)
    for (size_t t = 0; t < COUNT_OF(types); t++)
      check_kind(&a, kinds[k], types[t]);
  part wide = {NID_commonName, V_ASN1_BMPSTRING, {"\0a\0b", 4}, false};
  expect_same(&a, &wide, 1);
  arena_free(&a);
}
