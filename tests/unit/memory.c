/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include "tests/unit/unit.h"

Test(memory, fails_after_as_many_as_told) {
  static const struct {
    long allowed;
    bool expected[4];
  } rows[] = {
      {-1, {true, true, true, true}},
      {0, {false, false, false, false}},
      {1, {true, false, false, false}},
      {3, {true, true, true, false}},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    memory_fail_after(rows[i].allowed);
    for (size_t j = 0; j < 4; j++) {
      void *block = memory_alloc(16);
      cr_expect_eq(block != NULL, rows[i].expected[j], "row %zu, %zu", i, j);
      memory_free(block);
    }
    cr_expect_eq(memory_fail_after(-1), 4, "row %zu", i);
  }
}

Test(memory, resizing_counts_and_keeps_the_old_block_when_it_fails) {
  char *block = memory_alloc(4);
  cr_assert_not_null(block);
  block[3] = 'x';
  block = memory_resize(block, 1000);
  cr_assert_not_null(block);
  cr_expect_eq(block[3], 'x');
  memory_fail_after(0);
  cr_expect_null(memory_resize(block, 100000));
  cr_expect_eq(block[3], 'x');
  cr_expect_eq(memory_fail_after(-1), 1);
  memory_free(block);
  memory_free(NULL);
}
