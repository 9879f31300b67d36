/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of Azure VMs: attestationInfo is read or refused with a reason, and
 * verified only if everything in it belongs together. */
#include "base/base64.h"
#include "base/memory.h"
#include "evidence/decode.h"
#include "evidence/guest_log.h"
#include "evidence/snp_report.h"
#include "tests/unit/evidence_verify_fixture.h"

static const char *const no_settings[] = {NULL};
static const char *const trusted_launch[] = {"isolation=TrustedLaunch", NULL};

/* Under all certificates of the fixture's authority. */
static void start(verify_fixture *f, arena *a, const char *const *settings) {
  const char *reason;
  verify_fixture_start(f, a, ATTESTATION_AZURE_GUEST, settings);
  f->options.roots = (trust_roots){0};
  cr_assert(roots_add_directory(a, &f->options.roots, f->directory, &reason),
            "%s", reason);
}

static bytes made_again(const verify_fixture *f, const char *const *settings) {
  slice list[8];
  evidence_made made;
  evidence_error error = {0};
  evidence_recipe recipe = {.type = ATTESTATION_AZURE_GUEST,
                            .pki_directory = f->directory,
                            .settings = list};
  for (; *settings; settings++)
    list[recipe.setting_count++] = slice_from(*settings);
  cr_assert(evidence_make(f->arena, &recipe, &made, &error), "%s",
            error.message);
  return made.raw;
}

/* --- JSON that is changed ------------------------------------------------- */

static value read_value(arena *a, bytes raw) {
  value v;
  json_error error;
  cr_assert(json_read(a, slice_from_bytes(raw), 0, &v, &error));
  return v;
}

static bytes written(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return bytes_from_slice(buffer_slice(&text));
}

/* The object with another value, or without the member (NULL). */
static value with(arena *a, const value *object, const char *name,
                  const value *v) {
  object_builder o = object_in(a);
  for (uint32_t i = 0; i < object->count; i++)
    if (!slice_is(member_name(&object->members[i]), name))
      object_set(&o, member_name(&object->members[i]),
                 object->members[i].value);
  if (v)
    object_set(&o, slice_from(name), *v);
  return object_value(&o);
}

static const value *member_of(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  cr_assert(v, "%s", name);
  return v;
}

/* attestationInfo with a member changed; outer: "" or "TpmInfo" .. */
static bytes changed(arena *a, bytes raw, const char *outer, const char *name,
                     const value *v) {
  value info = read_value(a, raw);
  if (*outer) {
    value inner = with(a, member_of(&info, outer), name, v);
    info = with(a, &info, outer, &inner);
  } else {
    info = with(a, &info, name, v);
  }
  return written(a, &info);
}

static value base64_value(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static value json_value(arena *a, const char *text) {
  return read_value(a, bytes_from_slice(slice_from(text)));
}

static value taken(arena *a, bytes raw, const char *outer, const char *name) {
  value info = read_value(a, raw);
  return *member_of(member_of(&info, outer), name);
}

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
    bytes without = changed(&a, raw, outer, name, NULL);
    expect_refused(&a, without, EVIDENCE_JSON, name);
    expect_refused(&a, changed(&a, raw, outer, name, &null), EVIDENCE_JSON,
                   name);
    expect_refused(&a, changed(&a, raw, outer, name, &number), EVIDENCE_JSON,
                   name);
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
    value v = json_value(&a, rows[i].json);
    expect_refused(&a, changed(&a, raw, rows[i].outer, rows[i].name, &v),
                   rows[i].code, rows[i].said);
  }
  expect_refused(&a, bytes_from_slice(SLICE("[]")), EVIDENCE_JSON, "object");
  expect_refused(&a, bytes_from_slice(SLICE("{")), EVIDENCE_JSON, "JSON");
  arena_free(&a);
}

