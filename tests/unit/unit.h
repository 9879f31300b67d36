/* SPDX-License-Identifier: Apache-2.0 */
/* What unit tests share: one file of tests for one module, rows in tables. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/arena.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Declares an arena for the rest of a test, which fails when its memory runs
 * out. The test frees it, so that a leak is one. */
#define TEST_ARENA(name, limit)                  \
  arena name;                                    \
  jmp_buf name##_failure;                        \
  arena_init(&name, (limit));                    \
  if (ARENA_GUARD(&name, name##_failure))        \
  cr_assert_fail("out of memory")

#endif
