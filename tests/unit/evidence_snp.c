/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "evidence/kinds.h"
#include "tests/unit/evidence_snp_fixture.h"

/* --- claims --------------------------------------------------------------- */

static slice claims_text(arena *a, const char *const *settings) {
  evidence_made made = made_evidence(a, ATTESTATION_SEV_SNP_VM, settings);
  evidence e = parsed_evidence(a, ATTESTATION_SEV_SNP_VM, made.raw);
  buffer text = buffer_in(a);
  json_write(&text, &e.claims);
  return buffer_slice(&text);
}

#define HEX_16 "00112233445566778899aabbccddeeff"
#define HEX_32 HEX_16 "ffeeddccbbaa99887766554433221100"
#define HEX_48 HEX_32 HEX_16

Test(snp_report, gives_the_claims_of_its_fields) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"version=2",
                                         "guest-svn=4000000000",
                                         "policy=0x9001f",
                                         "family-id=" HEX_16,
                                         "image-id=ff112233445566778899aabbcc"
                                         "ddee00",
                                         "vmpl=3",
                                         "report-data=" HEX_32 HEX_32,
                                         "measurement=" HEX_48,
                                         "host-data=" HEX_32,
                                         "id-key-digest=" HEX_16 HEX_32,
                                         "author-key-digest=" HEX_32 HEX_16,
                                         "report-id=" HEX_32,
                                         "current-tcb=0102030405060708",
                                         "reported-tcb=f1f2f3f4f5f6f7f8",
                                         NULL};
  static const char expected[] =
      "{\"x-ms-attestation-type\":\"sevsnpvm\","
      "\"x-ms-sevsnpvm-authorkeydigest\":\"" HEX_32 HEX_16 "\","
      "\"x-ms-sevsnpvm-bootloader-svn\":241,"
      "\"x-ms-sevsnpvm-familyId\":\"" HEX_16 "\","
      "\"x-ms-sevsnpvm-guestsvn\":4000000000,"
      "\"x-ms-sevsnpvm-hostdata\":\"" HEX_32 "\","
      "\"x-ms-sevsnpvm-idkeydigest\":\"" HEX_16 HEX_32 "\","
      "\"x-ms-sevsnpvm-imageId\":\"ff112233445566778899aabbccddee00\","
      "\"x-ms-sevsnpvm-is-debuggable\":true,"
      "\"x-ms-sevsnpvm-launchmeasurement\":\"" HEX_48 "\","
      "\"x-ms-sevsnpvm-microcode-svn\":248,"
      "\"x-ms-sevsnpvm-migration-allowed\":false,"
      "\"x-ms-sevsnpvm-reportdata\":\"" HEX_32 HEX_32 "\","
      "\"x-ms-sevsnpvm-reportid\":\"" HEX_32 "\","
      "\"x-ms-sevsnpvm-smt-allowed\":true,"
      "\"x-ms-sevsnpvm-snpfw-svn\":247,"
      "\"x-ms-sevsnpvm-tee-svn\":242,"
      "\"x-ms-sevsnpvm-vmpl\":3}";
  slice text = claims_text(&a, settings);
  cr_expect(slice_is(text, expected), "%.*s", SLICE_ARGS(text));
  arena_free(&a);
}

/* The processor's family decides, from version 3 on; the version alone does
 * not: a Genoa writes version 5 with the old layout. */
Test(snp_report, lays_out_the_tcb_as_the_processor_does) {
  static const struct {
    const char *version, *family;
    int boot, tee, firmware, microcode;
  } rows[] = {
      {"version=2", "cpu-family=26", 1, 2, 7, 8},
      {"version=3", "cpu-family=25", 1, 2, 7, 8},
      {"version=5", "cpu-family=25", 1, 2, 7, 8},
      {"version=3", "cpu-family=26", 2, 3, 4, 8},
      {"version=5", "cpu-family=26", 2, 3, 4, 8},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[] = {rows[i].version, rows[i].family,
                              "reported-tcb=0102030405060708", NULL};
    evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
    evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, made.raw);
    static const char *const names[] = {"bootloader", "tee", "snpfw",
                                        "microcode"};
    const int wanted[] = {rows[i].boot, rows[i].tee, rows[i].firmware,
                          rows[i].microcode};
    for (size_t n = 0; n < COUNT_OF(names); n++) {
      buffer name = buffer_in(&a);
      buffer_printf(&name, "x-ms-sevsnpvm-%s-svn", names[n]);
      const value *v = value_member(&e.claims, buffer_slice(&name));
      cr_expect_eq(v->integer, wanted[n], "row %zu %s", i, names[n]);
    }
  }
  arena_free(&a);
}

