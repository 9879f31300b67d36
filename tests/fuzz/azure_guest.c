/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as attestationInfo of an Azure VM: refused with a place and a
 * reason, or read so that the dumps can be made, and never verified without a
 * root. What is no JSON is an event log, of which facts of the boot are asked.
 */
#include "evidence/guest_info.h"
#include "tests/fuzz/evidence.h"

static void check_guest_dumps(arena *a, const evidence *e) {
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

/* Without the PCR, or the bank, nothing good is said. */
static void check_boot(arena *a, bytes raw) {
  tcg_log log;
  evidence_error error = {0};
  if (!tcg_log_read(a, raw, &log, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  guest_boot boot = guest_boot_read(a, &log, TPM_ALG_SHA256, 0, true);
  HOLDS(!boot.secure_boot && !boot.db_validated && boot.kernel_debug);
  boot = guest_boot_read(a, &log, TPM_ALG_SHA256, 0xffffff, true);
  HOLDS(!boot.default_keys_validated || boot.db_validated);
  guest_boot_read(a, &log, TPM_ALG_SHA1, 0xffffff, false);
}

static void check_guest(arena *a, slice input) {
  evidence_input decoded;
  evidence_error error = {0};
  evidence e;
  if (input.length > 0 && input.data[0] != '{')
    check_boot(a, bytes_from_slice(input));
  if (!evidence_decode(a, input, &decoded, &error)) {
    check_refusal(&error, input.length);
    return;
  }
  if (!evidence_parse(a, ATTESTATION_AZURE_GUEST, decoded.raw, &e, &error)) {
    check_refusal(&error, decoded.raw.length);
    return;
  }
  HOLDS(!evidence_is_verified(&e.verification));
  HOLDS(e.claims.count >= 14 && e.token_claims.count == 0);
  HOLDS(e.report_data.length == 0 && e.init_data.length == 0);
  check_guest_dumps(a, &e);
  check_verification(a, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_guest);
}
