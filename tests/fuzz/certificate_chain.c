/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as certificates, in PEM and as the x5c of a header. Nobody trusts
 * them, so that no chain holds. */
#include "base/base64.h"
#include "evidence/verify.h"
#include "sign/jwk.h"
#include "tests/fuzz/fuzz.h"

static void check_path(arena *a, const certificate_chain *chain) {
  verify_options options = {.level = VERIFY_SIGNATURE, .now = 1700000000};
  verifier v = {.arena = a, .options = &options};
  v.end = &v.first;
  HOLDS(!verify_chain(&v, chain->items, chain->count, "chain", NULL));
  HOLDS(v.first && v.first->result != STEP_PASSED);
  for (size_t i = 0; i < chain->count; i++) {
    HOLDS(certificate_subject(a, chain->items[i]).data);
    certificate_not_before(a, chain->items[i]);
    certificate_serial(a, chain->items[i]);
    certificate_extension(chain->items[i], "1.3.6.1.4.1.311.105.1");
  }
}

static void check_chain(arena *a, slice input) {
  certificate_chain chain;
  const char *reason;
  bytes data = bytes_from_slice(input);
  if (certificate_chain_read(a, data, &chain, &reason))
    check_path(a, &chain);
  buffer text = buffer_in(a);
  base64_encode(&text, data);
  X509 *one = jwk_certificate(a, buffer_slice(&text));
  if (one)
    check_path(a, &(certificate_chain){.items = {one}, .count = 1});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_chain);
}
