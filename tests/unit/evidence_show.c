/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/show.h"

#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "tests/unit/evidence_fixture.h"

static const char *text_of(arena *a, attestation_type type,
                           const char *const *settings) {
  evidence_made made = made_evidence(a, type, settings);
  evidence e = parsed_evidence(a, type, made.raw);
  buffer out = buffer_in(a);
  evidence_show_text(&out, &e);
  return buffer_slice(&out).data;
}

Test(evidence_show, names_places_and_meanings) {
  static const char *const settings[] = {"attributes=0x8000000000000887",
                                         "product-id=7",
                                         "xfrm=0x200e7",
                                         "fmspc=00a067110000",
                                         "sgx-type=2",
                                         NULL};
  static const char *const lines[] = {
      "SGX quote, ",
      "\n offset  bytes  field                    value\n",
      "\nheader\n      0      2  version                  3\n",
      "      2      2  key-type                 2  (ECDSA-256 with P-256)\n",
      ("     96      8  attributes               0x8000000000000887  "
       "(INIT DEBUG MODE64BIT KSS bit11 bit63)\n"),
      ("    104      8  xfrm                     0x00000000000200e7  "
       "(x87 SSE AVX opmask ZMM_Hi256 Hi16_ZMM TILECFG)\n"),
      "    304      2  product-id               7\n",
      "\nqe-report\n    564     16  cpusvn  ",
      ("   1046      2  type                     5  "
       "(PCK certificate chain in PEM)\n"),
      "                fmspc                    00a067110000  (family",
      "                tcb-components           [20,20,11,7,255,128,14,0",
      "                sgx-type                 2  (scalable with integrity)\n",
      "CN=maapol test SGX Root CA\n",
      "\n  x-ms-sgx-product-id = 7\n",
      "\nsignatures: not verified (its signatures were not checked)\n",
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  const char *text = text_of(&a, ATTESTATION_SGX_ENCLAVE, settings);
  for (size_t i = 0; i < COUNT_OF(lines); i++)
    cr_expect_not_null(strstr(text, lines[i]), "%s\nin\n%s", lines[i], text);
  const char *last = strstr(text, "signatures: ");
  cr_expect_eq(strlen(strchr(last, '\n')), 1u, "the last line");
  arena_free(&a);
}

/* Offsets count from the header that was sent. */
Test(evidence_show, counts_from_the_open_enclave_header) {
  static const char *const lines[] = {
      ("\nopen-enclave\n      0      4  version                  1  "
       "(oe_report_header)\n"),
      "      4      4  report-type              2  (remote)\n",
      "\nheader\n     16      2  version                  3\n",
      "    320      2  product-id               1\n",
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  const char *text = text_of(&a, ATTESTATION_OPEN_ENCLAVE, NULL);
  for (size_t i = 0; i < COUNT_OF(lines); i++)
    cr_expect_not_null(strstr(text, lines[i]), "%s\nin\n%s", lines[i], text);
  arena_free(&a);
}

Test(evidence_show, mentions_reserved_bytes_only_when_set) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  uint8_t *raw = copied(&a, made.raw);
  for (int set = 0; set < 2; set++) {
    raw[48 + 20 + 11] = (uint8_t)set;
    evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE,
                                 (bytes){raw, made.raw.length});
    buffer out = buffer_in(&a);
    evidence_show_text(&out, &e);
    const char *line = strstr(buffer_slice(&out).data,
                              "     68     12  reserved-20              "
                              "000000000000000000000001  (reserved");
    cr_expect_eq(line != NULL, set == 1);
  }
  arena_free(&a);
}

static const value *at(const value *v, const char *const *path) {
  for (; v && *path; path++)
    v = value_member(v, slice_from(*path));
  return v;
}

Test(evidence_show, gives_the_same_as_json) {
  static const struct {
    const char *path[6];
    const char *expected;
  } rows[] = {
      {{"type"}, "\"SgxEnclave\""},
      {{"structure"}, "\"SGX quote\""},
      {{"fields", "report", "svn", "value"}, "9"},
      {{"fields", "report", "svn", "offset"}, "306"},
      {{"fields", "report", "svn", "length"}, "2"},
      {{"fields", "report", "attributes", "value"}, "\"0x0000000000000005\""},
      {{"fields", "report", "attributes", "meaning"}, "\"INIT MODE64BIT\""},
      {{"fields", "platform", "pck-pce-svn", "value"}, "14"},
      {{"claims", "x-ms-sgx-svn"}, "9"},
      {{"verification", "status"}, "\"not verified\""},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"svn=9", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  value dump = evidence_show(&a, &e);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const value *v = at(&dump, rows[i].path);
    cr_assert_not_null(v, "row %zu", i);
    buffer text = buffer_in(&a);
    json_write(&text, v);
    cr_expect(slice_is(buffer_slice(&text), rows[i].expected), "row %zu: %.*s",
              i, SLICE_ARGS(buffer_slice(&text)));
  }
  cr_expect_eq(at(&dump, (const char *const[]){"bytes", NULL})->integer,
               (int64_t)made.raw.length);
  arena_free(&a);
}

/* A certificate's names are an attacker's text. */
Test(certificate, escapes_what_a_terminal_would_obey) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  X509 *certificate = certificate_keep(&a, X509_new());
  static const char evil[] = "a\x1b[31m\nfake: line\r\xc3\xa9\xe2\x80\xae,+";
  cr_assert_eq(X509_NAME_add_entry_by_txt(
                   X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                   (const unsigned char *)evil, -1, -1, 0),
               1);
  slice subject = certificate_subject(&a, certificate);
  cr_expect(slice_starts_with(subject, "CN=a\\1B[31m\\0Afake: line\\0D"),
            "%.*s", SLICE_ARGS(subject));
  for (size_t i = 0; i < subject.length; i++)
    cr_expect(subject.data[i] >= ' ' && subject.data[i] <= '~', "byte %zu", i);
  arena_free(&a);
}

Test(certificate, reads_chains_up_to_a_limit) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  bytes pem = {made.raw.data + 1052, made.raw.length - 1052};
  buffer many = buffer_in(&a);
  certificate_chain one, chain;
  const char *reason = "";
  cr_assert(certificate_chain_read(&a, pem, &one, &reason));
  for (size_t count = 1; count <= LIMIT_CERTIFICATES; count++) {
    certificate_write(&many, one.items[0]);
    cr_assert(certificate_chain_read(&a, bytes_from_slice(buffer_slice(&many)),
                                     &chain, &reason));
    cr_expect_eq(chain.count, count);
  }
  certificate_write(&many, one.items[0]);
  cr_expect_not(certificate_chain_read(
      &a, bytes_from_slice(buffer_slice(&many)), &chain, &reason));
  cr_expect_not_null(strstr(reason, "more certificates"));
  arena_free(&a);
}
