/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the JSON that the service makes of a machine's logs: the claims
 * `events`, `bootEvents` and `pcrs`. Source: docs/evidence-tpm.md. */
#ifndef COMPILER_EVENT_FIELDS_H
#define COMPILER_EVENT_FIELDS_H

#include "base/value.h"

/* What an object is that has the member. */
typedef enum event_parent {
  EVENT_PARENT_ANY,    /* not known */
  EVENT_PARENT_LOG,    /* the claim `events` or `bootEvents` itself */
  EVENT_PARENT_PCRS,   /* the claim `pcrs` itself */
  EVENT_PARENT_EVENT,  /* an item of Events */
  EVENT_PARENT_DATA,   /* ProcessedData */
  EVENT_PARENT_PCR,    /* an item of PCRs */
  EVENT_PARENT_DIGESTS,
  EVENT_PARENT_VALUE,  /* EVENT_BITLOCKER_UNLOCK and the like */
  EVENT_PARENT_OTHER   /* anything else: nothing is known of its members */
} event_parent;

typedef struct event_field {
  const char *name;
  uint8_t parent; /* event_parent */
  uint8_t kind;   /* value_kind */
  uint8_t child;  /* event_parent of what is in it; OTHER: it has no members */
  bool is_judged; /* lint says so if it is compared with another kind */
  const char *meaning;
} event_field;

/* Ends with a NULL name. */
extern const event_field event_fields[];

/* The first row of that name below the parent (any for ANY), or NULL. */
const event_field *event_field_find(slice name, event_parent parent);

#endif
