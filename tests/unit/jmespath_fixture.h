/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_JMESPATH_FIXTURE_H
#define TESTS_UNIT_JMESPATH_FIXTURE_H

#include "eval/jmespath.h"
#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)256 << 20)

typedef struct search {
  const char *query, *given;
  const char *expected; /* JSON text */
} search;

/* Every query gives what is expected. */
void check_searches(const search *rows, size_t count);

#endif
