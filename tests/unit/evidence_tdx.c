/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tdx_make.h"
#include "tests/unit/evidence_fixture.h"

#define TYPE ATTESTATION_TDX_VM

#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_48 ZEROS_16 ZEROS_16 ZEROS_16
/* 48 bytes that no other field has */
#define BYTES_48(digits) \
  ZEROS_16 ZEROS_16 "000000000000000000000000000000" digits

static slice claims_text(arena *a, const char *const *settings) {
  evidence_made made = made_evidence(a, TYPE, settings);
  evidence e = parsed_evidence(a, TYPE, made.raw);
  buffer text = buffer_in(a);
  json_write(&text, &e.claims);
  return buffer_slice(&text);
}

static bool has(slice text, const char *part) {
  return strstr(text.data, part) != NULL;
}

/* Every field another value, so that no two can be confused. */
Test(tdx_quote, gives_the_claims_of_its_fields) {
  static const char *const settings[] = {
      "tee-tcb-svn=0d010400000000000000000000000000",
      "mrseam=" BYTES_48("01"),
      "mrsignerseam=" BYTES_48("02"),
      "seam-attributes=0x0102030405060708",
      "td-attributes=0x8000000000000001",
      "xfam=0x618e7",
      "mrtd=" BYTES_48("03"),
      "mrconfigid=" BYTES_48("04"),
      "mrowner=" BYTES_48("05"),
      "mrownerconfig=" BYTES_48("06"),
      "rtmr0=" BYTES_48("07"),
      "rtmr1=" BYTES_48("08"),
      "rtmr2=" BYTES_48("09"),
      "rtmr3=" BYTES_48("0a"),
      "report-data=" BYTES_48("0b") ZEROS_16,
      NULL};
  static const char expected[] =
      "{\"dbgstat\":\"enabled\","
      "\"eat_profile\":\"https://aka.ms/maa-eat-profile-tdxvm\","
      "\"intuse\":\"generic\","
      "\"tdx_mrconfigid\":\"" BYTES_48("04") "\","
      "\"tdx_mrowner\":\"" BYTES_48("05") "\","
      "\"tdx_mrownerconfig\":\"" BYTES_48("06") "\","
      "\"tdx_mrseam\":\"" BYTES_48("01") "\","
      "\"tdx_mrsignerseam\":\"" BYTES_48("02") "\","
      "\"tdx_mrtd\":\"" BYTES_48("03") "\","
      "\"tdx_report_data\":\"" BYTES_48("0b") ZEROS_16 "\","
      "\"tdx_rtmr0\":\"" BYTES_48("07") "\","
      "\"tdx_rtmr1\":\"" BYTES_48("08") "\","
      "\"tdx_rtmr2\":\"" BYTES_48("09") "\","
      "\"tdx_rtmr3\":\"" BYTES_48("0a") "\","
      "\"tdx_seam_attributes\":\"0807060504030201\","
      "\"tdx_seamsvn\":269,"
      "\"tdx_td_attributes\":\"0100000000000080\","
      "\"tdx_td_attributes_debug\":true,"
      "\"tdx_td_attributes_key_locker\":false,"
      "\"tdx_td_attributes_perfmon\":true,"
      "\"tdx_td_attributes_protection_keys\":false,"
      "\"tdx_td_attributes_septve_disable\":false,"
      "\"tdx_tee_tcb_svn\":\"0d010400000000000000000000000000\","
      "\"tdx_xfam\":\"e718060000000000\","
      "\"x-ms-attestation-type\":\"tdxvm\"}";
  static const char *const versions[] = {"version=4", "version=5", "body=1.5"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(versions); i++) {
    const char *all[COUNT_OF(settings) + 1] = {versions[i]};
    memcpy((void *)(all + 1), (const void *)settings, sizeof settings);
    slice text = claims_text(&a, all);
    value wanted, got;
    json_error error;
    cr_assert(json_read(&a, slice_from(expected), 0, &wanted, &error));
    cr_assert(json_read(&a, text, 0, &got, &error));
    cr_expect_eq(got.count, wanted.count, "%s", versions[i]);
    for (uint32_t m = 0; m < wanted.count; m++) {
      buffer one = buffer_in(&a), two = buffer_in(&a);
      slice name = member_name(&wanted.members[m]);
      const value *v = value_member(&got, name);
      cr_assert_not_null(v, "%.*s", SLICE_ARGS(name));
      json_write(&one, &wanted.members[m].value);
      json_write(&two, v);
      cr_expect(slice_equal(buffer_slice(&one), buffer_slice(&two)),
                "%s %.*s", versions[i], SLICE_ARGS(name));
    }
  }
  arena_free(&a);
}