Test(snp_report, produces_what_its_table_says) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, NULL);
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, made.raw);
  uint32_t count = 0;
  for (const snp_claim_row *row = snp_claim_rows; row->name; row++, count++)
    cr_expect_eq(value_member(&e.claims, slice_from(row->name))->kind,
                 row->kind, "%s", row->name);
  cr_expect_eq(e.claims.count, count + 1);
  arena_free(&a);
}

/* --- bindings ------------------------------------------------------------- */

Test(snp_report, is_bound_to_its_data) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"runtime-data={\"a\": 1}",
                                         "init-data=package policy", NULL};
  evidence e = snp_sample_of(&a, settings).evidence;
  static const char runtime[] = "{\"a\": 1}", init[] = "package policy";
  bytes data = bytes_from_slice(SLICE(runtime));
  cr_expect_eq(evidence_check_runtime_data(&e, data), BINDING_HOLDS);
  data.length--;
  cr_expect_eq(evidence_check_runtime_data(&e, data), BINDING_MISMATCH);
  data = bytes_from_slice(SLICE(init));
  cr_expect_eq(evidence_check_init_data(&e, data), BINDING_HOLDS);
  data.length--;
  cr_expect_eq(evidence_check_init_data(&e, data), BINDING_MISMATCH);
  arena_free(&a);
}

Test(snp_report, takes_runtime_data_from_an_hcl_report) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"form=hcl", "runtime-data={\"b\":[1]}",
                                         NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
  cr_expect_eq(evidence_detect(made.raw), ATTESTATION_SEV_SNP_VM);
  evidence e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM, made.raw);
  const value *runtime = value_member(&e.claims, SLICE("x-ms-runtime"));
  cr_assert_not_null(runtime);
  cr_expect_eq(value_member(runtime, SLICE("b"))->items[0].integer, 1);
  uint8_t *raw = copied(&a, made.raw);
  raw[made.raw.length - 3] = '2';
  e = parsed_evidence(&a, ATTESTATION_SEV_SNP_VM,
                      (bytes){raw, made.raw.length});
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-runtime")));
  arena_free(&a);
}

/* --- mistakes ------------------------------------------------------------- */

typedef struct broken_row {
  const char *form;
  size_t offset;
  uint8_t byte;
  evidence_code code;
  size_t error_offset;
  const char *message; /* a part of it */
} broken_row;

static const broken_row broken[] = {
    {"form=raw", 0, 0, EVIDENCE_VERSION, 0, "version 0, but 1 to 5"},
    {"form=raw", 0, 6, EVIDENCE_VERSION, 0, "version 6"},
    {"form=raw", 3, 1, EVIDENCE_VERSION, 0, "version 16777219"},
    {"form=raw", 0x34, 2, EVIDENCE_KEY_TYPE, 0x34, "algorithm 2"},
    {"form=hcl", 4, 3, EVIDENCE_VERSION, 4, "HCL report version 3"},
    {"form=hcl", 8, 0, EVIDENCE_LENGTH, 8, "report size"},
    {"form=hcl", 32, 9, EVIDENCE_VERSION, 32, "SNP report version 9"},
    {"form=hcl", 32 + 0x34, 0, EVIDENCE_KEY_TYPE, 32 + 0x34, "algorithm 0"},
    {"form=hcl", 1216, 1, EVIDENCE_LENGTH, 1216, "data size"},
    {"form=hcl", 1224, 4, EVIDENCE_FORMAT, 1224, "of a TDX VM"},
    {"form=hcl", 1224, 3, EVIDENCE_FORMAT, 1224, "of a trusted launch VM"},
    {"form=hcl", 1224, 5, EVIDENCE_FORMAT, 1224, "report type 5"},
    {"form=hcl", 1228, 0, EVIDENCE_FORMAT, 1228, "hash type 0"},
    {"form=hcl", 1228, 4, EVIDENCE_FORMAT, 1228, "hash type 4"},
    {"form=hcl", 1235, 1, EVIDENCE_LENGTH, 1216, "contradicts"},
    {"form=hcl", 1236, '!', EVIDENCE_JSON, 1236, "not JSON"},
};

