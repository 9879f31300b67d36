/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include "tests/unit/evidence_fixture.h"

Test(attestation_type, has_many_names_in_any_case) {
  static const struct {
    const char *name;
    attestation_type expected;
  } rows[] = {
      {"SgxEnclave", ATTESTATION_SGX_ENCLAVE},
      {"sgxenclave", ATTESTATION_SGX_ENCLAVE},
      {"SGX-IntelSDK", ATTESTATION_SGX_ENCLAVE},
      {"OPENENCLAVE", ATTESTATION_OPEN_ENCLAVE},
      {"sgx-openenclavesdk", ATTESTATION_OPEN_ENCLAVE},
      {"SevSnpVm", ATTESTATION_SEV_SNP_VM},
      {"tdxvm", ATTESTATION_TDX_VM},
      {"AzureGuest", ATTESTATION_AZURE_GUEST},
      {"azurevm", ATTESTATION_AZURE_GUEST},
      {"TPM", ATTESTATION_TPM},
      {"VSM", ATTESTATION_TPM},
      {"VSMEnclave", ATTESTATION_TPM},
      {"VbsEnclave", ATTESTATION_TPM},
      {"CyResComponent", ATTESTATION_TPM},
      {"", ATTESTATION_TYPE_UNKNOWN},
      {"unknown", ATTESTATION_TYPE_UNKNOWN},
      {"SgxEnclav", ATTESTATION_TYPE_UNKNOWN},
      {"SgxEnclave ", ATTESTATION_TYPE_UNKNOWN},
      {"SGX_IntelSDK", ATTESTATION_TYPE_UNKNOWN},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_eq(attestation_type_from_name(slice_from(rows[i].name)),
                 rows[i].expected, "%s", rows[i].name);
}

Test(attestation_type, own_name_leads_back) {
  for (int t = ATTESTATION_TYPE_UNKNOWN + 1; t < ATTESTATION_TYPE_COUNT; t++) {
    const char *name = attestation_type_name((attestation_type)t);
    cr_expect_eq((int)attestation_type_from_name(slice_from(name)), t);
    cr_expect_not_null(strstr(attestation_type_list(), name));
  }
  cr_expect_str_eq(attestation_type_name(ATTESTATION_TYPE_UNKNOWN), "unknown");
  cr_expect_str_eq(attestation_type_claim(ATTESTATION_OPEN_ENCLAVE), "sgx");
}

Test(evidence, names_every_code) {
  for (int c = 0; c < EVIDENCE_CODE_COUNT; c++)
    cr_expect(strlen(evidence_code_name((evidence_code)c)) > 0);
  cr_expect_str_eq(evidence_code_name(EVIDENCE_TRUNCATED), "truncated");
}

Test(evidence, refuses_what_no_kind_reads) {
  static const struct {
    attestation_type type;
    size_t length;
    evidence_code expected;
  } rows[] = {
      {ATTESTATION_TYPE_UNKNOWN, 4, EVIDENCE_TYPE},
      {ATTESTATION_SGX_ENCLAVE, 0, EVIDENCE_TRUNCATED},
      {ATTESTATION_OPEN_ENCLAVE, 0, EVIDENCE_TRUNCATED},
      {ATTESTATION_SGX_ENCLAVE, (size_t)LIMIT_EVIDENCE_BYTES + 1,
       EVIDENCE_TOO_LARGE},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  uint8_t *data = arena_zalloc(&a, (size_t)LIMIT_EVIDENCE_BYTES + 1);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence e;
    evidence_error error = {0};
    cr_expect_not(evidence_parse(&a, rows[i].type,
                                 (bytes){data, rows[i].length}, &e, &error));
    cr_expect_eq(error.code, rows[i].expected, "row %zu", i);
    cr_expect_not(evidence_is_verified(&e.verification));
  }
  arena_free(&a);
}

Test(evidence, is_never_verified_by_parsing) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_verification forgotten = {0};
  cr_expect_not(evidence_is_verified(&forgotten));
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect_not(evidence_is_verified(&e.verification));
  cr_expect_not_null(e.verification.reason);
  arena_free(&a);
}

