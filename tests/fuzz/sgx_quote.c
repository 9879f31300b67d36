/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an SGX quote. */
#include "tests/fuzz/evidence.h"

static void check_quote(arena *a, slice input) {
  check_evidence(a, ATTESTATION_SGX_ENCLAVE, input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_quote);
}
