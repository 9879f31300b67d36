/* SPDX-License-Identifier: Apache-2.0 */
/* Real TDX quotes: their claims against claims computed independently and
 * against the published token, their signatures up to Intel's root, Intel's
 * collateral, and every byte of a signed region changed. */

#include "base/base64.h"
#include "base/limits.h"
#include "evidence/evidence.h"
#include "evidence/make.h"
#include "evidence/tdx_verify.h"
#include "tests/conformance/shared/runner.h"

/* 15 July 2025: inside the dates of the collateral of v4-phala. */
#define JULY_2025 INT64_C(1752537600)
/* 15 February 2026: inside those of v5-go-tdx. */
#define FEBRUARY_2026 INT64_C(1771113600)

static bool parse(runner *t, bytes raw, evidence *e) {
  evidence_error error = {0};
  check(t, evidence_detect(raw) == ATTESTATION_TDX_VM, "not detected");
  bool good = evidence_parse(t->arena, ATTESTATION_TDX_VM, raw, e, &error);
  check(t, good, "%s at %zu", good ? "" : error.message, error.offset);
  return good;
}

static verification_status verify(runner *t, arena *a, evidence *e,
                                  verify_level level,
                                  const collateral *given) {
  verify_options options = {.level = level,
                            .now = t->now,
                            .roots = roots_builtin(a),
                            .collateral = given};
  evidence_verify(a, e, &options);
  return e->verification.status;
}

/* --- claims --------------------------------------------------------------- */

/* x-ms-ver and its like are the token's, not the evidence's. */
static bool is_ours(slice name) {
  return slice_starts_with(name, "tdx_") || slice_is(name, "dbgstat") ||
         slice_is(name, "eat_profile") || slice_is(name, "intuse") ||
         slice_is(name, "x-ms-attestation-type");
}

static void check_claims(runner *t, const evidence *e, const value *expected) {
  for (uint32_t i = 0; i < expected->count; i++) {
    slice name = member_name(&expected->members[i]);
    if (is_ours(name))
      check(t,
            same_value(t->arena, value_member(&e->claims, name),
                       &expected->members[i].value),
            "claim %.*s differs", SLICE_ARGS(name));
  }
  for (uint32_t i = 0; i < e->claims.count; i++) {
    slice name = member_name(&e->claims.members[i]);
    check(t, value_member(expected, name) != NULL, "claim %.*s is one too many",
          SLICE_ARGS(name));
  }
}

/* --- what another implementation found ------------------------------------ */

static void check_facts(runner *t, const evidence *e, const value *expected) {
  const tdx_quote *quote = e->detail;
  const value *total = value_member(expected, SLICE("total"));
  const value *trailing = value_member(expected, SLICE("trailing"));
  const value *version = value_member(expected, SLICE("version"));
  const value *type = value_member(expected, SLICE("body_type"));
  check(t, total && (int64_t)quote->all.length == total->integer, "length");
  check(t, trailing && (int64_t)quote->trailing.length == trailing->integer,
        "trailing bytes");
  check(t,
        version && (int64_t)field_number(quote->header,
                                         &tdx_header_fields[TDX_VERSION]) ==
                       version->integer,
        "version");
  if (type && type->kind == VALUE_INTEGER)
    check(t, quote->descriptor.data[0] == type->integer, "type of the body");
}

/* --- a changed byte ------------------------------------------------------- */

/* Of every byte one bit, another one from byte to byte. */
static void check_flips(runner *t, bytes raw, bytes region, const char *what) {
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    check(t, false, "out of memory");
    arena_free(&a);
    return;
  }
  uint8_t *changed = arena_alloc(t->arena, raw.length);
  memcpy(changed, raw.data, raw.length);
  size_t begin = (size_t)(region.data - raw.data);
  unsigned survived = 0;
  for (size_t i = begin; i < begin + region.length; i++) {
    evidence e;
    evidence_error error;
    uint8_t mask = (uint8_t)(1u << i % 8);
    changed[i] ^= mask;
    if (evidence_parse(&a, ATTESTATION_TDX_VM, (bytes){changed, raw.length},
                       &e, &error) &&
        verify(t, &a, &e, VERIFY_SIGNATURE, NULL) != VERIFICATION_FAILED)
      survived++;
    changed[i] ^= mask;
    arena_reset(&a);
  }
  check(t, survived == 0, "%u changed bytes of %s go unnoticed", survived,
        what);
  arena_free(&a);
}

static void check_all_flips(runner *t, const evidence *e) {
  const tdx_quote *quote = e->detail;
  const sgx_signature *s = &quote->signature;
  check_flips(t, e->raw, quote->signed_part, "header and report");
  check_flips(t, e->raw, s->signature, "the signature");
  check_flips(t, e->raw, s->attestation_key, "the attestation key");
  check_flips(t, e->raw, s->qe_report, "the QE report");
  check_flips(t, e->raw, s->qe_report_signature, "the QE report signature");
  check_flips(t, e->raw, s->auth_data, "the authentication data");
}

