/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/decode.h"

#include "base/base64.h"
#include "evidence/fields.h"
#include "tests/unit/evidence_fixture.h"

/* The same quote in every form; `form` writes it. */
static slice hex_form(arena *a, bytes raw) {
  buffer out = buffer_in(a);
  buffer_hex(&out, raw);
  return buffer_slice(&out);
}

static slice upper_hex_form(arena *a, bytes raw) {
  slice hex = hex_form(a, raw);
  char *upper = arena_string(a, hex);
  for (size_t i = 0; i < hex.length; i++)
    if (upper[i] >= 'a')
      upper[i] = (char)(upper[i] - ('a' - 'A'));
  return (slice){upper, hex.length};
}

static slice base64url_form(arena *a, bytes raw) {
  buffer out = buffer_in(a);
  base64url_encode(&out, raw);
  return buffer_slice(&out);
}

/* As base64(1) writes it. */
static slice wrapped_form(arena *a, bytes raw) {
  buffer one = buffer_in(a), out = buffer_in(a);
  base64_encode(&one, raw);
  slice line = buffer_slice(&one);
  for (size_t i = 0; i < line.length; i++) {
    buffer_char(&out, line.data[i]);
    if (i % 76 == 75)
      buffer_text(&out, "\r\n");
  }
  buffer_char(&out, '\n');
  return buffer_slice(&out);
}

static slice raw_form(arena *a, bytes raw) {
  (void)a;
  return slice_from_bytes(raw);
}

static slice in_json(arena *a, const char *begin, slice text, const char *end) {
  buffer out = buffer_in(a);
  buffer_text(&out, begin);
  buffer_add(&out, text);
  buffer_text(&out, end);
  return buffer_slice(&out);
}

static slice request_form(arena *a, bytes raw) {
  return in_json(a, "\xef\xbb\xbf\n{\"Quote\":\"", base64url_form(a, raw),
                 "\",\"nonce\":1}");
}

static slice report_form(arena *a, bytes raw) {
  return in_json(a, "{\"report\":\"", base64url_form(a, raw), "\"}");
}

static slice sample_form(arena *a, bytes raw) {
  return in_json(a, " { \"Type\": 2, \"QuoteHex\": \"", upper_hex_form(a, raw),
                 "\" }\n");
}

Test(evidence_decode, reads_every_form) {
  static const struct {
    const char *name;
    slice (*form)(arena *, bytes);
  } rows[] = {
      {"raw", raw_form},        {"hex", hex_form},
      {"HEX", upper_hex_form},  {"base64url", base64url_form},
      {"base64", wrapped_form}, {"request", request_form},
      {"report", report_form},  {"sample", sample_form},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_OPEN_ENCLAVE, NULL);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence_input input = {0};
    evidence_error error = {0};
    cr_assert(evidence_decode(&a, rows[i].form(&a, made.raw), &input, &error),
              "%s: %s", rows[i].name, error.message);
    cr_expect(bytes_equal(input.raw, made.raw), "%s", rows[i].name);
    cr_expect_eq(input.type, ATTESTATION_OPEN_ENCLAVE, "%s", rows[i].name);
    cr_expect_not(input.runtime_data.is_given);
  }
  arena_free(&a);
}

Test(evidence_decode, reads_the_data_beside_it) {
  static const struct {
    const char *text;
    bool is_given, is_json;
    const char *data;
  } rows[] = {
      {"{\"quote\":\"AwAC\"}", false, false, ""},
      {"{\"quote\":\"AwAC\",\"runtimeData\":null}", false, false, ""},
      {"{\"quote\":\"AwAC\",\"runtimeData\":{\"data\":\"YWJj\","
       "\"dataType\":\"JSON\"}}",
       true, true, "abc"},
      {"{\"quote\":\"AwAC\",\"RuntimeData\":{\"Data\":\"YWJj\","
       "\"DataType\":\"binary\"}}",
       true, false, "abc"},
      {"{\"quote\":\"AwAC\",\"runtimeData\":{\"data\":\"YWI=\"}}", true, false,
       "ab"},
      {"{\"quote\":\"AwAC\",\"runtimeData\":{\"data\":\"\","
       "\"dataType\":\"\"}}",
       false, false, ""},
      {"{\"quote\":\"AwAC\",\"runtimeData\":{\"data\":\"\","
       "\"dataType\":\"Binary\"}}",
       true, false, ""},
      {"{\"Quote\":\"AwAC\",\"EnclaveHeldData\":\"YWJj\"}", true, false, "abc"},
      {"{\"QuoteHex\":\"030002\",\"EnclaveHeldDataHex\":\"616263\"}", true,
       false, "abc"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence_input input = {0};
    evidence_error error = {0};
    cr_assert(evidence_decode(&a, slice_from(rows[i].text), &input, &error),
              "row %zu: %s", i, error.message);
    cr_expect_eq(input.raw.length, 3u);
    cr_expect_eq(input.runtime_data.is_given, rows[i].is_given, "row %zu", i);
    cr_expect_eq(input.runtime_data.is_json, rows[i].is_json, "row %zu", i);
    cr_expect(slice_is(slice_from_bytes(input.runtime_data.data), rows[i].data),
              "row %zu", i);
  }
  arena_free(&a);
}

Test(evidence_decode, says_what_is_wrong) {
  static const struct {
    const char *text;
    evidence_code code;
    const char *message;
  } rows[] = {
      {"", EVIDENCE_TRUNCATED, "it is empty"},
      {" \n\t ", EVIDENCE_TRUNCATED, "it is empty"},
      {"030", EVIDENCE_ENCODING, "an odd number of hex digits"},
      {"hello, world", EVIDENCE_ENCODING, "neither raw evidence nor base64"},
      {"AwAC+_==", EVIDENCE_ENCODING, "neither"},
      {"{\"quote\":", EVIDENCE_JSON, "invalid JSON"},
      {"{\"quot\":\"AwAC\"}", EVIDENCE_JSON, "no member \"quote\""},
      {"{\"quote\":1}", EVIDENCE_JSON, "\"quote\" is not a string"},
      {"{\"quote\":\"?\"}", EVIDENCE_ENCODING, "\"quote\" is not base64url"},
      {"{\"QuoteHex\":\"0x\"}", EVIDENCE_ENCODING, "is not hex"},
      {"{\"quote\":\"AwAC\",\"runtimeData\":1}", EVIDENCE_JSON,
       "\"runtimeData\" is not an object"},
      {"{\"quote\":\"AwAC\",\"initTimeData\":{}}", EVIDENCE_JSON,
       "\"initTimeData\" is not an object with \"data\""},
      {"{\"quote\":\"AwAC\",\"runtimeData\":{\"data\":\"YQ\","
       "\"dataType\":\"Text\"}}",
       EVIDENCE_JSON, "neither JSON nor Binary"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence_input input;
    evidence_error error = {0};
    slice text = slice_from(rows[i].text);
    cr_assert_not(evidence_decode(&a, text, &input, &error), "row %zu", i);
    cr_expect_eq(error.code, rows[i].code, "row %zu: %s", i, error.message);
    cr_expect_not_null(strstr(error.message, rows[i].message), "row %zu: %s", i,
                       error.message);
    cr_expect(error.offset <= text.length);
  }
  arena_free(&a);
}

Test(evidence_decode, says_when_the_file_is_missing) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_input input;
  evidence_error error = {0};
  cr_expect_not(evidence_decode_file(&a, "/nonexistent/quote", &input, &error));
  cr_expect_eq(error.code, EVIDENCE_UNREADABLE);
  arena_free(&a);
}
