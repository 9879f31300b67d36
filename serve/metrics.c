/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/metrics.h"

/* Upper bounds; the last one has none. */
static const int64_t bounds[METRICS_BUCKETS] = {
    500, 1000, 2500, 5000, 10000, 25000, 100000, 1000000, INT64_MAX};
static const char *const bound_names[METRICS_BUCKETS] = {
    "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.1", "1", "+Inf"};

void metrics_count(metrics *m, size_t operation, int status,
                   int64_t microseconds) {
  operation_counters *o = &m->operations[operation];
  atomic_fetch_add(&o->by_class[status / 100 % 6], 1);
  atomic_fetch_add(&o->microseconds, (unsigned long long)microseconds);
  size_t bucket = 0;
  while (microseconds > bounds[bucket])
    bucket++;
  atomic_fetch_add(&o->buckets[bucket], 1);
}

static void write_requests(buffer *out, metrics *m, const char *const *names,
                           size_t count) {
  buffer_text(out, "# HELP maapol_requests_total Requests answered.\n"
                   "# TYPE maapol_requests_total counter\n");
  for (size_t i = 0; i < count; i++)
    for (int class = 2; class < 6; class++) {
      unsigned long long n = atomic_load(&m->operations[i].by_class[class]);
      if (n)
        buffer_printf(out,
                      "maapol_requests_total{operation=\"%s\","
                      "status=\"%dxx\"} %llu\n",
                      names[i], class, n);
    }
}

static void write_duration(buffer *out, operation_counters *o,
                           const char *name) {
  unsigned long long total = 0;
  for (size_t b = 0; b < METRICS_BUCKETS; b++)
    total += atomic_load(&o->buckets[b]);
  if (total == 0)
    return;
  unsigned long long below = 0;
  for (size_t b = 0; b < METRICS_BUCKETS; b++) {
    below += atomic_load(&o->buckets[b]);
    buffer_printf(out,
                  "maapol_request_seconds_bucket{operation=\"%s\",le=\"%s\"} "
                  "%llu\n",
                  name, bound_names[b], below);
  }
  unsigned long long us = atomic_load(&o->microseconds);
  buffer_printf(out,
                "maapol_request_seconds_sum{operation=\"%s\"} %llu.%06llu\n"
                "maapol_request_seconds_count{operation=\"%s\"} %llu\n",
                name, us / 1000000, us % 1000000, name, below);
}

static void write_decisions(buffer *out, metrics *m) {
  static const char *const names[DECISION_COUNTS] = {"permitted", "refused",
                                                     "unusable"};
  buffer_text(out, "# HELP maapol_attestations_total Attestations by what "
                   "came of them.\n"
                   "# TYPE maapol_attestations_total counter\n");
  for (size_t i = 0; i < DECISION_COUNTS; i++)
    buffer_printf(out, "maapol_attestations_total{result=\"%s\"} %llu\n",
                  names[i], atomic_load(&m->decisions[i]));
}

void metrics_write(buffer *out, metrics *m, const char *const *names,
                   size_t count) {
  write_requests(out, m, names, count);
  buffer_text(out, "# HELP maapol_request_seconds Time from the request's "
                   "first byte to its answer.\n"
                   "# TYPE maapol_request_seconds histogram\n");
  for (size_t i = 0; i < count; i++)
    write_duration(out, &m->operations[i], names[i]);
  write_decisions(out, m);
}
