/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/issuers.h"

#include <stdatomic.h>

/* One for every thread that answers, and some for answers on their way out. */
enum { CACHES = 64 };

struct issuers {
  _Atomic(issuer_cache *) spare[CACHES];
};

typedef struct loan {
  issuers *all;
  size_t place;
  issuer_cache *cache;
} loan;

issuers *issuers_open(arena *a) {
  issuers *all = ARENA_NEW(a, issuers);
  for (size_t i = 0; i < CACHES; i++)
    atomic_init(&all->spare[i], issuer_cache_new(a));
  return all;
}

static void give_back(void *object) {
  loan *l = object;
  if (l->cache)
    atomic_store(&l->all->spare[l->place], l->cache);
}

/* The first places are taken first, so that few caches serve most requests and
 * are full soon. */
issuer_cache *issuers_lend(issuers *all, arena *a) {
  loan *l = ARENA_NEW(a, loan);
  l->all = all;
  arena_defer(a, give_back, l); /* before it is taken: this may fail */
  for (size_t i = 0; i < CACHES && !l->cache; i++) {
    l->place = i;
    l->cache = atomic_exchange(&all->spare[i], NULL);
  }
  return l->cache;
}
