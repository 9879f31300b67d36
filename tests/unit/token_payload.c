/* SPDX-License-Identifier: Apache-2.0 */
#include "token/payload.h"

#include "base/base64.h"
#include "sign/policy_hash.h"
#include "tests/unit/unit.h"
#include "token/default_policies.h"

enum { MEBIBYTE = 1 << 20 };

static claim_list issued(arena *a, const char *json) {
  value object;
  json_error error;
  cr_assert(json_read(a, slice_from(json), 0, &object, &error));
  claim_list list = claims_in(a);
  for (uint32_t i = 0; i < object.count; i++) {
    claims_error problem;
    cr_assert(claims_add_value(&list, member_name(&object.members[i]),
                               &object.members[i].value, ISSUER_POLICY, false,
                               &problem));
  }
  return list;
}

static value service(arena *a, const char *json) {
  value object;
  json_error error;
  cr_assert(json_read(a, slice_from(json), 0, &object, &error));
  return object;
}

/* The payload without jti, whose form is checked here, as JSON text. */
static const char *payload_text(arena *a, const payload_parts *parts,
                                notes *remarks) {
  value payload = payload_build(a, parts, remarks);
  const value *id = value_member(&payload, SLICE("jti"));
  cr_assert(id && id->kind == VALUE_STRING && id->count == 64);
  cr_expect_eq(strspn(id->string, "0123456789abcdef"), 64);
  object_builder rest = object_in(a);
  for (uint32_t i = 0; i < payload.count; i++)
    if (&payload.members[i].value != id)
      object_set(&rest, member_name(&payload.members[i]),
                 payload.members[i].value);
  value without = object_value(&rest);
  buffer text = buffer_in(a);
  json_write(&text, &without);
  return buffer_slice(&text).data;
}

#define STANDARD                                                            \
  "\"exp\":1028800,\"iat\":1000000,\"iss\":\"https://i\",\"nbf\":1000000"

Test(token_payload, holds_what_the_policy_and_the_service_say) {
  static const struct {
    const char *name, *issued, *service, *expected;
    size_t notes;
  } rows[] = {
      {"nothing issued", "{}", "{\"x-ms-attestation-type\":\"sgx\"}",
       "{" STANDARD ",\"x-ms-attestation-type\":\"sgx\","
       "\"x-ms-policy-hash\":\"H\",\"x-ms-ver\":\"1.0\"}",
       0},
      {"issued twice over, several of one type an array",
       "{\"b\":[2,1],\"a\":true,\"c\":{\"k\":[1]}}", "{}",
       "{\"a\":true,\"b\":[2,1],\"c\":\"{\\\"k\\\":[1]}\"," STANDARD ","
       "\"x-ms-policy\":{\"a\":true,\"b\":[2,1],\"c\":\"{\\\"k\\\":[1]}\"},"
       "\"x-ms-policy-hash\":\"H\",\"x-ms-ver\":\"1.0\"}",
       0},
      {"no claim of the service is replaced",
       "{\"x-ms-sgx-svn\":9,\"iss\":\"me\",\"x-ms-ver\":\"2\",\"svn\":1}",
       "{\"x-ms-sgx-svn\":1}",
       "{" STANDARD ",\"svn\":1,"
       "\"x-ms-policy\":{\"iss\":\"me\",\"svn\":1,\"x-ms-sgx-svn\":9,"
       "\"x-ms-ver\":\"2\"},"
       "\"x-ms-policy-hash\":\"H\",\"x-ms-sgx-svn\":1,\"x-ms-ver\":\"1.0\"}",
       3},
      {"nor forged where it is missing",
       "{\"nonce\":\"n\",\"x-ms-policy-signer\":\"me\",\"cnf\":1,"
       "\"x-ms-policy\":5}",
       "{}",
       "{" STANDARD ",\"x-ms-policy\":{\"cnf\":1,\"nonce\":\"n\","
       "\"x-ms-policy\":5,\"x-ms-policy-signer\":\"me\"},"
       "\"x-ms-policy-hash\":\"H\",\"x-ms-ver\":\"1.0\"}",
       4},
      {"nor what verification alone earns",
       "{\"x-ms-compliance-status\":\"azure-compliant-uvm\"}",
       "{}",
       "{" STANDARD ",\"x-ms-policy\":{\"x-ms-compliance-status\":"
       "\"azure-compliant-uvm\"},"
       "\"x-ms-policy-hash\":\"H\",\"x-ms-ver\":\"1.0\"}",
       1},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    claim_list claims = issued(&a, rows[i].issued);
    payload_parts parts = {
        .issued = &claims,
        .service = service(&a, rows[i].service),
        .issuer = SLICE("https://i"),
        .now = 1000000,
        .lifetime = TOKEN_LIFETIME_SECONDS,
        .policy_hash = SLICE("H"),
    };
    notes remarks = notes_in(&a);
    const char *text = payload_text(&a, &parts, &remarks);
    cr_expect_str_eq(text, rows[i].expected, "%s:\n%s", rows[i].name, text);
    cr_expect_eq(remarks.count, rows[i].notes, "%s: %zu", rows[i].name,
                 remarks.count);
  }
  arena_free(&a);
}

