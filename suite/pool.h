/* SPDX-License-Identifier: Apache-2.0 */
/* The same job for many indexes, on several threads. */
#ifndef SUITE_POOL_H
#define SUITE_POOL_H

#include "base/arena.h"

/* One job. scratch is emptied behind it; what shall stay goes into keep, which
 * lives as long as the arena that the pool was given. A job that runs out of
 * memory ends there: its result must say so unless the job overwrites that.
 * Jobs write to nothing that other jobs read. */
typedef void suite_job(void *context, size_t index, arena *scratch,
                       arena *keep);

/* Runs job for 0 to count - 1 on up to `threads` threads, this one among them;
 * fewer if the system gives no more. Returns when all are done. */
void suite_pool_run(arena *a, size_t threads, size_t count, suite_job *job,
                    void *context);

#endif
