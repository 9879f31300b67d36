/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/changes.h"

static slice json_of(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

static bool has_type(const claim_list *list, slice type) {
  for (size_t i = 0; i < list->count; i++)
    if (slice_equal(list->items[i].type, type))
      return true;
  return false;
}

static bool is_unset(const value *types, slice type) {
  for (uint32_t i = 0; types && i < types->count; i++)
    if (slice_equal(value_string(&types->items[i]), type))
      return true;
  return false;
}

/* Takes away types that are unset or set anew, then adds the latter. */
static void change(arena *a, claim_list *claims, const value *unset,
                   const value *set) {
  claim_list added = claims_in(a), kept = claims_in(a);
  claims_error error;
  if (set) /* suite_read has read it before: it is well-formed */
    claims_read(&added, json_of(a, set), &error);
  for (size_t i = 0; i < claims->count; i++) {
    const claim *c = &claims->items[i];
    if (!is_unset(unset, c->type) && !has_type(&added, c->type))
      claims_add(&kept, c);
  }
  for (size_t i = 0; i < added.count; i++)
    claims_add(&kept, &added.items[i]);
  *claims = kept;
}

claim_list suite_change_claims(arena *a, claim_list claims,
                               const suite_case *c) {
  for (size_t i = 0; i < 2; i++)
    if (c->unset[i] || c->set[i])
      change(a, &claims, c->unset[i], c->set[i]);
  return claims;
}
