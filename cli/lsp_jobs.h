/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the language server runs: this one, with another verb. They are
 * looked after between messages; nothing here waits.
 *
 *   lsp_jobs jobs;
 *   lsp_jobs_init(&jobs, c);
 *   lsp_jobs_start(&jobs, &order);
 *   n = lsp_jobs_watch(&jobs, polled, &timeout_ms); poll(..);
 *   lsp_jobs_serve(&jobs);
 *   while (lsp_jobs_take(&jobs, &ended)) ..., arena_free(&ended.memory);
 *   lsp_jobs_free(&jobs);
 */
#ifndef CLI_LSP_JOBS_H
#define CLI_LSP_JOBS_H

#include <poll.h>
#include <sys/types.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "lsp/server.h"

typedef struct lsp_process {
  uint64_t id; /* of the order; 0: the place is free */
  pid_t process;
  int input, output[2]; /* our ends of its pipes, or -1 */
  arena memory;
  slice rest; /* of its input, still to be written */
  buffer texts[2];
  int64_t end_ms; /* when its time is over */
  bool is_over;
  lsp_job_status status;
  int exit_status;
} lsp_process;

enum {
  LSP_JOB_PIPES = 3 * LIMIT_LSP_JOBS,
  LSP_DYING_MAX = 64
};

typedef struct lsp_jobs {
  cli *cli;
  const char *program; /* that we are; NULL: not known */
  lsp_process items[LIMIT_LSP_JOBS];
  pid_t dying[LSP_DYING_MAX]; /* killed, not gone yet */
  size_t dying_count;
} lsp_jobs;

void lsp_jobs_init(lsp_jobs *all, cli *c);
/* Ends those that run. */
void lsp_jobs_free(lsp_jobs *all);

/* False: it cannot be started. */
bool lsp_jobs_start(lsp_jobs *all, const lsp_order *order);
void lsp_jobs_stop(lsp_jobs *all, uint64_t id);

/* Fills in what to poll (at most LSP_JOB_PIPES) and lowers *timeout_ms
 * (negative: for ever) to when to look again. */
size_t lsp_jobs_watch(const lsp_jobs *all, struct pollfd *polled,
                      int *timeout_ms);
/* Moves what can be moved. */
void lsp_jobs_serve(lsp_jobs *all);

/* What became of one that is over. */
typedef struct lsp_ended {
  uint64_t id;
  lsp_job_status status;
  int exit_status;
  slice output, errors; /* in its memory */
  arena memory;         /* for the caller to free */
} lsp_ended;

/* Takes one that is over out; its place is free then. False: there is none. */
bool lsp_jobs_take(lsp_jobs *all, lsp_ended *ended);

/* Milliseconds of a clock that nobody sets. */
int64_t lsp_clock_ms(void);

#endif
