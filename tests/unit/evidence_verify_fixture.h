/* SPDX-License-Identifier: Apache-2.0 */
/* A quote, its authority and collateral for it, all made for one test. */
#ifndef TESTS_UNIT_EVIDENCE_VERIFY_FIXTURE_H
#define TESTS_UNIT_EVIDENCE_VERIFY_FIXTURE_H

#include "evidence/collateral.h"
#include "evidence/test_pki.h"
#include "tests/unit/evidence_fixture.h"

/* 2025-07-01T00:00:00Z */
#define FIXTURE_NOW INT64_C(1751328000)

typedef struct verify_fixture {
  arena *arena;
  char directory[32];
  test_pki pki;
  evidence_made made;
  EVP_PKEY *signer_key;
  X509 *signer; /* of TCB info and QE identity */
  collateral collateral;
  verify_options options; /* at FIXTURE_NOW, under the test root alone */
} verify_fixture;

/* Makes a quote of that type with settings, or fails the test. */
void verify_fixture_start(verify_fixture *f, arena *a, attestation_type type,
                          const char *const *settings);
void verify_fixture_end(verify_fixture *f);

/* Parses raw and verifies it with the fixture's options. */
evidence verified_evidence(const verify_fixture *f, bytes raw);

/* The step that failed, "" if none did. */
const char *failed_step(const evidence_verification *v);

/* Gives the options collateral that accepts the quote. */
void verify_fixture_add_collateral(verify_fixture *f);

/* The signed documents again, with the first `from` in the text before it is
 * signed replaced by `to`. */
slice fixture_tcb_info(verify_fixture *f, const char *from, const char *to);
slice fixture_qe_identity(verify_fixture *f, const char *from, const char *to);

/* A list of what `issuer` revoked, from and to as ASN.1 times. */
bytes fixture_crl(verify_fixture *f, X509 *issuer, EVP_PKEY *key,
                  const char *from, const char *to, const X509 *revoked);

/* A certificate for signing TCB info, and the chain file with it. */
X509 *fixture_certify(verify_fixture *f, X509 *issuer, EVP_PKEY *issuer_key,
                      const char *name, EVP_PKEY *key);
slice fixture_chain(verify_fixture *f, X509 *leaf, X509 *issuer);

#endif