Test(snp_report, says_what_is_wrong_and_where) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(broken); i++) {
    const broken_row *row = &broken[i];
    const char *settings[] = {row->form, NULL};
    evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
    uint8_t *raw = copied(&a, made.raw);
    raw[row->offset] = row->byte;
    evidence e;
    evidence_error error = {0};
    cr_assert_not(evidence_parse(&a, ATTESTATION_SEV_SNP_VM,
                                 (bytes){raw, made.raw.length}, &e, &error),
                  "row %zu", i);
    cr_expect_eq(error.code, row->code, "row %zu: %s", i, error.message);
    cr_expect_eq(error.offset, row->error_offset, "row %zu: %zu", i,
                 error.offset);
    cr_expect_not_null(strstr(error.message, row->message), "row %zu: %s", i,
                       error.message);
  }
  arena_free(&a);
}

static const struct {
  const char *text;
  evidence_code code;
  const char *message;
} shells[] = {
    {"{", EVIDENCE_JSON, "invalid JSON"},
    {"\xef\xbb\xbf[]", EVIDENCE_JSON, "not an object"},
    {"{}", EVIDENCE_JSON, "no member \"SnpReport\""},
    {"{\"SnpReport\":null}", EVIDENCE_JSON, "no member \"SnpReport\""},
    {"{\"SnpReport\":1}", EVIDENCE_JSON, "\"SnpReport\" is not a string"},
    {"{\"SnpReport\":\"!\"}", EVIDENCE_ENCODING, "not base64url"},
    {"{\"SnpReport\":\"AwAAAA\"}", EVIDENCE_TRUNCATED, "the SNP report"},
    {"{\"SnpReport\":\"AA\",\"VcekCertChain\":[]}", EVIDENCE_JSON,
     "\"VcekCertChain\" is not a string"},
    {"{\"SnpReport\":\"AA\",\"VcekCertChain\":\"a\"}", EVIDENCE_ENCODING,
     "\"VcekCertChain\" is not base64url"},
    /* "no", {}, {"Uvm":{}}, {"Uvm":[1]}, {"Uvm":["!"]} in base64url */
    {"{\"SnpReport\":\"AA\",\"Endorsements\":\"bm8\"}", EVIDENCE_JSON,
     "Endorsements: invalid JSON"},
    {"{\"SnpReport\":\"AA\",\"Endorsements\":\"e30\"}", EVIDENCE_JSON,
     "no array \"Uvm\""},
    {"{\"SnpReport\":\"AA\",\"Endorsements\":\"eyJVdm0iOnt9fQ\"}",
     EVIDENCE_JSON, "no array \"Uvm\""},
    {"{\"SnpReport\":\"AA\",\"Endorsements\":\"eyJVdm0iOlsxXX0\"}",
     EVIDENCE_ENCODING, "endorsement 1"},
    {"{\"SnpReport\":\"AA\",\"Endorsements\":\"eyJVdm0iOlsiISJdfQ\"}",
     EVIDENCE_ENCODING, "endorsement 1"},
    /* {"uvm":[],"UVM":[]} */
    {"{\"SnpReport\":\"AA\",\"Endorsements\":\"eyJ1dm0iOltdLCJVVk0iOltdfQ\"}",
     EVIDENCE_JSON, "\"Uvm\" stands twice"},
    {"{\"snpReport\":1}", EVIDENCE_JSON, "\"SnpReport\" is not a string"},
    {"{\"SnpReport\":\"AA\",\"SNPREPORT\":\"AA\"}", EVIDENCE_JSON,
     "\"SnpReport\" stands twice"},
};

Test(snp_report, says_what_is_wrong_with_its_json) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(shells); i++) {
    evidence e;
    evidence_error error = {0};
    bytes raw = bytes_from_slice(slice_from(shells[i].text));
    cr_assert_not(evidence_parse(&a, ATTESTATION_SEV_SNP_VM, raw, &e, &error),
                  "row %zu", i);
    cr_expect_eq(error.code, shells[i].code, "row %zu: %s", i, error.message);
    cr_expect_not_null(strstr(error.message, shells[i].message), "row %zu: %s",
                       i, error.message);
    cr_expect(error.offset <= raw.length);
  }
  arena_free(&a);
}

Test(snp_report, takes_names_in_any_case) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  const char *settings[] = {"form=json", "uvm-feed=ContainerPlat-AMD-UVM",
                            NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
  uint8_t *raw = copied(&a, made.raw);
  bool quoted = false;
  for (size_t i = 0; i < made.raw.length; i++) {
    if (raw[i] == ':')
      break;
    if (quoted)
      raw[i] = (uint8_t)(raw[i] ^ (raw[i] != '"' ? 0x20 : 0));
    quoted ^= raw[i] == '"';
  }
  bytes swapped = {raw, made.raw.length};
  evidence e;
  evidence_error error = {0};
  cr_assert_neq(memcmp(raw, made.raw.data, made.raw.length), 0);
  cr_expect_eq(evidence_detect(swapped), ATTESTATION_SEV_SNP_VM);
  cr_expect(evidence_parse(&a, ATTESTATION_SEV_SNP_VM, swapped, &e, &error),
            "%s", error.message);
  arena_free(&a);
}

