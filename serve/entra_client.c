/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/entra_client.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "evidence/certificate.h"
#include "sign/public_key.h"

/* --- forms ---------------------------------------------------------------- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static slice decode_form(arena *a, slice text) {
  buffer out = buffer_in(a);
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    int high = i + 2 < text.length ? hex_digit(text.data[i + 1]) : -1;
    int low = i + 2 < text.length ? hex_digit(text.data[i + 2]) : -1;
    if (c == '%' && high >= 0 && low >= 0) {
      buffer_char(&out, (char)(high * 16 + low));
      i += 2;
    } else {
      buffer_char(&out, c == '+' ? ' ' : c);
    }
  }
  return buffer_slice(&out);
}

slice form_value(arena *a, slice form, const char *name) {
  const char *at = form.data, *end = form.data + form.length;
  while (form.length && at < end) {
    const char *stop = memchr(at, '&', (size_t)(end - at));
    slice pair = slice_between(at, stop ? stop : end);
    const char *equals = memchr(pair.data, '=', pair.length);
    if (equals && slice_is(slice_between(at, equals), name))
      return decode_form(a, slice_between(equals + 1, pair.data + pair.length));
    at = stop ? stop + 1 : end;
  }
  return SLICE_EMPTY;
}

/* --- assertions ----------------------------------------------------------- */

typedef struct assertion {
  value header, claims;
  slice input;
  bytes signature;
} assertion;

static bool read_object(arena *a, slice part, value *object) {
  bytes json;
  json_error error;
  return base64_decode(a, part, BASE64_URL, &json) &&
         json_read(a, slice_from_bytes(json), 0, object, &error) &&
         object->kind == VALUE_OBJECT;
}

static bool read_assertion(arena *a, slice text, assertion *result) {
  const char *end = text.data + text.length;
  const char *first =
      text.length ? memchr(text.data, '.', text.length) : NULL;
  const char *second =
      first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
  if (!second)
    return false;
  result->input = slice_between(text.data, second);
  return read_object(a, slice_between(text.data, first), &result->header) &&
         read_object(a, slice_between(first + 1, second), &result->claims) &&
         base64_decode(a, slice_between(second + 1, end), BASE64_URL,
                       &result->signature);
}

static slice text_claim(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* RFC 7523 section 3: it must say when it ends, and not have ended. */
static bool is_in_time(const assertion *a, int64_t now) {
  const value *end = value_member(&a->claims, SLICE("exp"));
  const value *begin = value_member(&a->claims, SLICE("nbf"));
  return end && end->kind == VALUE_INTEGER && now < end->integer &&
         (!begin || (begin->kind == VALUE_INTEGER && begin->integer <= now));
}

static bool is_signed_by(arena *a, const assertion *given, slice der) {
  const unsigned char *at = (const unsigned char *)der.data;
  X509 *x = d2i_X509(NULL, &at, (long)der.length);
  const char *reason;
  public_key *key =
      x ? public_key_from_certificate(a, certificate_keep(a, x), &reason)
        : NULL;
  jws_algorithm algorithm =
      jws_algorithm_from_name(text_claim(&given->header, "alg"));
  return key && algorithm != JWS_UNKNOWN && algorithm != JWS_NONE &&
         public_key_verify(key, algorithm, bytes_from_slice(given->input),
                           given->signature);
}

/* A certificate's assertion names the client twice and us as audience. */
static bool is_of_client(call *c, const assertion *given,
                         const service_client *client) {
  slice audience = text_claim(&given->claims, "aud");
  slice url = c->issuer->url;
  return slice_equal(text_claim(&given->claims, "sub"), client->id) &&
         slice_equal(text_claim(&given->claims, "iss"), client->id) &&
         audience.length > url.length &&
         memcmp(audience.data, url.data, url.length) == 0 &&
         is_signed_by(c->arena, given, client->certificate);
}

/* Another provider's token counts by its names; its keys are out of reach
 * here, and its signature is not checked. */
static bool is_federated(const assertion *given,
                         const service_client *client) {
  return client->issuer.length &&
         slice_equal(text_claim(&given->claims, "iss"), client->issuer) &&
         slice_equal(text_claim(&given->claims, "sub"), client->subject) &&
         slice_is(text_claim(&given->claims, "aud"),
                  "api://AzureADTokenExchange");
}

/* --- the request ---------------------------------------------------------- */

static bool is_secret(slice given, slice expected) {
  return given.length == expected.length && expected.length &&
         CRYPTO_memcmp(given.data, expected.data, given.length) == 0;
}

static bool has_proof(call *c, const service_client *client, slice secret,
                      slice assertion_text) {
  assertion given;
  if (is_secret(secret, client->secret))
    return true;
  if (!read_assertion(c->arena, assertion_text, &given) ||
      !is_in_time(&given, c->now))
    return false;
  return client->certificate.length ? is_of_client(c, &given, client)
                                    : is_federated(&given, client);
}

static bool refuse_client(entra_refusal *why, const char *error, int number,
                          const char *text) {
  bool is_client = strcmp(error, "invalid_client") == 0;
  *why = (entra_refusal){is_client ? 401 : 400, error, number, text};
  return false;
}

static bool check_client(call *c, entra_request *r, slice secret,
                         slice assertion_text, entra_refusal *why) {
  const service *s = c->service;
  r->role = ROLE_CONTRIBUTOR;
  if (!s->clients)
    return true;
  bool is_known = false;
  for (size_t i = 0; i < s->client_count; i++) {
    if (!slice_equal(s->clients[i].id, r->client))
      continue;
    is_known = true;
    r->role = s->clients[i].role;
    if (has_proof(c, &s->clients[i], secret, assertion_text))
      return true;
  }
  if (!is_known)
    return refuse_client(why, "unauthorized_client", 700016,
                         "The application was not found in the directory.");
  if (assertion_text.length)
    return refuse_client(why, "invalid_client", 700027,
                         "The client assertion failed validation.");
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
  if (!result->scope.length)
    return refuse_client(why, "invalid_scope", 1002012,
                         "The request body must contain 'scope'.");
  if (!secret.length && !proof.length)
    return refuse_client(why, "invalid_client", 7000218,
                         "The request body must contain 'client_assertion' "
                         "or 'client_secret'.");
  return check_client(c, result, secret, proof, why);
}
