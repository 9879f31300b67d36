/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/instance.h"

#include "base/base64.h"
#include "serve/decisions.h"
#include "serve/keys.h"
#include "sign/policy_hash.h"
#include "token/policy_token.h"

const char *service_mode_name(service_mode mode) {
  static const char *const names[] = {"aad", "isolated", "shared"};
  return names[mode];
}

/* --- what an issuer says of itself ---------------------------------------- */

static void set_text(object_builder *o, const char *name, slice text) {
  object_set(o, slice_from(name), value_text(text));
}

static slice json_text(arena *a, const object_builder *o) {
  buffer text = buffer_in(a);
  value v = object_value(o);
  json_write(&text, &v);
  return buffer_slice(&text);
}

static slice with_path(arena *a, slice url, const char *path) {
  buffer text = buffer_in(a);
  buffer_printf(&text, "%.*s%s", SLICE_ARGS(url), path);
  return buffer_slice(&text);
}

static slice token_header(arena *a, const service *s, slice url) {
  object_builder header = object_in(a);
  set_text(&header, "alg", SLICE("RS256"));
  set_text(&header, "jku", with_path(a, url, "/certs"));
  set_text(&header, "kid", s->kid);
  set_text(&header, "typ", SLICE("JWT"));
  return json_text(a, &header);
}

/* The service gives x5c, kid and kty alone; n and e are for ordinary JOSE
 * libraries. alg is left out as the service does. */
static slice certs_body(arena *a, const service *s, slice url) {
  buffer encoded = buffer_in(a);
  base64_encode(&encoded, key_certificate(a, &s->signing_key, url));
  array_builder chain = array_in(a), keys = array_in(a);
  array_add(&chain, value_text(buffer_slice(&encoded)));
  object_builder key = object_in(a), body = object_in(a);
  object_set(&key, SLICE("x5c"), array_value(&chain));
  set_text(&key, "kid", s->kid);
  set_text(&key, "kty", SLICE("RSA"));
  set_text(&key, "n", key_modulus(a, &s->signing_key));
  set_text(&key, "e", key_exponent(a, &s->signing_key));
  array_add(&keys, object_value(&key));
  object_set(&body, SLICE("keys"), array_value(&keys));
  return json_text(a, &body);
}

static value text_array(arena *a, const char *const *texts) {
  array_builder list = array_in(a);
  for (; *texts; texts++)
    array_add(&list, value_text(slice_from(*texts)));
  return array_value(&list);
}

/* Recorded in November 2022. */
static slice metadata_body(arena *a, slice url) {
  static const char *const responses[] = {"token", "none", NULL};
  static const char *const algorithms[] = {"RS256", NULL};
  static const char *const claims[] = {"cnf",
                                       "nonce",
                                       "x-ms-ver",
                                       "x-ms-attestation-type",
                                       "x-ms-policy-hash",
                                       "x-ms-policy-signer",
                                       "x-ms-sgx-is-debuggable",
                                       "x-ms-sgx-mrenclave",
                                       "x-ms-sgx-mrsigner",
                                       "x-ms-sgx-svn",
                                       "x-ms-sgx-ehd",
                                       "x-ms-sgx-collateral",
                                       "is-debuggable",
                                       "sgx-mrsigner",
                                       "sgx-mrenclave",
                                       "product-id",
                                       "svn",
                                       "tee",
                                       NULL};
  object_builder body = object_in(a);
  object_set(&body, SLICE("response_types_supported"),
             text_array(a, responses));
  object_set(&body, SLICE("id_token_signing_alg_values_supported"),
             text_array(a, algorithms));
  set_text(&body, "revocation_endpoint", with_path(a, url, "/revoke"));
  set_text(&body, "issuer", url);
  set_text(&body, "jwks_uri", with_path(a, url, "/certs"));
  object_set(&body, SLICE("claims_supported"), text_array(a, claims));
  return json_text(a, &body);
}

static slice host_of(slice origin) {
  const char *slashes = strstr(origin.data, "://");
  const char *host = slashes ? slashes + 3 : origin.data;
  return slice_between(host, origin.data + origin.length);
}

static void add_issuers(arena *a, const service *s, instance *i) {
  for (const char *const *o = s->options.origins;
       *o && i->issuer_count < ISSUER_NAMES_MAX; o++) {
    issuer_name *name = &i->issuers[i->issuer_count++];
    slice origin = slice_from(*o);
    name->host = s->options.has_issuer ? SLICE_EMPTY : host_of(origin);
    name->url = with_path(a, origin, i->prefix.length ? i->prefix.data : "");
    name->token_header = token_header(a, s, name->url);
    name->certs = certs_body(a, s, name->url);
    name->metadata = metadata_body(a, name->url);
  }
}

