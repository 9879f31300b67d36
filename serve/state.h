/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives the process: keys, instances, their signers, and policies with
 * their history, in SQLite. Every function that writes returns after the
 * system has the data on its disk (synchronous=FULL): what was acknowledged
 * survives SIGKILL and power cuts. One thread at a time. */
#ifndef SERVE_STATE_H
#define SERVE_STATE_H

#include "base/arena.h"
#include "compiler/attestation_type.h"

typedef struct state state;

/* Opens DIRECTORY/maapol.sqlite, making directory (mode 0700) and file (0600)
 * if need be; NULL: nothing is kept. Closed with the arena. NULL: *reason says
 * why. A second process on one directory is refused. */
state *state_open(arena *a, const char *directory, const char **reason);

/* Each returns false with *reason (static, or in the state) if SQLite fails.
 */

/* *content is empty if there is none of that name. */
bool state_get_key(state *s, arena *a, const char *name, bytes *content,
                   const char **reason);
bool state_put_key(state *s, const char *name, bytes content,
                   const char **reason);

/* *mode: as it was put; NULL if the instance is new. */
bool state_get_instance(state *s, arena *a, const char *name,
                        const char **mode, const char **reason);
bool state_put_instance(state *s, const char *name, const char *mode,
                        const char **reason);

/* The policy token in force; empty if none was set, or it was reset. */
bool state_get_policy(state *s, arena *a, const char *instance,
                      attestation_type type, slice *token,
                      const char **reason);
/* An empty token resets. Older ones stay in the history. */
bool state_put_policy(state *s, const char *instance, attestation_type type,
                      slice token, int64_t now, const char **reason);

/* DER of the management certificates, in the order in which they came. */
bool state_get_signers(state *s, arena *a, const char *instance, bytes *list,
                       size_t *count, size_t most, const char **reason);
bool state_put_signer(state *s, const char *instance, bytes certificate,
                      const char **reason);
bool state_drop_signer(state *s, const char *instance, bytes certificate,
                       const char **reason);

#endif
