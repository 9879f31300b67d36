/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a TDX quote: refused with a place and a reason, or read so that
 * the dumps can be made, and never verified without a root. */
#include "evidence/tdx_quote.h"
#include "evidence/verify.h"
#include "tests/fuzz/evidence.h"

static void check_verification(arena *a, evidence *e) {
  verify_options options = {.level = VERIFY_FULL, .now = 1750000000};
  evidence_verify(a, e, &options);
  HOLDS(!evidence_is_verified(&e->verification));
  HOLDS(e->verification.reason && e->verification.reason[0]);
}

static void check_quote(arena *a, slice input) {
  evidence_input decoded;
  evidence_error error = {0};
  evidence e;
  if (!evidence_decode(a, input, &decoded, &error)) {
    check_refusal(&error, input.length);
    return;
  }
  if (!evidence_parse(a, ATTESTATION_TDX_VM, decoded.raw, &e, &error)) {
    check_refusal(&error, decoded.raw.length);
    return;
  }
  const tdx_quote *quote = e.detail;
  const sgx_signature *s = &quote->signature;
  bytes parts[] = {quote->all,         quote->body,       quote->descriptor,
                   quote->signed_part, quote->trailing,   s->signature,
                   s->attestation_key, s->qe_report,      s->auth_data,
                   e.report_data,      e.init_data,
                   s->qe_report_signature, s->certification_data};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    HOLDS(lies_inside(parts[i], e.raw));
  HOLDS(e.report_data.length == 64 && e.init_data.length == 32);
  HOLDS(e.claims.count == 25 && e.token_claims.count == 0);
  HOLDS(!evidence_is_verified(&e.verification));
  check_dumps(a, &e);
  check_verification(a, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_quote);
}
