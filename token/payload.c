/* SPDX-License-Identifier: Apache-2.0 */
#include "token/payload.h"

#include <openssl/rand.h>

#include "base/base64.h"

/* Names that are never the policy's, whether the token has them or not: a
 * relying party must be able to take them for the service's word. */
static const char *const reserved_names[] = {
    "iss",
    "iat",
    "nbf",
    "exp",
    "jti",
    "cnf",
    "nonce",
    "rp_data",
    "x-ms-ver",
    "x-ms-attestation-type",
    "x-ms-policy",
    "x-ms-policy-hash",
    "x-ms-policy-signer",
    "x-ms-runtime",
    "x-ms-inittime",
    "x-ms-compliance-status",
};

static bool is_reserved(slice name) {
  size_t count = sizeof reserved_names / sizeof reserved_names[0];
  for (size_t i = 0; i < count; i++)
    if (slice_is(name, reserved_names[i]))
      return true;
  return false;
}

static void set_text(object_builder *o, const char *name, slice text) {
  object_set(o, slice_from(name), value_text(text));
}

static void set_number(object_builder *o, const char *name, int64_t number) {
  object_set(o, slice_from(name), value_integer(number));
}

static void add_issued(object_builder *o, const value *issued,
                       const value *service, notes *remarks) {
  for (uint32_t i = 0; i < issued->count; i++) {
    const member *m = &issued->members[i];
    slice name = member_name(m);
    if (is_reserved(name) || value_member(service, name))
      note_add(remarks,
               "the policy issues \"%.*s\", a name of the service: it stands "
               "in x-ms-policy only",
               SLICE_ARGS(name));
    else
      object_set(o, name, m->value);
  }
}

static void add_members(object_builder *o, const value *object) {
  for (uint32_t i = 0; i < object->count; i++)
    object_set(o, member_name(&object->members[i]), object->members[i].value);
}

/* 64 hex digits, as recorded since May 2021. A system without random bytes is
 * treated as one without memory: no token may go out with a known jti. */
static slice random_id(arena *a) {
  uint8_t random[32];
  if (RAND_bytes(random, sizeof random) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  buffer text = buffer_in(a);
  buffer_hex(&text, (bytes){random, sizeof random});
  return buffer_slice(&text);
}

static void add_standard(arena *a, object_builder *o,
                         const payload_parts *parts) {
  set_text(o, "iss", parts->issuer);
  set_number(o, "iat", parts->now);
  set_number(o, "nbf", parts->now);
  set_number(o, "exp", parts->now + parts->lifetime);
  set_text(o, "jti", random_id(a));
  if (parts->has_nonce)
    set_text(o, "nonce", parts->nonce);
  set_text(o, "x-ms-ver", SLICE("1.0"));
  set_text(o, "x-ms-policy-hash", parts->policy_hash);
  if (parts->policy_signer.kind != VALUE_NULL)
    object_set(o, SLICE("x-ms-policy-signer"), parts->policy_signer);
}

value payload_build(arena *a, const payload_parts *parts, notes *remarks) {
  object_builder o = object_in(a);
  value issued = claims_json(a, parts->issued);
  add_issued(&o, &issued, &parts->service, remarks);
  if (issued.count)
    object_set(&o, SLICE("x-ms-policy"), issued);
  add_members(&o, &parts->service);
  add_standard(a, &o, parts);
  return object_value(&o);
}

static void add_part(buffer *token, const value *json) {
  buffer text = buffer_in(token->arena);
  json_write(&text, json);
  base64url_encode(token, bytes_from_slice(buffer_slice(&text)));
  buffer_char(token, '.');
}

slice unsecured_token(arena *a, slice issuer, slice kid,
                      const value *payload) {
  buffer keys = buffer_in(a);
  buffer_printf(&keys, "%.*s/certs", SLICE_ARGS(issuer));
  object_builder header = object_in(a);
  set_text(&header, "alg", SLICE("none"));
  set_text(&header, "jku", buffer_slice(&keys));
  if (kid.length)
    set_text(&header, "kid", kid);
  set_text(&header, "typ", SLICE("JWT"));
  value first = object_value(&header);
  buffer token = buffer_in(a);
  add_part(&token, &first);
  add_part(&token, payload);
  return buffer_slice(&token);
}