/* Cut anywhere: an error that lies inside. The bytes are in a block of exactly
 * that size, so that the sanitizer sees any step over. */
Test(snp_report, refuses_every_truncation) {
  static const char *const forms[] = {"form=raw", "form=hcl", "form=json"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(forms); i++) {
    const char *settings[] = {forms[i], NULL};
    evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
    for (size_t length = 0; length < made.raw.length; length++) {
      evidence e;
      evidence_error error = {0};
      uint8_t *tight = malloc(length ? length : 1);
      memcpy(tight, made.raw.data, length);
      cr_assert_not(evidence_parse(&b, ATTESTATION_SEV_SNP_VM,
                                   (bytes){tight, length}, &e, &error),
                    "%s %zu", forms[i], length);
      cr_expect(error.code == EVIDENCE_TRUNCATED ||
                    error.code == EVIDENCE_LENGTH ||
                    (i == 2 && error.code == EVIDENCE_JSON),
                "%zu: %s", length, error.message);
      cr_expect(error.offset <= length, "%zu: %zu", length, error.offset);
      free(tight);
      arena_reset(&b);
    }
  }
  arena_free(&b);
  arena_free(&a);
}

Test(snp_report, refuses_what_lies_behind_it) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"form=raw", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
  buffer longer = buffer_in(&a);
  evidence e;
  evidence_error error = {0};
  cr_expect_eq(evidence_detect(made.raw), ATTESTATION_SEV_SNP_VM);
  buffer_add(&longer, slice_from_bytes(made.raw));
  buffer_char(&longer, 0);
  bytes raw = bytes_from_slice(buffer_slice(&longer));
  cr_expect_not(evidence_parse(&a, ATTESTATION_SEV_SNP_VM, raw, &e, &error));
  cr_expect_eq(error.code, EVIDENCE_LENGTH);
  cr_expect_eq(evidence_detect(raw), ATTESTATION_TYPE_UNKNOWN);
  arena_free(&a);
}

/* A JSON file is the evidence itself; a request has it inside. */
Test(snp_report, is_found_in_files_of_each_form) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const char *const settings[] = {"runtime-data={\"a\":1}", NULL};
  evidence_made made = made_evidence(&a, ATTESTATION_SEV_SNP_VM, settings);
  evidence_input input;
  evidence_error error;
  cr_assert(evidence_decode(&a, slice_from_bytes(made.raw), &input, &error));
  cr_expect_eq(input.type, ATTESTATION_SEV_SNP_VM);
  cr_expect_eq(input.raw.length, made.raw.length);
  cr_assert(
      evidence_decode(&a, evidence_make_request(&a, &made), &input, &error));
  cr_expect_eq(input.type, ATTESTATION_SEV_SNP_VM);
  cr_expect_eq(input.raw.length, made.raw.length);
  cr_expect(input.runtime_data.is_given && input.runtime_data.is_json);
  arena_free(&a);
}

/* --- memory --------------------------------------------------------------- */

static void parse_show_verify(arena *a, const snp_sample *sample) {
  evidence e;
  evidence_error error;
  if (!evidence_parse(a, ATTESTATION_SEV_SNP_VM, sample->evidence.raw, &e,
                      &error))
    cr_assert_fail("%s", error.message);
  buffer text = buffer_in(a);
  evidence_show_text(&text, &e);
  cr_expect_eq(snp_verified(a, sample, &e, SNP_NOW), VERIFICATION_SIGNATURE);
}

Test(snp_report, may_run_out_of_memory_anywhere) {
  TEST_ARENA(outer, EVIDENCE_ARENA);
  static const char *const settings[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                         NULL};
  snp_sample sample = snp_sample_of(&outer, settings);
  volatile bool done = false;
  for (volatile long allocations = 0; !done; allocations++) {
    arena a;
    jmp_buf failure;
    arena_init(&a, EVIDENCE_ARENA);
    memory_fail_after(allocations);
    if (!ARENA_GUARD(&a, failure)) {
      parse_show_verify(&a, &sample);
      done = true;
    }
    memory_fail_after(-1);
    arena_free(&a);
    cr_assert(allocations < 10000);
  }
  arena_free(&outer);
}
