/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdint.h>

#include "base/memory.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

/* What an operation leaves behind: 0, or why it jumped to the guard. */
static arena_failure outcome(arena *a, void (*operation)(arena *a)) {
  jmp_buf env;
  if (ARENA_GUARD(a, env))
    return a->failure;
  operation(a);
  return ARENA_OK;
}

static void fill_megabytes(arena *a) {
  for (int i = 0; i < 8; i++)
    memset(arena_alloc(a, MEBIBYTE), i, MEBIBYTE);
}

static void fill_bytewise(arena *a) {
  for (int i = 0; i < MEBIBYTE; i++)
    *(char *)arena_alloc(a, 1) = 'x';
}

static void fill_five_kilobytes(arena *a) {
  for (int i = 0; i < 330; i++)
    memset(arena_alloc(a, 10), i, 10);
}

static void ask_for_everything(arena *a) { arena_alloc(a, SIZE_MAX); }

static void ask_for_nearly_everything(arena *a) {
  arena_alloc(a, SIZE_MAX - 6);
}

static void ask_for_half(arena *a) { arena_alloc(a, SIZE_MAX / 2); }

static void multiply_over(arena *a) { arena_array(a, SIZE_MAX / 8 + 2, 8); }

static void multiply_far_over(arena *a) { arena_array(a, SIZE_MAX, SIZE_MAX); }

Test(arena, refuses_what_is_beyond_its_limit) {
  static const struct {
    const char *name;
    void (*operation)(arena *a);
    size_t limit;
    arena_failure expected;
  } rows[] = {
      {"8 MiB fit into 9", fill_megabytes, 9 * MEBIBYTE, ARENA_OK},
      {"8 MiB into 7", fill_megabytes, 7 * MEBIBYTE, ARENA_LIMIT},
      {"a million times 8 bytes", fill_bytewise, 11 * MEBIBYTE, ARENA_OK},
      {"the same into 4 MiB", fill_bytewise, 4 * MEBIBYTE, ARENA_LIMIT},
      {"a limit between two block sizes", fill_five_kilobytes, 6000, ARENA_OK},
      {"a limit of nothing", fill_bytewise, 0, ARENA_LIMIT},
      {"SIZE_MAX", ask_for_everything, SIZE_MAX, ARENA_LIMIT},
      {"rounded over the end", ask_for_nearly_everything, SIZE_MAX,
       ARENA_LIMIT},
      {"SIZE_MAX / 2", ask_for_half, MEBIBYTE, ARENA_LIMIT},
      {"product wraps to 8", multiply_over, SIZE_MAX, ARENA_LIMIT},
      {"product wraps to 1", multiply_far_over, SIZE_MAX, ARENA_LIMIT},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    arena a;
    arena_init(&a, rows[i].limit);
    arena_failure got = outcome(&a, rows[i].operation);
    cr_expect_eq(got, rows[i].expected, "%s: %d", rows[i].name, (int)got);
    cr_expect_leq(a.used, rows[i].limit, "%s", rows[i].name);
    arena_free(&a);
    cr_expect_eq(a.used, 0u, "%s", rows[i].name);
  }
}

Test(arena, reports_that_memory_ran_out) {
  for (long count = 0; count < 3; count++) {
    arena a;
    arena_init(&a, 64 * MEBIBYTE);
    memory_fail_after(count);
    cr_expect_eq(outcome(&a, fill_megabytes), ARENA_NO_MEMORY);
    arena_free(&a);
    cr_expect_eq(memory_fail_after(-1), count + 1);
  }
}

/* Writes a pattern to allocations of many sizes and reads it back, so that
 * two that overlap are seen. */
Test(arena, gives_memory_that_is_aligned_and_does_not_overlap) {
  static const size_t sizes[] = {1,    7,    8,     9,      1000,   1024,
                                 1025, 4064, 4096,  100000, 3,      20000,
                                 1,    5000, 70000, 16,     1 << 21};
  enum { COUNT = COUNT_OF(sizes), ROUNDS = 20 };
  unsigned char *blocks[ROUNDS * COUNT];
  TEST_ARENA(a, 512 * (size_t)MEBIBYTE);
  for (size_t i = 0; i < ROUNDS * COUNT; i++) {
    blocks[i] = arena_alloc(&a, sizes[i % COUNT]);
    cr_assert_eq((uintptr_t)blocks[i] % _Alignof(uint64_t), 0u);
    memset(blocks[i], (int)i, sizes[i % COUNT]);
  }
  for (size_t i = 0; i < ROUNDS * COUNT; i++)
    for (size_t j = 0; j < sizes[i % COUNT]; j++)
      cr_assert_eq(blocks[i][j], (unsigned char)i, "block %zu byte %zu", i, j);
  arena_free(&a);
}

