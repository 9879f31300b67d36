/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of Azure VMs: attestationInfo is read or refused with a reason,
 * told, shown and made. */
#include "base/base64.h"
#include "base/memory.h"
#include "evidence/decode.h"
#include "evidence/guest_log.h"
#include "tests/unit/evidence_guest_fixture.h"

static const char *const no_settings[] = {NULL};
static const char *const trusted_launch[] = {"isolation=TrustedLaunch", NULL};

/* --- reading -------------------------------------------------------------- */

static void expect_refused(arena *a, bytes raw, evidence_code code,
                           const char *part) {
  evidence e;
  evidence_error error = {0};
  cr_assert(!evidence_parse(a, ATTESTATION_AZURE_GUEST, raw, &e, &error),
            "read, but: %s", part);
  cr_expect_eq(error.code, code, "%s: %s", part, error.message);
  cr_expect(strstr(error.message, part), "%s: %s", part, error.message);
  cr_expect_leq(error.offset, raw.length);
}

Test(evidence_guest, what_is_missing_is_named) {
  static const struct {
    const char *outer, *name;
  } rows[] = {{"", "AttestationProtocolVersion"},
              {"", "TcgLogs"},
              {"", "TpmInfo"},
              {"TpmInfo", "AikPub"},
              {"TpmInfo", "PcrQuote"},
              {"TpmInfo", "PcrSignature"},
              {"TpmInfo", "EncKeyPub"},
              {"TpmInfo", "EncKeyCertifyInfo"},
              {"TpmInfo", "EncKeyCertifyInfoSignature"},
              {"TpmInfo", "PcrSet"},
              {"TpmInfo", "PCRs"},
              {"IsolationInfo", "Type"},
              {"IsolationInfo", "Evidence"}};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  value null = value_null(), number = value_integer(1);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *outer = rows[i].outer, *name = rows[i].name;
    bytes without = guest_changed(&a, raw, outer, name, NULL);
    expect_refused(&a, without, EVIDENCE_JSON, name);
    expect_refused(&a, guest_changed(&a, raw, outer, name, &null),
                   EVIDENCE_JSON, name);
    expect_refused(&a, guest_changed(&a, raw, outer, name, &number),
                   EVIDENCE_JSON, name);
  }
  arena_free(&a);
}

