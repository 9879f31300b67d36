/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "base/memory.h"
#include "include/maapol_token.h"
#include "token/show.h"
#include "token/verify.h"

struct maapol_keys {
  arena arena;
  jwk_set set;
  const char *error;
};

struct maapol_token {
  arena arena;
  token_verification result;
  const char *claims;
};

/* --- keys ----------------------------------------------------------------- */

typedef struct reading {
  maapol_keys *keys;
  slice text;
} reading;

static maapol_status read_keys(arena *a, void *context) {
  const reading *r = context;
  const char *reason;
  if (!jwk_set_read(a, arena_copy(a, r->text), &r->keys->set, &reason)) {
    r->keys->set = (jwk_set){0};
    r->keys->error = reason;
  }
  return MAAPOL_OK;
}

maapol_status maapol_keys_read(const char *text, size_t length,
                               maapol_keys **keys) {
  if (!keys)
    return MAAPOL_INVALID_ARGUMENT;
  *keys = NULL;
  if (!text && length)
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_KEY_SET_BYTES)
    return MAAPOL_LIMIT;
  maapol_keys *made = memory_alloc(sizeof *made);
  if (!made)
    return MAAPOL_NO_MEMORY;
  *made = (maapol_keys){0};
  arena_init(&made->arena, LIMIT_ARENA_BYTES);
  reading r = {made, {text, length}};
  maapol_status status = api_guard(&made->arena, read_keys, &r);
  if (status == MAAPOL_OK)
    *keys = made;
  else
    maapol_keys_free(made);
  return status;
}

void maapol_keys_free(maapol_keys *keys) {
  if (!keys)
    return;
  arena_free(&keys->arena);
  memory_free(keys);
}

size_t maapol_keys_count(const maapol_keys *keys) {
  size_t count = 0;
  for (size_t i = 0; keys && i < keys->set.count; i++)
    count += keys->set.items[i].key != NULL;
  return count;
}

const char *maapol_keys_error(const maapol_keys *keys) {
  return keys ? keys->error : NULL;
}

/* --- verifying ------------------------------------------------------------ */

typedef struct verifying {
  maapol_token *token;
  slice text;
  const maapol_keys *keys;
  const maapol_token_options *options;
} verifying;

static bool is_text_or_null(const char *text) {
  return !text || api_is_utf8(text, strlen(text));
}

static bool options_are_valid(const maapol_token_options *o) {
  const unsigned known = MAAPOL_TOKEN_ALLOW_UNSECURED |
                         MAAPOL_TOKEN_OF_POLICY_OWNER |
                         MAAPOL_TOKEN_SERVICE_EVIDENCE |
                         MAAPOL_TOKEN_ALLOW_NO_EXPIRY;
  const int64_t last = 253402300799; /* of the year 9999 */
  return o && o->size == sizeof *o && !(o->flags & ~known) && o->now >= 0 &&
         o->now <= last && o->leeway >= 0 && o->leeway <= last &&
         o->min_rsa_bits <= RSA_BITS_LARGEST && is_text_or_null(o->issuer) &&
         is_text_or_null(o->trust) && is_text_or_null(o->roots);
}

/* False: there is no certificate in it. */
static bool read_trust(arena *a, const char *pem, token_verify_options *to) {
  const char *reason;
  if (!pem)
    return true;
  certificate_chain *chain = ARENA_NEW(a, certificate_chain);
  trust_roots *roots = ARENA_NEW(a, trust_roots);
  if (!certificate_chain_read(a, bytes_from_slice(slice_from(pem)), chain,
                              &reason))
    return false;
  *roots = (trust_roots){.items = chain->items, .count = chain->count};
  roots->names = ARENA_ARRAY(a, chain->count, const char *);
  for (size_t i = 0; i < chain->count; i++)
    roots->names[i] = certificate_subject(a, chain->items[i]).data;
  to->trust = roots;
  return true;
}

static bool read_evidence_options(arena *a, const maapol_token_options *o,
                                  token_verify_options *to) {
  const char *reason;
  if (!(o->flags & MAAPOL_TOKEN_SERVICE_EVIDENCE))
    return true;
  verify_options *made = ARENA_NEW(a, verify_options);
  *made = (verify_options){.level = VERIFY_SIGNATURE,
                           .now = o->now,
                           .roots = roots_builtin(a)};
  to->service_evidence = made;
  return !o->roots || roots_add_directory(a, &made->roots, o->roots, &reason);
}

