/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence_snp_fixture.h"

snp_sample snp_sample_of(arena *a, const char *const *settings) {
  snp_sample sample = {0};
  certificate_chain chain;
  const char *reason;
  evidence_made made = made_evidence(a, ATTESTATION_SEV_SNP_VM, settings);
  sample.evidence = parsed_evidence(a, ATTESTATION_SEV_SNP_VM, made.raw);
  const snp_evidence *snp = sample.evidence.detail;
  cr_assert(certificate_chain_read(a, snp->certificates, &chain, &reason));
  cr_assert_eq(chain.count, 3u);
  sample.chain = slice_from_bytes(snp->certificates);
  sample.roots.items = ARENA_ARRAY(a, 1, X509 *);
  sample.roots.names = ARENA_ARRAY(a, 1, const char *);
  sample.roots.items[0] = chain.items[2];
  sample.roots.names[0] = "test root";
  sample.roots.count = 1;
  return sample;
}

verification_status snp_verified(arena *a, const snp_sample *sample,
                                 evidence *e, int64_t now) {
  verify_options options = {.level = VERIFY_SIGNATURE,
                            .now = now,
                            .roots = sample->roots,
                            .certificates = bytes_from_slice(sample->chain)};
  evidence_verify(a, e, &options);
  return e->verification.status;
}
