/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/upload.h"

#include "base/base64.h"
#include "serve/trust.h"
#include "token/policy_token.h"

static bool refuse_enclave(call *c, refusal r) {
  answer_refusal(c, &r);
  return false;
}

#define REFUSE(c, number, ...) \
  refuse_enclave((c), refusal_enclave((c)->arena, (number), __VA_ARGS__))

/* --- form ----------------------------------------------------------------- */

static bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '=';
}

/* The service's words for both (its troubleshooting guide). */
static bool check_form(call *c, slice text) {
  size_t dots = 0;
  for (size_t i = 0; i < text.length; i++) {
    unsigned char byte = (unsigned char)text.data[i];
    if (byte == '.')
      dots++;
    else if (!is_base64url((char)byte))
      return REFUSE(c, ENCLAVE_BAD_MESSAGE,
                    "Unknown base64 character: %02x ('%c')", byte,
                    byte >= ' ' && byte < 0x7f ? byte : '?');
  }
  if (dots == 2)
    return true;
  if (dots > 2)
    return REFUSE(c, ENCLAVE_BAD_MESSAGE,
                  "Malformed JWT: Found more than two periods in the token.");
  return REFUSE(c, ENCLAVE_BAD_MESSAGE,
                "RETURN_IF_TRUE('(%sPeriod == std::string::npos)') failed "
                "with 0x4a: Malformed JWT: Could not find %s period in the "
                "token.",
                dots ? "second" : "first", dots ? "second" : "first");
}

static bool read_object(call *c, slice part, const char *what, value *object) {
  bytes json;
  json_error error = {.message = "it is not base64url"};
  if (base64_decode(c->arena, part, BASE64_URL, &json) &&
      json_read(c->arena, slice_from_bytes(json), 0, object, &error)) {
    if (object->kind == VALUE_OBJECT)
      return true;
    error.message = "it is not an object";
  }
  return REFUSE(c, ENCLAVE_BAD_MESSAGE, "Malformed JWT: the %s: %s", what,
                error.message);
}

typedef struct parts {
  slice header, payload, signature;
} parts;

static parts split(slice token) {
  const char *end = token.data + token.length;
  const char *first = memchr(token.data, '.', token.length);
  const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
  return (parts){slice_between(token.data, first),
                 slice_between(first + 1, second),
                 slice_between(second + 1, end)};
}

/* --- signature ------------------------------------------------------------ */

static bool is_unsecured(const value *header) {
  const value *alg = value_member(header, SLICE("alg"));
  return alg && alg->kind == VALUE_STRING &&
         slice_equal_ignore_case(value_string(alg), SLICE("none"));
}

static void set_text(object_builder *o, const char *name, const char *text) {
  object_set(o, slice_from(name), value_text(slice_from(text)));
}

/* Claim x-ms-policy-signer of answers to uploads (recorded). */
static value full_signer(arena *a, const value *signer) {
  const value *type = value_member(signer, SLICE("kty"));
  bool is_rsa = slice_is(value_string(type), "RSA");
  object_builder o = object_in(a);
  set_text(&o, "alg", is_rsa ? "RS256" : "ES256");
  object_set(&o, SLICE("kty"), *type);
  set_text(&o, "use", "sig");
  object_set(&o, SLICE("x5c"), *value_member(signer, SLICE("x5c")));
  return object_value(&o);
}

/* As the service, alg counts as "none" or not; the key's type decides. */
static bool check_signature(call *c, const value *header, upload *u) {
  value signer;
  switch (policy_token_signer(c->arena, u->token, &signer)) {
  case POLICY_SIGNED:
    u->is_signed = true;
    u->signer = full_signer(c->arena, &signer);
    return true;
  case POLICY_SIGNED_WRONGLY:
    return REFUSE(c, ENCLAVE_BAD_MESSAGE,
                  "The signature of the JWS does not hold under the "
                  "certificate in its header");
  default:
    break;
  }
  if (is_unsecured(header))
    return true;
  return REFUSE(c, ENCLAVE_BAD_MESSAGE,
                "The header of the JWS has no usable certificate: neither "
                "\"x5c\" nor \"jwk\".\"x5c\"");
}

static bool check_trust(call *c, const upload *u) {
  if (c->instance->mode != MODE_ISOLATED)
    return true;
  if (!u->is_signed)
    return refuse_enclave(c, refusal_unsigned());
  const char *missing =
      trust_find_missing_issuer(c, value_member(&u->signer, SLICE("x5c")));
  return !missing || REFUSE(c, ENCLAVE_NOT_FOUND,
                            "Unable to find issuer certificate %s", missing);
}

bool upload_read(call *c, slice text, upload *result) {
  value header;
  *result = (upload){
      .token = text, .payload = value_null(), .signer = value_null()};
  if (!check_form(c, text))
    return false;
  parts p = split(text);
  result->is_empty = p.payload.length == 0;
  if (!read_object(c, p.header, "header", &header))
    return false;
  if (is_unsecured(&header) && p.signature.length)
    return REFUSE(c, ENCLAVE_BAD_MESSAGE,
                  "Malformed JWT: alg is none, but there is a signature");
  if (!result->is_empty &&
      !read_object(c, p.payload, "payload", &result->payload))
    return false;
  return check_signature(c, &header, result) && check_trust(c, result);
}