Test(tdx_quote, names_each_attribute) {
  static const struct {
    const char *setting, *claim;
  } rows[] = {
      {"debug", "\"tdx_td_attributes_debug\":"},
      {"septve-disable", "\"tdx_td_attributes_septve_disable\":"},
      {"protection-keys", "\"tdx_td_attributes_protection_keys\":"},
      {"key-locker", "\"tdx_td_attributes_key_locker\":"},
      {"perfmon", "\"tdx_td_attributes_perfmon\":"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t on = 0; on < 2; on++)
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
      buffer setting = buffer_in(&a);
      buffer_printf(&setting, "%s=%s", rows[i].setting, on ? "true" : "false");
      const char *settings[] = {
          on ? "td-attributes=0" : "td-attributes=0x80000000d0000001",
          buffer_slice(&setting).data, NULL};
      slice text = claims_text(&a, settings);
      for (size_t k = 0; k < COUNT_OF(rows); k++) {
        bool wanted = (on == 1) == (k == i);
        const char *at = strstr(text.data, rows[k].claim);
        cr_assert_not_null(at);
        at += strlen(rows[k].claim);
        cr_expect_eq(strncmp(at, "true", 4) == 0, wanted, "%s: %s",
                     rows[i].setting, rows[k].claim);
      }
    }
  arena_free(&a);
}

/* The table of claims is what a parser gives, with names and types. */
Test(tdx_quote, gives_what_the_table_of_claims_lists) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, TYPE, NULL);
  evidence e = parsed_evidence(&a, TYPE, made.raw);
  size_t count = 1; /* x-ms-attestation-type */
  for (const tdx_claim_row *row = tdx_claim_rows; row->name; row++) {
    const value *v = value_member(&e.claims, slice_from(row->name));
    if (row->from == TDX_FROM_TCB_STATUS) {
      cr_expect_null(v);
      continue;
    }
    count++;
    cr_assert_not_null(v, "%s", row->name);
    cr_expect_eq(v->kind, row->kind, "%s", row->name);
  }
  cr_expect_eq(e.claims.count, count);
  cr_expect_eq(e.legacy_claims.count, 0u);
  cr_expect_eq(e.token_claims.count, 0u);
  arena_free(&a);
}

Test(tdx_quote, binds_runtime_and_init_time_data) {
  static const char *const settings[] = {"runtime-data={\"a\":1}",
                                         "init-data=started with this", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, TYPE, settings);
  evidence e = parsed_evidence(&a, TYPE, made.raw);
  bytes runtime = bytes_from_slice(SLICE("{\"a\":1}"));
  bytes init = bytes_from_slice(SLICE("started with this"));
  cr_expect_eq(evidence_check_runtime_data(&e, runtime), BINDING_HOLDS);
  cr_expect_eq(evidence_check_runtime_data(&e, init), BINDING_MISMATCH);
  cr_expect_eq(evidence_check_init_data(&e, init), BINDING_HOLDS);
  cr_expect_eq(evidence_check_init_data(&e, runtime), BINDING_MISMATCH);
  cr_expect(made.runtime_data.is_json);
  slice request = evidence_make_request(&a, &made);
  cr_expect(has(request, "\"quote\": \""), "%s", request.data);
  arena_free(&a);
}

/* --- mistakes ------------------------------------------------------------- */

