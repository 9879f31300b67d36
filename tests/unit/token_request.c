/* SPDX-License-Identifier: Apache-2.0 */
#include "token/request.h"

#include "base/limits.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

#define SGX ATTESTATION_SGX_ENCLAVE
#define OE ATTESTATION_OPEN_ENCLAVE

/* One reading of a body. */
typedef struct reading {
  bool ok;
  attest_request request;
  notes remarks;
  service_error error;
} reading;

static reading read_slice(arena *a, attestation_type type, slice body) {
  reading r = {.remarks = notes_in(a)};
  r.ok = attest_request_read(a, type, body, &r.request, &r.remarks, &r.error);
  return r;
}

static reading read_body(arena *a, attestation_type type, const char *body) {
  return read_slice(a, type, slice_from(body));
}

static void check_bytes(const char *name, bytes got, const char *expected) {
  cr_expect(slice_is(slice_from_bytes(got), expected), "%s: \"%.*s\"", name,
            SLICE_ARGS(slice_from_bytes(got)));
}

/* Every form that clients were seen to send. evidence is "abcd", which needs
 * padding; - and _ are the alphabet's own. */
Test(token_request, takes_every_form_of_evidence) {
  static const struct {
    const char *name, *body;
    attestation_type type;
    const char *evidence;
    api_form form;
  } rows[] = {
      {"unpadded", "{\"quote\":\"YWJjZA\"}", SGX, "abcd", API_CURRENT},
      {"padded", "{\"quote\":\"YWJjZA==\"}", SGX, "abcd", API_CURRENT},
      {"url alphabet", "{\"quote\":\"_-_-\"}", SGX, "\xff\xef\xfe",
       API_CURRENT},
      {"any case", "{\"QUOTE\":\"YWJjZA\"}", SGX, "abcd", API_CURRENT},
      {"a report", "{\"Report\":\"YWJjZA\"}", OE, "abcd", API_CURRENT},
      {"preview", "{\"Quote\":\"YWJjZA\"}", OE, "abcd", API_PREVIEW},
      {"null is absent", "{\"report\":null,\"quote\":\"YWJjZA\"}", SGX, "abcd",
       API_CURRENT},
      {"a quote of a TD", "{\"quote\":\"YWJjZA\"}", ATTESTATION_TDX_VM, "abcd",
       API_CURRENT},
      {"attestation info", "{\"AttestationInfo\":\"YWJjZA\"}",
       ATTESTATION_AZURE_GUEST, "abcd", API_CURRENT},
      {"a TPM message", "{\"data\":\"YWJjZA\"}", ATTESTATION_TPM, "abcd",
       API_CURRENT},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    reading r = read_body(&a, rows[i].type, rows[i].body);
    cr_expect(r.ok, "%s", rows[i].name);
    check_bytes(rows[i].name, r.request.evidence, rows[i].evidence);
    cr_expect_eq(r.request.form, rows[i].form, "%s", rows[i].name);
    cr_expect_eq(r.request.runtime.kind, DATA_ABSENT, "%s", rows[i].name);
    cr_expect_eq(r.request.init_time.kind, DATA_ABSENT, "%s", rows[i].name);
    cr_expect(!r.request.has_nonce && !r.request.has_draft, "%s", rows[i].name);
  }
  arena_free(&a);
}

Test(token_request, takes_runtime_and_init_time_data) {
  static const struct {
    const char *name, *members;
    data_kind runtime;
    const char *runtime_bytes;
    data_kind init;
    const char *init_bytes;
  } rows[] = {
      {"binary", "\"runtimeData\":{\"data\":\"aGk\",\"dataType\":\"Binary\"}",
       DATA_BINARY, "hi", DATA_ABSENT, ""},
      {"JSON, padded",
       "\"runtimeData\":{\"data\":\"e30=\",\"dataType\":\"JSON\"}", DATA_JSON,
       "{}", DATA_ABSENT, ""},
      {"any case", "\"RUNTIMEDATA\":{\"Data\":\"e30\",\"DataType\":\"json\"}",
       DATA_JSON, "{}", DATA_ABSENT, ""},
      {"no type", "\"runtimeData\":{\"data\":\"aGk\"}", DATA_BINARY, "hi",
       DATA_ABSENT, ""},
      {"null", "\"runtimeData\":null", DATA_ABSENT, "", DATA_ABSENT, ""},
      {"bound to nothing",
       "\"runtimeData\":{\"data\":\"\",\"dataType\":\"Binary\"}", DATA_BINARY,
       "", DATA_ABSENT, ""},
      {"preview", "\"EnclaveHeldData\":\"aGk\"", DATA_BINARY, "hi",
       DATA_ABSENT, ""},
      {"init-time",
       "\"inittimeData\":{\"data\":\"aGk\",\"dataType\":\"Binary\"}",
       DATA_ABSENT, "", DATA_BINARY, "hi"},
      {"init-time of the Go client",
       "\"initTimeData\":{\"data\":\"\",\"dataType\":\"\"}", DATA_ABSENT, "",
       DATA_ABSENT, ""},
      {"init-time of the Python client",
       "\"initTimeData\":{\"data\":null,\"dataType\":\"JSON\"}", DATA_ABSENT,
       "", DATA_ABSENT, ""},
      {"empty init-time",
       "\"initTimeData\":{\"data\":\"\",\"dataType\":\"JSON\"}", DATA_ABSENT,
       "", DATA_ABSENT, ""},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer body = buffer_in(&a);
    buffer_printf(&body, "{\"quote\":\"YWJjZA\",%s}", rows[i].members);
    reading r = read_slice(&a, SGX, buffer_slice(&body));
    cr_expect(r.ok, "%s", rows[i].name);
    cr_expect_eq(r.request.runtime.kind, rows[i].runtime, "%s", rows[i].name);
    cr_expect_eq(r.request.init_time.kind, rows[i].init, "%s", rows[i].name);
    check_bytes(rows[i].name, r.request.runtime.bytes, rows[i].runtime_bytes);
    check_bytes(rows[i].name, r.request.init_time.bytes, rows[i].init_bytes);
    cr_expect_eq(r.remarks.count, 0, "%s", rows[i].name);
  }
  arena_free(&a);
}

