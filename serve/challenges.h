/* SPDX-License-Identifier: Apache-2.0 */
/* TPM challenges that were answered, so that none counts twice. Who gave them
 * out and when is said by their context (serve/tpm_challenge.h).
 *
 * A fixed number of places, so that no client can make the process grow. Where
 * more are used than there is room for, the oldest are forgotten, and with them
 * every challenge that was given out no later than they: it is refused, since
 * nobody can tell any more whether it was used. */
#ifndef SERVE_CHALLENGES_H
#define SERVE_CHALLENGES_H

#include "base/arena.h"

enum { CHALLENGE_BYTES = 16, CHALLENGE_SECONDS = 600 };

typedef struct challenges challenges;

/* In the arena, and closed with it. */
challenges *challenges_open(arena *a);

/* Whether a challenge that was given out at that time (seconds since the epoch)
 * is used for the first time; from now on it was used. Any thread: of two that
 * ask at the same time one is told no. */
bool challenges_use(challenges *used, const uint8_t challenge[CHALLENGE_BYTES],
                    int64_t given_at);

#endif
