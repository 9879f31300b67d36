/* SPDX-License-Identifier: Apache-2.0 */
#include "token/policy_token.h"

#include "base/base64.h"
#include "base/limits.h"
#include "sign/jwk.h"

enum { NESTING_MAX = 3 }; /* an answer, its policy, and one to spare */

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without white space around it, and without the quotes of a JSON string. */
static slice trim(slice s) {
  while (s.length && is_blank(s.data[0]))
    s = (slice){s.data + 1, s.length - 1};
  while (s.length && is_blank(s.data[s.length - 1]))
    s.length--;
  if (s.length > 2 && s.data[0] == '"' && s.data[s.length - 1] == '"')
    s = (slice){s.data + 1, s.length - 2};
  return s;
}

/* The part of a token before its first dot, or between that and the second.
 * False if it is not the base64url of an object. */
static bool token_part(arena *a, slice token, unsigned part, value *object) {
  if (!token.length)
    return false;
  const char *begin = token.data, *end = begin + token.length, *dot = NULL;
  for (unsigned i = 0; i <= part; i++) {
    if (i)
      begin = dot + 1;
    dot = begin < end ? memchr(begin, '.', (size_t)(end - begin)) : NULL;
    if (!dot)
      return false;
  }
  bytes json;
  json_error error;
  return base64_decode(a, slice_between(begin, dot), BASE64_URL, &json) &&
         json_read(a, slice_from_bytes(json), JSON_LAST_NAME_WINS, object,
                   &error) &&
         object->kind == VALUE_OBJECT;
}

slice policy_token_find(arena *a, slice given) {
  slice token = trim(given);
  for (unsigned level = 0; level < NESTING_MAX; level++) {
    value payload;
    if (!token_part(a, token, 1, &payload))
      return SLICE_EMPTY;
    if (value_member(&payload, SLICE("AttestationPolicy")))
      return token;
    const value *inner = value_member(&payload, SLICE("x-ms-policy"));
    if (!inner || inner->kind != VALUE_STRING)
      return SLICE_EMPTY;
    token = value_string(inner);
  }
  return SLICE_EMPTY;
}

/* --- header -------------------------------------------------------------- */

static const value *chain_of(const value *header) {
  const value *chain = value_member(header, SLICE("x5c"));
  const value *key = value_member(header, SLICE("jwk"));
  if (!chain && key && key->kind == VALUE_OBJECT)
    chain = value_member(key, SLICE("x5c"));
  bool usable = chain && chain->kind == VALUE_ARRAY && chain->count > 0 &&
                chain->count <= LIMIT_CERTIFICATES &&
                chain->items[0].kind == VALUE_STRING;
  return usable ? chain : NULL;
}

/* --- signature ------------------------------------------------------------ */

typedef struct signed_part {
  bytes data, signature;
} signed_part;

/* RFC 7515 section 5.2: the signature is over all before the last dot. */
static bool split_signature(arena *a, slice token, signed_part *part) {
  size_t dot = token.length;
  while (dot > 0 && token.data[dot - 1] != '.')
    dot--;
  if (dot == 0)
    return false;
  slice encoded = {token.data + dot, token.length - dot};
  part->data = bytes_from_slice((slice){token.data, dot - 1});
  return base64_decode(a, encoded, BASE64_URL, &part->signature);
}

/* RS256, or the algorithm of the curve: of the header's only "none" counts. */
static jws_algorithm algorithm_of(const public_key *key) {
  for (jws_algorithm i = JWS_RS256; i < JWS_UNKNOWN; i++)
    if (public_key_allows(key, i))
      return i;
  return JWS_UNKNOWN;
}

/* The type of the certificate's key; NULL if that key did not sign. */
static const char *signing_key_type(arena *a, slice certificate,
                                    const signed_part *part) {
  const char *reason;
  bytes raw;
  X509 *leaf = jwk_certificate(a, certificate);
  public_key *key =
      leaf ? public_key_from_certificate(a, leaf, &reason) : NULL;
  if (!key || !public_key_verify_either(a, key, algorithm_of(key), part->data,
                                        part->signature, &raw))
    return NULL;
  return jws_key_type_name(public_key_type(key));
}

static bool is_unsigned(const value *header) {
  const value *alg = value_member(header, SLICE("alg"));
  return alg && alg->kind == VALUE_STRING &&
         slice_is(value_string(alg), "none");
}

policy_signature policy_token_signer(arena *a, slice token, value *signer) {
  value header;
  *signer = value_null();
  if (!token_part(a, token, 0, &header) || is_unsigned(&header))
    return POLICY_UNSIGNED;
  const value *chain = chain_of(&header);
  if (!chain)
    return POLICY_UNSIGNED;
  signed_part part;
  if (!split_signature(a, token, &part))
    return POLICY_SIGNED_WRONGLY;
  const char *type = signing_key_type(a, value_string(chain->items), &part);
  if (!type)
    return POLICY_SIGNED_WRONGLY;
  object_builder key = object_in(a);
  object_set(&key, SLICE("kty"), value_text(slice_from(type)));
  object_set(&key, SLICE("x5c"), *chain);
  *signer = object_value(&key);
  return POLICY_SIGNED;
}
