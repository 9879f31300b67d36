/* SPDX-License-Identifier: Apache-2.0 */
/* When to try again, and after how long. Pure: no clock, no network. */
#ifndef REMOTE_RETRY_H
#define REMOTE_RETRY_H

#include "base/slice.h"

typedef struct retry_settings {
  unsigned attempts;  /* in all; 1: never again */
  unsigned delay_ms;  /* before the second; doubled each time */
  unsigned delay_max_ms;
  unsigned patience_ms; /* a longer Retry-After is not waited for */
} retry_settings;

extern const retry_settings retry_default;

/* 408, 429 and every 5xx but 501 and 505. */
bool retry_status(long http_status);

/* The milliseconds of a Retry-After header (RFC 9110 section 10.2.3), whole
 * seconds or a date; -1 if it is neither, 0 of a time gone by. now: seconds
 * since the epoch. */
int64_t retry_after_ms(slice header, int64_t now);

/* Whether to try once more after `attempt` (from 1) attempts. after_ms: what
 * the server asked for, -1 if nothing; dice: any number, from which the jitter
 * of a quarter is made, so that clients do not come back all at once. */
bool retry_next(const retry_settings *settings, unsigned attempt,
                int64_t after_ms, unsigned dice, unsigned *wait_ms);

#endif
