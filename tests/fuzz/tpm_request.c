/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a request message of TPM attestation: refused with a reason, or
 * read so that claims and dumps can be made, and never verified without a root.
 */
#include "evidence/tpm_request.h"
#include "tests/fuzz/evidence.h"

static void check_shown(arena *a, const evidence *e) {
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

static void check_request(arena *a, slice input) {
  evidence e;
  evidence_error error = {0};
  bytes raw = bytes_from_slice(input);
  (void)tpm_request_detect(raw);
  if (!evidence_parse(a, ATTESTATION_TPM, raw, &e, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  const value *validated = value_member(&e.claims, SLICE("aikValidated"));
  HOLDS(validated && !validated->boolean);
  HOLDS(!evidence_is_verified(&e.verification));
  check_shown(a, &e);
  /* Whatever the policy waives, nobody signed what the fuzzer wrote. */
  verify_options options = {.level = VERIFY_SIGNATURE, .now = 1750000000};
  evidence_verify(a, &e, &options);
  HOLDS(!evidence_is_verified(&e.verification));
  HOLDS(e.verification.reason && e.verification.reason[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_request);
}
