/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509.h>

#include "base/base64.h"
#include "evidence/cose_sign1.h"
#include "tests/unit/evidence_snp_fixture.h"

/* What settings make of verification. */
typedef struct verify_row {
  const char *settings[4];
  verification_status status;
  const char *reason; /* a part of it, or NULL */
} verify_row;

static const verify_row rows[] = {
    {{NULL}, VERIFICATION_SIGNATURE, NULL},
    {{"version=1"}, VERIFICATION_SIGNATURE, NULL},
    {{"version=5"}, VERIFICATION_SIGNATURE, NULL},
    {{"version=5", "cpu-family=26", "reported-tcb=0102030405060780"},
     VERIFICATION_SIGNATURE,
     NULL},
    {{"microcode-svn=255"}, VERIFICATION_SIGNATURE, NULL},
    {{"signing-key=VLEK"}, VERIFICATION_SIGNATURE, NULL},
    {{"certified-tcb=05000000000018db"},
     VERIFICATION_FAILED,
     "bootloader 4 in REPORTED_TCB, 5 in the certificate"},
    {{"certified-tcb=04010000000018db"}, VERIFICATION_FAILED, "tee 0"},
    {{"certified-tcb=04000000000017db"},
     VERIFICATION_FAILED,
     "snp-firmware 24"},
    {{"certified-tcb=04000000000018dc"}, VERIFICATION_FAILED, "microcode 219"},
    {{"version=3", "cpu-family=26", "reported-tcb=0102030400000008",
      "certified-tcb=0902030400000008"},
     VERIFICATION_FAILED,
     "fmc 1 in REPORTED_TCB, 9"},
    {{"certified-tcb=none"}, VERIFICATION_FAILED, "only the report has it"},
    {{"key-flags=0x1c"}, VERIFICATION_FAILED, "neither VCEK nor VLEK"},
    {{"uvm-feed=ContainerPlat-AMD-UVM"}, VERIFICATION_SIGNATURE, NULL},
    {{"uvm-feed=ConfAKS-AMD-UVM"}, VERIFICATION_SIGNATURE, NULL},
    {{"uvm-feed=ContainerPlat-AMD-UVM", "uvm-usage=1.3.6.1.4.1.311.76.59.1.5"},
     VERIFICATION_FAILED,
     "is another issuer's"},
    {{"uvm-feed=ContainerPlat-AMD-UVM",
      "uvm-issuer=did:x509:0:sha256:AAAA::eku:1.3.6.1.4.1.311.76.59.1.2"},
     VERIFICATION_FAILED,
     "no certificate of its chain"},
    {{"uvm-feed=Else"}, VERIFICATION_FAILED, "feed \"Else\" is not known"},
    {{"uvm-feed=ContainerPlat-AMD-UVM",
      "uvm-measurement="
      "000000000000000000000000000000000000000000000000000000000000000000"
      "000000000000000000000000000000"},
     VERIFICATION_FAILED,
     "another launch measurement"},
    {{"uvm-feed=ContainerPlat-AMD-UVM", "uvm-time=1000000000"},
     VERIFICATION_FAILED,
     "not yet valid"},
};

Test(snp_verify, holds_what_must_hold) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[5] = {0};
    memcpy((void *)settings, (const void *)rows[i].settings,
           sizeof rows[i].settings);
    snp_sample sample = snp_sample_of(&a, settings);
    verification_status status =
        snp_verified(&a, &sample, &sample.evidence, SNP_NOW);
    const char *reason = sample.evidence.verification.reason;
    cr_expect_eq(status, rows[i].status, "row %zu: %s", i, reason);
    if (rows[i].reason)
      cr_expect(reason && strstr(reason, rows[i].reason), "row %zu: %s", i,
                reason);
    arena_reset(&a);
  }
  arena_free(&a);
}

