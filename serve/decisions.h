/* SPDX-License-Identifier: Apache-2.0 */
/* The last decisions of an instance, for its status page: what was decided and
 * why, never the evidence. A fixed number of places of a fixed size, so that
 * no client can make the process grow. */
#ifndef SERVE_DECISIONS_H
#define SERVE_DECISIONS_H

#include <pthread.h>

#include "token/attest.h"

enum {
  DECISIONS_KEPT = 32,
  DECISION_BYTES = 2000 /* of a text; a rule and what it lacked have 300 */
};

typedef struct decision_record {
  int64_t time; /* seconds since the epoch */
  attestation_type type;
  attest_outcome outcome;
  bool is_draft;    /* decided by the request's own policy */
  bool is_verified; /* the evidence */
  const char *code; /* of the refusal, static; NULL: permitted */
  size_t length;
  char text[DECISION_BYTES]; /* lines: the reason, then what stands behind it */
} decision_record;

typedef struct decision_ring {
  pthread_mutex_t lock;
  decision_record records[DECISIONS_KEPT];
  size_t next, count;
} decision_ring;

/* In the arena, and closed with it. */
decision_ring *decisions_open(arena *a);

/* Keeps what came of a request; the oldest makes room. Any thread. Scratch
 * space comes from the arena. */
void decisions_add(decision_ring *ring, arena *a, int64_t now,
                   const attest_request *request, const attest_result *result);

/* A copy in the arena, the latest first; returns their number. */
size_t decisions_list(decision_ring *ring, arena *a,
                      const decision_record **list);

/* The reason and what stands behind it, in lines. Control characters of
 * claims and policies are escaped. */
slice decision_text(arena *a, const attest_result *result);

#endif
