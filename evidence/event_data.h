/* SPDX-License-Identifier: Apache-2.0 */
/* The data of an event of a boot log, by the event's type. */
#ifndef EVIDENCE_EVENT_DATA_H
#define EVIDENCE_EVENT_DATA_H

#include "base/value.h"
#include "evidence/event_proof.h"

/* An object: what data is, for an event of that type; {"RawData": BASE64URL}
 * where it has another form or none is known. */
value event_data(arena *a, uint32_t type, bytes data);

/* The same of what an event's digest proves: without a proof, {}. */
value event_proven_data(arena *a, const tcg_event *event,
                        const event_proof *proof);

#endif
