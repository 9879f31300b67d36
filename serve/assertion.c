/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/assertion.h"

#include <openssl/x509.h>

#include "token/verify.h"

/* In the order in which things are looked at: the further, the better it fits.
 * Numbers and words: as people meet them; docs/known-differences.md. */
typedef enum fault {
  MALFORMED,
  FOREIGN_CLIENT,
  NO_CERTIFICATE,
  UNKNOWN_ISSUER,
  UNKNOWN_SUBJECT,
  UNKNOWN_AUDIENCE,
  UNKNOWN_KEY,
  WRONG_SIGNATURE,
  CERTIFICATE_NOT_VALID,
  WRONG_REALM,
  NOT_IN_TIME,
  NO_FAULT
} fault;

#define RECORD "No matching federated identity record found for presented "

static const entra_refusal refusals[NO_FAULT] = {
    [MALFORMED] = {400, "invalid_request", 50027,
                   "The client assertion is no valid JWT."},
    [FOREIGN_CLIENT] = {401, "invalid_client", 700021,
                        "Client assertion application identifier doesn't "
                        "match 'client_id' parameter."},
    [NO_CERTIFICATE] = {401, "invalid_client", 700027,
                        "The certificate used to sign the client assertion "
                        "is not registered on the application."},
    [UNKNOWN_ISSUER] = {401, "invalid_client", 700211,
                        RECORD "assertion issuer."},
    [UNKNOWN_SUBJECT] = {401, "invalid_client", 700213,
                         RECORD "assertion subject."},
    [UNKNOWN_AUDIENCE] = {401, "invalid_client", 700212,
                          RECORD "assertion audience."},
    [UNKNOWN_KEY] = {401, "invalid_client", 7000272,
                     "The certificate used to sign the federated credential "
                     "could not be found in the metadata of the identity "
                     "provider."},
    [WRONG_SIGNATURE] = {401, "invalid_client", 700027,
                         "Client assertion failed signature validation."},
    [CERTIFICATE_NOT_VALID] = {401, "invalid_client", 700027,
                               "Client assertion failed signature "
                               "validation. [Reason - The key used is "
                               "expired or not yet valid.]"},
    [WRONG_REALM] = {401, "invalid_client", 700023,
                     "Client assertion audience claim does not match Realm "
                     "issuer."},
    [NOT_IN_TIME] = {401, "invalid_client", 700024,
                     "Client assertion is not within its valid time range."},
};

typedef struct assertion {
  call *call;
  slice text, client;
  jws token;
  value claims;
} assertion;

static slice text_claim(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

static bool claim_is(const assertion *a, const char *name, slice wanted) {
  return slice_equal(text_claim(&a->claims, name), wanted);
}

/* A cluster's tokens name their audiences in an array. */
static bool is_for(const assertion *a, slice audience) {
  const value *all = value_member(&a->claims, SLICE("aud"));
  if (!all || all->kind != VALUE_ARRAY)
    return claim_is(a, "aud", audience);
  for (uint32_t i = 0; i < all->count; i++)
    if (all->items[i].kind == VALUE_STRING &&
        slice_equal(value_string(&all->items[i]), audience))
      return true;
  return false;
}

/* --- signature and times -------------------------------------------------- */

/* RFC 7523 section 3: it must say when it ends, and not have ended. */
static fault check_times(const assertion *a) {
  const value *end = value_member(&a->claims, SLICE("exp"));
  const value *begin = value_member(&a->claims, SLICE("nbf"));
  int64_t now = a->call->now;
  bool holds =
      end && end->kind == VALUE_INTEGER && now < end->integer &&
      (!begin || (begin->kind == VALUE_INTEGER && begin->integer <= now));
  return holds ? NO_FAULT : NOT_IN_TIME;
}

static fault check_signature(const assertion *a, const jwk_set *keys) {
  token_verification v;
  token_verify_options options = {
      .now = a->call->now, .keys = keys, .no_steps = true};
  if (token_verify(a->call->arena, a->text, &options, &v))
    return NO_FAULT;
  switch (v.why.code) {
  case REFUSAL_NO_EXPIRY:
  case REFUSAL_BAD_TIME:
  case REFUSAL_EXPIRED:
  case REFUSAL_NOT_YET_VALID:
  case REFUSAL_ISSUED_IN_FUTURE:
    return NOT_IN_TIME;
  default:
    break;
  }
  bool is_unknown = a->token.has_kid && !jwk_set_has(keys, a->token.kid);
  return is_unknown ? UNKNOWN_KEY : WRONG_SIGNATURE;
}

/* --- the client's own certificate ----------------------------------------- */

static bool is_valid(X509 *certificate, int64_t now) {
  time_t when = (time_t)now;
  return X509_cmp_time(X509_get0_notBefore(certificate), &when) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &when) > 0;
}

