/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as each structure of a TPM: refused with a place and a reason, or
 * read so that every part lies inside. */
#include "evidence/tpm_structs.h"
#include "tests/fuzz/evidence.h"

static void check_parts(const bytes *parts, size_t count, bytes raw) {
  for (size_t i = 0; i < count; i++)
    HOLDS(lies_inside(parts[i], raw));
}

static void check_attest(arena *a, bytes raw) {
  tpm_attest attest;
  evidence_error error = {0};
  if (!tpm_attest_read(a, raw, &attest, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  bool quote = attest.type == TPM_ATTEST_QUOTE;
  bytes parts[] = {attest.qualified_signer, attest.extra_data,
                   attest.pcr_digest, attest.name, attest.qualified_name};
  check_parts(parts, sizeof parts / sizeof *parts, raw);
  HOLDS(quote || attest.type == TPM_ATTEST_CERTIFY);
  HOLDS(attest.selection_count <= (quote ? TPM_SELECTIONS_MAX : 0));
}

static void check_key(arena *a, bytes raw, bool sized) {
  tpm_public key;
  evidence_error error = {0};
  if (!(sized ? tpm2b_public_read : tpm_public_read)(a, raw, &key, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  bytes name, parts[] = {key.area, key.auth_policy, key.modulus, key.x, key.y};
  check_parts(parts, sizeof parts / sizeof *parts, raw);
  HOLDS(key.area.length + (sized ? 2 : 0) == raw.length);
  HOLDS((key.type == TPM_ALG_RSA) == (key.modulus.length > 0));
  HOLDS((key.type == TPM_ALG_ECC) == (key.x.length > 0 && key.y.length > 0));
  if (tpm_public_name(a, &key, &name))
    HOLDS(name.length > 2 && name.length <= 2 + DIGEST_BYTES_MAX);
}

static void check_signature(arena *a, bytes raw) {
  tpm_signature signature;
  evidence_error error = {0};
  if (!tpm_signature_read(a, raw, &signature, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  bytes parts[] = {signature.rsa, signature.r, signature.s};
  check_parts(parts, sizeof parts / sizeof *parts, raw);
}

static void check_structures(arena *a, slice input) {
  bytes raw = bytes_from_slice(input);
  check_attest(a, raw);
  check_key(a, raw, false);
  check_key(a, raw, true);
  check_signature(a, raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_structures);
}