/* Compliance is what verification earns, never what the sender says. */
Test(snp_verify, alone_gives_the_compliance_claim) {
  static const struct {
    const char *feed, *status;
  } feeds[] = {{"uvm-feed=ContainerPlat-AMD-UVM", "azure-compliant-uvm"},
               {"uvm-feed=ConfAKS-AMD-UVM", "azure-signed-katacc-uvm"}};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(feeds); i++) {
    const char *settings[] = {feeds[i].feed, NULL};
    snp_sample sample = snp_sample_of(&a, settings);
    evidence *e = &sample.evidence;
    slice name = SLICE("x-ms-compliance-status");
    cr_expect_null(value_member(&e->claims, name));
    snp_verified(&a, &sample, e, INT64_C(4000000000));
    cr_expect_null(value_member(&e->claims, name));
    snp_verified(&a, &sample, e, SNP_NOW);
    const value *status = value_member(&e->claims, name);
    cr_assert_not_null(status);
    cr_expect(slice_is(value_string(status), feeds[i].status));
  }
  snp_sample plain = snp_sample_of(&a, NULL);
  snp_verified(&a, &plain, &plain.evidence, SNP_NOW);
  cr_expect_null(
      value_member(&plain.evidence.claims, SLICE("x-ms-compliance-status")));
  arena_free(&a);
}

Test(snp_verify, needs_certificates_a_root_and_the_right_time) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const raw[] = {"form=raw", NULL};
  snp_sample sample = snp_sample_of(&a, NULL), other = sample;
  other.roots = (trust_roots){0};
  cr_expect_eq(snp_verified(&a, &other, &sample.evidence, SNP_NOW),
               VERIFICATION_FAILED);
  cr_expect_eq(snp_verified(&a, &sample, &sample.evidence, 1000000000),
               VERIFICATION_FAILED);
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, raw);
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, made.raw);
  cr_expect_eq(snp_verified(&a, &sample, &e, SNP_NOW), VERIFICATION_FAILED);
  cr_expect_not_null(strstr(e.verification.reason, "report signature"));
  sample.chain = SLICE_EMPTY;
  cr_expect_eq(snp_verified(&a, &sample, &e, SNP_NOW), VERIFICATION_NOT_DONE);
  cr_expect_not_null(strstr(e.verification.reason, "VCEK"));
  arena_free(&a);
}

/* Full verification wants revocation, which is not looked at. */
Test(snp_verify, is_not_full_without_lists) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  snp_sample sample = snp_sample_of(&a, NULL);
  verify_options options = {
      .level = VERIFY_FULL, .now = SNP_NOW, .roots = sample.roots};
  evidence_verify(&a, &sample.evidence, &options);
  cr_expect_eq(sample.evidence.verification.status, VERIFICATION_NOT_DONE);
  cr_expect_not_null(
      strstr(sample.evidence.verification.reason, "no collateral"));
  arena_free(&a);
}

/* Every byte of the signed part and of the signature. */
Test(snp_verify, notices_every_changed_byte) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  snp_sample sample = snp_sample_of(&a, NULL);
  const snp_evidence *snp = sample.evidence.detail;
  uint8_t *report = copied(&a, snp->report);
  bytes raw = {report, SNP_REPORT_BYTES};
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, raw);
  cr_assert_eq(snp_verified(&b, &sample, &e, SNP_NOW), VERIFICATION_SIGNATURE);
  for (size_t i = 0; i < SNP_SIGNED_BYTES + 2 * SNP_NUMBER_BYTES; i++) {
    evidence_error error;
    report[i] ^= 0x01;
    if (evidence_parse(&b, ATTESTATION_SEV_SNP_VM, raw, &e, &error))
      cr_expect_eq(snp_verified(&b, &sample, &e, SNP_NOW), VERIFICATION_FAILED,
                   "byte %zu", i);
    report[i] ^= 0x01;
    arena_reset(&b);
  }
  arena_free(&b);
  arena_free(&a);
}

/* The chip's certificate is not another chip's; zeros mean a masked id. */
Test(snp_verify, compares_the_chip) {
  static const struct {
    const char *setting;
    bool holds;
  } chips[] = {
      {"chip-id="
       "000000000000000000000000000000000000000000000000000000000000000000"
       "00000000000000000000000000000000000000000000000000000000000000",
       true},
      {"chip-id="
       "010000000000000000000000000000000000000000000000000000000000000000"
       "00000000000000000000000000000000000000000000000000000000000002",
       false}};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(chips); i++) {
    /* With 8 bytes in the certificate, the rest of the id has to be zero. */
    const char *settings[] = {"cpu-family=26", "reported-tcb=0102030400000008",
                              chips[i].setting, NULL};
    snp_sample sample = snp_sample_of(&a, settings);
    verification_status status =
        snp_verified(&a, &sample, &sample.evidence, SNP_NOW);
    cr_expect_eq(status == VERIFICATION_SIGNATURE, chips[i].holds, "row %zu",
                 i);
  }
  arena_free(&a);
}

