/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/service.h"

#include <openssl/rand.h>

#include "serve/assertion.h"
#include "serve/instance.h"
#include "serve/issuers.h"
#include "serve/keys.h"
#include "serve/openapi.h"
#include "sign/policy_hash.h"
#include "token/default_policies.h"

/* An RSA key that is made once. */
static bool open_key(arena *a, service *s, const char *name,
                     private_key *result, const char **reason) {
  bytes content;
  if (!state_get_key(s->state, a, name, &content, reason))
    return false;
  if (content.length == 0) {
    private_key_make(a, JWS_RS256, 0, result);
    return state_put_key(s->state, name, key_encode(a, result->pair), reason);
  }
  EVP_PKEY *pair = key_decode(content);
  *reason = "a stored key cannot be read";
  return pair && private_key_take(a, pair, result, reason) == PRIVATE_KEY_OK;
}

static bool open_defaults(arena *a, service *s, const char **reason) {
  for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++) {
    slice text = default_policy((attestation_type)t);
    if (!text.data)
      continue;
    s->defaults[t] = stored_policy_make(policy_unsecured_token(a, text));
    *reason = "there is no memory for the default policies";
    if (!s->defaults[t] || !s->defaults[t]->policy->program)
      return false;
  }
  return true;
}

static bool open_instances(arena *a, service *s, const char **reason) {
  const service_options *o = &s->options;
  s->instances = ARENA_ARRAY(a, o->instance_count, instance);
  for (size_t n = 0; n < o->instance_count; n++) {
    s->instance_count = n + 1; /* also what is half made is closed */
    if (!instance_open(a, s, &o->instances[n], &s->instances[n], reason))
      return false;
  }
  return true;
}

/* A token that nobody can check must not open what is strict. */
static bool has_all_keys(arena *a, const service *s, const char **reason) {
  for (size_t i = 0; i < s->client_count; i++) {
    slice issuer = s->clients[i].issuer;
    if (s->options.oauth != OAUTH_STRICT || !issuer.length ||
        federated_keys_find(s, issuer))
      continue;
    buffer text = buffer_in(a);
    buffer_printf(&text,
                  "client %.*s: --oauth strict wants the keys of its issuer: "
                  "--federated-jwks %.*s=FILE",
                  SLICE_ARGS(s->clients[i].id), SLICE_ARGS(issuer));
    *reason = buffer_slice(&text).data;
    return false;
  }
  return true;
}

static bool open_clients(arena *a, service *s, const char **reason) {
  return s->options.clients.length == 0 ||
         (access_read_clients(a, s->options.clients, &s->clients,
                              &s->client_count, reason) &&
          has_all_keys(a, s, reason));
}

static void close_service(void *object) {
  service *s = object;
  for (size_t n = 0; n < s->instance_count; n++)
    instance_close(&s->instances[n]);
  for (int t = 0; t < ATTESTATION_TYPE_COUNT; t++)
    stored_policy_release(s->defaults[t]);
  pthread_mutex_destroy(&s->write_lock);
}

static slice entra_keys(arena *a, const service *s) {
  buffer text = buffer_in(a);
  buffer_printf(&text,
                "{\"keys\":[{\"alg\":\"RS256\",\"e\":\"%s\","
                "\"kid\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\","
                "\"use\":\"sig\"}]}",
                key_exponent(a, &s->entra_key).data, s->entra_kid.data,
                key_modulus(a, &s->entra_key).data);
  return buffer_slice(&text);
}

service *service_open(arena *a, const service_options *options,
                      const char **reason) {
  service *s = ARENA_NEW(a, service);
  s->options = *options;
  pthread_mutex_init(&s->write_lock, NULL);
  s->issuers = issuers_open(a);
  s->challenges = challenges_open(a);
  if (RAND_bytes(s->challenge_key, sizeof s->challenge_key) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, close_service, s);
  s->state = state_open(a, options->state_directory, reason);
  bool good = s->state &&
              open_key(a, s, "service", &s->signing_key, reason) &&
              open_key(a, s, "entra", &s->entra_key, reason);
  if (good) {
    s->kid = key_id(a, &s->signing_key);
    s->entra_kid = key_id(a, &s->entra_key);
    s->entra_keys = entra_keys(a, s);
    s->openapi = openapi_document(a);
  }
  return good && open_clients(a, s, reason) && open_defaults(a, s, reason) &&
                 open_instances(a, s, reason)
             ? s
             : NULL;
}