Test(evidence_guest, what_is_wrong_is_named) {
  static const struct {
    const char *outer, *name, *json;
    evidence_code code;
    const char *said;
  } rows[] = {
      {"", "AttestationProtocolVersion", "\"3.0\"", EVIDENCE_VERSION, "3.0"},
      {"", "OSType", "\"*\"", EVIDENCE_ENCODING, "OSType"},
      {"", "OSDistro", "\"/w==\"", EVIDENCE_ENCODING, "UTF-8"},
      {"", "OSVersionMajor", "\"10\"", EVIDENCE_JSON, "OSVersionMajor"},
      {"", "ClientPayload", "[]", EVIDENCE_JSON, "ClientPayload"},
      {"", "ClientPayload", "{\"n\": 1}", EVIDENCE_JSON, "\"n\""},
      {"", "TcgLogs", "\"\"", EVIDENCE_TRUNCATED, "TcgLogs"},
      {"", "TcgLogs", "\"AAAA\"", EVIDENCE_TRUNCATED, "TcgLogs"},
      {"TpmInfo", "AikPub", "\"AAAA\"", EVIDENCE_TRUNCATED, "AikPub"},
      {"TpmInfo", "AikCert", "\"*\"", EVIDENCE_ENCODING, "AikCert"},
      {"TpmInfo", "PcrQuote", "\"AAAAAAAAAAAA\"", EVIDENCE_FORMAT, "PcrQuote"},
      {"TpmInfo", "PcrSet", "[24]", EVIDENCE_JSON, "PcrSet"},
      {"TpmInfo", "PcrSet", "[-1]", EVIDENCE_JSON, "PcrSet"},
      {"TpmInfo", "PcrSet", "[1, 1]", EVIDENCE_JSON, "PcrSet"},
      {"TpmInfo", "PcrSet", "[\"1\"]", EVIDENCE_JSON, "PcrSet"},
      {"TpmInfo", "PCRs", "[1]", EVIDENCE_JSON, "PCRs"},
      {"TpmInfo", "PCRs", "[{\"Index\": 1}]", EVIDENCE_JSON, "Digest"},
      {"TpmInfo", "PCRs", "[{\"Index\": 24, \"Digest\": \"AAAA\"}]",
       EVIDENCE_JSON, "PCR 24"},
      {"TpmInfo", "PCRs",
       "[{\"Index\": 1, \"Digest\": \"AA==\"},"
       " {\"Index\": 1, \"Digest\": \"AA==\"}]",
       EVIDENCE_JSON, "twice"},
      {"IsolationInfo", "Type", "\"Vbs\"", EVIDENCE_FORMAT, "Type"},
      {"IsolationInfo", "Evidence", "{\"RunTimeData\": \"e30=\"}",
       EVIDENCE_JSON, "Proof"},
      {"IsolationInfo", "Evidence",
       "{\"Proof\": \"e30=\", \"RunTimeData\": \"e30=\"}", EVIDENCE_JSON,
       "Proof: SNP evidence"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v = guest_json_text(&a, rows[i].json);
    expect_refused(&a, guest_changed(&a, raw, rows[i].outer, rows[i].name, &v),
                   rows[i].code, rows[i].said);
  }
  expect_refused(&a, bytes_from_slice(SLICE("[]")), EVIDENCE_JSON, "object");
  expect_refused(&a, bytes_from_slice(SLICE("{")), EVIDENCE_JSON, "JSON");
  arena_free(&a);
}

Test(evidence_guest, structures_are_of_their_place) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  value quote = guest_taken(&a, raw, "TpmInfo", "PcrQuote");
  value certify = guest_taken(&a, raw, "TpmInfo", "EncKeyCertifyInfo");
  expect_refused(&a, guest_changed(&a, raw, "TpmInfo", "PcrQuote", &certify),
                 EVIDENCE_FORMAT, "not a quote");
  expect_refused(&a,
                 guest_changed(&a, raw, "TpmInfo", "EncKeyCertifyInfo", &quote),
                 EVIDENCE_FORMAT, "not of a certified key");
  value runtime = guest_base64(&a, bytes_from_slice(SLICE("[1]")));
  value inner = guest_taken(&a, raw, "IsolationInfo", "Evidence");
  inner = guest_with(&a, &inner, "RunTimeData", &runtime);
  expect_refused(&a,
                 guest_changed(&a, raw, "IsolationInfo", "Evidence", &inner),
                 EVIDENCE_JSON, "RunTimeData");
  arena_free(&a);
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Names of members in another case, values as they are. */
static value in_lower_case(arena *a, const value *v) {
  if (v->kind == VALUE_ARRAY) {
    array_builder items = array_in(a);
    for (uint32_t i = 0; i < v->count; i++)
      array_add(&items, in_lower_case(a, &v->items[i]));
    return array_value(&items);
  }
  if (v->kind != VALUE_OBJECT)
    return *v;
  object_builder o = object_in(a);
  for (uint32_t i = 0; i < v->count; i++) {
    slice name = arena_copy(a, member_name(&v->members[i]));
    for (size_t k = 0; k < name.length; k++)
      ((char *)(uintptr_t)name.data)[k] = lower(name.data[k]);
    object_set(&o, name, in_lower_case(a, &v->members[i].value));
  }
  return object_value(&o);
}

Test(evidence_guest, names_are_of_any_case) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  value info = guest_json(&a, raw);
  value lower_case = in_lower_case(&a, &info);
  bytes other = guest_written(&a, &lower_case);
  cr_expect_eq(evidence_detect(other), ATTESTATION_AZURE_GUEST);
  evidence one = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  evidence two = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, other);
  cr_expect(value_equal(&a, &one.claims, &two.claims));
  value version = guest_json_text(&a, "\"1.0\"");
  expect_refused(
      &a, guest_changed(&a, raw, "", "attestationprotocolversion", &version),
      EVIDENCE_JSON, "twice");
  arena_free(&a);
}

Test(evidence_guest, every_truncation_is_refused) {
  static const char *const names[] = {"AikPub", "PcrQuote", "EncKeyPub",
                                      "EncKeyCertifyInfo"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence e;
  evidence_error error = {0};
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, trusted_launch).raw;
  for (size_t n = 1; n < raw.length; n += 1 + n / 50) {
    bytes cut = {raw.data, n};
    cr_expect(!evidence_parse(&a, ATTESTATION_AZURE_GUEST, cut, &e, &error),
              "%zu bytes", n);
  }
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    value text = guest_taken(&a, raw, "TpmInfo", names[i]);
    bytes whole;
    cr_assert(base64_decode(&a, value_string(&text), BASE64_STANDARD, &whole));
    for (size_t n = 0; n < whole.length; n += 3) {
      value v = guest_base64(&a, (bytes){whole.data, n});
      expect_refused(&a, guest_changed(&a, raw, "TpmInfo", names[i], &v),
                     EVIDENCE_TRUNCATED, names[i]);
    }
  }
  arena_free(&a);
}

