/* SPDX-License-Identifier: Apache-2.0 */
/* Request messages of TPM attestation: forms, refusals, truncation. */
#include "base/base64.h"
#include "evidence/decode.h"
#include "evidence/tpm_request.h"
#include "tests/unit/evidence_fixture.h"

#define TPM ATTESTATION_TPM

/* --- forms ---------------------------------------------------------------- */

static const tpm_request *request_of(const evidence *e) { return e->detail; }

static evidence made(arena *a, const char *const *settings) {
  return parsed_evidence(a, TPM, made_evidence(a, TPM, settings).raw);
}

Test(tpm_request, is_known_in_every_form) {
  static const char *const forms[][3] = {{"form=wrapped", NULL},
                                         {"form=request", NULL},
                                         {"form=jws", NULL},
                                         {"form=payload", NULL},
                                         {"form=payload", "version=1", NULL}};
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(forms); i++) {
    evidence_made m = made_evidence(&a, TPM, forms[i]);
    evidence_input input;
    evidence_error error;
    buffer text = buffer_in(&a);
    buffer_text(&text, " \n");
    buffer_add(&text, slice_from_bytes(m.raw));
    buffer_text(&text, "\r\n");
    cr_assert(evidence_decode(&a, buffer_slice(&text), &input, &error));
    cr_expect_eq(input.type, TPM, "%s", forms[i][0]);
    evidence e = parsed_evidence(&a, TPM, input.raw);
    cr_expect_eq(request_of(&e)->is_signed, i < 3);
    cr_expect_eq(request_of(&e)->version, i == 4 ? 1u : 2u);
    cr_expect_not(evidence_is_verified(&e.verification));
  }
  arena_free(&a);
}

Test(tpm_request, is_taken_out_of_a_body) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made m = made_evidence(&a, TPM, NULL);
  evidence_input input;
  evidence_error error;
  cr_assert(evidence_decode(&a, evidence_make_request(&a, &m), &input, &error),
            "%s", error.message);
  cr_expect(bytes_equal(input.raw, m.raw));
  arena_free(&a);
}

