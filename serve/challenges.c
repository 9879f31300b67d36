/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/challenges.h"

#include <pthread.h>
#include <string.h>

#include "base/limits.h"

/* Rows of a few places each, found by the challenge's first bytes: they are
 * random, and the service's own. */
enum { PLACES = 8, ROWS = LIMIT_SERVE_CHALLENGES / PLACES };

typedef struct used_challenge {
  uint8_t challenge[CHALLENGE_BYTES];
  int64_t given_at;
} used_challenge;

typedef struct row {
  used_challenge places[PLACES];
  size_t count;
  int64_t forgotten; /* what was given out until then is refused */
} row;

struct challenges {
  pthread_mutex_t lock;
  row rows[ROWS];
};

static void close_challenges(void *object) {
  pthread_mutex_destroy(&((challenges *)object)->lock);
}

challenges *challenges_open(arena *a) {
  challenges *used = ARENA_NEW(a, challenges);
  pthread_mutex_init(&used->lock, NULL);
  for (size_t i = 0; i < ROWS; i++)
    used->rows[i].forgotten = INT64_MIN;
  arena_defer(a, close_challenges, used);
  return used;
}

static bool is_used(const row *r, const uint8_t *challenge) {
  for (size_t i = 0; i < r->count; i++)
    if (memcmp(r->places[i].challenge, challenge, CHALLENGE_BYTES) == 0)
      return true;
  return false;
}

/* A place for one more; that of the oldest if all are taken. */
static used_challenge *make_room(row *r) {
  if (r->count < PLACES)
    return &r->places[r->count++];
  used_challenge *oldest = &r->places[0];
  for (size_t i = 1; i < PLACES; i++)
    if (r->places[i].given_at < oldest->given_at)
      oldest = &r->places[i];
  if (oldest->given_at > r->forgotten)
    r->forgotten = oldest->given_at;
  return oldest;
}

static bool use(row *r, const uint8_t *challenge, int64_t given_at) {
  if (given_at <= r->forgotten || is_used(r, challenge))
    return false;
  used_challenge *place = make_room(r);
  memcpy(place->challenge, challenge, CHALLENGE_BYTES);
  place->given_at = given_at;
  return true;
}

bool challenges_use(challenges *used, const uint8_t challenge[CHALLENGE_BYTES],
                    int64_t given_at) {
  row *r = &used->rows[(challenge[0] << 8 | challenge[1]) % ROWS];
  pthread_mutex_lock(&used->lock);
  bool is_first = use(r, challenge, given_at);
  pthread_mutex_unlock(&used->lock);
  return is_first;
}
