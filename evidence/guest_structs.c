/* SPDX-License-Identifier: Apache-2.0 */
/* Structures that a TPM would make (evidence/tpm_structs.h), for synthetic
 * evidence. */
#include "evidence/guest_log.h"

/* TPM_GENERATED_VALUE: no other data that a TPM signs begins so. */
#define GENERATED UINT32_C(0xff544347)

enum { RSA_KEY_BITS = 2048, QUOTED_PCR_BYTES = 3 };

static void add_number(buffer *out, size_t size, uint64_t number) {
  for (size_t i = size; i-- > 0;)
    buffer_char(out, (char)(number >> (8 * i)));
}

static void add_bytes(buffer *out, bytes data) {
  buffer_add(out, slice_from_bytes(data));
}

static void add_sized(buffer *out, bytes data) {
  add_number(out, 2, data.length);
  add_bytes(out, data);
}

static bytes done(buffer *out) { return bytes_from_slice(buffer_slice(out)); }

bytes tpm2b_public_write(arena *a, uint32_t attributes, uint16_t scheme,
                         bytes modulus) {
  buffer area = buffer_in(a), out = buffer_in(a);
  uint8_t policy[SHA256_BYTES];
  digest_sha256(a, bytes_from_slice(SLICE("maapol test policy")), policy);
  add_number(&area, 2, TPM_ALG_RSA);
  add_number(&area, 2, TPM_ALG_SHA256);
  add_number(&area, 4, attributes);
  add_sized(&area, (bytes){policy, sizeof policy});
  add_number(&area, 2, TPM_ALG_NULL); /* no symmetric algorithm */
  add_number(&area, 2, scheme);
  if (scheme != TPM_ALG_RSAES)
    add_number(&area, 2, TPM_ALG_SHA256);
  add_number(&area, 2, RSA_KEY_BITS);
  add_number(&area, 4, 0); /* 65537 */
  add_sized(&area, modulus);
  add_sized(&out, done(&area));
  return done(&out);
}

/* Everything before the part that depends on the type. */
static void add_head(buffer *out, uint16_t type, bytes signer) {
  add_number(out, 4, GENERATED);
  add_number(out, 2, type);
  add_sized(out, signer);
  add_number(out, 2, 0); /* no extra data, as the client sends it */
  add_number(out, 8, 1121254594);
  add_number(out, 4, 3); /* resets */
  add_number(out, 4, 0);
  add_number(out, 1, 1); /* safe */
  add_number(out, 8, 0x2020031200120000);
}

bytes tpm_quote_write(arena *a, bytes signer, uint32_t mask,
                      const tcg_pcrs *pcrs) {
  buffer out = buffer_in(a), values = buffer_in(a);
  uint8_t hash[SHA256_BYTES];
  add_head(&out, TPM_ATTEST_QUOTE, signer);
  add_number(&out, 4, 1);
  add_number(&out, 2, TPM_ALG_SHA256);
  add_number(&out, 1, QUOTED_PCR_BYTES);
  for (size_t i = 0; i < QUOTED_PCR_BYTES; i++)
    add_number(&out, 1, mask >> (8 * i) & 0xff);
  for (uint32_t i = 0; i < TCG_PCR_COUNT; i++)
    if (mask >> i & 1)
      add_bytes(&values, (bytes){pcrs->values[i], SHA256_BYTES});
  digest_sha256(a, done(&values), hash);
  add_sized(&out, (bytes){hash, sizeof hash});
  return done(&out);
}

bytes tpm_certify_write(arena *a, bytes signer, bytes name) {
  buffer out = buffer_in(a);
  add_head(&out, TPM_ATTEST_CERTIFY, signer);
  add_sized(&out, name);
  add_sized(&out, name); /* the qualified name, of which nobody asks */
  return done(&out);
}
