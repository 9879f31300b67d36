/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "base/memory.h"

maapol_claims *api_claims_retain(maapol_claims *c) {
  atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
  return c;
}

void api_claims_release(maapol_claims *c) {
  if (atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) != 1)
    return;
  arena_free(&c->arena);
  memory_free(c);
}

maapol_status maapol_claims_new(maapol_claims **claims) {
  if (!claims)
    return MAAPOL_INVALID_ARGUMENT;
  *claims = NULL;
  maapol_claims *c = memory_alloc(sizeof *c);
  if (!c)
    return MAAPOL_NO_MEMORY;
  *c = (maapol_claims){.references = 1, .failure = MAAPOL_OK};
  arena_init(&c->arena, LIMIT_ARENA_BYTES);
  arena_init(&c->scratch, LIMIT_ARENA_BYTES);
  c->list = claims_in(&c->arena);
  *claims = c;
  return MAAPOL_OK;
}

/* Results need the claims alone. */
void maapol_claims_free(maapol_claims *c) {
  if (!c)
    return;
  api_unbind(c);
  arena_free(&c->scratch);
  api_claims_release(c);
}

/* --- adding --------------------------------------------------------------- */

typedef struct addition {
  maapol_claims *claims;
  slice type, issuer, text;
  value value;
  bool is_read_only;
} addition;

/* Where memory ran out, the set may be left between two states. */
static maapol_status add(addition *add, api_task task) {
  maapol_claims *c = add->claims;
  if (c->failure != MAAPOL_OK)
    return c->failure;
  maapol_status status = api_guard(&c->arena, task, add);
  if (!c->arena.failure)
    return status;
  c->failure = status;
  return status;
}

static maapol_status add_value(arena *a, void *context) {
  addition *add = context;
  claims_error error = {NULL, 0};
  if (add->value.kind == VALUE_STRING)
    add->value = value_text(arena_copy(a, add->text));
  return claims_add_value(&add->claims->list, arena_copy(a, add->type),
                          &add->value, arena_copy(a, add->issuer),
                          add->is_read_only, &error)
             ? MAAPOL_OK
             : MAAPOL_LIMIT;
}

static bool is_name(slice name) {
  return name.length && api_is_utf8(name.data, name.length);
}

static maapol_status add_one(maapol_claims *c, const char *type,
                             const char *issuer, addition *one) {
  if (!c)
    return MAAPOL_INVALID_ARGUMENT;
  c->error = (claims_error){NULL, 0};
  if (!type)
    return MAAPOL_INVALID_ARGUMENT;
  one->claims = c;
  one->type = slice_from(type);
  one->issuer = issuer ? slice_from(issuer) : ISSUER_SERVICE;
  if (!is_name(one->type) || !is_name(one->issuer) ||
      !api_is_utf8(one->text.data, one->text.length))
    return MAAPOL_INVALID_ARGUMENT;
  if (one->type.length > LIMIT_JSON_BYTES ||
      one->issuer.length > LIMIT_JSON_BYTES)
    return MAAPOL_LIMIT;
  return add(one, add_value);
}

maapol_status maapol_claims_add_boolean(maapol_claims *c, const char *type,
                                        bool content, const char *issuer,
                                        bool is_read_only) {
  addition one = {.value = value_boolean(content),
                  .is_read_only = is_read_only};
  return add_one(c, type, issuer, &one);
}

maapol_status maapol_claims_add_integer(maapol_claims *c, const char *type,
                                        int64_t content, const char *issuer,
                                        bool is_read_only) {
  addition one = {.value = value_integer(content),
                  .is_read_only = is_read_only};
  return add_one(c, type, issuer, &one);
}

maapol_status maapol_claims_add_string(maapol_claims *c, const char *type,
                                       const char *content, size_t length,
                                       const char *issuer, bool is_read_only) {
  if (!content && length)
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_JSON_BYTES)
    return MAAPOL_LIMIT;
  addition one = {.value = value_text(SLICE_EMPTY),
                  .text = {content, length},
                  .is_read_only = is_read_only};
  return add_one(c, type, issuer, &one);
}

/* --- from JSON ------------------------------------------------------------ */

/* All or none: what is read becomes part of the set only once it is whole. */
static maapol_status merge(claim_list *list, const claim_list *found) {
  if (!list->count) {
    *list = *found;
    return MAAPOL_OK;
  }
  if (found->count > LIMIT_CLAIMS - list->count)
    return MAAPOL_LIMIT;
  for (size_t i = 0; i < found->count; i++)
    claims_add(list, &found->items[i]);
  return MAAPOL_OK;
}

static maapol_status add_json(arena *a, void *context) {
  addition *add = context;
  maapol_claims *c = add->claims;
  claim_list found = claims_in(a);
  if (claims_read(&found, arena_copy(a, add->text), &c->error))
    return merge(&c->list, &found);
  return MAAPOL_INVALID_CLAIMS;
}

maapol_status maapol_claims_add_json(maapol_claims *c, const char *text,
                                     size_t length) {
  if (!c)
    return MAAPOL_INVALID_ARGUMENT;
  c->error = (claims_error){NULL, 0};
  if (!text && length)
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_JSON_BYTES)
    return MAAPOL_LIMIT;
  addition json = {.claims = c, .text = {text, length}};
  return add(&json, add_json);
}

const char *maapol_claims_error(const maapol_claims *c, size_t *offset) {
  if (offset)
    *offset = c ? c->error.offset : 0;
  return c ? c->error.message : NULL;
}

/* --- asking --------------------------------------------------------------- */

size_t maapol_claims_count(const maapol_claims *c) {
  return c ? c->list.count : 0;
}

static void write_claims(buffer *out, const void *object, const void *more) {
  const maapol_claims *c = object;
  (void)more;
  value v = claims_json(out->arena, &c->list);
  json_write(out, &v);
}

maapol_status maapol_claims_json(const maapol_claims *c, char **json) {
  if (json)
    *json = NULL;
  if (c && c->failure != MAAPOL_OK)
    return c->failure;
  return api_write(write_claims, c, NULL, json);
}
