/* SPDX-License-Identifier: Apache-2.0 */
/* Real SNP and HCL reports: their claims against recorded tokens and against
 * claims computed independently, their signatures up to the built-in roots,
 * and every byte of a signed region changed. */
#include <openssl/x509.h>

#include "base/base64.h"
#include "evidence/cose_sign1.h"
#include "evidence/decode.h"
#include "evidence/snp_report.h"
#include "tests/conformance/shared/runner.h"

/* 1 November 2026: when every certificate of the samples but the endorsement's
 * was valid. */
#define NOVEMBER_2026 INT64_C(1793491200)

static bool parse(runner *t, bytes raw, evidence *e) {
  evidence_error error = {0};
  check(t, evidence_detect(raw) == ATTESTATION_SEV_SNP_VM, "not detected");
  bool good = evidence_parse(t->arena, ATTESTATION_SEV_SNP_VM, raw, e, &error);
  check(t, good, "%s at %zu", good ? "" : error.message, error.offset);
  return good;
}

static verification_status verify(runner *t, evidence *e, slice certificates,
                                  trust_roots roots) {
  verify_options options = {.level = VERIFY_SIGNATURE,
                            .now = NOVEMBER_2026,
                            .roots = roots,
                            .certificates = bytes_from_slice(certificates)};
  evidence_verify(t->arena, e, &options);
  return e->verification.status;
}

static void check_verified(runner *t, evidence *e, slice certificates,
                           trust_roots roots) {
  bool good = verify(t, e, certificates, roots) == VERIFICATION_SIGNATURE;
  check(t, good, "not verified: %s",
        e->verification.reason ? e->verification.reason : "");
}

/* --- claims --------------------------------------------------------------- */

static bool is_ours(slice name) {
  return slice_starts_with(name, "x-ms-sevsnpvm-") ||
         slice_is(name, "x-ms-attestation-type") ||
         slice_is(name, "x-ms-runtime") ||
         slice_is(name, "x-ms-compliance-status");
}

static void check_claims(runner *t, const evidence *e, const value *expected) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < expected->count; i++) {
    slice name = member_name(&expected->members[i]);
    const value *ours = value_member(&e->claims, name);
    if (!is_ours(name))
      continue;
    count++;
    check(t, ours && value_equal(t->arena, ours, &expected->members[i].value),
          "claim %.*s", SLICE_ARGS(name));
  }
  check(t, count == e->claims.count, "%u claims, but %u are expected",
        (unsigned)e->claims.count, (unsigned)count);
}

/* Fields that another implementation read. */
static void check_fields(runner *t, const evidence *e, const value *expected) {
  static const struct {
    const char *name;
    snp_field field;
  } rows[] = {{"current_tcb", SNP_CURRENT_TCB},
              {"reported_tcb", SNP_REPORTED_TCB},
              {"committed_tcb", SNP_COMMITTED_TCB},
              {"launch_tcb", SNP_LAUNCH_TCB},
              {"chip_id", SNP_CHIP_ID}};
  const snp_evidence *snp = e->detail;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    buffer hex = buffer_in(t->arena);
    buffer_hex(&hex, snp_bytes(snp->report, rows[i].field));
    const value *v = value_member(expected, slice_from(rows[i].name));
    check(t, v && slice_equal(value_string(v), buffer_slice(&hex)), "%s",
          rows[i].name);
  }
  const value *version = value_member(expected, SLICE("report_version"));
  check(t,
        version &&
            version->integer == (int64_t)snp_number(snp->report, SNP_VERSION),
        "version");
}

/* --- bare reports --------------------------------------------------------- */

static void check_changes(runner *t, const evidence *e, slice certificates,
                          trust_roots roots) {
  const snp_evidence *snp = e->detail;
  uint8_t report[SNP_REPORT_BYTES];
  unsigned undetected = 0;
  memcpy(report, snp->report.data, sizeof report);
  for (size_t i = 0; i < SNP_SIGNED_BYTES + 2 * SNP_NUMBER_BYTES; i++) {
    evidence changed;
    evidence_error error;
    report[i] ^= 0x40;
    if (evidence_parse(t->arena, ATTESTATION_SEV_SNP_VM,
                       (bytes){report, sizeof report}, &changed, &error) &&
        verify(t, &changed, certificates, roots) != VERIFICATION_FAILED)
      undetected++;
    report[i] ^= 0x40;
  }
  check(t, undetected == 0, "%u changed bytes pass", undetected);
}