/* Offsets in version 4: body 48, length 632, signature 636, key 700,
 * certification 764, QE report 770, its signature 1154, length of the
 * authentication data 1218, data 1220, type 1252, size 1254, chain 1258. */
typedef struct broken_row {
  const char *form;
  size_t offset;
  uint8_t byte;
  evidence_code code;
  size_t error_offset;
  const char *message; /* a part of it */
} broken_row;

static const broken_row broken[] = {
    {"version=4", 0, 3, EVIDENCE_VERSION, 0, "quotes of SgxEnclave have"},
    {"version=4", 0, 6, EVIDENCE_VERSION, 0, "version 6, but 4 or 5"},
    {"version=4", 1, 1, EVIDENCE_VERSION, 0, "version 260"},
    {"version=4", 2, 3, EVIDENCE_KEY_TYPE, 2, "key type 3"},
    {"version=4", 4, 0, EVIDENCE_FORMAT, 4, "TEE type 0x0 (SGX)"},
    {"version=4", 7, 1, EVIDENCE_FORMAT, 4, "TEE type 0x1000081, but"},
    {"version=4", 12, 1, EVIDENCE_VENDOR, 12, "not Intel"},
    {"version=4", 635, 1, EVIDENCE_TRUNCATED, 636, "signature data"},
    {"version=4", 764, 5, EVIDENCE_FORMAT, 764, "type 5, but 6 (QE report)"},
    {"version=4", 769, 1, EVIDENCE_TRUNCATED, 770, "QE certification data"},
    {"version=4", 1219, 0xff, EVIDENCE_TRUNCATED, 1220,
     "QE authentication data"},
    {"version=4", 1257, 1, EVIDENCE_TRUNCATED, 1258, "certification data"},
    {"version=5", 48, 1, EVIDENCE_FORMAT, 48, "body type 1 (SGX)"},
    {"version=5", 48, 4, EVIDENCE_FORMAT, 48, "body type 4, but"},
    {"version=5", 48, 3, EVIDENCE_LENGTH, 50, "584 bytes of body, but type 3"},
    {"version=5", 53, 1, EVIDENCE_LENGTH, 50, "bytes of body, but type 2"},
    {"body=1.5", 48, 2, EVIDENCE_LENGTH, 50, "648 bytes of body, but type 2"},
    {"body=1.5", 705, 1, EVIDENCE_TRUNCATED, 706, "signature data"},
};

Test(tdx_quote, says_what_is_wrong_and_where) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(broken); i++) {
    const broken_row *row = &broken[i];
    const char *settings[] = {row->form, NULL};
    evidence_made made = made_evidence(&a, TYPE, settings);
    uint8_t *raw = copied(&a, made.raw);
    raw[row->offset] = row->byte;
    evidence e;
    evidence_error error = {0};
    cr_assert_not(
        evidence_parse(&a, TYPE, (bytes){raw, made.raw.length}, &e, &error),
        "row %zu", i);
    cr_expect_eq(error.code, row->code, "row %zu: %s", i, error.message);
    cr_expect_eq(error.offset, row->error_offset, "row %zu: %zu", i,
                 error.offset);
    cr_expect_not_null(strstr(error.message, row->message), "row %zu: %s", i,
                       error.message);
  }
  arena_free(&a);
}

/* Bytes between the inner data and the end that the outer length says. */
Test(tdx_quote, refuses_gaps_inside_the_signature_data) {
  static const size_t length_at[] = {766, 1254};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(length_at); i++) {
    evidence_made made = made_evidence(&a, TYPE, NULL);
    uint8_t *raw = copied(&a, made.raw);
    uint8_t *at = raw + length_at[i];
    little_endian_write(at, 4, little_endian((bytes){at, 4}) - 3);
    if (i == 0) { /* what it holds must fit all the same */
      at = raw + 1254;
      little_endian_write(at, 4, little_endian((bytes){at, 4}) - 3);
    }
    evidence e;
    evidence_error error = {0};
    cr_expect_not(
        evidence_parse(&a, TYPE, (bytes){raw, made.raw.length}, &e, &error));
    cr_expect_eq(error.code, EVIDENCE_LENGTH, "%s", error.message);
    cr_expect_eq(error.offset, length_at[i], "%s", error.message);
  }
  arena_free(&a);
}

