/* SPDX-License-Identifier: Apache-2.0 */
#include "token/policy_token.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/limits.h"

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

/* RFC 7518 section 6.1: "RSA" or "EC"; NULL for what is no certificate. */
static const char *key_type(arena *a, slice certificate) {
  bytes der;
  if (!base64_decode(a, certificate, BASE64_STANDARD, &der) ||
      der.length > LIMIT_EVIDENCE_BYTES)
    return NULL;
  const unsigned char *at = der.data;
  X509 *x = d2i_X509(NULL, &at, (long)der.length);
  if (!x)
    return NULL;
  const EVP_PKEY *key = X509_get0_pubkey(x); /* NULL: of an unknown kind */
  int kind = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
  X509_free(x);
  if (kind == EVP_PKEY_RSA)
    return "RSA";
  return kind == EVP_PKEY_EC ? "EC" : NULL;
}

value policy_token_signer(arena *a, slice token) {
  value header;
  if (!token_part(a, token, 0, &header))
    return value_null();
  const value *chain = chain_of(&header);
  const char *type = chain ? key_type(a, value_string(chain->items)) : NULL;
  if (!type)
    return value_null();
  object_builder key = object_in(a);
  object_set(&key, SLICE("kty"), value_text(slice_from(type)));
  object_set(&key, SLICE("x5c"), *chain);
  return object_value(&key);
}
