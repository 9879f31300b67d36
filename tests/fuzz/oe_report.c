/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an Open Enclave report, in each of its forms. */
#include "tests/fuzz/evidence.h"

static void check_report(arena *a, slice input) {
  check_evidence(a, ATTESTATION_OPEN_ENCLAVE, input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_report);
}
