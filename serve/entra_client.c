/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/entra_client.h"

#include <openssl/crypto.h>

#include "base/text.h"
#include "serve/form.h"

static slice form_value(arena *a, slice form, const char *name) {
  slice text;
  form_field(a, form, name, &text);
  return text;
}

/* --- clients -------------------------------------------------------------- */

static bool has_secret(const service_client *client, slice given) {
  slice expected = client->secret;
  return given.length == expected.length && expected.length &&
         CRYPTO_memcmp(given.data, expected.data, given.length) == 0;
}

static bool refuse_client(entra_refusal *why, const char *error, int number,
                          const char *text) {
  bool is_client = strcmp(error, "invalid_client") == 0;
  *why = (entra_refusal){is_client ? 401 : 400, error, number, text};
  return false;
}

static bool check_client(call *c, entra_request *r, slice secret,
                         slice assertion, entra_refusal *why) {
  const service *s = c->service;
  r->role = ROLE_CONTRIBUTOR;
  if (!s->clients)
    return true;
  bool is_known = false;
  for (size_t i = 0; i < s->client_count; i++) {
    const service_client *entry = &s->clients[i];
    if (!slice_equal(entry->id, r->client))
      continue;
    is_known = true;
    r->role = entry->role;
    if (has_secret(entry, secret))
      return true;
  }
  if (!is_known)
    return refuse_client(why, "unauthorized_client", 700016,
                         "The application was not found in the directory.");
  if (assertion.length)
    return assertion_proves(c, r->client, assertion, &r->role, why);
  return refuse_client(why, "invalid_client", 7000215,
                       "Invalid client secret provided.");
}

bool entra_read_request(call *c, entra_request *result, entra_refusal *why) {
  arena *a = c->arena;
  slice form = c->request->body;
  slice secret = form_value(a, form, "client_secret");
  slice proof = form_value(a, form, "client_assertion");
  result->client = form_value(a, form, "client_id");
  result->scope = form_value(a, form, "scope");
  if (!slice_is(form_value(a, form, "grant_type"), "client_credentials"))
    return refuse_client(why, "unsupported_grant_type", 70003,
                         "The grant type is not client_credentials.");
  if (!result->client.length)
    return refuse_client(why, "invalid_request", 900144,
                         "The request body must contain 'client_id'.");
  if (utf8_error(result->client) < result->client.length ||
      utf8_error(result->scope) < result->scope.length)
    return refuse_client(why, "invalid_request", 9002313,
                         "The request body is no text in UTF-8.");
  if (!result->scope.length)
    return refuse_client(why, "invalid_scope", 1002012,
                         "The request body must contain 'scope'.");
  if (!secret.length && !proof.length)
    return refuse_client(why, "invalid_client", 7000218,
                         "The request body must contain 'client_assertion' "
                         "or 'client_secret'.");
  return check_client(c, result, secret, proof, why);
}