static void run_report(runner *t, const char *sample, trust_roots roots,
                       bool change) {
  slice report, certificates;
  value expected;
  evidence e;
  t->sample = sample;
  if (!read_sample(t, "report.bin", &report) ||
      !read_sample(t, "vcek_chain.pem", &certificates) ||
      !parse(t, bytes_from_slice(report), &e)) {
    check(t, false, "report.bin and vcek_chain.pem cannot be used");
    return;
  }
  verify(t, &e, certificates, (trust_roots){0});
  check(t, !evidence_is_verified(&e.verification), "verified without a root");
  verify(t, &e, SLICE_EMPTY, roots);
  check(t, !evidence_is_verified(&e.verification), "verified without VCEK");
  check_verified(t, &e, certificates, roots);
  if (read_sample_json(t, "expected.claims.json", &expected))
    check_claims(t, &e, &expected);
  if (read_sample_json(t, "token.claims.json", &expected))
    check_claims(t, &e, &expected);
  if (read_sample_json(t, "expected.verification.json", &expected))
    check_fields(t, &e, &expected);
  if (change)
    check_changes(t, &e, certificates, roots);
}

/* The recorded request, which brings its certificates along. */
static void run_request(runner *t, trust_roots roots) {
  slice body;
  value expected;
  evidence_input input;
  evidence_error error;
  evidence e;
  t->sample = "maa-azsamples-2025";
  bool good = read_sample(t, "request.json", &body) &&
              evidence_decode(t->arena, body, &input, &error);
  check(t, good, "request.json");
  if (!good || !parse(t, input.raw, &e))
    return;
  check_verified(t, &e, SLICE_EMPTY, roots);
  check(t, read_sample_json(t, "token.claims.json", &expected),
        "token.claims.json");
  check_claims(t, &e, &expected);
}

/* --- confidential containers ---------------------------------------------- */

