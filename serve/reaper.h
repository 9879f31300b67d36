/* SPDX-License-Identifier: Apache-2.0 */
/* Ends connections that do not get on. The HTTP library ends silent ones; a
 * client that sends a byte now and then would hold one of the places for ever.
 * So every phase of a connection (until headers are there; until the request
 * is answered) has a time, and a thread that looks once in a while. */
#ifndef SERVE_REAPER_H
#define SERVE_REAPER_H

#include "base/arena.h"

typedef struct reaper reaper;
typedef struct watched watched;

/* NULL if there is no thread. The reaper lives in the arena, its thread until
 * reaper_stop. */
reaper *reaper_start(arena *a, unsigned seconds);
void reaper_stop(reaper *r);

/* A new connection; NULL if memory ran out. The socket must stay open until
 * reaper_forget, after which it is not touched any more. */
watched *reaper_watch(reaper *r, int socket);
void reaper_forget(reaper *r, watched *w);

/* The connection has got into its next phase. */
void reaper_touch(watched *w);

#endif
