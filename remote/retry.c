/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/retry.h"

#include <curl/curl.h>

const retry_settings retry_default = {.attempts = 5,
                                      .delay_ms = 800,
                                      .delay_max_ms = 30000,
                                      .patience_ms = 120000};

bool retry_status(long http_status) {
  if (http_status == 408 || http_status == 429)
    return true;
  return http_status >= 500 && http_status <= 599 && http_status != 501 &&
         http_status != 505;
}

static bool is_digits(slice text) {
  for (size_t i = 0; i < text.length; i++)
    if (text.data[i] < '0' || text.data[i] > '9')
      return false;
  return text.length > 0;
}

int64_t retry_after_ms(slice header, int64_t now) {
  enum { DIGITS_MAX = 9, DATE_MAX = 64 };
  int64_t seconds = 0;
  if (is_digits(header)) {
    if (header.length > DIGITS_MAX)
      return INT64_MAX;
    for (size_t i = 0; i < header.length; i++)
      seconds = seconds * 10 + (header.data[i] - '0');
    return seconds * 1000;
  }
  char date[DATE_MAX];
  if (!header.length || header.length >= sizeof date)
    return -1;
  memcpy(date, header.data, header.length);
  date[header.length] = 0;
  seconds = (int64_t)curl_getdate(date, NULL);
  if (seconds < 0)
    return -1;
  return seconds > now ? (seconds - now) * 1000 : 0;
}

bool retry_next(const retry_settings *settings, unsigned attempt,
                int64_t after_ms, unsigned dice, unsigned *wait_ms) {
  if (attempt >= settings->attempts)
    return false;
  uint64_t wait = settings->delay_ms;
  for (unsigned i = 1; i < attempt && wait < settings->delay_max_ms; i++)
    wait *= 2;
  if (wait > settings->delay_max_ms)
    wait = settings->delay_max_ms;
  wait += wait * (dice % 256) / 1024;
  if (after_ms > (int64_t)settings->patience_ms)
    return false;
  if (after_ms > (int64_t)wait)
    wait = (uint64_t)after_ms;
  *wait_ms = (unsigned)wait;
  return true;
}
