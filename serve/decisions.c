/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/decisions.h"

#include "base/render.h"
#include "eval/report_text.h"

static void close_ring(void *object) {
  pthread_mutex_destroy(&((decision_ring *)object)->lock);
}

decision_ring *decisions_open(arena *a) {
  decision_ring *ring = ARENA_NEW(a, decision_ring);
  pthread_mutex_init(&ring->lock, NULL);
  arena_defer(a, close_ring, ring);
  return ring;
}

slice decision_text(arena *a, const attest_result *result) {
  buffer text = buffer_in(a);
  bool refused = result->error.failure != FAILURE_NONE;
  if (refused)
    render_escaped(&text, slice_from(result->error.text));
  else
    verification_write_result(&text, &result->verification);
  if (result->was_evaluated && result->policy && result->policy->program) {
    report r = report_of(a, result->policy->program);
    buffer_char(&text, '\n');
    render_escaped(&text, slice_from(report_reason(&r, &result->evaluation)));
    buffer_char(&text, '\n');
    report_write_background(&text, &r, &result->evaluation);
  }
  return buffer_slice(&text);
}

/* A permit names its outcome alone: most requests are permitted, and what a
 * page might show must not cost them anything. */
static slice text_to_keep(arena *a, const attest_result *result) {
  if (result->outcome != ATTEST_PERMITTED)
    return decision_text(a, result);
  buffer text = buffer_in(a);
  verification_write_result(&text, &result->verification);
  return buffer_slice(&text);
}

/* Not in the middle of a character. */
static size_t cut_length(slice text) {
  size_t length = text.length;
  if (length <= DECISION_BYTES)
    return length;
  length = DECISION_BYTES;
  while (length && (text.data[length] & 0xc0) == 0x80)
    length--;
  return length;
}

void decisions_add(decision_ring *ring, arena *a, int64_t now,
                   const attest_request *request,
                   const attest_result *result) {
  slice text = text_to_keep(a, result);
  bool permitted = result->outcome == ATTEST_PERMITTED;
  pthread_mutex_lock(&ring->lock);
  decision_record *r = &ring->records[ring->next];
  ring->next = (ring->next + 1) % DECISIONS_KEPT;
  ring->count += ring->count < DECISIONS_KEPT;
  r->time = now;
  r->type = request->type;
  r->outcome = result->outcome;
  r->is_draft = request->has_draft;
  r->is_verified = evidence_is_verified(&result->verification);
  r->code = permitted ? NULL : result->error.code;
  r->length = cut_length(text);
  memcpy(r->text, text.data, r->length);
  pthread_mutex_unlock(&ring->lock);
}

size_t decisions_list(decision_ring *ring, arena *a,
                      const decision_record **list) {
  decision_record *copy = ARENA_ARRAY(a, DECISIONS_KEPT, decision_record);
  pthread_mutex_lock(&ring->lock);
  size_t count = ring->count;
  for (size_t i = 0; i < count; i++)
    copy[i] = ring->records[(ring->next + DECISIONS_KEPT - 1 - i) %
                            DECISIONS_KEPT];
  pthread_mutex_unlock(&ring->lock);
  *list = copy;
  return count;
}