/* A nonce is echoed as it was sent: what a double or int64 cannot hold too. */
Test(token_request, keeps_the_text_of_a_nonce) {
  static const struct {
    const char *json, *expected;
  } rows[] = {
      {"\"abc\"", "abc"},
      {"\"\"", ""},
      {"\"\\u00e4\"", "\xc3\xa4"},
      {"0", "0"},
      {"-17", "-17"},
      {"18446744073709551615", "18446744073709551615"},
      {"  123456789012345678901234567890 ",
       "123456789012345678901234567890"},
      {"1.50", "1.50"},
      {"1e400", "1e400"},
      {"2E+3", "2E+3"},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer body = buffer_in(&a);
    buffer_printf(&body, "{\"a\":{\"nonce\":7},\"Nonce\" :%s,\"quote\":\"\"}",
                  rows[i].json);
    reading r = read_slice(&a, SGX, buffer_slice(&body));
    cr_expect(r.ok, "%s", rows[i].json);
    cr_expect(r.request.has_nonce, "%s", rows[i].json);
    cr_expect(slice_is(r.request.nonce, rows[i].expected), "%s: \"%.*s\"",
              rows[i].json, SLICE_ARGS(r.request.nonce));
  }
  arena_free(&a);
}

/* Where a string ends decides which member comes next. */
Test(token_request, finds_the_ends_of_strings) {
  static const char *const strings[] = {
      "",      "a",        "\\\\",         "a\\\\",   "\\\"",
      "\\\"a", "\\\\\\\"", "\\\",\\\"nonce", "\\n\\\\", "\\\"\\\"\\\\",
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(strings); i++) {
    buffer body = buffer_in(&a);
    buffer_printf(&body, "{\"x\":\"%s\",\"nonce\":1e400,\"quote\":\"\"}",
                  strings[i]);
    reading r = read_slice(&a, SGX, buffer_slice(&body));
    cr_expect(r.ok, "%s: %s", strings[i], r.error.text);
    cr_expect(slice_is(r.request.nonce, "1e400"), "%s", strings[i]);
  }
  arena_free(&a);
}

Test(token_request, takes_a_draft_policy) {
  TEST_ARENA(a, MEBIBYTE);
  reading r = read_body(
      &a, OE,
      "{\"Quote\":\"YWJjZA\",\"EnclaveHeldData\":\"aGk\","
      "\"DraftPolicyForAttestation\":\"version= 1.0;\\n\"}");
  cr_expect(r.ok && r.request.has_draft);
  cr_expect(slice_is(r.request.draft_policy, "version= 1.0;\n"));
  cr_expect_eq(r.request.draft_policy.data[r.request.draft_policy.length], 0,
               "the compiler needs a NUL behind it");
  r = read_body(
      &a, SGX, "{\"quote\":\"YWJjZA\",\"draftPolicyForAttestation\":\"\"}");
  cr_expect(r.ok && !r.request.has_draft);
  arena_free(&a);
}

Test(token_request, notes_members_that_nobody_knows) {
  TEST_ARENA(a, MEBIBYTE);
  reading r = read_body(
      &a, SGX, "{\"quote\":\"YWJjZA\",\"runtime_data\":{\"data\":1}}");
  cr_assert(r.ok && r.remarks.count == 1);
  cr_expect(strstr(r.remarks.items[0], "runtime_data"));
  arena_free(&a);
}