Test(evidence_guest, a_request_body_has_it) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings);
  evidence_input input;
  evidence_error error = {0};
  slice body = evidence_make_request(&a, &made);
  cr_assert(evidence_decode(&a, body, &input, &error), "%s", error.message);
  cr_expect_eq(input.type, ATTESTATION_AZURE_GUEST);
  cr_expect(bytes_equal(input.raw, made.raw));
  cr_expect(!input.runtime_data.is_given);
  arena_free(&a);
}

/* --- claims --------------------------------------------------------------- */

static const value *claim(const evidence *e, const char *name) {
  return guest_member(&e->claims, name);
}

Test(evidence_guest, claims_of_the_client) {
  static const char *const settings[] = {
      "os-type=Windows", "os-distro=Server",
      "os-build=17",     "os-version-major=11",
      "pcrs=0,7,12,13",  "nonce=abc",
      "payload.other=x", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, settings).raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  const guest_evidence *guest = e.detail;
  value wanted = guest_json_text(&a, "[0,7,12,13]");
  cr_expect(value_equal(&a, claim(&e, "x-ms-azurevm-attested-pcrs"), &wanted));
  cr_expect(
      slice_is(value_string(claim(&e, "x-ms-azurevm-osdistro")), "Server"));
  cr_expect(claim(&e, "x-ms-azurevm-is-windows")->boolean);
  cr_expect_eq(claim(&e, "x-ms-azurevm-osversion-major")->integer, 11);
  wanted = guest_json_text(&a, "{\"nonce\":\"YWJj\",\"other\":\"eA==\"}");
  const value *runtime = claim(&e, "x-ms-runtime");
  cr_expect(value_equal(&a, guest_member(runtime, "client-payload"), &wanted));
  const value *key = &guest_member(runtime, "keys")->items[0];
  bytes modulus;
  cr_assert(base64_decode(&a, value_string(guest_member(key, "n")), BASE64_URL,
                          &modulus));
  cr_expect(bytes_equal(modulus, guest->key.modulus));
  cr_expect(slice_is(value_string(guest_member(key, "e")), "AQAB"));
  arena_free(&a);
}

/* Runtime data that the hardware does not vouch for makes no claim. */
Test(evidence_guest, unbound_runtime_data_makes_no_claims) {
  static const char *const lying[] = {"lie=runtime-data", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  cr_expect(claim(&e, "x-ms-azurevm-vmid"));
  guest_member(claim(&e, "x-ms-isolation-tee"), "x-ms-runtime");
  raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, lying).raw;
  e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-azurevm-vmid")));
  cr_expect_null(
      value_member(claim(&e, "x-ms-isolation-tee"), SLICE("x-ms-runtime")));
  arena_free(&a);
}

Test(evidence_guest, claims_of_the_hardware) {
  static const char *const snp[] = {"hardware.guest-svn=9", NULL};
  static const char *const tdx[] = {"isolation=Tdx", "hardware.debug=true",
                                    NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, snp).raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  const value *tee = claim(&e, "x-ms-isolation-tee");
  cr_expect(slice_is(value_string(guest_member(tee, "x-ms-attestation-type")),
                     "sevsnpvm"));
  cr_expect_eq(guest_member(tee, "x-ms-sevsnpvm-guestsvn")->integer, 9);
  raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, tdx).raw;
  e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  tee = claim(&e, "x-ms-isolation-tee");
  cr_expect(slice_is(value_string(guest_member(tee, "x-ms-attestation-type")),
                     "tdxvm"));
  cr_expect(guest_member(tee, "tdx_td_attributes_debug")->boolean);
  raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, trusted_launch).raw;
  e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-isolation-tee")));
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-azurevm-vmid")));
  arena_free(&a);
}

/* --- making --------------------------------------------------------------- */

