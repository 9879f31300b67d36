/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/reaper.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"
#include "serve/http.h"

struct watched {
  watched *next, **link; /* in the list */
  int socket;
  _Atomic int64_t since_us;
};

struct reaper {
  pthread_t thread;
  pthread_mutex_t lock; /* of all below */
  pthread_cond_t stopping;
  bool is_stopping;
  watched *first;
  int64_t limit_us;
};

enum { ROUNDS = 4 }; /* looks within one limit: at most a fourth too late */

/* The library closes the socket once it sees that its peer is gone. Under the
 * lock, so that the number is still that of the connection. */
static void end_stale(reaper *r) {
  int64_t oldest = http_clock_us() - r->limit_us;
  for (watched *w = r->first; w; w = w->next)
    if (atomic_load(&w->since_us) < oldest)
      shutdown(w->socket, SHUT_RDWR);
}

static struct timespec next_round(const reaper *r) {
  struct timespec when;
  clock_gettime(CLOCK_MONOTONIC, &when);
  int64_t ns = when.tv_nsec + r->limit_us / ROUNDS * 1000;
  when.tv_sec += (time_t)(ns / 1000000000);
  when.tv_nsec = (long)(ns % 1000000000);
  return when;
}

static void *run(void *context) {
  reaper *r = context;
  pthread_mutex_lock(&r->lock);
  while (!r->is_stopping) {
    struct timespec when = next_round(r);
    if (pthread_cond_timedwait(&r->stopping, &r->lock, &when) == ETIMEDOUT)
      end_stale(r);
  }
  pthread_mutex_unlock(&r->lock);
  return NULL;
}

static void make_condition(reaper *r) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&r->stopping, &attributes);
  pthread_condattr_destroy(&attributes);
}

static void destroy(reaper *r) {
  pthread_cond_destroy(&r->stopping);
  pthread_mutex_destroy(&r->lock);
}

reaper *reaper_start(arena *a, unsigned seconds) {
  reaper *r = ARENA_NEW(a, reaper);
  r->limit_us = (int64_t)seconds * 1000000;
  pthread_mutex_init(&r->lock, NULL);
  make_condition(r);
  if (pthread_create(&r->thread, NULL, run, r) == 0)
    return r;
  destroy(r);
  return NULL;
}

void reaper_stop(reaper *r) {
  pthread_mutex_lock(&r->lock);
  r->is_stopping = true;
  pthread_cond_signal(&r->stopping);
  pthread_mutex_unlock(&r->lock);
  pthread_join(r->thread, NULL);
  destroy(r);
}

watched *reaper_watch(reaper *r, int socket) {
  watched *w = memory_alloc(sizeof *w);
  if (!w)
    return NULL;
  w->socket = socket;
  atomic_init(&w->since_us, http_clock_us());
  pthread_mutex_lock(&r->lock);
  w->next = r->first;
  w->link = &r->first;
  if (r->first)
    r->first->link = &w->next;
  r->first = w;
  pthread_mutex_unlock(&r->lock);
  return w;
}

void reaper_forget(reaper *r, watched *w) {
  pthread_mutex_lock(&r->lock);
  *w->link = w->next;
  if (w->next)
    w->next->link = w->link;
  pthread_mutex_unlock(&r->lock);
  memory_free(w);
}

void reaper_touch(watched *w) { atomic_store(&w->since_us, http_clock_us()); }