/* A certificate of this authority that is no chip's. */
Test(snp_verify, refuses_keys_of_other_purposes) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  snp_sample sample = snp_sample_of(&a, NULL);
  evidence_made quote = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  bytes pem = {quote.raw.data + 1052, quote.raw.length - 1052};
  certificate_chain chain;
  const char *reason;
  cr_assert(certificate_chain_read(&a, pem, &chain, &reason));
  const snp_evidence *snp = sample.evidence.detail;
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, snp->report);
  sample.chain = slice_from_bytes(pem);
  sample.roots.items[0] = chain.items[2];
  cr_expect_eq(snp_verified(&a, &sample, &e, SNP_NOW), VERIFICATION_FAILED);
  arena_free(&a);
}

Test(snp_verify, binds_the_runtime_data_of_an_hcl_report) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  snp_sample sample = snp_sample_of(
      &a, (const char *const[]){"runtime-data={\"c\":123}", NULL});
  const snp_evidence *snp = sample.evidence.detail;
  evidence_made made = made_evidence(
      &a, ATTESTATION_SEV_SNP_VM,
      (const char *const[]){"form=hcl", "runtime-data={\"c\":123}", NULL});
  uint8_t *raw = copied(&a, made.raw);
  memcpy(raw + HCL_HEADER_BYTES, snp->report.data, SNP_REPORT_BYTES);
  bytes hcl = {raw, made.raw.length};
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, hcl);
  cr_expect_eq(snp_verified(&a, &sample, &e, SNP_NOW), VERIFICATION_SIGNATURE,
               "%s", e.verification.reason);
  raw[hcl.length - 2] = '4';
  e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, hcl);
  cr_expect_eq(snp_verified(&a, &sample, &e, SNP_NOW), VERIFICATION_FAILED);
  cr_expect_not_null(strstr(e.verification.reason, "runtime data"));
  arena_free(&a);
}

/* All of the report data counts, not the hash alone. */
Test(hcl_report, binds_nothing_beside_the_hash) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"form=hcl", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, made.raw);
  const snp_evidence *snp = e.detail;
  uint8_t data[64];
  memcpy(data, e.report_data.data, sizeof data);
  cr_expect(hcl_runtime_is_bound(snp->hcl, (bytes){data, sizeof data}));
  cr_expect_not(hcl_runtime_is_bound(snp->hcl, (bytes){data, 31}));
  data[63] = 1;
  cr_expect_not(hcl_runtime_is_bound(snp->hcl, (bytes){data, sizeof data}));
  arena_free(&a);
}

/* --- endorsements --------------------------------------------------------- */

static cose_sign1 read_message(arena *a, bytes text) {
  cose_sign1 message;
  evidence_error error = {0};
  byte_reader r = reader_over(a, text, "endorsement", &error);
  cr_assert(cose_sign1_read(&r, &message), "%s", error.message);
  return message;
}

Test(cose_sign1, is_read_as_it_was_written) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         "uvm-svn=102", NULL};
  snp_sample sample = snp_sample_of(&a, settings);
  const snp_evidence *snp = sample.evidence.detail;
  cr_assert_eq(snp->endorsement_count, 1u);
  cose_sign1 m = read_message(&a, snp->endorsements[0]);
  cr_expect_eq(m.algorithm, COSE_PS384);
  cr_expect(slice_is(m.content_type, "application/json"));
  cr_expect(slice_is(m.feed, "ContainerPlat-AMD-UVM"));
  cr_expect(m.has_time && m.time == 1700000000);
  cr_expect_eq(m.certificate_count, 3u);
  value payload;
  json_error problem;
  cr_assert(json_read(&a, slice_from_bytes(m.payload), 0, &payload, &problem));
  cr_expect(slice_is(
      value_string(value_member(&payload, SLICE("x-ms-sevsnpvm-guestsvn"))),
      "102"));
  arena_free(&a);
}

