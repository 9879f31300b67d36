/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/access.h"

#include "base/base64.h"
#include "evidence/certificate.h"
#include "serve/assertion.h"
#include "serve/keys.h"
#include "serve/router.h"
#include "sign/jws_make.h"
#include "sign/public_key.h"

static const char *const role_names[] = {"", "Attestation Reader",
                                         "Attestation Contributor"};

static bool refuse_access(call *c, int status, const char *code,
                          const char *message) {
  refuse(c, status, code, "%s", message);
  if (status == 401)
    http_header(c->response, "WWW-Authenticate",
                SLICE("Bearer authorization=\"https://login.microsoftonline."
                      "com/common\", resource=\"https://attest.azure.net\""));
  return false;
}

/* RFC 6750 section 2.1; empty if there is none. */
static slice bearer_token(const call *c) {
  slice text = http_field_find(c->request->headers, "Authorization");
  static const char scheme[] = "Bearer ";
  size_t length = sizeof scheme - 1;
  if (text.length <= length ||
      !slice_equal_ignore_case((slice){text.data, length}, SLICE("Bearer ")))
    return SLICE_EMPTY;
  while (length < text.length && strchr(" \t", text.data[length]))
    length++;
  return (slice){text.data + length, text.length - length};
}

/* --- strict --------------------------------------------------------------- */

static bool split(slice token, slice parts[3], slice *input) {
  const char *end = token.data + token.length;
  const char *first = memchr(token.data, '.', token.length);
  const char *second =
      first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
  if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
    return false;
  parts[0] = slice_between(token.data, first);
  parts[1] = slice_between(first + 1, second);
  parts[2] = slice_between(second + 1, end);
  *input = slice_between(token.data, second);
  return true;
}

static bool read_part(arena *a, slice part, value *object) {
  bytes json;
  json_error error;
  return base64_decode(a, part, BASE64_URL, &json) &&
         json_read(a, slice_from_bytes(json), 0, object, &error) &&
         object->kind == VALUE_OBJECT;
}

static bool text_is(const value *object, const char *name, const char *text) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING && slice_is(value_string(v), text);
}

/* The claims, if our key signed them with RS256 and nothing else. */
static bool verify_token(call *c, slice token, value *claims) {
  slice parts[3], input;
  value header;
  bytes signature;
  const char *reason;
  if (!split(token, parts, &input) || !read_part(c->arena, parts[0], &header) ||
      !text_is(&header, "alg", "RS256") ||
      !base64_decode(c->arena, parts[2], BASE64_URL, &signature))
    return false;
  public_key *key = public_key_from_handle(
      c->arena, c->service->entra_key.pair, &reason);
  return key &&
         public_key_verify(key, JWS_RS256, bytes_from_slice(input),
                           signature) &&
         read_part(c->arena, parts[1], claims);
}

static bool is_in_time(const value *claims, int64_t now) {
  const value *begin = value_member(claims, SLICE("nbf"));
  const value *end = value_member(claims, SLICE("exp"));
  return begin && end && begin->kind == VALUE_INTEGER &&
         end->kind == VALUE_INTEGER && begin->integer <= now &&
         now < end->integer;
}

static access_role role_of(const value *claims) {
  const value *roles = value_member(claims, SLICE("roles"));
  access_role best = ROLE_NONE;
  if (!roles || roles->kind != VALUE_ARRAY)
    return best;
  for (uint32_t i = 0; i < roles->count; i++)
    for (access_role r = ROLE_READER; r <= ROLE_CONTRIBUTOR; r++)
      if (roles->items[i].kind == VALUE_STRING && r > best &&
          slice_is(value_string(&roles->items[i]), role_names[r]))
        best = r;
  return best;
}

static bool check_strictly(call *c, slice token) {
  value claims;
  if (!verify_token(c, token, &claims))
    return refuse_access(c, 401, "Unauthorized",
                         "The access token is not one of this emulator's "
                         "token endpoint.");
  if (!text_is(&claims, "aud", "https://attest.azure.net"))
    return refuse_access(c, 401, "Unauthorized",
                         "The access token is for another audience than "
                         "https://attest.azure.net.");
  if (!is_in_time(&claims, c->now))
    return refuse_access(c, 401, "Unauthorized",
                         "The access token is expired or not yet valid.");
  access_role needed = c->operation->access == ACCESS_WRITE ? ROLE_CONTRIBUTOR
                                                            : ROLE_READER;
  if (role_of(&claims) >= needed)
    return true;
  return refuse_access(c, 403, "Forbidden",
                       needed == ROLE_CONTRIBUTOR
                           ? "The caller lacks the role Attestation "
                             "Contributor."
                           : "The caller lacks the role Attestation Reader.");
}

