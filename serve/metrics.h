/* SPDX-License-Identifier: Apache-2.0 */
/* Counters since the start, for Prometheus. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include <stdatomic.h>

#include "base/buffer.h"

enum { METRICS_OPERATIONS_MAX = 64, METRICS_BUCKETS = 9 };

typedef struct operation_counters {
  atomic_ullong by_class[6]; /* of status: 2xx in [2] */
  atomic_ullong buckets[METRICS_BUCKETS];
  atomic_ullong microseconds;
} operation_counters;

typedef enum decision_metric {
  DECISION_COUNT_PERMITTED,
  DECISION_COUNT_REFUSED,
  DECISION_COUNT_UNUSABLE,
  DECISION_COUNTS
} decision_metric;

typedef struct metrics {
  operation_counters operations[METRICS_OPERATIONS_MAX];
  atomic_ullong decisions[DECISION_COUNTS];
} metrics;

void metrics_count(metrics *m, size_t operation, int status,
                   int64_t microseconds);

/* Text exposition format 0.0.4; names[i] is the label of operation i. */
void metrics_write(buffer *out, metrics *m, const char *const *names,
                   size_t count);

#endif