static const value *at(const value *object, const char *name) {
  return value_member(object, slice_from(name));
}

static void check_nonce_and_signer(arena *a) {
  claim_list none = claims_in(a);
  payload_parts parts = {
      .issued = &none,
      .service = service(a, "{}"),
      .issuer = SLICE("https://i"),
      .nonce = SLICE(""),
      .has_nonce = true,
      .policy_signer = service(a, "{\"kty\":\"RSA\",\"x5c\":[\"M\"]}"),
  };
  notes remarks = notes_in(a);
  value first = payload_build(a, &parts, &remarks);
  value second = payload_build(a, &parts, &remarks);
  const value *nonce = at(&first, "nonce");
  cr_expect(nonce && nonce->kind == VALUE_STRING && nonce->count == 0);
  cr_expect(at(&first, "x-ms-policy-signer"));
  cr_expect_not(slice_equal(value_string(at(&first, "jti")),
                            value_string(at(&second, "jti"))));
}

Test(token_payload, echoes_the_nonce_and_names_the_signer) {
  TEST_ARENA(a, MEBIBYTE);
  check_nonce_and_signer(&a);
  arena_free(&a);
}

static const char *part_text(arena *a, slice part) {
  bytes json;
  cr_assert(base64_decode(a, part, BASE64_URL, &json));
  return arena_string(a, slice_from_bytes(json));
}

static void check_token(arena *a, const char *kid, const char *header) {
  value payload = service(a, "{\"z\":1,\"a\":{\"y\":2,\"b\":3}}");
  slice token = unsecured_token(a, SLICE("https://i"), slice_from(kid),
                                &payload);
  const char *dot = memchr(token.data, '.', token.length);
  const char *end = token.data + token.length;
  cr_assert(dot && end[-1] == '.' && dot < end - 1);
  cr_expect_str_eq(part_text(a, slice_between(token.data, dot)), header);
  cr_expect_str_eq(part_text(a, slice_between(dot + 1, end - 1)),
                   "{\"a\":{\"b\":3,\"y\":2},\"z\":1}");
}

Test(token_payload, makes_an_unsecured_token) {
  TEST_ARENA(a, MEBIBYTE);
  check_token(&a, "", "{\"alg\":\"none\",\"jku\":\"https://i/certs\","
                      "\"typ\":\"JWT\"}");
  check_token(&a, "k=",
              "{\"alg\":\"none\",\"jku\":\"https://i/certs\","
              "\"kid\":\"k=\",\"typ\":\"JWT\"}");
  arena_free(&a);
}

/* The hashes that recorded tokens show for the service's own policies. */
Test(token_payload, knows_the_default_policies_byte_for_byte) {
  static const struct {
    attestation_type type;
    const char *hash;
  } rows[] = {
      {ATTESTATION_SGX_ENCLAVE, "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc"},
      {ATTESTATION_OPEN_ENCLAVE,
       "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc"},
      {ATTESTATION_SEV_SNP_VM, "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco"},
  };
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect(slice_is(policy_hash(&a, default_policy(rows[i].type)),
                       rows[i].hash));
  cr_expect_eq(default_policy(ATTESTATION_TPM).length, 0);
  cr_expect_eq(default_policy(ATTESTATION_TYPE_UNKNOWN).length, 0);
  cr_expect_eq(default_policy((attestation_type)99).length, 0);
  arena_free(&a);
}
