/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic SNP evidence and the root that it is signed under. */
#ifndef TESTS_UNIT_EVIDENCE_SNP_FIXTURE_H
#define TESTS_UNIT_EVIDENCE_SNP_FIXTURE_H

#include "evidence/certificate.h"
#include "evidence/snp_report.h"
#include "tests/unit/evidence_fixture.h"

enum { SNP_NOW = 1750000000 };

typedef struct snp_sample {
  evidence evidence;
  slice chain;       /* PEM: leaf, intermediate, root */
  trust_roots roots; /* the test root alone */
} snp_sample;

/* Makes evidence of the service's form with settings and parses it. */
snp_sample snp_sample_of(arena *a, const char *const *settings);

/* Verifies signatures at a time with the sample's root. */
verification_status snp_verified(arena *a, const snp_sample *sample,
                                 evidence *e, int64_t now);

#endif