Test(tpm_request, tells_what_was_sent) {
  static const char *const settings[] = {"rp-id=https://rp.invalid",
                                         "rp-data=hello",
                                         "challenge=00ff10",
                                         "pcr-mask=0x1081",
                                         "bank=both",
                                         "other-key=true",
                                         "key-binding=certify",
                                         "custom-claim=a:integer:7",
                                         "custom-claim=b:string:7",
                                         "boot-attestation=true",
                                         NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e = made(&a, settings);
  const tpm_request *r = request_of(&e);
  cr_expect(slice_is(r->relying_party, "https://rp.invalid"));
  cr_expect(slice_is(r->rp_data, "aGVsbG8"));
  cr_expect_eq(r->challenge.length, 3u);
  cr_expect_eq(r->current.bank_count, 2u);
  cr_expect_eq(r->current.banks[0].algorithm, TPM_ALG_SHA1);
  cr_expect_eq(r->current.banks[1].mask, 0x1081u);
  cr_expect_eq(r->key.binding, TPM_KEY_CERTIFIED);
  cr_expect_eq(r->other_key_count, 1u);
  cr_expect(r->has_boot);
  const value *number = value_member(
      &e.custom_claims, SLICE("https://maapol.invalid/custom-claims/a"));
  cr_assert(number);
  cr_expect(number->kind == VALUE_INTEGER && number->integer == 7);
  cr_expect_null(value_member(&e.custom_claims, SLICE("a")));
  cr_expect_null(value_member(&e.claims, SLICE("rp_data")));
  const value *nonce = value_member(&e.token_claims, SLICE("nonce"));
  cr_expect(nonce && slice_is(value_string(nonce), "aGVsbG8"));
  arena_free(&a);
}

/* --- refusals ------------------------------------------------------------- */

static void expect_refused(arena *a, slice text, evidence_code code,
                           const char *words) {
  evidence e;
  evidence_error error = {0};
  cr_assert_not(evidence_parse(a, TPM, bytes_from_slice(text), &e, &error),
                "%s", words);
  cr_expect_eq(error.code, code, "%s: %s", words, error.message);
  cr_expect(strstr(error.message, words), "%s: %s", words, error.message);
}

Test(tpm_request, refuses_with_a_reason) {
  static const struct {
    const char *text;
    evidence_code code;
    const char *words;
  } rows[] = {
      {"{\"payload\":{\"type\":\"aikcert\"}}", EVIDENCE_FORMAT, "init message"},
      {"{\"payload\":{}}", EVIDENCE_FORMAT, "neither \"request\""},
      {"{\"request\":7}", EVIDENCE_JSON, "no string"},
      {"{\"request\":\"e30\"}", EVIDENCE_FORMAT, "three parts"},
      {"{\"request\":\"e30.e30.*\"}", EVIDENCE_ENCODING, "not base64url"},
      {"{\"request\":\"e30.e30.AA\"}", EVIDENCE_VERSION, "typ is"},
      {"{\"request\":\"W10.e30.AA\"}", EVIDENCE_JSON, "no object"},
      {"{\"request\":\"eyJ0eXAiOiJhdHRSZXEiLCJjcml0IjpbXX0.e30.AA\"}",
       EVIDENCE_FORMAT, "crit"},
      {"{\"request\":\"a.b.c\",\"request\":\"a.b.c\"}", EVIDENCE_JSON, "JSON"},
      {"{\"att_data\":{}}", EVIDENCE_TYPE, "att_type"},
      {"{\"att_type\":\"basic\",\"att_data\":[]}", EVIDENCE_JSON, "att_data"},
      {"{\"att_type\":\"basic\",\"att_data\":{}}", EVIDENCE_JSON,
       "tpm_att_data"},
      {"{\"att_type\":\"vbs\",\"att_data\":{\"report\\u005fsigned\":{}}}",
       EVIDENCE_JSON, "escapes"},
      {"{\"att_type\":\"basic\",\"att_data\":{\"tpm_att_data\":{},"
       "\"challenge\":\"AA\"}}",
       EVIDENCE_JSON, "current_claim"},
      {"{\"att_type\":\"basic\",\"att_data\":{\"tpm_att_data\":{},"
       "\"challenge\":\"*\"}}",
       EVIDENCE_ENCODING, "challenge"},
      {"hello", EVIDENCE_FORMAT, "three parts"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    expect_refused(&a, slice_from(rows[i].text), rows[i].code, rows[i].words);
  arena_free(&a);
}

/* The payload with one text in the place of another. */
static slice replaced(arena *a, slice text, const char *from, const char *to) {
  const char *at = strstr(text.data, from);
  buffer out = buffer_in(a);
  cr_assert(at, "%s", from);
  buffer_add(&out, slice_between(text.data, at));
  buffer_text(&out, to);
  buffer_add(&out, slice_between(at + strlen(from), text.data + text.length));
  return buffer_slice(&out);
}

Test(tpm_request, refuses_wrong_members) {
  static const char *const payload[] = {"form=payload", "bank=both", NULL};
  static const struct {
    const char *from, *to;
    evidence_code code;
    const char *words;
  } rows[] = {
      {"\"type\":\"TCG\"", "\"type\":\"tcg\"", EVIDENCE_TYPE, "TCG or IMA"},
      {"\"type\":\"TCG\"", "\"type\":\"IMA\"", EVIDENCE_FORMAT, "logs[0]"},
      {"\"algorithm\":4", "\"algorithm\":5", EVIDENCE_VALUE, "algorithm 5"},
      {"\"algorithm\":4", "\"algorithm\":11", EVIDENCE_LENGTH, "20 bytes"},
      {"\"index\":1}", "\"index\":24}", EVIDENCE_VALUE, "PCR 24"},
      {"\"index\":1}", "\"index\":0}", EVIDENCE_VALUE, "stands twice"},
      {"\"index\":1}", "\"index\":-1}", EVIDENCE_VALUE, "PCR -1"},
      {"\"hash_alg\":\"sha-256\"", "\"hash_alg\":\"sha-1\"", EVIDENCE_JSON,
       "hash_alg"},
      {"\"tpm_quote\":{", "\"tpm_certify\":{},\"tpm_quote\":{", EVIDENCE_JSON,
       "both"},
      {"\"quote\":\"", "\"quote\":\"AA", EVIDENCE_FORMAT, "quote"},
      {"\"aik_pub\"", "\"aik_public\"", EVIDENCE_JSON, "aik_pub"},
      {"\"jwk\"", "\"\\u006awk\"", EVIDENCE_JSON, "escapes"},
      {"\"current_attestation\":{", "\"current_attestation\":{\"logs\":[],",
       EVIDENCE_JSON, "JSON"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  slice text = slice_from_bytes(made_evidence(&a, TPM, payload).raw);
  text = arena_copy(&a, text);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    expect_refused(&a, replaced(&a, text, rows[i].from, rows[i].to),
                   rows[i].code, rows[i].words);
  arena_free(&a);
}

Test(tpm_request, refuses_every_truncation) {
  static const char *const settings[] = {"pcr-mask=1", "form=request", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, TPM, settings).raw;
  for (size_t length = 1; length < raw.length; length += 7) {
    evidence e;
    evidence_error error = {0};
    cr_assert_not(
        evidence_parse(&a, TPM, (bytes){raw.data, length}, &e, &error), "%zu",
        length);
    cr_assert(error.message && error.message[0]);
  }
  arena_free(&a);
}

/* --- the platform claim of version 1 -------------------------------------- */

static bytes claim_blob(arena *a) {
  static const char *const settings[] = {"form=payload", "version=1", NULL};
  value v;
  json_error problem;
  bytes blob;
  slice text = slice_from_bytes(made_evidence(a, TPM, settings).raw);
  cr_assert(json_read(a, text, 0, &v, &problem));
  const value *tpm =
      value_member(value_member(&v, SLICE("att_data")), SLICE("tpm_att_data"));
  const value *claim = value_member(tpm, SLICE("current_claim"));
  cr_assert(base64_decode(a, value_string(claim), BASE64_URL, &blob));
  return blob;
}

Test(tpm_request, reads_platform_claims_to_the_byte) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes blob = claim_blob(&a);
  evidence_error error = {0};
  tpm_state *state = ARENA_NEW(&a, tpm_state);
  cr_assert(tpm_claim_blob_read(&a, blob, state, &error), "%s", error.message);
  cr_expect_eq(state->banks[0].mask, 0xffffffu);
  for (size_t length = 0; length < blob.length; length++) {
    *state = (tpm_state){0};
    cr_assert_not(
        tpm_claim_blob_read(&a, (bytes){blob.data, length}, state, &error),
        "%zu", length);
  }
  uint8_t *longer = arena_zalloc(&a, blob.length + 1);
  memcpy(longer, blob.data, blob.length);
  cr_expect_not(
      tpm_claim_blob_read(&a, (bytes){longer, blob.length + 1}, state, &error));
  for (size_t i = 0; i < 16; i++) {
    longer[i] ^= 0x40;
    cr_expect_not(
        tpm_claim_blob_read(&a, (bytes){longer, blob.length}, state, &error),
        "%zu", i);
    longer[i] ^= 0x40;
  }
  arena_free(&a);
}
