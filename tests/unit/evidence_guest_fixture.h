/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of Azure VMs under an authority of its own, and parts of it that
 * are changed. Results live in the arena; what fails fails the test. */
#ifndef TESTS_UNIT_EVIDENCE_GUEST_FIXTURE_H
#define TESTS_UNIT_EVIDENCE_GUEST_FIXTURE_H

#include "tests/unit/evidence_verify_fixture.h"

/* As verify_fixture_start, but under all certificates of the authority. */
void guest_fixture_start(verify_fixture *f, arena *a,
                         const char *const *settings);

/* Other evidence of the same authority. */
bytes guest_made(const verify_fixture *f, const char *const *settings);

/* JSON there and back. */
value guest_json(arena *a, bytes raw);
value guest_json_text(arena *a, const char *text);
bytes guest_written(arena *a, const value *v);
value guest_base64(arena *a, bytes data);

/* A member that must be there. */
const value *guest_member(const value *object, const char *name);

/* The object with another value, or without the member (NULL). */
value guest_with(arena *a, const value *object, const char *name,
                 const value *v);

/* attestationInfo with a member changed; outer: "" or "TpmInfo" .. */
bytes guest_changed(arena *a, bytes raw, const char *outer, const char *name,
                    const value *v);

/* A member of attestationInfo's member `outer`. */
value guest_taken(arena *a, bytes raw, const char *outer, const char *name);

#endif