Test(evidence_guest, recipes_that_make_no_sense_are_refused) {
  static const struct {
    const char *settings[3];
    const char *said;
  } rows[] = {
      {{"kernel-debug=true", NULL}, "os-type=Windows"},
      {{"isolation=None", NULL}, "TrustedLaunch, SevSnp or Tdx"},
      {{"isolation=TrustedLaunch", "hardware.debug=true", NULL}, "hardware"},
      {{"isolation=TrustedLaunch", "lie=key", NULL}, "runtime data"},
      {{"protocol-version=1.0", NULL}, "TrustedLaunch"},
      {{"protocol-version=7", NULL}, "1.0 or 2.0"},
      {{"pcrs=0,", NULL}, "PCRs"},
      {{"pcrs=24", NULL}, "PCRs"},
      {{"pcrs=", NULL}, "PCRs"},
      {{"pcrs=99999999999", NULL}, "PCRs"},
      {{"lie=much", NULL}, "lie"},
      {{"secure-boot=1", NULL}, "true or false"},
      {{"secure-bot=true", NULL}, "did you mean secure-boot"},
      {{"hardware.vmpl=x", NULL}, "vmpl"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice list[2];
    evidence_made made;
    evidence_error error = {0};
    evidence_recipe recipe = {.type = ATTESTATION_AZURE_GUEST,
                              .settings = list};
    for (; rows[i].settings[recipe.setting_count]; recipe.setting_count++)
      list[recipe.setting_count] =
          slice_from(rows[i].settings[recipe.setting_count]);
    cr_expect(!evidence_make(&a, &recipe, &made, &error), "%s", rows[i].said);
    cr_expect(error.message && strstr(error.message, rows[i].said), "%s: %s",
              rows[i].said, error.message);
  }
  arena_free(&a);
}

/* --- showing -------------------------------------------------------------- */

Test(evidence_guest, every_part_is_shown) {
  static const char *const sections[] = {"client",
                                         "tpm-certificate",
                                         "tpm-key",
                                         "quote",
                                         "pcrs",
                                         "encryption-key",
                                         "encryption-key-certification",
                                         "event-log",
                                         "runtime-data",
                                         "report"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  value dump = evidence_show(&a, &e);
  const value *fields = guest_member(&dump, "fields");
  for (size_t i = 0; i < COUNT_OF(sections); i++)
    cr_expect(value_member(fields, slice_from(sections[i])), "%s", sections[i]);
  const value *key =
      guest_member(guest_member(fields, "tpm-key"), "attributes");
  cr_expect(slice_is(value_string(guest_member(key, "value")), "0x00050472"));
  arena_free(&a);
}

/* --- memory --------------------------------------------------------------- */

static void use(arena *a, bytes raw) {
  evidence e;
  evidence_error error;
  buffer text = buffer_in(a);
  verify_options options = {
      .level = VERIFY_SIGNATURE, .now = FIXTURE_NOW, .roots = roots_builtin(a)};
  cr_assert(evidence_parse(a, ATTESTATION_AZURE_GUEST, raw, &e, &error));
  evidence_show_text(&text, &e);
  evidence_verify(a, &e, &options);
  cr_assert(!evidence_is_verified(&e.verification));
}

static void make(arena *a, bytes raw) {
  (void)raw;
  evidence_recipe recipe = {.type = ATTESTATION_AZURE_GUEST};
  evidence_made made;
  evidence_error error;
  cr_assert(evidence_make(a, &recipe, &made, &error));
}

/* Whether the task came to its end within the limits. */
static bool completes(void (*task)(arena *a, bytes raw), bytes raw,
                      size_t limit, long allocations) {
  arena a;
  jmp_buf failure;
  volatile bool done = false;
  arena_init(&a, limit);
  memory_fail_after(allocations);
  if (!ARENA_GUARD(&a, failure)) {
    task(&a, raw);
    done = true;
  }
  memory_fail_after(-1);
  arena_free(&a);
  return done;
}

Test(evidence_guest, memory_may_run_out_anywhere) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  long allocations = 0;
  while (!completes(use, raw, EVIDENCE_ARENA, allocations))
    cr_assert(++allocations < 1000);
  cr_expect(allocations > 0);
  for (allocations = 0; !completes(make, raw, EVIDENCE_ARENA, allocations);)
    cr_assert(++allocations < 100);
  size_t limit = 0;
  while (!completes(use, raw, limit, -1))
    limit += 5000;
  cr_expect(limit > 0);
  arena_free(&a);
}