/* --- collateral ----------------------------------------------------------- */

/* {"MEMBER": TEXT, "signature": "HEX"} from the sample's two members. */
static slice document(runner *t, const value *all, const char *outer,
                      const char *text, const char *signature) {
  buffer out = buffer_in(t->arena);
  buffer_printf(&out, "{\"%s\":", outer);
  buffer_add(&out, value_string(value_member(all, slice_from(text))));
  buffer_text(&out, ",\"signature\":\"");
  buffer_add(&out, value_string(value_member(all, slice_from(signature))));
  buffer_text(&out, "\"}");
  return buffer_slice(&out);
}

static bytes from_hex(runner *t, const value *all, const char *name) {
  bytes data = {0};
  hex_decode(t->arena, value_string(value_member(all, slice_from(name))),
             &data);
  return data;
}

static collateral gather(runner *t, const value *all) {
  return (collateral){
      .tcb_info = document(t, all, "tcbInfo", "tcb_info",
                           "tcb_info_signature"),
      .qe_identity = document(t, all, "enclaveIdentity", "qe_identity",
                              "qe_identity_signature"),
      .tcb_signing_chain =
          value_string(value_member(all, SLICE("tcb_info_issuer_chain"))),
      .pck_crl = from_hex(t, all, "pck_crl"),
      .root_ca_crl = from_hex(t, all, "root_ca_crl")};
}

static void check_status(runner *t, const evidence *e, const char *wanted) {
  const value *claim = value_member(&e->claims, SLICE("attester_tcb_status"));
  check(t, claim && slice_is(value_string(claim), wanted),
        "attester_tcb_status is not %s", wanted);
}

/* Whether a step passed whose line has that text. */
static bool has_step(const evidence *e, const char *what, const char *why) {
  const verification_step *s = e->verification.steps;
  while (s && (strcmp(s->what, what) != 0 || !s->why || !strstr(s->why, why)))
    s = s->next;
  return s && s->result == STEP_PASSED;
}

/* The whole of it; then without one file, too late, and with the identity of
 * another enclave. */
static void check_collateral(runner *t, bytes raw) {
  value all;
  evidence e;
  if (!read_sample_json(t, "collateral.json", &all) || !parse(t, raw, &e))
    return;
  collateral given = gather(t, &all);
  check(t, verify(t, t->arena, &e, VERIFY_FULL, &given) == VERIFICATION_FULL,
        "not verified in full: %s", e.verification.reason);
  check_status(t, &e, "UpToDate");
  check(t, has_step(&e, "TDX module level", "UpToDate with SVN 6"),
        "the module's level was not looked at");
  check(t, has_step(&e, "TCB status", "TDX module UpToDate"),
        "the module's status does not count");
  if (!parse(t, raw, &e))
    return;
  collateral less = given;
  less.pck_crl = (bytes){0};
  check(t, verify(t, t->arena, &e, VERIFY_FULL, &less) ==
               VERIFICATION_NOT_DONE,
        "verified without a revocation list");
  check(t, !value_member(&e.claims, SLICE("attester_tcb_status")),
        "a status that was not evaluated");
  less = given;
  less.qe_identity = given.tcb_info;
  check(t, verify(t, t->arena, &e, VERIFY_FULL, &less) == VERIFICATION_FAILED,
        "verified with TCB info as QE identity");
  t->now = FEBRUARY_2026;
  check(t, verify(t, t->arena, &e, VERIFY_FULL, &given) ==
               VERIFICATION_FAILED,
        "verified with old collateral");
  t->now = JULY_2025;
}

/* TCB info and QE identity alone, which some samples have without the rest:
 * levels of platform, module and quoting enclave as another implementation
 * evaluated them. */
static void check_levels(runner *t, evidence *e, const value *expected) {
  value file;
  const tdx_quote *quote = e->detail;
  const value *known = value_member(expected, SLICE("tcb_evaluation"));
  if (!known || !read_sample_json(t, "tcbinfo.json", &file))
    return;
  const value *body = value_member(&file, SLICE("tcbInfo"));
  verify_options options = {.level = VERIFY_FULL,
                            .now = t->now,
                            .roots = roots_builtin(t->arena)};
  verifier v = {.arena = t->arena, .evidence = e, .options = &options};
  v.end = &v.first;
  sgx_platform platform;
  tcb_level level = {0}, module = {0};
  check(t, sgx_verify_signature(&v, quote->signed_part, &quote->signature,
                                &tdx_quoting_enclave, &platform),
        "signatures");
  collateral_query query = {
      .tcb_id = "TDX",
      .pck = &platform.pck,
      .tee_tcb_svn = tdx_bytes(quote->body, TDX_TEE_TCB_SVN).data};
  signed_document tcb = {.what = "TCB info"};
  tcb.body = body ? *body : file;
  check(t, tcb_info_verify(&v, &tcb, &query, &level), "platform's level");
  check(t, tdx_verify_module(&v, &tcb.body, &module), "module's level");
  const value *wanted = value_member(known, SLICE("platform"));
  check(t, level.status && slice_is(value_string(wanted), level.status),
        "platform's status");
  wanted = value_member(known, SLICE("module"));
  check(t, module.status && slice_is(value_string(wanted), module.status),
        "module's status");
}

