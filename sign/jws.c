/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/jws.h"

#include "base/base64.h"
#include "base/limits.h"

enum { PARTS = 3, PARTS_OF_JWE = 5 };

/* --- the three parts ------------------------------------------------------ */

static bool refuse_form(slice text, token_refusal *why) {
  size_t dots = 0;
  for (size_t i = 0; i < text.length; i++)
    dots += text.data[i] == '.';
  if (text.length && *text.data == '{')
    return refuse_because(why, REFUSAL_JSON_SERIALIZATION,
                          "the JSON serialisation of JWS is not accepted, only "
                          "the compact one");
  if (dots == PARTS_OF_JWE - 1)
    return refuse_because(why, REFUSAL_ENCRYPTED,
                          "five parts are an encrypted token (JWE)");
  return refuse_because(why, REFUSAL_NOT_COMPACT,
                        "a token has three parts (header.payload.signature)");
}

static const char *next_dot(const char *begin, const char *end) {
  return begin < end ? memchr(begin, '.', (size_t)(end - begin)) : NULL;
}

static bool split(slice text, slice parts[PARTS], token_refusal *why) {
  if (text.length > LIMIT_TOKEN_BYTES)
    return refuse_because(why, REFUSAL_TOO_LARGE,
                          "the token is larger than the limit");
  const char *end = text.data + text.length;
  const char *first = next_dot(text.data, end);
  const char *second = first ? next_dot(first + 1, end) : NULL;
  if (!second || next_dot(second + 1, end))
    return refuse_form(text, why);
  parts[0] = slice_between(text.data, first);
  parts[1] = slice_between(first + 1, second);
  parts[2] = slice_between(second + 1, end);
  return true;
}

static bool decode(arena *a, slice part, unsigned flags, const char *what,
                   bytes *result, token_refusal *why) {
  bool padded = part.length && part.data[part.length - 1] == '=';
  if ((!padded || (flags & JWS_OF_POLICY_OWNER)) &&
      base64_decode(a, part, BASE64_URL, result))
    return true;
  buffer reason = buffer_in(a);
  buffer_printf(&reason, "the %s is not base64url without padding (RFC 7515 "
                         "section 2)", what);
  return refuse_because(why, REFUSAL_BAD_BASE64URL, buffer_slice(&reason).data);
}

/* --- JSON ----------------------------------------------------------------- */

static bool read_object(arena *a, slice text, const char *what,
                        token_refusal_code otherwise, value *object,
                        token_refusal *why) {
  json_error error = {0};
  buffer reason = buffer_in(a);
  if (json_read(a, text, 0, object, &error)) {
    if (object->kind == VALUE_OBJECT)
      return true;
    buffer_printf(&reason, "the %s is not a JSON object", what);
    return refuse_because(why, otherwise, buffer_slice(&reason).data);
  }
  if (error.name.data) {
    buffer_printf(&reason, "the %s has \"%.*s\" twice", what,
                  SLICE_ARGS(error.name));
    return refuse_because(why, REFUSAL_DUPLICATE_MEMBER,
                          buffer_slice(&reason).data);
  }
  buffer_printf(&reason, "the %s is not JSON: byte %zu: %s", what, error.offset,
                error.message);
  return refuse_because(why, error.is_refused ? REFUSAL_JSON_LIMIT : otherwise,
                        buffer_slice(&reason).data);
}

bool jws_claims(arena *a, const jws *token, value *claims, token_refusal *why) {
  return read_object(a, token->payload, "payload", REFUSAL_BAD_PAYLOAD, claims,
                     why);
}

/* --- header --------------------------------------------------------------- */

/* What this reader does not understand must not be ignored (section 4.1.11);
 * it understands no extension at all. */
static bool check_extensions(const value *header, unsigned flags,
                             token_refusal *why) {
  if (flags & JWS_TO_SHOW)
    return true;
  if (value_member(header, SLICE("b64")))
    return refuse_because(why, REFUSAL_UNENCODED_PAYLOAD,
                          "the header has \"b64\" (RFC 7797), which is not "
                          "accepted");
  if (value_member(header, SLICE("crit")))
    return refuse_because(why, REFUSAL_CRITICAL_HEADER,
                          "the header has \"crit\": no extension is accepted");
  if (value_member(header, SLICE("enc")))
    return refuse_because(why, REFUSAL_ENCRYPTED,
                          "the header has \"enc\": it is of an encrypted "
                          "token");
  return true;
}