Test(token_request, refuses_what_it_cannot_understand) {
  static const struct {
    const char *body;
    attestation_type type;
    const char *code, *text;
  } rows[] = {
      {"", SGX, "Bad request", "not valid JSON"},
      {"{\"quote\":", SGX, "Bad request", "not valid JSON"},
      {"{\"quote\":\"YWJjZA\"}x", SGX, "Bad request", "not valid JSON"},
      {"[]", SGX, "Bad request", "not an object"},
      {"{}", SGX, "InvalidParameter", "no \"quote\""},
      {"{}", OE, "InvalidParameter", "no \"report\""},
      {"{\"quote\":null}", SGX, "InvalidParameter", "no \"quote\""},
      {"{\"report\":\"YWJjZA\"}", SGX, "InvalidParameter",
       "\"quote\", not \"report\""},
      {"{\"quote\":\"YWJjZA\",\"report\":\"YWJjZA\"}", OE, "InvalidParameter",
       "\"report\", not \"quote\""},
      {"{\"quote\":17}", SGX, "InvalidParameter", "not a string"},
      {"{\"quote\":\"+/+/\"}", SGX, "InvalidParameter", "not base64url"},
      {"{\"quote\":\"YWJjZ\"}", SGX, "InvalidParameter", "not base64url"},
      {"{\"quote\":\"\",\"quote\":\"\"}", SGX, "Bad request",
       "stands twice"},
      {"{\"quote\":\"\",\"nonce\":\"a\\u0000b\"}", SGX, "Bad request",
       "\\u0000"},
      {"{\"quote\":\"\",\"a\\u0000b\":1}", SGX, "Bad request", "\\u0000"},
      {"{\"quote\":\"\",\"Quote\":\"\"}", SGX, "InvalidParameter", "twice"},
      {"{\"quote\":\"\",\"runtimeData\":\"aGk\"}", SGX, "InvalidParameter",
       "not an object"},
      {"{\"quote\":\"\",\"runtimeData\":{\"data\":\"aGk\",\"dataType\":"
       "\"Text\"}}",
       SGX, "InvalidParameter", "neither Binary nor JSON"},
      {"{\"quote\":\"\",\"runtimeData\":{\"data\":\"aGk\",\"DATA\":\"\"}}",
       SGX, "InvalidParameter", "twice"},
      {"{\"quote\":\"\",\"runtimeData\":{\"data\":\"aGk\"},"
       "\"enclaveHeldData\":\"aGk\"}",
       SGX, "InvalidParameter", "both"},
      {"{\"quote\":\"\",\"nonce\":true}", SGX, "InvalidParameter", "nonce"},
      {"{\"quote\":\"\",\"nonce\":01}", SGX, "Bad request", "not valid JSON"},
      {"{\"quote\":\"\",\"nonce\":1.}", SGX, "Bad request", "not valid JSON"},
      {"{\"quote\":\"\",\"nonce\":1,\"Nonce\":2}", SGX, "InvalidParameter",
       "twice"},
      {"{\"quote\":\"\",\"draftPolicyForAttestation\":{}}", SGX,
       "InvalidParameter", "draftPolicyForAttestation"},
      {"{\"quote\":\"\"}", ATTESTATION_TYPE_UNKNOWN, "Bad request", "type"},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    reading r = read_body(&a, rows[i].type, rows[i].body);
    cr_assert_not(r.ok, "%s", rows[i].body);
    cr_expect_str_eq(r.error.code, rows[i].code, "%s", rows[i].body);
    cr_expect(strstr(r.error.text, rows[i].text), "%s: %s", rows[i].body,
              r.error.text);
    cr_expect_eq(r.error.http_status, 400);
  }
  arena_free(&a);
}

static void add_many(buffer *b, char c, int count) {
  for (int i = 0; i < count; i++)
    buffer_char(b, c);
}

/* A bracket in a string is none; too many real ones are refused before a
 * recursive reader meets them. */
Test(token_request, bounds_depth) {
  TEST_ARENA(a, MEBIBYTE);
  buffer body = buffer_in(&a);
  buffer_text(&body, "{\"quote\":\"YWJjZA\",\"x\":\"\\\"");
  add_many(&body, '[', LIMIT_JSON_DEPTH);
  size_t strings_end = body.length;
  buffer_text(&body, "\"}");
  cr_expect(read_slice(&a, SGX, buffer_slice(&body)).ok);
  body.length = strings_end;
  buffer_text(&body, "\",\"y\":");
  add_many(&body, '[', LIMIT_JSON_DEPTH);
  add_many(&body, ']', LIMIT_JSON_DEPTH);
  buffer_char(&body, '}');
  reading r = read_slice(&a, SGX, buffer_slice(&body));
  cr_assert_not(r.ok);
  cr_expect(strstr(r.error.text, "deep"), "%s", r.error.text);
  arena_free(&a);
}

Test(token_request, bounds_size) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  size_t size = LIMIT_REQUEST_BYTES + 1;
  slice large = {arena_zalloc(&a, size), size};
  reading r = read_slice(&a, SGX, large);
  cr_assert_not(r.ok);
  cr_expect(strstr(r.error.text, "bytes"), "%s", r.error.text);
  arena_free(&a);
}
