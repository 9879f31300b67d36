/* SPDX-License-Identifier: Apache-2.0 */
/* Claims bound to policies: done once, so that asking again is cheap. */
#include "api/api.h"

static void clear(binding *b) {
  if (!b->policy)
    return;
  arena_free(&b->arena);
  maapol_policy_free(b->policy);
  *b = (binding){0};
}

void api_unbind(maapol_claims *c) {
  for (size_t i = 0; i < BINDINGS_MAX; i++)
    clear(&c->bindings[i]);
}

/* The one of that policy, else the one whose turn it is. */
static binding *choose(maapol_claims *c, const maapol_policy *p) {
  for (size_t i = 0; i < BINDINGS_MAX; i++)
    if (c->bindings[i].policy == p)
      return &c->bindings[i];
  binding *b = &c->bindings[c->next_binding];
  c->next_binding = (c->next_binding + 1) % BINDINGS_MAX;
  return b;
}

typedef struct bind_task {
  const maapol_claims *claims;
  binding *binding;
} bind_task;

static maapol_status bind(arena *a, void *context) {
  const bind_task *task = context;
  const program *p = task->binding->policy->compiled->program;
  task->binding->claims = claims_bind(p, &task->claims->list, a);
  task->binding->count = task->claims->list.count;
  return MAAPOL_OK;
}

maapol_status api_bind(maapol_claims *c, const maapol_policy *p,
                       const bound_claims **bound) {
  if (c->failure != MAAPOL_OK)
    return c->failure;
  binding *b = choose(c, p);
  if (b->policy != p || b->count != c->list.count) {
    clear(b);
    b->policy = api_policy_retain(p);
    arena_init(&b->arena, LIMIT_ARENA_BYTES);
    bind_task task = {c, b};
    maapol_status status = api_guard(&b->arena, bind, &task);
    if (status != MAAPOL_OK) {
      clear(b);
      return status;
    }
  }
  *bound = b->claims;
  return MAAPOL_OK;
}