/* Cut anywhere: an error that lies inside, and never a crash. The bytes are in
 * a block of exactly that size, so that the sanitizer sees any step over. */
Test(tdx_quote, refuses_every_truncation) {
  static const char *const forms[] = {"version=4", "version=5", "body=1.5"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(forms); i++) {
    const char *settings[] = {forms[i], NULL};
    evidence_made made = made_evidence(&a, TYPE, settings);
    for (size_t length = 0; length < made.raw.length; length++) {
      evidence e;
      evidence_error error = {0};
      uint8_t *tight = malloc(length ? length : 1);
      memcpy(tight, made.raw.data, length);
      cr_assert_not(
          evidence_parse(&b, TYPE, (bytes){tight, length}, &e, &error));
      cr_expect_eq(error.code, EVIDENCE_TRUNCATED, "%zu: %s", length,
                   error.message);
      cr_expect(error.offset <= length, "%zu: %zu", length, error.offset);
      free(tight);
      arena_reset(&b);
    }
  }
  arena_free(&b);
  arena_free(&a);
}

Test(tdx_quote, accepts_what_trails) {
  static const char *const settings[] = {"trailing=70", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, TYPE, settings);
  evidence e = parsed_evidence(&a, TYPE, made.raw);
  const tdx_quote *quote = e.detail;
  cr_expect_eq(quote->trailing.length, 70u);
  cr_expect_eq(quote->all.length + 70, made.raw.length);
  cr_expect_eq(evidence_detect(made.raw), TYPE);
  arena_free(&a);
}

Test(tdx_quote, is_told_from_other_quotes) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  static const uint8_t sgx_4[] = {4, 0, 2, 0, 0, 0, 0, 0, 0};
  static const uint8_t tdx_3[] = {3, 0, 2, 0, 0x81, 0, 0, 0, 0};
  evidence_made made = made_evidence(&a, TYPE, NULL);
  cr_expect_eq(evidence_detect((bytes){made.raw.data, 8}), TYPE);
  cr_expect_neq(evidence_detect((bytes){made.raw.data, 7}), TYPE);
  cr_expect_neq(evidence_detect((bytes){sgx_4, 9}), TYPE);
  cr_expect_neq(evidence_detect((bytes){tdx_3, 9}), TYPE);
  made = made_evidence(&a, ATTESTATION_SGX_ENCLAVE, NULL);
  cr_expect_eq(evidence_detect(made.raw), ATTESTATION_SGX_ENCLAVE);
  arena_free(&a);
}

/* --- show ----------------------------------------------------------------- */

Test(tdx_show, names_every_field_with_its_place) {
  static const char *const settings[] = {"mrservicetd=" BYTES_48("0c"),
                                         "trailing=3", "debug=true", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, TYPE, settings);
  evidence e = parsed_evidence(&a, TYPE, made.raw);
  value dump = evidence_show(&a, &e);
  const value *fields = value_member(&dump, SLICE("fields"));
  const value *report = value_member(fields, SLICE("report"));
  cr_assert_not_null(report);
  for (size_t i = 0; i < TDX_FIELD_COUNT; i++) {
    const value *field = value_member(report, slice_from(tdx_fields[i].name));
    cr_assert_not_null(field, "%s", tdx_fields[i].name);
    cr_expect_eq(value_member(field, SLICE("offset"))->integer,
                 54 + tdx_fields[i].offset);
    cr_expect_eq(value_member(field, SLICE("length"))->integer,
                 tdx_fields[i].size);
  }
  cr_expect_not_null(value_member(fields, SLICE("body")));
  cr_expect_not_null(value_member(fields, SLICE("trailing")));
  cr_expect_not_null(value_member(fields, SLICE("platform")));
  buffer text = buffer_in(&a);
  evidence_show_text(&text, &e);
  cr_expect(has(buffer_slice(&text), "(DEBUG SEPT_VE_DISABLE)"));
  arena_free(&a);
}