/* Payload and signature, inside of evidence that holds otherwise. */
Test(snp_verify, notices_a_changed_endorsement) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         NULL};
  snp_sample sample = snp_sample_of(&a, settings);
  snp_evidence snp = *(const snp_evidence *)sample.evidence.detail;
  bytes text = snp.endorsements[0];
  cose_sign1 m = read_message(&a, text);
  const size_t places[] = {
      (size_t)(m.payload.data - text.data) + 30, /* of the svn */
      (size_t)(m.signature.data - text.data), text.length - 1};
  for (size_t i = 0; i < COUNT_OF(places); i++) {
    uint8_t *copy = copied(&a, text);
    copy[places[i]] ^= 1;
    snp.endorsements[0] = (bytes){copy, text.length};
    evidence e = sample.evidence;
    e.detail = &snp;
    cr_expect_eq(snp_verified(&a, &sample, &e, SNP_NOW), VERIFICATION_FAILED);
    cr_expect(strstr(e.verification.reason, "PS384 signature"), "%s",
              e.verification.reason);
  }
  arena_free(&a);
}

Test(cose_sign1, refuses_broken_certificates) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         NULL};
  snp_sample sample = snp_sample_of(&a, settings);
  bytes text = ((const snp_evidence *)sample.evidence.detail)->endorsements[0];
  cose_sign1 m = read_message(&a, text);
  certificate_chain chain;
  const char *reason;
  m.certificates[1].length++; /* the head of the next one */
  cr_expect_not(cose_sign1_chain(&a, &m, &chain, &reason));
  m.certificates[1].length -= 2;
  cr_expect_not(cose_sign1_chain(&a, &m, &chain, &reason));
  m.certificate_count = 0;
  cr_expect_not(cose_sign1_chain(&a, &m, &chain, &reason));
  arena_free(&a);
}

Test(cose_sign1, refuses_every_truncation) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         NULL};
  snp_sample sample = snp_sample_of(&a, settings);
  bytes text = ((const snp_evidence *)sample.evidence.detail)->endorsements[0];
  for (size_t length = 0; length < text.length; length++) {
    cose_sign1 message;
    evidence_error error = {0};
    uint8_t *tight = malloc(length ? length : 1);
    memcpy(tight, text.data, length);
    byte_reader r = reader_over(&a, (bytes){tight, length}, "message", &error);
    cr_assert_not(cose_sign1_read(&r, &message), "%zu", length);
    cr_expect_eq(error.code, EVIDENCE_TRUNCATED, "%zu: %s", length,
                 error.message);
    cr_expect(error.offset <= length);
    free(tight);
  }
  arena_free(&a);
}

Test(cose_sign1, notices_every_changed_byte) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         NULL};
  snp_sample sample = snp_sample_of(&a, settings);
  bytes text = ((const snp_evidence *)sample.evidence.detail)->endorsements[0];
  cose_sign1 good = read_message(&a, text);
  certificate_chain chain;
  const char *reason;
  cr_assert(cose_sign1_chain(&a, &good, &chain, &reason));
  EVP_PKEY *key = X509_get0_pubkey(chain.items[0]);
  cr_assert(cose_sign1_verify(&a, &good, key));
  uint8_t *copy = copied(&a, text);
  for (size_t i = 0; i < text.length; i++) {
    cose_sign1 m;
    evidence_error error;
    copy[i] ^= 0x01;
    byte_reader r = reader_over(&b, (bytes){copy, text.length}, "", &error);
    if (cose_sign1_read(&r, &m))
      cr_expect_not(cose_sign1_verify(&b, &m, key), "byte %zu", i);
    copy[i] ^= 0x01;
    arena_reset(&b);
  }
  arena_free(&b);
  arena_free(&a);
}

/* CBOR of COSE messages that are wrong; hex. */
static const struct {
  const char *hex;
  evidence_code code;
  const char *message;
} messages[] = {
    {"01", EVIDENCE_FORMAT, "a tag is wanted"},
    {"d18443a10126a04040", EVIDENCE_FORMAT, "tag 17"},
    {"d28343a10126a040", EVIDENCE_FORMAT, "array of 3"},
    {"d284a0a04040", EVIDENCE_FORMAT, "a byte string is wanted"},
    {"d28443a10126a0404000", EVIDENCE_LENGTH, "1 bytes lie behind"},
    {"d28444a1012600a04040", EVIDENCE_LENGTH, "behind the protected"},
    {"d28443a10140a04040", EVIDENCE_FORMAT, "algorithm is not an integer"},
    {"d28442a103a04040", EVIDENCE_TRUNCATED, "content type"},
    {"d28445a103620a0aa04040", EVIDENCE_VALUE, "not printable"},
    {"d28444a1182101a04040", EVIDENCE_FORMAT, "x5chain is neither"},
    {"d2844aa118219bffffffffffffffa04040", EVIDENCE_TRUNCATED, ""},
    {"d2844ca118219bffffffffffffffffa04040", EVIDENCE_TOO_LARGE, "63 bits"},
    {"d28446a118219903e8a04040", EVIDENCE_TOO_LARGE, "more than"},
    {"d28443a1012640bb00000000ffffffff", EVIDENCE_FORMAT, ""},
    {"d28443a10126bf0040", EVIDENCE_FORMAT, "no definite length"},
    {"d28443a101269b00000000ffffffff40", EVIDENCE_TRUNCATED, "more items"},
};