/* --- samples -------------------------------------------------------------- */

static void run_sample(runner *t, const char *sample, int64_t now) {
  slice text;
  value expected;
  evidence e;
  t->sample = sample;
  t->now = now;
  if (!read_sample(t, "quote.bin", &text))
    return;
  bytes raw = bytes_from_slice(text);
  if (!parse(t, raw, &e))
    return;
  check(t, read_sample_json(t, "expected.claims.json", &expected), "no claims");
  check_claims(t, &e, &expected);
  check(t, verify(t, t->arena, &e, VERIFY_SIGNATURE, NULL) ==
               VERIFICATION_SIGNATURE,
        "not verified: %s", e.verification.reason);
  check(t, e.verification.root &&
               strcmp(e.verification.root, "Intel SGX Root CA") == 0,
        "another root");
  check(t, read_sample_json(t, "expected.verification.json", &expected),
        "no results");
  check_facts(t, &e, &expected);
  check_levels(t, &e, &expected);
  check_collateral(t, raw);
  check_all_flips(t, &e);
}

/* A quote with the fields of the published token, whose own is not public,
 * gives the claims of that token. */
static void run_token(runner *t) {
  static const char *const fields[] = {
      "mrconfigid", "mrowner", "mrownerconfig", "mrseam", "mrsignerseam",
      "mrtd",       "rtmr0",   "rtmr1",         "rtmr2",  "rtmr3"};
  enum { FIELDS = sizeof fields / sizeof fields[0] };
  value token;
  evidence e;
  evidence_made made;
  evidence_error error = {0};
  slice settings[FIELDS + 4], runtime;
  t->sample = "docs-token";
  if (!read_sample_json(t, "token.claims.json", &token) ||
      !read_sample(t, "runtime.json", &runtime))
    return;
  for (size_t i = 0; i < FIELDS; i++) {
    buffer name = buffer_in(t->arena), setting = buffer_in(t->arena);
    buffer_printf(&name, "tdx_%s", fields[i]);
    slice text = value_string(value_member(&token, buffer_slice(&name)));
    buffer_printf(&setting, "%s=%.*s", fields[i], SLICE_ARGS(text));
    settings[i] = buffer_slice(&setting);
  }
  buffer data = buffer_in(t->arena);
  buffer_printf(&data, "runtime-data=%.*s", SLICE_ARGS(runtime));
  settings[FIELDS] = buffer_slice(&data);
  settings[FIELDS + 1] = SLICE("td-attributes=0");
  settings[FIELDS + 2] = SLICE("xfam=0x618e7");
  settings[FIELDS + 3] = SLICE("tee-tcb-svn=03000600000000000000000000000000");
  evidence_recipe recipe = {
      .type = ATTESTATION_TDX_VM, .settings = settings,
      .setting_count = FIELDS + 4};
  check(t, evidence_make(t->arena, &recipe, &made, &error), "%s",
        error.message ? error.message : "");
  if (error.message || !parse(t, made.raw, &e))
    return;
  check_claims(t, &e, &token);
  check(t, evidence_check_runtime_data(&e, made.runtime_data.data) ==
               BINDING_HOLDS,
        "runtime data");
}

/* A real confidential VM's TDREPORT: both of its hashes hold, runtime data is
 * bound, and it is not verified all the same. */
static void run_hcl(runner *t) {
  slice file, runtime;
  evidence e;
  value wanted;
  json_error error;
  t->sample = "hcl-kinvolk";
  if (!read_sample(t, "hcl_report.bin", &file) ||
      !read_sample(t, "runtime.json", &runtime) ||
      !parse(t, bytes_from_slice(file), &e))
    return;
  check(t,
        verify(t, t->arena, &e, VERIFY_SIGNATURE, NULL) ==
            VERIFICATION_NOT_DONE,
        "%s", e.verification.reason);
  unsigned passed = 0;
  for (const verification_step *s = e.verification.steps; s; s = s->next)
    passed += s->result == STEP_PASSED;
  check(t, passed == 3, "%u steps hold", passed);
  const value *claim = value_member(&e.claims, SLICE("x-ms-runtime"));
  check(t,
        claim && json_read(t->arena, runtime, 0, &wanted, &error) &&
            same_value(t->arena, claim, &wanted),
        "x-ms-runtime");
}

static void run(runner *t) {
  run_sample(t, "v4-azure-2024", JULY_2025);
  run_sample(t, "v4-phala", JULY_2025);
  run_sample(t, "v5-go-tdx", FEBRUARY_2026);
  run_token(t);
  run_hcl(t);
}

int main(void) { return run_conformance("evidence_tdx", "tdx", run); }