/* Fields that fill the body one behind the other. */
Test(tdx_fields, leave_no_gap) {
  size_t at = 0;
  for (size_t i = 0; i < TDX_FIELD_COUNT; i++) {
    cr_expect_eq(tdx_fields[i].offset, at, "%s", tdx_fields[i].name);
    at += tdx_fields[i].size;
    if (i + 1 == TDX_FIELD_COUNT_10)
      cr_expect_eq(at, (size_t)TDX_BODY_BYTES);
  }
  cr_expect_eq(at, (size_t)TDX_BODY_BYTES_15);
}

/* --- make ----------------------------------------------------------------- */

Test(tdx_make, refuses_what_it_cannot_make) {
  static const struct {
    const char *setting;
    evidence_code code;
    const char *message;
  } rows[] = {
      {"mrenclave=00", EVIDENCE_FIELD, "no field \"mrenclave\""},
      {"mrdt=00", EVIDENCE_FIELD, "did you mean mrtd?"},
      {"mrtd=00", EVIDENCE_VALUE, "48 bytes as 96 hex digits"},
      {"version=3", EVIDENCE_VALUE, "4 or 5"},
      {"body=2", EVIDENCE_VALUE, "1.0 or 1.5"},
      {"debug=yes", EVIDENCE_VALUE, "true or false"},
      {"trailing=5000", EVIDENCE_VALUE, "4096"},
      {"runtime-type=XML", EVIDENCE_VALUE, "JSON or Binary"},
      {"fmspc=00", EVIDENCE_VALUE, "6 bytes"},
      {"qe-report-data=00", EVIDENCE_FIELD, "qe-report-data"},
      {"debug", EVIDENCE_FIELD, "FIELD=VALUE"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice setting = slice_from(rows[i].setting);
    evidence_recipe recipe = {
        .type = TYPE, .settings = &setting, .setting_count = 1};
    evidence_made made;
    evidence_error error = {0};
    cr_assert_not(evidence_make(&a, &recipe, &made, &error), "%s",
                  rows[i].setting);
    cr_expect_eq(error.code, rows[i].code, "%s", error.message);
    cr_expect_not_null(strstr(error.message, rows[i].message), "%s",
                       error.message);
  }
  slice contrary[] = {SLICE("body=1.5"), SLICE("version=4")};
  evidence_recipe recipe = {
      .type = TYPE, .settings = contrary, .setting_count = 2};
  evidence_made made;
  evidence_error error = {0};
  cr_expect_not(evidence_make(&a, &recipe, &made, &error));
  cr_expect_not_null(strstr(error.message, "no body of TDX 1.5"));
  arena_free(&a);
}

/* Every listed field takes some value, and lands where show finds it. */
Test(tdx_make, takes_every_field_that_it_lists) {
  static const char *const values[] = {
      "1", "true", "4", "1.0", "JSON", "00",
      ZEROS_16, ZEROS_48, "000000000000", "0000", ZEROS_16 ZEROS_16,
      ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16, ZEROS_16 "00000000", "UpToDate",
      "2026-01-31T12:00:00Z", "pck", "hcl"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (const char *const *n = tdx_make_fields(&a); *n; n++) {
    bool taken = false;
    for (size_t i = 0; i < COUNT_OF(values) && !taken; i++) {
      tdx_recipe recipe;
      evidence_error error;
      buffer setting = buffer_in(&a);
      buffer_printf(&setting, "%s=%s", *n, values[i]);
      tdx_recipe_start(&a, &recipe);
      taken = tdx_recipe_set(&a, &recipe, buffer_slice(&setting), &error);
      cr_expect(taken || error.code == EVIDENCE_VALUE, "%s: %s", *n,
                error.message);
    }
    cr_expect(taken, "%s", *n);
  }
  arena_free(&a);
}
