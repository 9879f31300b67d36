/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of verified issuers (evidence/issuer_cache.h), one for each request
 * that is verified at a time: a cache is for one thread. */
#ifndef SERVE_ISSUERS_H
#define SERVE_ISSUERS_H

#include "evidence/issuer_cache.h"

typedef struct issuers issuers;

/* In the arena, which must outlive all that is lent. */
issuers *issuers_open(arena *a);

/* A cache, lent until the arena is reset; NULL if all are lent: then nothing
 * is remembered. Any thread. */
issuer_cache *issuers_lend(issuers *all, arena *a);

#endif
