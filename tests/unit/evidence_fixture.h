/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence for tests, made by this project. */
#ifndef TESTS_UNIT_EVIDENCE_FIXTURE_H
#define TESTS_UNIT_EVIDENCE_FIXTURE_H

#include "base/limits.h"
#include "evidence/make.h"
#include "tests/unit/unit.h"

/* Room for chains, dumps and keys, also with tiny limits. */
#define EVIDENCE_ARENA ((size_t)64 << 20)

/* Makes evidence with settings ("a=1", .., NULL ends them); fails the test if
 * that fails. */
evidence_made made_evidence(arena *a, attestation_type type,
                            const char *const *settings);

/* A copy that may be changed. */
uint8_t *copied(arena *a, bytes data);

/* Parses; fails the test if the evidence is refused. */
evidence parsed_evidence(arena *a, attestation_type type, bytes raw);

#endif
