/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as SNP evidence in each of its forms: refused with a place and a
 * reason, or read so that the dumps can be made, and never verified without a
 * root. */
#include "evidence/snp_report.h"
#include "evidence/verify.h"
#include "tests/fuzz/evidence.h"

/* Runtime data of an HCL report is JSON, with any letters; what a terminal
 * obeys is escaped all the same. */
static void check_snp_dumps(arena *a, const evidence *e) {
  buffer text = buffer_in(a), json = buffer_in(a);
  evidence_show_text(&text, e);
  slice shown = buffer_slice(&text);
  for (size_t i = 0; i < shown.length; i++)
    HOLDS(shown.data[i] == '\n' || (unsigned char)shown.data[i] >= ' ');
  value dump = evidence_show(a, e), again;
  json_error error;
  json_write(&json, &dump);
  HOLDS(json_read(a, buffer_slice(&json), 0, &again, &error) ||
        error.is_refused);
}

static void check_verification(arena *a, evidence *e) {
  verify_options options = {.level = VERIFY_SIGNATURE, .now = 1750000000};
  evidence_verify(a, e, &options);
  HOLDS(!evidence_is_verified(&e->verification));
  HOLDS(e->verification.reason && e->verification.reason[0]);
}

static void check_report(arena *a, slice input) {
  evidence_input decoded;
  evidence_error error = {0};
  evidence e;
  if (!evidence_decode(a, input, &decoded, &error)) {
    check_refusal(&error, input.length);
    return;
  }
  if (!evidence_parse(a, ATTESTATION_SEV_SNP_VM, decoded.raw, &e, &error)) {
    check_refusal(&error, decoded.raw.length);
    return;
  }
  HOLDS(!evidence_is_verified(&e.verification));
  HOLDS(e.report_data.length == 64 && e.init_data.length == 32);
  HOLDS(e.claims.count >= 18 && e.token_claims.count == 0);
  check_snp_dumps(a, &e);
  check_verification(a, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_report);
}
