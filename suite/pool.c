/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/pool.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"

typedef struct pool {
  suite_job *job;
  void *context;
  size_t count;
  atomic_size_t next;
} pool;

typedef struct worker {
  pool *pool;
  arena keep;
  pthread_t thread;
} worker;

static void run_one(worker *w, size_t index) {
  arena scratch;
  jmp_buf failure;
  arena_init(&scratch, LIMIT_ARENA_BYTES);
  w->keep.guard = &failure;
  if (!ARENA_GUARD(&scratch, failure))
    w->pool->job(w->pool->context, index, &scratch, &w->keep);
  arena_free(&scratch);
}

static void *work(void *argument) {
  worker *w = argument;
  for (;;) {
    size_t index = atomic_fetch_add(&w->pool->next, 1);
    if (index >= w->pool->count)
      return NULL;
    run_one(w, index);
  }
}

static void free_keep(void *keep) { arena_free(keep); }

void suite_pool_run(arena *a, size_t threads, size_t count, suite_job *job,
                    void *context) {
  pool *p = ARENA_NEW(a, pool);
  p->job = job;
  p->context = context;
  p->count = count;
  if (threads > count)
    threads = count;
  if (threads > LIMIT_JOBS)
    threads = LIMIT_JOBS;
  worker *workers = ARENA_ARRAY(a, threads + 1, worker);
  for (size_t i = 0; i <= threads; i++) {
    workers[i] = (worker){.pool = p};
    arena_init(&workers[i].keep, LIMIT_ARENA_BYTES);
    arena_defer(a, free_keep, &workers[i].keep);
  }
  /* No allocation, hence no jump, between start and end of the threads. */
  size_t started = 1;
  while (started < threads &&
         pthread_create(&workers[started].thread, NULL, work,
                        &workers[started]) == 0)
    started++;
  work(&workers[0]);
  for (size_t i = 1; i < started; i++)
    pthread_join(workers[i].thread, NULL);
}