static maapol_status verify(arena *a, void *context) {
  const verifying *v = context;
  const maapol_token_options *o = v->options;
  maapol_token *made = v->token;
  token_verify_options options = {
      .now = o->now,
      .leeway = o->leeway,
      .keys = v->keys ? &v->keys->set : NULL,
      .issuer = slice_from(o->issuer),
      .rsa_bits_min = o->min_rsa_bits,
      .allow_unsecured = o->flags & MAAPOL_TOKEN_ALLOW_UNSECURED,
      .allow_no_expiry = o->flags & MAAPOL_TOKEN_ALLOW_NO_EXPIRY,
      .is_policy_owners = o->flags & MAAPOL_TOKEN_OF_POLICY_OWNER};
  if (!read_trust(a, o->trust, &options) ||
      !read_evidence_options(a, o, &options))
    return MAAPOL_INVALID_ARGUMENT;
  slice token = token_unwrap(a, arena_copy(a, v->text));
  if (!token_verify(a, token, &options, &made->result) ||
      !made->result.has_claims)
    return MAAPOL_OK;
  buffer claims = buffer_in(a);
  json_write(&claims, &made->result.claims);
  made->claims = buffer_slice(&claims).data;
  return MAAPOL_OK;
}

maapol_status maapol_token_verify(const char *text, size_t length,
                                  const maapol_keys *keys,
                                  const maapol_token_options *options,
                                  maapol_token **token) {
  if (!token)
    return MAAPOL_INVALID_ARGUMENT;
  *token = NULL;
  if ((!text && length) || !options_are_valid(options))
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_TOKEN_BYTES)
    return MAAPOL_LIMIT;
  maapol_token *made = memory_alloc(sizeof *made);
  if (!made)
    return MAAPOL_NO_MEMORY;
  *made = (maapol_token){0};
  arena_init(&made->arena, LIMIT_ARENA_BYTES);
  verifying v = {made, {text, length}, keys, options};
  maapol_status status = api_guard(&made->arena, verify, &v);
  if (status == MAAPOL_OK)
    *token = made;
  else
    maapol_token_free(made);
  return status;
}

void maapol_token_free(maapol_token *token) {
  if (!token)
    return;
  arena_free(&token->arena);
  memory_free(token);
}

/* --- asking --------------------------------------------------------------- */

bool maapol_token_is_verified(const maapol_token *token) {
  return token && token->result.is_verified;
}

const char *maapol_token_code(const maapol_token *token) {
  return token && !token->result.is_verified
             ? token_refusal_name(token->result.why.code)
             : NULL;
}

const char *maapol_token_reason(const maapol_token *token) {
  return token && !token->result.is_verified ? token->result.why.reason : NULL;
}

const char *maapol_token_claims(const maapol_token *token) {
  return maapol_token_is_verified(token) ? token->claims : NULL;
}

static void write_report(buffer *out, const void *object, const void *more) {
  const maapol_token *token = object;
  (void)more;
  value v = token_verification_report(out->arena, &token->result);
  json_write(out, &v);
}

maapol_status maapol_token_report_json(const maapol_token *token,
                                       char **json) {
  return api_write(write_report, token, NULL, json);
}

/* --- showing -------------------------------------------------------------- */

/* Writes nothing if it is no token. */
static void write_view(buffer *out, const void *object, const void *more) {
  token_view view;
  token_refusal why;
  slice text = token_unwrap(out->arena, *(const slice *)object);
  (void)more;
  if (!token_view_read(out->arena, text, &view, &why))
    return;
  value v = token_view_report(out->arena, &view);
  json_write(out, &v);
}

maapol_status maapol_token_show_json(const char *text, size_t length,
                                     char **json) {
  slice given = {text, length};
  if (json)
    *json = NULL;
  if (!text || !json)
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_TOKEN_BYTES)
    return MAAPOL_LIMIT;
  maapol_status status = api_write(write_view, &given, NULL, json);
  if (status != MAAPOL_OK || **json)
    return status;
  maapol_string_free(*json);
  *json = NULL;
  return MAAPOL_INVALID_ARGUMENT;
}