Test(arena, gives_something_for_nothing) {
  TEST_ARENA(a, MEBIBYTE);
  char *first = arena_alloc(&a, 0), *second = arena_array(&a, 0, 8);
  cr_expect_not_null(first);
  cr_expect_not_null(second);
  cr_expect_neq(first, second);
  arena_free(&a);
}

Test(arena, zeroes_what_is_asked_zeroed) {
  TEST_ARENA(a, MEBIBYTE);
  memset(arena_alloc(&a, 2000), 0xff, 2000);
  arena_reset(&a);
  const char *zeroed = arena_zalloc(&a, 2000);
  for (size_t i = 0; i < 2000; i++)
    cr_assert_eq(zeroed[i], 0);
  arena_free(&a);
}

Test(arena, grows_an_array_and_keeps_its_items) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  int *items = NULL;
  size_t capacity = 0, grown = 0;
  for (size_t count = 0; count < 100000; count++) {
    int *now = arena_grow(&a, items, count, &capacity, sizeof *items);
    grown += now != items;
    items = now;
    cr_assert_gt(capacity, count);
    items[count] = (int)count;
  }
  cr_expect_leq(grown, 20u, "doubling, not one by one: %zu", grown);
  for (int i = 0; i < 100000; i++)
    cr_assert_eq(items[i], i);
  arena_free(&a);
}

Test(arena, copies_text_with_nul_inside_and_behind) {
  static const slice rows[] = {{"", 0},        {NULL, 0},       {"a", 1},
                               {"1234567", 7}, {"12345678", 8}, {"a\0b", 3}};
  TEST_ARENA(a, MEBIBYTE);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice copy = arena_copy(&a, rows[i]);
    cr_expect(slice_equal(copy, rows[i]), "row %zu", i);
    cr_expect_neq(copy.data, rows[i].data);
    cr_expect_eq(copy.data[copy.length], 0, "row %zu", i);
  }
  arena_free(&a);
}

static char released[8];

static void note_release(void *object) {
  char name[] = {*(char *)object, 0};
  strncat(released, name, sizeof released - strlen(released) - 1);
}

Test(arena, releases_in_reverse_order_and_once) {
  TEST_ARENA(a, MEBIBYTE);
  arena_defer(&a, note_release, "a");
  arena_defer(&a, note_release, "b");
  arena_reset(&a);
  cr_expect_str_eq(released, "ba");
  arena_defer(&a, note_release, "c");
  arena_free(&a);
  cr_expect_str_eq(released, "bac");
  arena_free(&a);
  cr_expect_str_eq(released, "bac");
}

/* A loop over many requests must neither grow nor ask the system again. */
Test(arena, reset_reuses_its_memory) {
  TEST_ARENA(a, MEBIBYTE);
  arena_alloc(&a, 100);
  memory_fail_after(0); /* whatever is asked for now fails */
  for (int i = 0; i < 10000; i++) {
    arena_reset(&a);
    memset(arena_alloc(&a, 2000), i, 2000);
  }
  cr_expect_eq(memory_fail_after(-1), 0);
  arena_free(&a);
}

Test(arena, reset_after_many_blocks_keeps_little) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  for (int round = 0; round < 3; round++) {
    fill_bytewise(&a);
    fill_megabytes(&a);
    arena_reset(&a);
    cr_expect_leq(a.used, 2u * MEBIBYTE, "%zu bytes after a reset", a.used);
  }
  arena_free(&a);
}

Test(arena, reset_gives_back_what_was_asked_for_as_a_whole) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  arena_alloc(&a, 3 * MEBIBYTE); /* the first block */
  arena_reset(&a);
  cr_expect_leq(a.used, 2u * MEBIBYTE);
  arena_alloc(&a, 10);
  arena_alloc(&a, 3 * MEBIBYTE); /* behind the first block */
  arena_reset(&a);
  cr_expect_leq(a.used, 2u * MEBIBYTE);
  memset(arena_alloc(&a, 3000), 1, 3000);
  arena_free(&a);
}

static void defer_one(arena *a) { arena_defer(a, note_release, "x"); }

Test(arena, releases_at_once_what_it_cannot_register) {
  arena a;
  arena_init(&a, 8);
  cr_expect_eq(outcome(&a, defer_one), ARENA_LIMIT);
  cr_expect_str_eq(released, "x");
  arena_free(&a);
  cr_expect_str_eq(released, "x");
}