/* --- what the state holds of it ------------------------------------------- */

static bool check_mode(arena *a, service *s, instance *i, bool *is_new,
                       const char **reason) {
  const char *before, *now = service_mode_name(i->mode);
  if (!state_get_instance(s->state, a, i->name, &before, reason))
    return false;
  *is_new = before == NULL;
  if (!before || strcmp(before, now) == 0)
    return true;
  buffer text = buffer_in(a);
  buffer_printf(&text,
                "instance \"%s\" was made in %s mode and cannot become %s: "
                "its signers would lose or gain their say",
                i->name, before, now);
  *reason = buffer_slice(&text).data;
  return false;
}

/* Signers are given once, when an isolated instance is made; then its holders
 * add and remove them. The instance counts as made when all are stored. */
static bool make_signers(arena *a, service *s, instance *i,
                         const instance_options *options,
                         const char **reason) {
  *reason = "an isolated instance needs a policy management certificate";
  if (i->mode == MODE_ISOLATED && options->signers.count == 0)
    return false;
  for (size_t n = 0; n < options->signers.count; n++) {
    bytes der = certificate_der(a, options->signers.items[n]);
    if (!state_put_signer(s->state, i->name, der, reason))
      return false;
  }
  return state_put_instance(s->state, i->name, service_mode_name(i->mode),
                            reason);
}

static bool load_policies(arena *a, service *s, instance *i,
                          const char **reason) {
  for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++) {
    slice token;
    if (!state_get_policy(s->state, a, i->name, (attestation_type)t, &token,
                          reason))
      return false;
    if (token.length == 0)
      continue;
    i->policies[t] = stored_policy_make(token);
    *reason = "a stored policy does not compile any more";
    if (!i->policies[t] || !i->policies[t]->policy->program)
      return false;
  }
  return true;
}

bool instance_open(arena *a, service *s, const instance_options *options,
                   instance *result, const char **reason) {
  bool is_new;
  *result = (instance){.name = options->name, .mode = options->mode};
  pthread_mutex_init(&result->lock, NULL);
  arena_init(&result->kept, LIMIT_ARENA_BYTES);
  result->decisions = decisions_open(a);
  if (*options->name)
    result->prefix = with_path(a, SLICE("/i/"), options->name);
  add_issuers(a, s, result);
  return check_mode(a, s, result, &is_new, reason) &&
         (!is_new || make_signers(a, s, result, options, reason)) &&
         state_get_signers(s->state, a, result->name, result->signers,
                           &result->signer_count, LIMIT_SERVE_SIGNERS,
                           reason) &&
         load_policies(a, s, result, reason);
}

void instance_close(instance *i) {
  for (int t = 0; t < ATTESTATION_TYPE_COUNT; t++)
    stored_policy_release(i->policies[t]);
  arena_free(&i->kept);
  pthread_mutex_destroy(&i->lock);
}

/* --- policies in force ---------------------------------------------------- */

/* The arena moves into what it holds. */
stored_policy *stored_policy_make(slice token) {
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    arena_free(&a);
    return NULL;
  }
  stored_policy *p = ARENA_NEW(&a, stored_policy);
  p->token = arena_copy(&a, token);
  p->policy = policy_compile(&a, p->token);
  policy_token_signer(&a, p->token, &p->signer);
  p->hash = policy_hash(&a, p->policy->text);
  atomic_init(&p->references, 1);
  a.guard = NULL;
  p->arena = a;
  return p;
}

void stored_policy_release(stored_policy *p) {
  if (!p || atomic_fetch_sub(&p->references, 1) != 1)
    return;
  arena last = p->arena; /* p lies in it */
  arena_free(&last);
}

static void release(void *object) { stored_policy_release(object); }

const stored_policy *instance_policy(service *s, instance *i, arena *a,
                                     attestation_type type) {
  pthread_mutex_lock(&i->lock);
  stored_policy *p = i->policies[type] ? i->policies[type] : s->defaults[type];
  if (p)
    atomic_fetch_add(&p->references, 1);
  pthread_mutex_unlock(&i->lock);
  if (p)
    arena_defer(a, release, p);
  return p;
}

