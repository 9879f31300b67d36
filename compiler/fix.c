/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/fix.h"

#include <stdlib.h>

#include "base/limits.h"

typedef struct candidate {
  const fix *fix;
  span hull; /* from its first edit to its last */
  bool is_layout;
  bool is_taken; /* of this round's text */
} candidate;

/* One text, its policy and all that belongs to it. */
typedef struct state {
  arena memory;
  policy *policy;
  size_t errors;
} state;

typedef struct work {
  const fixer *fixer;
  state states[2];
  state *now, *next;
  candidate *candidates;
  size_t count;
  size_t tries, applied, refused;
} work;

static void inspect(work *w, state *s, slice text) {
  s->policy = w->fixer->inspect(w->fixer->context, &s->memory, text,
                                &s->errors);
}

/* Candidates. */

/* In the order of the text, within it: what is not is never applied. */
static bool is_well_formed(const fix *f, size_t length) {
  uint32_t done = 0;
  for (const text_edit *e = f->edits; e; e = e->next) {
    if (e->where.begin < done || e->where.end < e->where.begin ||
        e->where.end > length)
      return false;
    done = e->where.end;
  }
  return f->edits != NULL;
}

static const fix *usable_fix(const work *w, const diagnostic *d) {
  size_t length = w->now->policy->text.length;
  for (const fix *f = d->fixes; f; f = f->next)
    if ((f->applicability == FIX_SAFE ||
         (f->applicability == FIX_UNSAFE && w->fixer->with_unsafe)) &&
        is_well_formed(f, length))
      return f;
  return NULL;
}

static int by_place(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->hull.begin != y->hull.begin)
    return x->hull.begin < y->hull.begin ? -1 : 1;
  return (x->hull.end > y->hull.end) - (x->hull.end < y->hull.end);
}

/* What stands side by side does not disturb, but for two texts that would both
 * be put at one place. */
static bool is_clear_of(const candidate *c, const candidate *last) {
  if (!last || c->hull.begin > last->hull.end)
    return true;
  return c->hull.begin == last->hull.end &&
         last->hull.begin < last->hull.end && c->hull.begin < c->hull.end;
}

/* Of fixes that touch each other the first stays. The layout of the whole text
 * comes when nothing else is left. */
static void keep_apart(work *w) {
  bool has_others = false;
  size_t kept = 0;
  for (size_t i = 0; i < w->count; i++)
    has_others |= !w->candidates[i].is_layout;
  for (size_t i = 0; i < w->count; i++) {
    const candidate *last = kept ? &w->candidates[kept - 1] : NULL;
    candidate c = w->candidates[i];
    if (!(c.is_layout && has_others) && is_clear_of(&c, last))
      w->candidates[kept++] = c;
  }
  w->count = kept;
}

static void find_candidates(work *w) {
  const diagnostics *list = &w->now->policy->findings;
  w->count = 0;
  w->candidates =
      ARENA_ARRAY(&w->now->memory, list->count + 1, candidate);
  for (const diagnostic *d = list->first; d; d = d->next) {
    const fix *f = usable_fix(w, d);
    if (f)
      w->candidates[w->count++] = (candidate){
          f,
          {f->edits->where.begin, f->last_edit->where.end},
          d->code == CODE_F404,
          false};
  }
  if (w->count)
    qsort(w->candidates, w->count, sizeof *w->candidates, by_place);
  keep_apart(w);
}

/* Trying. */

static slice apply(const work *w, arena *a, slice text) {
  buffer out = buffer_in(a);
  uint32_t done = 0;
  buffer_reserve(&out, text.length + 64);
  for (size_t i = 0; i < w->count; i++) {
    if (!w->candidates[i].is_taken)
      continue;
    for (const text_edit *e = w->candidates[i].fix->edits; e; e = e->next) {
      buffer_add(&out, (slice){text.data + done, e->where.begin - done});
      buffer_add(&out, e->text);
      done = e->where.end;
    }
  }
  buffer_add(&out, (slice){text.data + done, text.length - done});
  return buffer_slice(&out);
}

static bool try_taken(work *w) {
  w->tries++;
  arena_reset(&w->next->memory);
  slice text = apply(w, &w->next->memory, w->now->policy->text);
  if (text.length > LIMIT_POLICY_BYTES)
    return false;
  inspect(w, w->next, text);
  return w->next->errors <= w->now->errors && !w->next->policy->was_wrapped;
}

static void take(work *w, size_t first, size_t count, bool taken) {
  for (size_t i = first; i < first + count; i++)
    w->candidates[i].is_taken = taken;
}

/* Takes what does not add an error: all of them, or what halving them leaves.
 * Recurses as deep as the number of fixes can be halved. */
static size_t take_good_ones(work *w, size_t first, size_t count) {
  take(w, first, count, true);
  if (w->tries >= LIMIT_FIX_TRIES)
    take(w, first, count, false);
  else if (try_taken(w))
    return count;
  take(w, first, count, false);
  if (count == 1 || w->tries >= LIMIT_FIX_TRIES)
    return 0;
  size_t half = count / 2;
  size_t taken = take_good_ones(w, first, half);
  return taken + take_good_ones(w, first + half, count - half);
}

/* Whether there is a new text in w->now. */
static bool round_of_fixes(work *w) {
  w->refused = 0;
  find_candidates(w);
  if (!w->count)
    return false;
  size_t taken = take_good_ones(w, 0, w->count);
  w->refused = w->count - taken;
  if (!taken)
    return false;
  if (w->refused) /* what was tried last need not be what was taken */
    try_taken(w);
  state *before = w->now;
  if (slice_equal(w->next->policy->text, before->policy->text))
    return false; /* fixes that change nothing */
  w->now = w->next;
  w->next = before;
  w->applied += taken;
  return true;
}

static bool run_rounds(work *w, slice text) {
  inspect(w, w->now, text);
  if (w->now->policy->was_wrapped)
    return true;
  for (size_t i = 0; i < LIMIT_FIX_ROUNDS && w->tries < LIMIT_FIX_TRIES; i++)
    if (!round_of_fixes(w))
      return true;
  return false;
}

static void release(void *memory) { arena_free(memory); }

fix_result policy_fix(arena *a, slice text, const fixer *f) {
  work *w = ARENA_NEW(a, work);
  jmp_buf failure;
  w->fixer = f;
  w->now = &w->states[0];
  w->next = &w->states[1];
  for (int i = 0; i < 2; i++) {
    arena_init(&w->states[i].memory, LIMIT_ARENA_BYTES);
    w->states[i].memory.guard = &failure;
    arena_defer(a, release, &w->states[i].memory);
  }
  if (setjmp(failure))
    arena_fail(a, w->now->memory.failure ? w->now->memory.failure
                                         : w->next->memory.failure);
  bool is_stable = run_rounds(w, text);
  fix_result r = {text, w->applied, w->refused, is_stable};
  if (w->applied)
    r.text = arena_copy(a, w->now->policy->text);
  for (int i = 0; i < 2; i++)
    arena_free(&w->states[i].memory);
  return r;
}