Test(cose_sign1, says_what_is_wrong) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(messages); i++) {
    cose_sign1 m;
    evidence_error error = {0};
    bytes text;
    cr_assert(hex_decode(&a, slice_from(messages[i].hex), &text));
    byte_reader r = reader_over(&a, text, "message", &error);
    cr_expect_not(cose_sign1_read(&r, &m), "row %zu", i);
    cr_expect_eq(error.code, messages[i].code, "row %zu: %s", i, error.message);
    cr_expect(error.message && strstr(error.message, messages[i].message),
              "row %zu: %s", i, error.message);
  }
  arena_free(&a);
}

/* Deeply nested CBOR costs no stack. */
Test(cbor, skips_without_recursion) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  enum { DEPTH = 1000000 };
  uint8_t *text = arena_alloc(&a, DEPTH + 1);
  memset(text, 0x81, DEPTH);
  text[DEPTH] = 0;
  evidence_error error = {0};
  byte_reader r = reader_over(&a, (bytes){text, DEPTH + 1}, "text", &error);
  cbor_skip(&r, "it");
  cr_expect(!r.failed && reader_left(&r) == 0);
  arena_free(&a);
}

Test(cbor, writes_what_it_reads) {
  static const int64_t numbers[] = {0,
                                    23,
                                    24,
                                    255,
                                    256,
                                    -1,
                                    -24,
                                    -25,
                                    65535,
                                    65536,
                                    -38,
                                    1 << 30,
                                    INT64_C(1) << 40,
                                    INT64_MAX,
                                    -INT64_MAX};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(numbers); i++) {
    buffer text = buffer_in(&a);
    evidence_error error = {0};
    cbor_add_integer(&text, numbers[i]);
    byte_reader r = reader_over(&a, bytes_from_slice(buffer_slice(&text)),
                                "number", &error);
    cbor_item item = cbor_next(&r, "it");
    int64_t number;
    cr_expect(cbor_integer(&item, &number) && number == numbers[i], "row %zu",
              i);
    cr_expect_eq(reader_left(&r), 0u);
  }
  arena_free(&a);
}

Test(cose_issuer, has_to_be_the_chains) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         NULL};
  snp_sample sample = snp_sample_of(&a, settings);
  bytes text = ((const snp_evidence *)sample.evidence.detail)->endorsements[0];
  cose_sign1 m = read_message(&a, text);
  certificate_chain chain;
  const char *reason;
  cr_assert(cose_sign1_chain(&a, &m, &chain, &reason));
  const char *usage = "1.3.6.1.4.1.311.76.59.1.2";
  slice good = cose_issuer_of(&a, chain.items[2], usage);
  const slice wrong[] = {
      cose_issuer_of(&a, chain.items[0], usage), /* the leaf itself */
      cose_issuer_of(&a, chain.items[2], "1.3.6.1.4.1.311.76.59.1.5"),
      cose_issuer_of(&a, chain.items[2], "1.3.6.1.4.1.311.76.59.1"),
      {good.data, good.length - 1},
      SLICE_EMPTY,
      SLICE("did:x509:0:sha256:"),
      SLICE("did:x509:0:sha256:::eku:1.2"),
      SLICE("did:x509:1:sha256:AAAA::eku:1.2"),
  };
  cr_expect(slice_equal(good, m.issuer));
  cr_expect(cose_issuer_holds(&a, good, &chain, &reason));
  cr_expect(cose_issuer_holds(&a, cose_issuer_of(&a, chain.items[1], usage),
                              &chain, &reason));
  for (size_t i = 0; i < COUNT_OF(wrong); i++)
    cr_expect_not(cose_issuer_holds(&a, wrong[i], &chain, &reason), "row %zu",
                  i);
  arena_free(&a);
}
