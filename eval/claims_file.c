/* SPDX-License-Identifier: Apache-2.0 */
/* Claims files: an object, an array of claims, or a token of the service. */
#include "base/base64.h"
#include "base/limits.h"
#include "eval/claims.h"

static bool fail(claim_list *list, claims_error *error, size_t offset,
                 const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool fail(claim_list *list, claims_error *error, size_t offset,
                 const char *format, ...) {
  buffer b = buffer_in(list->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&b, format, arguments);
  va_end(arguments);
  *error = (claims_error){buffer_slice(&b).data, offset};
  return false;
}

/* One {"type","value","issuer","readOnly"}. */
typedef struct file_claim {
  const value *type, *value, *issuer, *read_only;
} file_claim;

static bool sort_members(claim_list *list, const value *object, size_t index,
                         file_claim *found, claims_error *error) {
  *found = (file_claim){NULL, NULL, NULL, NULL};
  for (uint32_t i = 0; i < object->count; i++) {
    const member *m = &object->members[i];
    slice name = member_name(m);
    const value **place = slice_is(name, "type")       ? &found->type
                          : slice_is(name, "value")    ? &found->value
                          : slice_is(name, "issuer")   ? &found->issuer
                          : slice_is(name, "readOnly") ? &found->read_only
                                                       : NULL;
    if (!place)
      return fail(list, error, 0,
                  "claim %zu: unknown member \"%.*s\"; known are type, value, "
                  "issuer and readOnly",
                  index, SLICE_ARGS(name));
    *place = &m->value;
  }
  return true;
}

static bool add_file_claim(claim_list *list, const value *object, size_t index,
                           claims_error *error) {
  file_claim c;
  if (object->kind != VALUE_OBJECT)
    return fail(list, error, 0, "claim %zu is not an object", index);
  if (!sort_members(list, object, index, &c, error))
    return false;
  if (!c.type || c.type->kind != VALUE_STRING)
    return fail(list, error, 0, "claim %zu: \"type\" %s", index,
                c.type ? "is not a string" : "is missing");
  if (!c.value)
    return fail(list, error, 0, "claim %zu: \"value\" is missing", index);
  if (c.issuer && (c.issuer->kind != VALUE_STRING || !c.issuer->count))
    return fail(list, error, 0, "claim %zu: \"issuer\" is not a name", index);
  if (c.read_only && c.read_only->kind != VALUE_BOOLEAN)
    return fail(list, error, 0, "claim %zu: \"readOnly\" is not a boolean",
                index);
  return claims_add_value(
      list, value_string(c.type), c.value,
      c.issuer ? value_string(c.issuer) : ISSUER_SERVICE,
      c.read_only && c.read_only->boolean, error);
}

/* What belongs to the token and not to the evidence. */
static bool is_token_claim(slice name) {
  static const char *const names[] = {"iss", "iat", "nbf", "exp",
                                      "jti", "cnf", NULL};
  for (const char *const *n = names; *n; n++)
    if (slice_is(name, *n))
      return true;
  return false;
}

static bool add_token(claim_list *list, const value *payload,
                      claims_error *error) {
  for (uint32_t i = 0; i < payload->count; i++) {
    const member *m = &payload->members[i];
    if (!is_token_claim(member_name(m)) &&
        !claims_add_value(list, member_name(m), &m->value, ISSUER_SERVICE,
                          false, error))
      return false;
  }
  return true;
}

static slice trim(slice s) {
  while (s.length && memchr(" \t\r\n", *s.data, 4))
    s.data++, s.length--;
  while (s.length && memchr(" \t\r\n", s.data[s.length - 1], 4))
    s.length--;
  return s;
}

static bool read_json(claim_list *list, slice text, value *v,
                      claims_error *error) {
  json_error json;
  if (json_read(list->arena, text, 0, v, &json))
    return true;
  if (json.name.length)
    return fail(list, error, json.offset, "%s: \"%.*s\"", json.message,
                SLICE_ARGS(json.name));
  return fail(list, error, json.offset, "%s", json.message);
}

static bool read_token(claim_list *list, slice text, claims_error *error) {
  const char *first = memchr(text.data, '.', text.length);
  const char *second =
      first ? memchr(first + 1, '.',
                     (size_t)(text.data + text.length - first - 1))
            : NULL;
  bytes payload;
  value v;
  if (!second || !base64_decode(list->arena, slice_between(first + 1, second),
                                BASE64_URL, &payload))
    return fail(list, error, 0,
                "this is neither JSON nor a token (header.payload.signature)");
  slice json = arena_copy(list->arena, slice_from_bytes(payload));
  if (!read_json(list, json, &v, error))
    return false;
  if (v.kind != VALUE_OBJECT)
    return fail(list, error, 0, "the token's payload is not an object");
  return add_token(list, &v, error);
}

bool claims_read(claim_list *list, slice text, claims_error *error) {
  value v;
  slice s = trim(text);
  *error = (claims_error){NULL, 0};
  if (text.length > LIMIT_JSON_BYTES)
    return fail(list, error, 0, "%zu bytes of claims; %d are allowed",
                text.length, LIMIT_JSON_BYTES);
  if (!s.length)
    return fail(list, error, 0, "there are no claims: the text is empty");
  if (slice_starts_with(s, "eyJ"))
    return read_token(list, s, error);
  if (!read_json(list, text, &v, error))
    return false;
  if (v.kind == VALUE_OBJECT)
    return claims_add_object(list, &v, error);
  if (v.kind != VALUE_ARRAY)
    return fail(list, error, 0,
                "claims are an object, an array of claims, or a token");
  for (uint32_t i = 0; i < v.count; i++)
    if (!add_file_claim(list, &v.items[i], i + 1, error))
      return false;
  return true;
}

/* --- writing -------------------------------------------------------------- */

value claims_file(arena *a, const claim_list *list) {
  array_builder all = array_in(a);
  for (size_t i = 0; i < list->count; i++) {
    const claim *c = &list->items[i];
    object_builder o = object_in(a);
    object_set(&o, SLICE("type"), value_text(c->type));
    object_set(&o, SLICE("value"), claim_json(c));
    object_set(&o, SLICE("issuer"), value_text(c->issuer));
    if (c->read_only)
      object_set(&o, SLICE("readOnly"), value_boolean(true));
    array_add(&all, object_value(&o));
  }
  return array_value(&all);
}