bool access_is_granted(call *c) {
  oauth_level level = c->service->options.oauth;
  if (c->operation->access < ACCESS_READ || level == OAUTH_OFF)
    return true;
  slice token = bearer_token(c);
  if (!token.length)
    return refuse_access(c, 401, "Unauthorized",
                         "The request has no bearer token; its caller needs "
                         "the role Attestation Reader or Contributor.");
  return level == OAUTH_BASIC || check_strictly(c, token);
}

/* --- tokens --------------------------------------------------------------- */

static void set_text(object_builder *o, slice name, slice text) {
  object_set(o, name, value_text(text));
}

slice access_make_token(call *c, slice audience, slice tenant, slice client,
                        access_role role) {
  arena *a = c->arena;
  buffer issuer = buffer_in(a);
  buffer_printf(&issuer, "%.*s/%.*s/v2.0", SLICE_ARGS(c->issuer->url),
                SLICE_ARGS(tenant));
  object_builder header = object_in(a), claims = object_in(a);
  set_text(&header, SLICE("alg"), SLICE("RS256"));
  set_text(&header, SLICE("kid"), c->service->entra_kid);
  set_text(&header, SLICE("typ"), SLICE("JWT"));
  set_text(&claims, SLICE("aud"), audience);
  set_text(&claims, SLICE("iss"), buffer_slice(&issuer));
  set_text(&claims, SLICE("appid"), client);
  set_text(&claims, SLICE("tid"), tenant);
  object_set(&claims, SLICE("iat"), value_integer(c->now));
  object_set(&claims, SLICE("nbf"), value_integer(c->now));
  object_set(&claims, SLICE("exp"),
             value_integer(c->now + ACCESS_TOKEN_SECONDS));
  array_builder roles = array_in(a);
  array_add(&roles, value_text(slice_from(role_names[role])));
  object_set(&claims, SLICE("roles"), array_value(&roles));
  value parts[] = {object_value(&header), object_value(&claims)};
  buffer texts[] = {buffer_in(a), buffer_in(a)};
  for (size_t i = 0; i < 2; i++)
    json_write(&texts[i], &parts[i]);
  slice token = SLICE_EMPTY;
  jws_make(a, &c->service->entra_key, JWS_RS256, buffer_slice(&texts[0]),
           buffer_slice(&texts[1]), &token);
  return token;
}

/* --- clients -------------------------------------------------------------- */

static slice member_text(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

static bool read_client(arena *a, const value *v, service_client *client,
                        const char **reason) {
  *client = (service_client){.id = member_text(v, "client_id"),
                             .secret = member_text(v, "client_secret"),
                             .issuer = member_text(v, "issuer"),
                             .subject = member_text(v, "subject"),
                             .audience = member_text(v, "audience")};
  slice role = member_text(v, "role"), pem = member_text(v, "certificate");
  if (slice_is(role, "Reader") || slice_is(role, "Contributor"))
    client->role = slice_is(role, "Reader") ? ROLE_READER : ROLE_CONTRIBUTOR;
  certificate_chain chain;
  if (pem.length) {
    if (!certificate_chain_read(a, bytes_from_slice(pem), &chain, reason))
      return false;
    client->certificate = certificate_pem(a, chain.items[0]);
  }
  if (!client->audience.length)
    client->audience = SLICE(ASSERTION_AUDIENCE);
  const value *managed = value_member(v, SLICE("managed_identity"));
  client->is_managed =
      managed && managed->kind == VALUE_BOOLEAN && managed->boolean;
  *reason = "a client has client_id, role (Reader or Contributor) and one of "
            "client_secret, certificate, issuer and subject, or "
            "managed_identity";
  return client->id.length && client->role != ROLE_NONE &&
         (client->secret.length || client->certificate.length ||
          client->is_managed ||
          (client->issuer.length && client->subject.length));
}

bool access_read_clients(arena *a, slice text, const service_client **clients,
                         size_t *count, const char **reason) {
  value list;
  json_error error;
  if (!json_read(a, text, 0, &list, &error)) {
    *reason = error.message;
    return false;
  }
  *reason = "it is not a JSON array of clients";
  if (list.kind != VALUE_ARRAY)
    return false;
  service_client *all = ARENA_ARRAY(a, list.count, service_client);
  for (uint32_t i = 0; i < list.count; i++)
    if (!read_client(a, &list.items[i], &all[i], reason))
      return false;
  *clients = all;
  *count = list.count;
  return true;
}
