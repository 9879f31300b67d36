/* SPDX-License-Identifier: Apache-2.0 */
#include "base/instant.h"

#include <stdbool.h>
#include <string.h>

typedef struct cursor {
  const char *p;
  bool failed;
} cursor;

static int number(cursor *c, int digits, int least, int most) {
  int n = 0;
  for (int i = 0; i < digits; i++) {
    if (*c->p < '0' || *c->p > '9') {
      c->failed = true;
      return least;
    }
    n = n * 10 + (*c->p++ - '0');
  }
  c->failed |= n < least || n > most;
  return n;
}

static void literal(cursor *c, const char *either) {
  if (*c->p && strchr(either, *c->p))
    c->p++;
  else
    c->failed = true;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year =
      (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
                       year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static int days_of_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

static int64_t offset_seconds(cursor *c) {
  if (*c->p == 'Z' || *c->p == 'z') {
    c->p++;
    return 0;
  }
  int sign = *c->p == '-' ? -1 : 1;
  literal(c, "+-");
  int hours = number(c, 2, 0, 23);
  literal(c, ":");
  return (int64_t)sign * (hours * 3600 + number(c, 2, 0, 59) * 60);
}

bool instant_parse(const char *text, int64_t *seconds) {
  cursor c = {text, false};
  int year = number(&c, 4, 1, 9999);
  literal(&c, "-");
  int month = number(&c, 2, 1, 12);
  literal(&c, "-");
  int day = c.failed ? 1 : number(&c, 2, 1, days_of_month(year, month));
  literal(&c, "Tt ");
  int64_t time = (int64_t)number(&c, 2, 0, 23) * 3600;
  literal(&c, ":");
  time += (int64_t)number(&c, 2, 0, 59) * 60;
  literal(&c, ":");
  time += number(&c, 2, 0, 60);
  if (*c.p == '.') {
    c.p++;
    c.failed |= *c.p < '0' || *c.p > '9';
    while (*c.p >= '0' && *c.p <= '9')
      c.p++;
  }
  int64_t offset = c.failed ? 0 : offset_seconds(&c);
  if (c.failed || *c.p)
    return false;
  *seconds = days_from_civil(year, month, day) * 86400 + time - offset;
  return true;
}