/* Under write_lock, where nobody is removed. */
static bool are_signers_kept(const instance *i, unsigned removals,
                             const char **reason) {
  *reason = "a policy signer was removed meanwhile; send it again";
  return i->removals == removals;
}

bool instance_set_policy(service *s, instance *i, attestation_type type,
                         stored_policy *made, unsigned removals,
                         const char **reason) {
  slice token = made ? made->token : SLICE_EMPTY;
  pthread_mutex_lock(&s->write_lock);
  bool stored = are_signers_kept(i, removals, reason) &&
                state_put_policy(s->state, i->name, type, token,
                                 service_now(s), reason);
  stored_policy *before = NULL;
  if (stored) {
    pthread_mutex_lock(&i->lock);
    before = i->policies[type];
    i->policies[type] = made;
    pthread_mutex_unlock(&i->lock);
  }
  pthread_mutex_unlock(&s->write_lock);
  stored_policy_release(before);
  return stored;
}

/* --- management certificates ---------------------------------------------- */

/* Their bytes stay where they are until the service is closed: a list of a
 * hundred is small, and a reader may still look at one. */
size_t instance_signers(instance *i, arena *a, bytes **list,
                        unsigned *removals) {
  bytes *copy = ARENA_ARRAY(a, LIMIT_SERVE_SIGNERS, bytes);
  pthread_mutex_lock(&i->lock);
  size_t count = i->signer_count;
  memcpy(copy, i->signers, count * sizeof *copy);
  *removals = i->removals;
  pthread_mutex_unlock(&i->lock);
  *list = copy;
  return count;
}

static size_t find_signer(const instance *i, bytes certificate) {
  size_t n = 0;
  while (n < i->signer_count &&
         !slice_equal(slice_from_bytes(i->signers[n]),
                      slice_from_bytes(certificate)))
    n++;
  return n;
}

/* A signer that stays beyond its request. What is removed is freed with the
 * instance: a reader may hold it, and it is a kilobyte per act of an
 * administrator. */
static bool keep_certificate(instance *i, bytes certificate, bytes *kept) {
  jmp_buf failure;
  if (ARENA_GUARD(&i->kept, failure))
    return false;
  *kept = bytes_from_slice(
      arena_copy(&i->kept, slice_from_bytes(certificate)));
  return true;
}

static signer_change add_signer(service *s, instance *i, bytes certificate,
                                const char **reason) {
  bytes kept;
  if (find_signer(i, certificate) < i->signer_count)
    return SIGNER_CHANGED;
  if (i->signer_count == LIMIT_SERVE_SIGNERS)
    return SIGNER_TOO_MANY;
  *reason = "there is no memory";
  if (!keep_certificate(i, certificate, &kept))
    return SIGNER_NOT_STORED;
  if (!state_put_signer(s->state, i->name, certificate, reason))
    return SIGNER_NOT_STORED;
  pthread_mutex_lock(&i->lock);
  i->signers[i->signer_count++] = kept;
  pthread_mutex_unlock(&i->lock);
  return SIGNER_CHANGED;
}

signer_change instance_add_signer(service *s, instance *i, bytes certificate,
                                  unsigned removals, const char **reason) {
  pthread_mutex_lock(&s->write_lock);
  signer_change change = are_signers_kept(i, removals, reason)
                             ? add_signer(s, i, certificate, reason)
                             : SIGNER_NOT_STORED;
  pthread_mutex_unlock(&s->write_lock);
  return change;
}

static signer_change remove_signer(service *s, instance *i, bytes certificate,
                                   const char **reason) {
  size_t n = find_signer(i, certificate);
  if (n == i->signer_count)
    return SIGNER_CHANGED;
  if (i->signer_count == 1)
    return SIGNER_LAST;
  if (!state_drop_signer(s->state, i->name, certificate, reason))
    return SIGNER_NOT_STORED;
  pthread_mutex_lock(&i->lock);
  i->signer_count--;
  i->removals++;
  memmove(&i->signers[n], &i->signers[n + 1],
          (i->signer_count - n) * sizeof i->signers[0]);
  pthread_mutex_unlock(&i->lock);
  return SIGNER_CHANGED;
}

signer_change instance_remove_signer(service *s, instance *i,
                                     bytes certificate, unsigned removals,
                                     const char **reason) {
  pthread_mutex_lock(&s->write_lock);
  signer_change change = are_signers_kept(i, removals, reason)
                             ? remove_signer(s, i, certificate, reason)
                             : SIGNER_NOT_STORED;
  pthread_mutex_unlock(&s->write_lock);
  return change;
}