Test(evidence, binds_runtime_data_by_hash_and_zeros) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"runtime-data=held data", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  uint8_t *raw = copied(&a, made.raw);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE,
                               (bytes){raw, made.raw.length});
  bytes data = bytes_from_slice(SLICE("held data"));
  bytes other = bytes_from_slice(SLICE("held datA"));
  cr_expect_eq(evidence_check_runtime_data(&e, data), BINDING_HOLDS);
  cr_expect_eq(evidence_check_runtime_data(&e, other), BINDING_MISMATCH);
  cr_expect_eq(evidence_check_runtime_data(&e, (bytes){NULL, 0}),
               BINDING_MISMATCH);
  for (size_t i = 0; i < e.report_data.length; i++) {
    raw[368 + i] ^= 0x10; /* REPORTDATA stands at 368 in a quote */
    cr_expect_eq(evidence_check_runtime_data(&e, data), BINDING_MISMATCH,
                 "byte %zu", i);
    raw[368 + i] ^= 0x10;
  }
  arena_free(&a);
}

Test(evidence, binds_init_data_only_with_kss) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"init-data=configuration", NULL};
  bytes data = bytes_from_slice(SLICE("configuration"));
  bytes other = bytes_from_slice(SLICE("another"));
  evidence_made made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, settings);
  evidence e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  cr_expect_eq(evidence_check_init_data(&e, data), BINDING_HOLDS);
  cr_expect_eq(evidence_check_init_data(&e, other), BINDING_MISMATCH);
  static const char *const without[] = {"init-data=configuration", "kss=false",
                                        NULL};
  made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, without);
  e = parsed_evidence(&a, ATTESTATION_SGX_ENCLAVE, made.raw);
  cr_expect_eq(evidence_check_init_data(&e, data), BINDING_NOT_SUPPORTED);
  arena_free(&a);
}

static slice written(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

Test(evidence, makes_claims_of_runtime_data) {
  static const struct {
    const char *data;
    bool is_json;
    const char *expected; /* NULL: refused */
  } rows[] = {
      {"\1\2\3\4\5\6", false,
       "{\"aas-ehd\":\"AQIDBAUG\",\"maa-ehd\":\"AQIDBAUG\","
       "\"x-ms-sgx-ehd\":\"AQIDBAUG\"}"},
      {" { \"b\" : [1, 2.0],\n \"a\" : null }", true,
       "{\"x-ms-runtime\":{\"a\":null,\"b\":[1,2]}}"},
      {"{\"a\":", true, NULL},
      {"", true, NULL},
      {"", false, "{\"aas-ehd\":\"\",\"maa-ehd\":\"\",\"x-ms-sgx-ehd\":\"\"}"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e = {.type = ATTESTATION_SGX_ENCLAVE};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value claims;
    evidence_error error = {0};
    bytes data = bytes_from_slice(slice_from(rows[i].data));
    bool good =
        evidence_runtime_claims(&a, &e, data, rows[i].is_json, &claims, &error);
    cr_assert_eq(good, rows[i].expected != NULL, "row %zu", i);
    if (good)
      cr_expect(slice_is(written(&a, &claims), rows[i].expected), "row %zu", i);
    else
      cr_expect_eq(error.code, EVIDENCE_JSON);
  }
  arena_free(&a);
}

/* Clients in C send the text with its terminator, and hash it so. */
Test(evidence, tolerates_one_nul_behind_json) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e = {.type = ATTESTATION_OPEN_ENCLAVE};
  value claims;
  evidence_error error;
  bytes one = {(const uint8_t *)"{}", 3}, two = {(const uint8_t *)"{}\0", 4};
  cr_expect(evidence_runtime_claims(&a, &e, one, true, &claims, &error));
  cr_expect_not(evidence_runtime_claims(&a, &e, two, true, &claims, &error));
  arena_free(&a);
}
