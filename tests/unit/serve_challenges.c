/* SPDX-License-Identifier: Apache-2.0 */
/* A challenge counts once: also for two threads, and when there are more than
 * can be remembered. */
#include <criterion/criterion.h>
#include <pthread.h>

#include "base/limits.h"
#include "serve/challenges.h"
#include "tests/unit/unit.h"

enum { THREADS = 4, TURNS = 2000, MANY = LIMIT_SERVE_CHALLENGES * 3 };

/* As different in their first bytes as random ones are. */
static void number(uint8_t challenge[CHALLENGE_BYTES], uint32_t n) {
  memset(challenge, 0, CHALLENGE_BYTES);
  uint32_t mixed = n * 2654435761u;
  for (size_t i = 0; i < 4; i++) {
    challenge[i] = (uint8_t)(mixed >> 8 * i);
    challenge[12 + i] = (uint8_t)(n >> 8 * i);
  }
}

Test(serve_challenges, counts_once) {
  TEST_ARENA(a, 16 << 20);
  challenges *used = challenges_open(&a);
  uint8_t first[CHALLENGE_BYTES], second[CHALLENGE_BYTES];
  number(first, 1);
  number(second, 1);
  second[CHALLENGE_BYTES - 1] ^= 1; /* in the same row */
  cr_expect(challenges_use(used, first, 1000));
  cr_expect_not(challenges_use(used, first, 1000));
  cr_expect_not(challenges_use(used, first, 2000));
  cr_expect(challenges_use(used, second, 1000));
  arena_free(&a);
}

/* What is forgotten is refused with all that is as old. */
Test(serve_challenges, never_twice_however_many) {
  TEST_ARENA(a, 16 << 20);
  challenges *used = challenges_open(&a);
  uint8_t challenge[CHALLENGE_BYTES];
  size_t taken = 0;
  for (uint32_t i = 0; i < MANY; i++) {
    number(challenge, i);
    taken += challenges_use(used, challenge, 1000 + i / 100);
  }
  cr_expect_gt(taken, MANY * 9 / 10, "%zu", taken);
  for (uint32_t i = 0; i < MANY; i++) {
    number(challenge, i);
    cr_assert_not(challenges_use(used, challenge, 1000 + i / 100), "%u", i);
  }
  number(challenge, MANY);
  cr_expect(challenges_use(used, challenge, 1001 + MANY / 100));
  arena_free(&a);
}

typedef struct racer {
  challenges *used;
  size_t taken;
} racer;

static void *race(void *object) {
  racer *r = object;
  uint8_t challenge[CHALLENGE_BYTES];
  for (uint32_t i = 0; i < TURNS; i++) {
    number(challenge, i);
    r->taken += challenges_use(r->used, challenge, 1000);
  }
  return NULL;
}

Test(serve_challenges, one_of_many_threads_is_first) {
  TEST_ARENA(a, 16 << 20);
  racer racers[THREADS];
  pthread_t threads[THREADS];
  challenges *used = challenges_open(&a);
  for (size_t i = 0; i < THREADS; i++) {
    racers[i] = (racer){.used = used};
    cr_assert_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
  }
  size_t taken = 0;
  for (size_t i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    taken += racers[i].taken;
  }
  cr_expect_eq(taken, TURNS, "%zu", taken);
  arena_free(&a);
}
