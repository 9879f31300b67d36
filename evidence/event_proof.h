/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the data of an event is what its digest is of. A quote proves the
 * digests and the PCR of an event; its type, and data that is not hashed into
 * a digest, are whatever the sender of the log writes.
 */
#ifndef EVIDENCE_EVENT_PROOF_H
#define EVIDENCE_EVENT_PROOF_H

#include "evidence/tcg_log.h"

typedef enum event_proof_kind {
  PROOF_NONE,     /* the digest is of something else (a file, an image) */
  PROOF_WHOLE,    /* of the data */
  PROOF_VARIABLE, /* of the data of an EFI variable, without its name */
  PROOF_PART      /* of a part of the data, such as GRUB's commands */
} event_proof_kind;

typedef struct event_proof {
  event_proof_kind kind;
  bytes part;    /* what was measured; empty without proof */
} event_proof;

/* Tries what firmware, shim and GRUB are known to hash for events of that
 * type. A part counts if the digests of all banks with a known hash, and at
 * least one, are its hashes. */
event_proof event_prove(arena *a, const tcg_log *log, const tcg_event *event);

/* The rules of event_logs_check (evidence/event_claims.h) for a boot log. */
bool event_check_boot(arena *a, const tcg_log *log, evidence_error *error);

#endif