static value text_of(runner *t, bytes data) {
  buffer text = buffer_in(t->arena);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static value encoded_object(runner *t, const char *name, value v) {
  object_builder object = object_in(t->arena);
  object_set(&object, slice_from(name), v);
  value whole = object_value(&object);
  buffer text = buffer_in(t->arena);
  json_write(&text, &whole);
  return text_of(t, bytes_from_slice(buffer_slice(&text)));
}

static bytes shell(runner *t, slice report, slice chain, bytes endorsement) {
  array_builder list = array_in(t->arena);
  array_add(&list, text_of(t, endorsement));
  object_builder object = object_in(t->arena);
  object_set(&object, SLICE("SnpReport"), text_of(t, bytes_from_slice(report)));
  object_set(&object, SLICE("VcekCertChain"),
             text_of(t, bytes_from_slice(chain)));
  object_set(&object, SLICE("Endorsements"),
             encoded_object(t, "Uvm", array_value(&list)));
  value whole = object_value(&object);
  buffer text = buffer_in(t->arena);
  buffer_text(&text, "\xef\xbb\xbf"); /* as a recorded one has */
  json_write(&text, &whole);
  return bytes_from_slice(buffer_slice(&text));
}

/* What is signed: protected header, payload and signature. */
static bool is_signed(const cose_sign1 *m, const uint8_t *at) {
  const bytes parts[] = {m->protected_header, m->payload, m->signature};
  for (size_t i = 0; i < 3; i++)
    if (at >= parts[i].data && at < parts[i].data + parts[i].length)
      return true;
  return false;
}

static void check_endorsement_changes(runner *t, slice report, slice chain,
                                      slice uvm, trust_roots roots) {
  cose_sign1 message;
  evidence_error error;
  byte_reader r =
      reader_over(t->arena, bytes_from_slice(uvm), "endorsement", &error);
  check(t, cose_sign1_read(&r, &message), "endorsement");
  char *copy = arena_string(t->arena, uvm);
  unsigned undetected = 0;
  for (size_t i = 0; i < uvm.length; i += 29) {
    evidence e;
    if (!is_signed(&message, (const uint8_t *)uvm.data + i))
      continue;
    copy[i] ^= 0x40;
    bytes raw = shell(t, report, chain, (bytes){(uint8_t *)copy, uvm.length});
    if (evidence_parse(t->arena, ATTESTATION_SEV_SNP_VM, raw, &e, &error) &&
        (verify(t, &e, SLICE_EMPTY, roots),
         evidence_is_verified(&e.verification)))
      undetected++;
    copy[i] ^= 0x40;
  }
  check(t, undetected == 0, "%u changed bytes of the endorsement pass",
        undetected);
}

static void check_container(runner *t, slice report, slice chain, slice uvm,
                            trust_roots roots) {
  slice policy, preimage;
  evidence e;
  if (!parse(t, shell(t, report, chain, bytes_from_slice(uvm)), &e))
    return;
  const value *status =
      value_member(&e.claims, SLICE("x-ms-compliance-status"));
  check(t, !status, "compliant before it is verified");
  check_verified(t, &e, SLICE_EMPTY, roots);
  status = value_member(&e.claims, SLICE("x-ms-compliance-status"));
  check(t, status && slice_is(value_string(status), "azure-compliant-uvm"),
        "compliance");
  check(t,
        read_sample(t, "inittime_policy.bin", &policy) &&
            evidence_check_init_data(&e, bytes_from_slice(policy)) ==
                BINDING_HOLDS,
        "the init-time data is not bound");
  check(t,
        read_sample(t, "report_data_preimage.bin", &preimage) &&
            evidence_check_runtime_data(&e, bytes_from_slice(preimage)) ==
                BINDING_HOLDS,
        "the runtime data is not bound");
}

static void run_container(runner *t, trust_roots roots) {
  slice report, chain, uvm, other;
  evidence e;
  t->sample = "caci-jiazhang";
  if (!read_sample(t, "report.bin", &report) ||
      !read_sample(t, "vcek_chain.pem", &chain) ||
      !read_sample(t, "uvm.cose", &uvm)) {
    check(t, false, "files");
    return;
  }
  check_container(t, report, chain, uvm, roots);
  check_endorsement_changes(t, report, chain, uvm, roots);
  t->sample = "maa-azsamples-2025";
  check(t, read_sample(t, "report.bin", &other), "report.bin");
  check(t, read_sample(t, "vcek_chain.pem", &chain), "vcek_chain.pem");
  if (parse(t, shell(t, other, chain, bytes_from_slice(uvm)), &e))
    check(t, verify(t, &e, SLICE_EMPTY, roots) == VERIFICATION_FAILED,
          "verified with an endorsement of another measurement");
}

/* --- confidential VMs ----------------------------------------------------- */

/* Its certificates are another chip's. */
static void run_other_chip(runner *t, trust_roots roots) {
  slice report, certificates;
  value expected;
  evidence e;
  t->sample = "hcl-kinvolk-2023";
  if (!read_sample(t, "hcl_report.bin", &report) ||
      !read_sample(t, "certs.pem", &certificates) ||
      !parse(t, bytes_from_slice(report), &e)) {
    check(t, false, "files");
    return;
  }
  check(t, read_sample_json(t, "expected.claims.json", &expected),
        "expectation");
  check_claims(t, &e, &expected);
  check(t, verify(t, &e, certificates, roots) == VERIFICATION_FAILED,
        "verified with the VCEK of another chip");
  check(t,
        e.verification.reason &&
            strstr(e.verification.reason, "report signature"),
        "failed elsewhere: %s", e.verification.reason);
}

static slice text_member(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

static void run_vtpm(runner *t, trust_roots roots) {
  value sample;
  slice ask = SLICE_EMPTY;
  bytes report, vcek;
  evidence e;
  t->sample = "azure-vtpm";
  bool good = read_sample_json(t, "evidence-v2.json", &sample) &&
              read_sample(t, "../../roots/amd/milan_ask.pem", &ask) &&
              base64_decode(t->arena, text_member(&sample, "hcl_report"),
                            BASE64_EITHER, &report) &&
              base64_decode(t->arena, text_member(&sample, "vcek"),
                            BASE64_EITHER, &vcek);
  check(t, good, "files");
  if (!good || !parse(t, report, &e))
    return;
  buffer chain = buffer_in(t->arena);
  const unsigned char *at = vcek.data;
  certificate_write(
      &chain,
      certificate_keep(t->arena, d2i_X509(NULL, &at, (long)vcek.length)));
  verify(t, &e, buffer_slice(&chain), roots);
  check(t, !evidence_is_verified(&e.verification), "verified without ASK");
  buffer_add(&chain, ask);
  check_verified(t, &e, buffer_slice(&chain), roots);
  check(t, value_member(&e.claims, SLICE("x-ms-runtime")) != NULL,
        "no runtime data");
}

static void run(runner *t) {
  slice first;
  t->sample = "maa-azsamples-2025";
  if (!read_sample(t, "report.bin", &first))
    return;
  trust_roots roots = roots_builtin(t->arena);
  run_report(t, "maa-azsamples-2025", roots, true);
  run_report(t, "caci-jiazhang", roots, false);
  run_report(t, "raw-milan-v3", roots, false);
  run_report(t, "raw-genoa-v3", roots, false);
  run_report(t, "raw-turin-v5", roots, true);
  run_request(t, roots);
  run_container(t, roots);
  run_other_chip(t, roots);
  run_vtpm(t, roots);
}

int main(void) { return run_conformance("evidence_snp", "sevsnp", run); }
