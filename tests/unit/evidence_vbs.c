/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_make.h"
#include "tests/unit/evidence_fixture.h"

static const bytes *report(arena *a) {
  static const char *const settings[] = {
      "enclave=true",
      "enclave-svn=7",
      "platform-svn=9",
      "enclave-flags=1",
      "author-id=00112233445566778899aabbccddeeff"
      "00112233445566778899aabbccddeeff",
      NULL};
  evidence_made m = made_evidence(a, ATTESTATION_TPM, settings);
  evidence e = parsed_evidence(a, ATTESTATION_TPM, m.raw);
  const tpm_request *request = e.detail;
  return &request->vbs.raw;
}

Test(vbs_report, gives_the_claims_of_its_fields) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  vbs_report r;
  evidence_error error;
  object_builder claims = object_in(&a);
  buffer text = buffer_in(&a);
  cr_assert(vbs_report_read(&a, *report(&a), &r, &error));
  cr_expect_eq(r.module_count, 1u);
  vbs_report_claims(&r, &claims);
  value v = object_value(&claims);
  cr_expect_eq(v.count, 7u);
  json_write(&text, &v);
  slice json = buffer_slice(&text);
  cr_expect(strstr(json.data, "\"enclaveSvn\":7"));
  cr_expect(strstr(json.data, "\"enclavePlatformSvn\":9"));
  cr_expect(strstr(json.data, "\"enclaveFlags\":1"));
  cr_expect(strstr(json.data, "\"enclaveAuthorId\":"
                              "\"ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8"
                              "\""));
  arena_free(&a);
}

Test(vbs_report, refuses_every_truncation) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  const bytes *raw = report(&a);
  for (size_t length = 0; length < raw->length; length++) {
    vbs_report r;
    evidence_error error = {0};
    cr_assert_not(vbs_report_read(&a, (bytes){raw->data, length}, &r, &error),
                  "%zu", length);
    cr_assert(error.message && error.offset <= length, "%zu", length);
  }
  arena_free(&a);
}

Test(vbs_report, refuses_what_contradicts) {
  static const struct {
    size_t at;
    uint8_t to;
    evidence_code code;
    const char *words;
  } rows[] = {
      {4, 2, EVIDENCE_VERSION, "Version"},
      {8, 2, EVIDENCE_KEY_TYPE, "SignatureScheme"},
      {0, 0, EVIDENCE_LENGTH, "PackageSize"},
      {12, 0, EVIDENCE_LENGTH, "PackageSize"},
      {24, 0, EVIDENCE_LENGTH, "ReportSize"},
      {28, 2, EVIDENCE_VERSION, "ReportVersion"},
      {244, 1, EVIDENCE_FORMAT, "EnclaveType"},
      {252, 4, EVIDENCE_LENGTH, "block"},
      {255, 1, EVIDENCE_TRUNCATED, "block"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  const bytes *raw = report(&a);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    vbs_report r;
    evidence_error error = {0};
    uint8_t *copy = copied(&a, *raw);
    copy[rows[i].at] = rows[i].to;
    cr_assert_not(vbs_report_read(&a, (bytes){copy, raw->length}, &r, &error),
                  "%zu", i);
    cr_expect_eq(error.code, rows[i].code, "%zu: %s", i, error.message);
    cr_expect(strstr(error.message, rows[i].words), "%s", error.message);
  }
  arena_free(&a);
}
