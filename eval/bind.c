/* SPDX-License-Identifier: Apache-2.0 */
/* Claims as a program sees them: types, issuers and strings that it names
 * become its symbols, and the claims of a type a chain. */
#include "eval/engine.h"

/* Nearly every claim has one of these. */
static uint32_t find_issuer(const program *p, slice issuer) {
  for (uint32_t i = SYMBOL_SERVICE; i <= SYMBOL_CUSTOM; i++)
    if (slice_equal(symbols_text(&p->symbols, i), issuer))
      return i;
  return symbols_find(&p->symbols, issuer);
}

void bind_claim(const program *p, const claim *c, bound_claim *bound) {
  *bound = (bound_claim){.type = symbols_find(&p->symbols, c->type),
                         .issuer = find_issuer(p, c->issuer),
                         .kind = c->kind,
                         .read_only = c->read_only,
                         .key = c->integer};
  bound->tag = CLAIM_TAG(bound->issuer, bound->kind);
  if (c->kind == CLAIM_STRING)
    bound->key = (int64_t)symbols_find(&p->symbols, c->text);
}

void bound_append(struct bound_claims *b, uint32_t index) {
  bound_claim *item = &b->items[index];
  bound_type *type = &b->types[item->type];
  item->next = 0;
  if (item->type == SYMBOL_NONE)
    return;
  if (!type->head) {
    *type = (bound_type){item->tag, item->key, 0, index + 1, index + 1};
    return;
  }
  b->items[type->tail - 1].next = index + 1;
  if (type->tail == type->head)
    type->next = index + 1;
  type->tail = index + 1;
}

bound_type *bound_no_types(const program *p, arena *a) {
  bound_type *types = ARENA_ARRAY(a, p->symbols.count + 1u, bound_type);
  for (uint32_t i = 0; i <= p->symbols.count; i++)
    types[i] = (bound_type){.tag = TAG_ABSENT};
  return types;
}

const bound_claims *claims_bind(const program *p, const claim_list *claims,
                                arena *a) {
  struct bound_claims *b = ARENA_NEW(a, struct bound_claims);
  b->program = p;
  b->claims = claims;
  b->count = (uint32_t)claims->count;
  b->items = ARENA_ARRAY(a, claims->count, bound_claim);
  b->types = bound_no_types(p, a);
  for (uint32_t i = 0; i < b->count; i++) {
    bind_claim(p, &claims->items[i], &b->items[i]);
    bound_append(b, i);
  }
  return b;
}

void engine_own_claims(engine *e) {
  if (e->own.items)
    return;
  e->own_claims = claims_in(e->arena);
  e->own_claims.items = ARENA_ARRAY(e->arena, e->count + 16u, claim);
  e->own_claims.count = e->count;
  e->own_claims.capacity = e->count + 16u;
  if (e->count) /* they are distinct already */
    memcpy(e->own_claims.items, e->claims, e->count * sizeof(claim));
  e->own = (struct bound_claims){.program = e->program, .count = e->count};
  e->own_capacity = e->count + 16u;
  e->own.items = ARENA_ARRAY(e->arena, e->own_capacity, bound_claim);
  e->own.types = bound_no_types(e->program, e->arena);
  for (uint32_t i = 0; i < e->count; i++) {
    e->own.items[i] = e->items[i];
    bound_append(&e->own, i);
  }
  e->claims = e->own_claims.items;
  e->items = e->own.items;
  e->types = e->own.types;
}