static bool is_symmetric(slice name) {
  return slice_is(name, "HS256") || slice_is(name, "HS384") ||
         slice_is(name, "HS512");
}

static bool read_algorithm(jws *token, unsigned flags, token_refusal *why) {
  const value *name = value_member(&token->header, SLICE("alg"));
  token->algorithm = JWS_UNKNOWN;
  if (!name || name->kind != VALUE_STRING)
    return (flags & JWS_TO_SHOW) ||
           refuse_because(why, REFUSAL_MISSING_ALGORITHM,
                          "the header names no algorithm");
  token->algorithm_name = value_string(name);
  token->algorithm = jws_algorithm_from_name(token->algorithm_name);
  if (flags & JWS_TO_SHOW)
    return true;
  if (is_symmetric(token->algorithm_name))
    return refuse_because(why, REFUSAL_SYMMETRIC_ALGORITHM,
                          "HMAC is not accepted: who can verify it can make "
                          "it");
  bool is_owners = (flags & JWS_OF_POLICY_OWNER) &&
                   (slice_is(token->algorithm_name, "RSA256") ||
                    slice_is(token->algorithm_name, "ECDH256"));
  if (token->algorithm == JWS_UNKNOWN && !is_owners)
    return refuse_because(why, REFUSAL_UNSUPPORTED_ALGORITHM,
                          "the algorithm is none of RS, PS and ES with 256, "
                          "384 or 512");
  return true;
}

static bool read_header(arena *a, slice part, unsigned flags, jws *token,
                        token_refusal *why) {
  bytes text = {NULL, 0};
  if (part.length > LIMIT_TOKEN_HEADER_BYTES)
    return refuse_because(why, REFUSAL_TOO_LARGE,
                          "the header is larger than the limit");
  if (!decode(a, part, flags, "header", &text, why))
    return false;
  token->header_text = slice_from_bytes(text);
  if (!read_object(a, token->header_text, "header", REFUSAL_BAD_HEADER,
                   &token->header, why) ||
      !check_extensions(&token->header, flags, why) ||
      !read_algorithm(token, flags, why))
    return false;
  const value *kid = value_member(&token->header, SLICE("kid"));
  if (kid && kid->kind != VALUE_STRING && (flags & JWS_TO_SHOW))
    return true;
  if (kid && kid->kind != VALUE_STRING)
    return refuse_because(why, REFUSAL_BAD_HEADER,
                          "the header's \"kid\" is not a string");
  token->has_kid = kid != NULL;
  token->kid = kid ? value_string(kid) : SLICE_EMPTY;
  return true;
}

/* --- all ------------------------------------------------------------------ */

static bool check_parts(const slice parts[PARTS], const jws *token,
                        unsigned flags, token_refusal *why) {
  bool is_unsecured = token->algorithm == JWS_NONE;
  if (flags & JWS_TO_SHOW)
    return true;
  if (is_unsecured && parts[2].length)
    return refuse_because(why, REFUSAL_UNSECURED_WITH_SIGNATURE,
                          "the header says that there is no signature, but "
                          "there is one");
  if (!is_unsecured && !parts[2].length)
    return refuse_because(why, REFUSAL_MISSING_SIGNATURE,
                          "the signature is missing");
  if (!parts[1].length && !(flags & JWS_OF_POLICY_OWNER))
    return refuse_because(why, REFUSAL_DETACHED_PAYLOAD,
                          "the payload is missing: it is detached, or the "
                          "token resets a policy");
  return true;
}

bool jws_read(arena *a, slice text, unsigned flags, jws *result,
              token_refusal *why) {
  slice parts[PARTS] = {{NULL, 0}};
  bytes payload;
  *result = (jws){0};
  if (!split(text, parts, why) ||
      !read_header(a, parts[0], flags, result, why) ||
      !check_parts(parts, result, flags, why) ||
      !decode(a, parts[1], flags, "payload", &payload, why) ||
      !decode(a, parts[2], flags, "signature", &result->signature, why))
    return false;
  result->payload = slice_from_bytes(payload);
  size_t signed_length = parts[0].length + 1 + parts[1].length;
  result->signing_input = (bytes){(const uint8_t *)text.data, signed_length};
  return true;
}