/* Our token endpoint, as either generation of it is called, or the issuer of
 * its tokens. */
static bool is_for_us(const assertion *a) {
  static const char *const paths[] = {"/oauth2/v2.0/token", "/oauth2/token",
                                      "/v2.0"};
  const call *c = a->call;
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    buffer url = buffer_in(c->arena);
    buffer_printf(&url, "%.*s/%.*s%s", SLICE_ARGS(c->issuer->url),
                  SLICE_ARGS(c->type_name), paths[i]);
    if (is_for(a, buffer_slice(&url)))
      return true;
  }
  return false;
}

static fault check_own(const assertion *a, const service_client *client) {
  jwk_set keys;
  const char *reason;
  if (!claim_is(a, "iss", a->client) || !claim_is(a, "sub", a->client))
    return FOREIGN_CLIENT;
  if (!client->certificate.length ||
      !jwk_set_read(a->call->arena, client->certificate, &keys, &reason))
    return NO_CERTIFICATE;
  fault found = check_signature(a, &keys);
  if (found == UNKNOWN_KEY) /* a certificate has no kid */
    found = WRONG_SIGNATURE;
  if (found != NO_FAULT && found != NOT_IN_TIME)
    return found;
  if (keys.items[0].certificate &&
      !is_valid(keys.items[0].certificate, a->call->now))
    return CERTIFICATE_NOT_VALID;
  return is_for_us(a) ? found : WRONG_REALM;
}

/* --- another identity provider -------------------------------------------- */

const federated_keys *federated_keys_find(const service *s, slice issuer) {
  for (size_t i = 0; i < s->options.federated_count; i++)
    if (slice_equal(s->options.federated[i].issuer, issuer))
      return &s->options.federated[i];
  return NULL;
}

/* An issuer whose keys were not given counts by its names alone; with --oauth
 * strict there is none. The keys are read anew: one may not serve two threads
 * at a time. */
static fault check_federated(const assertion *a,
                             const service_client *client) {
  jwk_set keys;
  const char *reason;
  if (!client->issuer.length || !claim_is(a, "iss", client->issuer))
    return UNKNOWN_ISSUER;
  if (!claim_is(a, "sub", client->subject))
    return UNKNOWN_SUBJECT;
  if (!is_for(a, client->audience))
    return UNKNOWN_AUDIENCE;
  const federated_keys *known =
      federated_keys_find(a->call->service, client->issuer);
  if (!known)
    return check_times(a);
  return jwk_set_read(a->call->arena, known->keys, &keys, &reason)
             ? check_signature(a, &keys)
             : UNKNOWN_KEY;
}

/* --- all entries of the client -------------------------------------------- */

static bool read_assertion(assertion *a) {
  token_refusal why;
  arena *memory = a->call->arena;
  return jws_read(memory, a->text, 0, &a->token, &why) &&
         jws_claims(memory, &a->token, &a->claims, &why);
}

bool assertion_proves(call *c, slice client, slice text, access_role *role,
                      entra_refusal *why) {
  assertion a = {.call = c, .text = text, .client = client};
  fault best = MALFORMED;
  const service *s = c->service;
  bool can_be_read = read_assertion(&a);
  bool is_own = can_be_read && (claim_is(&a, "iss", client) ||
                                claim_is(&a, "sub", client));
  for (size_t i = 0; can_be_read && i < s->client_count; i++) {
    const service_client *entry = &s->clients[i];
    if (!slice_equal(entry->id, client))
      continue;
    fault found = is_own ? check_own(&a, entry) : check_federated(&a, entry);
    if (found > best)
      best = found;
    if (found != NO_FAULT)
      continue;
    *role = entry->role;
    return true;
  }
  *why = refusals[best];
  return false;
}
