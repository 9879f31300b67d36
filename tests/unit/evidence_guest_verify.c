/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of Azure VMs is verified only if everything in it belongs together.
 */
#include "evidence/guest_log.h"
#include "evidence/snp_report.h"
#include "tests/unit/evidence_guest_fixture.h"

static const char *const no_settings[] = {NULL};
static const char *const trusted_launch[] = {"isolation=TrustedLaunch", NULL};

Test(evidence_guest_verify, honest_evidence_is_verified) {
  static const char *const rows[][4] = {
      {"isolation=TrustedLaunch", NULL},
      {"isolation=TrustedLaunch", "protocol-version=1.0", NULL},
      {"isolation=SevSnp", "signature-scheme=RSAPSS", NULL},
      {"isolation=SevSnp", "os-type=Windows", "elam=true", NULL},
      {"isolation=Tdx", NULL},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, no_settings);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence e = verified_evidence(&f, guest_made(&f, rows[i]));
    cr_expect_eq(e.verification.status, VERIFICATION_SIGNATURE, "%s: %s",
                 rows[i][0], e.verification.reason);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_guest_verify, lies_are_found) {
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
  guest_fixture_start(&f, &a, no_settings);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[] = {rows[i].isolation, rows[i].lie, NULL};
    evidence e = verified_evidence(&f, guest_made(&f, settings));
    cr_expect_eq(e.verification.status, VERIFICATION_FAILED, "%s", rows[i].lie);
    cr_expect_str_eq(failed_step(&e.verification), rows[i].step, "%s",
                     rows[i].lie);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* The root must be given: no other vouches for TPMs of Azure. */
Test(evidence_guest_verify, trusted_launch_needs_its_root) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, trusted_launch);
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
Test(evidence_guest_verify, compliance_stands_with_the_hardware) {
  static const char *const lying[] = {"lie=log", NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  const slice isolation = SLICE("x-ms-isolation-tee");
  slice name = SLICE("x-ms-compliance-status");
  guest_fixture_start(&f, &a, no_settings);
  evidence e = verified_evidence(&f, f.made.raw);
  cr_expect_null(value_member(value_member(&e.claims, isolation), name));
  f.options.compliance = "azure-compliant-cvm";
  e = verified_evidence(&f, f.made.raw);
  const value *status = value_member(value_member(&e.claims, isolation), name);
  cr_expect(status && slice_is(value_string(status), "azure-compliant-cvm"));
  cr_expect_null(value_member(&e.claims, name));
  e = verified_evidence(&f, guest_made(&f, lying));
  cr_expect_null(value_member(value_member(&e.claims, isolation), name));
  e = verified_evidence(&f, guest_made(&f, trusted_launch));
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

Test(evidence_guest_verify, the_tpm_certificate_is_of_this_tpm) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, trusted_launch);
  bytes raw = f.made.raw;
  bytes other = made_evidence(&a, ATTESTATION_AZURE_GUEST, trusted_launch).raw;
  value certificate = guest_taken(&a, other, "TpmInfo", "AikCert");
  expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "AikCert", &certificate),
                "TPM certificate");
  /* The same key, certified for another purpose. */
  bytes confidential = guest_made(&f, no_settings);
  certificate = guest_taken(&a, confidential, "TpmInfo", "AikCert");
  expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "AikCert", &certificate),
                "TPM certificate");
  value rubbish = guest_base64(&a, bytes_from_slice(SLICE("rubbish")));
  expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "AikCert", &rubbish),
                "TPM certificate");
  evidence e =
      verified_evidence(&f, guest_changed(&a, raw, "TpmInfo", "AikCert", NULL));
  cr_expect_eq(e.verification.status, VERIFICATION_NOT_DONE);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* A confidential VM's evidence is not that of a trusted launch VM, and parts
 * of two VMs are not one. */
Test(evidence_guest_verify, parts_of_two_vms_are_not_one) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, no_settings);
  bytes raw = f.made.raw;
  value type = guest_json_text(&a, "{\"Type\":\"TrustedLaunch\"}");
  expect_failed(&f, guest_changed(&a, raw, "", "IsolationInfo", &type),
                "TPM certificate");
  value info = guest_json(&a, raw);
  value foreign = guest_json(
      &a, made_evidence(&a, ATTESTATION_AZURE_GUEST, no_settings).raw);
  const value *own_tpm = guest_member(&info, "TpmInfo");
  const value *tpm = guest_member(&foreign, "TpmInfo");
  expect_failed(&f, guest_changed(&a, raw, "", "TpmInfo", tpm),
                "TPM key in the runtime data");
  value mixed = guest_with(&a, own_tpm, "PcrSignature",
                           guest_member(tpm, "PcrSignature"));
  expect_failed(&f, guest_changed(&a, raw, "", "TpmInfo", &mixed),
                "quote signature");
  mixed = guest_with(&a, own_tpm, "EncKeyCertifyInfoSignature",
                     guest_member(tpm, "EncKeyCertifyInfoSignature"));
  expect_failed(&f, guest_changed(&a, raw, "", "TpmInfo", &mixed),
                "encryption key signature");
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(evidence_guest_verify, quoted_pcrs_are_those_told) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, trusted_launch);
  bytes raw = f.made.raw;
  value set = guest_json_text(&a, "[0,1,2,3,4,5,6]");
  expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "PcrSet", &set),
                "quoted PCRs");
  value pcrs = guest_taken(&a, raw, "TpmInfo", "PCRs");
  pcrs.count--;
  expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "PCRs", &pcrs),
                "quoted PCRs");
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Attributes of AikPub: a key that signs anything signs forged quotes. */
Test(evidence_guest_verify, the_tpm_key_is_restricted) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, trusted_launch);
  bytes raw = f.made.raw;
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, raw);
  const guest_evidence *guest = e.detail;
  static const uint32_t weak[] = {0x00040472, 0x00010472, 0x00050470};
  for (size_t i = 0; i < COUNT_OF(weak); i++) {
    value key = guest_base64(&a, tpm2b_public_write(&a, weak[i], TPM_ALG_RSASSA,
                                                    guest->aik.modulus));
    expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "AikPub", &key),
                  "TPM key");
  }
  value other =
      guest_base64(&a, tpm2b_public_write(&a, 0x00050472, TPM_ALG_RSAPSS,
                                          guest->aik.modulus));
  expect_failed(&f, guest_changed(&a, raw, "TpmInfo", "AikPub", &other),
                "quote signature");
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Of the hardware's report too. */
Test(evidence_guest_verify, any_changed_byte_of_signed_parts_fails) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, no_settings);
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

/* A quote proves digests: neither types nor data that they are not of. */
Test(evidence_guest_verify, the_log_hides_nothing) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  guest_fixture_start(&f, &a, no_settings);
  evidence e = parsed_evidence(&a, ATTESTATION_AZURE_GUEST, f.made.raw);
  const guest_evidence *guest = e.detail;
  size_t i = 0;
  while (guest->log.events[i].pcr != 7)
    i++;
  tcg_event *event = (tcg_event *)(uintptr_t)&guest->log.events[i];
  cr_assert_eq(event->type, EV_EFI_VARIABLE_DRIVER_CONFIG);
  event->type = EV_EFI_ACTION;
  evidence_verify(&a, &e, &f.options);
  cr_expect_str_eq(failed_step(&e.verification), "data of events");
  event->type = EV_EFI_VARIABLE_DRIVER_CONFIG;
  evidence_verify(&a, &e, &f.options);
  cr_expect(evidence_is_verified(&e.verification));
  verify_fixture_end(&f);
  arena_free(&a);
}