Test(evidence_guest, structures_are_of_their_place) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  value quote = taken(&a, raw, "TpmInfo", "PcrQuote");
  value certify = taken(&a, raw, "TpmInfo", "EncKeyCertifyInfo");
  expect_refused(&a, changed(&a, raw, "TpmInfo", "PcrQuote", &certify),
                 EVIDENCE_FORMAT, "not a quote");
  expect_refused(&a, changed(&a, raw, "TpmInfo", "EncKeyCertifyInfo", &quote),
                 EVIDENCE_FORMAT, "not of a certified key");
  value runtime = base64_value(&a, bytes_from_slice(SLICE("[1]")));
  value inner = taken(&a, raw, "IsolationInfo", "Evidence");
  inner = with(&a, &inner, "RunTimeData", &runtime);
  expect_refused(&a, changed(&a, raw, "IsolationInfo", "Evidence", &inner),
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
  value info = read_value(&a, raw);
  value lower_case = in_lower_case(&a, &info);
  bytes other = written(&a, &lower_case);
  cr_expect_eq(evidence_detect(other), ATTESTATION_AZURE_GUEST);
  evidence one = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  evidence two = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, other);
  cr_expect(value_equal(&a, &one.claims, &two.claims));
  value version = json_value(&a, "\"1.0\"");
  expect_refused(&a,
                 changed(&a, raw, "", "attestationprotocolversion", &version),
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
    value text = taken(&a, raw, "TpmInfo", names[i]);
    bytes whole;
    cr_assert(base64_decode(&a, value_string(&text), BASE64_STANDARD, &whole));
    for (size_t n = 0; n < whole.length; n += 3) {
      value v = base64_value(&a, (bytes){whole.data, n});
      expect_refused(&a, changed(&a, raw, "TpmInfo", names[i], &v),
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
  return member_of(&e->claims, name);
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
  value wanted = json_value(&a, "[0,7,12,13]");
  cr_expect(value_equal(&a, claim(&e, "x-ms-azurevm-attested-pcrs"), &wanted));
  cr_expect(
      slice_is(value_string(claim(&e, "x-ms-azurevm-osdistro")), "Server"));
  cr_expect(claim(&e, "x-ms-azurevm-is-windows")->boolean);
  cr_expect_eq(claim(&e, "x-ms-azurevm-osversion-major")->integer, 11);
  wanted = json_value(&a, "{\"nonce\":\"YWJj\",\"other\":\"eA==\"}");
  const value *runtime = claim(&e, "x-ms-runtime");
  cr_expect(value_equal(&a, member_of(runtime, "client-payload"), &wanted));
  const value *key = &member_of(runtime, "keys")->items[0];
  bytes modulus;
  cr_assert(base64_decode(&a, value_string(member_of(key, "n")), BASE64_URL,
                          &modulus));
  cr_expect(bytes_equal(modulus, guest->key.modulus));
  cr_expect(slice_is(value_string(member_of(key, "e")), "AQAB"));
  arena_free(&a);
}

/* Runtime data that the hardware does not vouch for makes no claim. */
Test(evidence_guest, unbound_runtime_data_makes_no_claims) {
  static const char *const lying[] = {"lie=runtime-data", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  cr_expect(claim(&e, "x-ms-azurevm-vmid"));
  member_of(claim(&e, "x-ms-isolation-tee"), "x-ms-runtime");
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
  cr_expect(slice_is(value_string(member_of(tee, "x-ms-attestation-type")),
                     "sevsnpvm"));
  cr_expect_eq(member_of(tee, "x-ms-sevsnpvm-guestsvn")->integer, 9);
  raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, tdx).raw;
  e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  tee = claim(&e, "x-ms-isolation-tee");
  cr_expect(
      slice_is(value_string(member_of(tee, "x-ms-attestation-type")), "tdxvm"));
  cr_expect(member_of(tee, "tdx_td_attributes_debug")->boolean);
  raw = made_evidence(&a, ATTESTATION_AZURE_GUEST, trusted_launch).raw;
  e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-isolation-tee")));
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-azurevm-vmid")));
  arena_free(&a);
}

/* --- verification --------------------------------------------------------- */

Test(evidence_guest, honest_evidence_is_verified) {
  static const char *const rows[][4] = {
      {"isolation=TrustedLaunch", NULL},
      {"isolation=TrustedLaunch", "protocol-version=1.0", NULL},
      {"isolation=SevSnp", "signature-scheme=RSAPSS", NULL},
      {"isolation=SevSnp", "os-type=Windows", "elam=true", NULL},
      {"isolation=Tdx", NULL},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, no_settings);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence e = verified_evidence(&f, made_again(&f, rows[i]));
    cr_expect_eq(e.verification.status, VERIFICATION_SIGNATURE, "%s: %s",
                 rows[i][0], e.verification.reason);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_guest, lies_are_found) {
  static const struct {
    const char *isolation, *lie, *step;
  } rows[] = {
      {"isolation=SevSnp", "lie=key", "TPM key in the runtime data"},
      {"isolation=Tdx", "lie=key", "TPM key in the runtime data"},
      {"isolation=SevSnp", "lie=runtime-data", "runtime data of the VM"},
      {"isolation=Tdx", "lie=runtime-data", "runtime data of the VM"},
      {"isolation=TrustedLaunch", "lie=pcr", "PCR values"},
      {"isolation=TrustedLaunch", "lie=log", "event log"},
      {"isolation=TrustedLaunch", "lie=encryption-key", "encryption key"},
      {"isolation=SevSnp", "hardware.certified-tcb=0000000000000000",
       "reported TCB"},
      {"isolation=SevSnp", "hardware.vmpl=1", "paravisor"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, no_settings);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[] = {rows[i].isolation, rows[i].lie, NULL};
    evidence e = verified_evidence(&f, made_again(&f, settings));
    cr_expect_eq(e.verification.status, VERIFICATION_FAILED, "%s", rows[i].lie);
    cr_expect_str_eq(failed_step(&e.verification), rows[i].step, "%s",
                     rows[i].lie);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* The root must be given: no other vouches for TPMs of Azure. */
Test(evidence_guest, trusted_launch_needs_its_root) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, trusted_launch);
  trust_roots own = f.options.roots;
  f.options.roots = roots_builtin(&a);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect(strstr(e.verification.reason, "TPM certificate chain"), "%s",
            e.verification.reason);
  own.builtin_count = own.count; /* "maapol test ..", as if built in */
  f.options.roots = own;
  e = verified_evidence(&f, f.made.raw);
  cr_expect(!evidence_is_verified(&e.verification));
  own.builtin_count = 0;
  f.options.roots = own;
  f.options.level = VERIFY_FULL;
  e = verified_evidence(&f, f.made.raw);
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  cr_expect(strstr(e.verification.reason, "revocation"), "%s",
            e.verification.reason);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Said by the caller, and only of verified hardware. */
Test(evidence_guest, compliance_stands_with_the_hardware) {
  static const char *const lying[] = {"lie=log", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  slice name = SLICE("x-ms-compliance-status");
  start(&f, &a, no_settings);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_null(value_member(claim(&e, "x-ms-isolation-tee"), name));
  f.options.compliance = "azure-compliant-cvm";
  e = verified_evidence(&f, f.made.raw);
  const value *status = value_member(claim(&e, "x-ms-isolation-tee"), name);
  cr_expect(status && slice_is(value_string(status), "azure-compliant-cvm"));
  cr_expect_null(value_member(&e.claims, name));
  e = verified_evidence(&f, made_again(&f, lying));
  cr_expect_null(value_member(claim(&e, "x-ms-isolation-tee"), name));
  e = verified_evidence(&f, made_again(&f, trusted_launch));
  cr_expect(evidence_is_verified(&e.verification));
  cr_expect_null(value_member(&e.claims, SLICE("x-ms-isolation-tee")));
  verify_fixture_end(&f);
  arena_free(&a);
}

static void expect_failed(const verify_fixture *f, bytes raw,
                          const char *step) {
  evidence e = verified_evidence(f, raw);
  cr_expect_eq(e.verification.status, VERIFICATION_FAILED, "%s", step);
  cr_expect_str_eq(failed_step(&e.verification), step);
}

Test(evidence_guest, the_tpm_certificate_is_of_this_tpm) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, trusted_launch);
  bytes raw = f.made.raw;
  bytes other = made_evidence(&a, ATTESTATION_AZURE_GUEST, trusted_launch).raw;
  value certificate = taken(&a, other, "TpmInfo", "AikCert");
  expect_failed(&f, changed(&a, raw, "TpmInfo", "AikCert", &certificate),
                "TPM certificate");
  /* The same key, certified for another purpose. */
  bytes confidential = made_again(&f, no_settings);
  certificate = taken(&a, confidential, "TpmInfo", "AikCert");
  expect_failed(&f, changed(&a, raw, "TpmInfo", "AikCert", &certificate),
                "TPM certificate");
  value rubbish = base64_value(&a, bytes_from_slice(SLICE("rubbish")));
  expect_failed(&f, changed(&a, raw, "TpmInfo", "AikCert", &rubbish),
                "TPM certificate");
  evidence e =
      verified_evidence(&f, changed(&a, raw, "TpmInfo", "AikCert", NULL));
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* A confidential VM's evidence is not that of a trusted launch VM, and parts
 * of two VMs are not one. */
Test(evidence_guest, parts_of_two_vms_are_not_one) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, no_settings);
  bytes raw = f.made.raw;
  value type = json_value(&a, "{\"Type\":\"TrustedLaunch\"}");
  expect_failed(&f, changed(&a, raw, "", "IsolationInfo", &type),
                "TPM certificate");
  value info = read_value(&a, raw);
  value foreign = read_value(
      &a, made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw);
  const value *own_tpm = member_of(&info, "TpmInfo");
  const value *tpm = member_of(&foreign, "TpmInfo");
  expect_failed(&f, changed(&a, raw, "", "TpmInfo", tpm),
                "TPM key in the runtime data");
  value mixed =
      with(&a, own_tpm, "PcrSignature", member_of(tpm, "PcrSignature"));
  expect_failed(&f, changed(&a, raw, "", "TpmInfo", &mixed), "quote signature");
  mixed = with(&a, own_tpm, "EncKeyCertifyInfoSignature",
               member_of(tpm, "EncKeyCertifyInfoSignature"));
  expect_failed(&f, changed(&a, raw, "", "TpmInfo", &mixed),
                "encryption key signature");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_guest, quoted_pcrs_are_those_told) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, trusted_launch);
  bytes raw = f.made.raw;
  value set = json_value(&a, "[0,1,2,3,4,5,6]");
  expect_failed(&f, changed(&a, raw, "TpmInfo", "PcrSet", &set), "quoted PCRs");
  value pcrs = taken(&a, raw, "TpmInfo", "PCRs");
  pcrs.count--;
  expect_failed(&f, changed(&a, raw, "TpmInfo", "PCRs", &pcrs), "quoted PCRs");
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Attributes of AikPub: a key that signs anything signs forged quotes. */
Test(evidence_guest, the_tpm_key_is_restricted) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, trusted_launch);
  bytes raw = f.made.raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  const guest_evidence *guest = e.detail;
  static const uint32_t weak[] = {0x00040472, 0x00010472, 0x00050470};
  for (size_t i = 0; i < COUNT_OF(weak); i++) {
    value key = base64_value(&a, tpm2b_public_write(&a, weak[i], TPM_ALG_RSASSA,
                                                    guest->aik.modulus));
    expect_failed(&f, changed(&a, raw, "TpmInfo", "AikPub", &key), "TPM key");
  }
  value other =
      base64_value(&a, tpm2b_public_write(&a, 0x00050472, TPM_ALG_RSAPSS,
                                          guest->aik.modulus));
  expect_failed(&f, changed(&a, raw, "TpmInfo", "AikPub", &other),
                "quote signature");
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Of the hardware's report too. */
Test(evidence_guest, any_changed_byte_of_signed_parts_fails) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start(&f, &a, no_settings);
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, f.made.raw);
  const guest_evidence *guest = e.detail;
  const snp_evidence *snp = guest->hardware->detail;
  const bytes parts[] = {
      guest->quote_bytes,       guest->quote_signature,
      guest->aik.modulus,       guest->certify_bytes,
      guest->certify_signature, guest->key.area,
      guest->runtime,           {snp->report.data, SNP_SIGNED_BYTES}};
  for (size_t i = 0; i < COUNT_OF(parts); i++)
    for (size_t k = 0; k < parts[i].length; k += 7) {
      uint8_t *at = (uint8_t *)(uintptr_t)parts[i].data + k;
      *at ^= 0x20;
      evidence_verify(&a, &e, &f.options);
      cr_expect_eq(e.verification.status, VERIFICATION_FAILED,
                   "part %zu, byte %zu", i, k);
      *at ^= 0x20;
    }
  evidence_verify(&a, &e, &f.options);
  cr_expect_eq(e.verification.status, VERIFICATION_SIGNATURE);
  verify_fixture_end(&f);
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
  const value *fields = member_of(&dump, "fields");
  for (size_t i = 0; i < COUNT_OF(sections); i++)
    cr_expect(value_member(fields, slice_from(sections[i])), "%s", sections[i]);
  const value *key = member_of(member_of(fields, "tpm-key"), "attributes");
  cr_expect(slice_is(value_string(member_of(key, "value")), "0x00050472"));
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
