/* SPDX-License-Identifier: Apache-2.0 */
#include "token/policy_make.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/value.h"
#include "sign/jws_make.h"

/* --- header and payload --------------------------------------------------- */

static void add_certificate(buffer *out, X509 *one) {
  int length = i2d_X509(one, NULL);
  if (length <= 0)
    arena_fail(out->arena, ARENA_NO_MEMORY);
  uint8_t *der = arena_alloc(out->arena, (size_t)length), *end = der;
  if (i2d_X509(one, &end) != length)
    arena_fail(out->arena, ARENA_NO_MEMORY);
  buffer_char(out, '"');
  base64_encode(out, (bytes){der, (size_t)length});
  buffer_char(out, '"');
}

static void add_chain(buffer *out, const certificate_chain *chain,
                      size_t count) {
  buffer_text(out, "\"x5c\":[");
  for (size_t i = 0; i < count; i++) {
    if (i)
      buffer_char(out, ',');
    add_certificate(out, chain->items[i]);
  }
  buffer_char(out, ']');
}

bool policy_certificate_payload(arena *a, const certificate_chain *chain,
                                size_t count, slice *payload,
                                const char **reason) {
  const public_key *key =
      public_key_from_certificate(a, chain->items[0], reason);
  if (!key)
    return false;
  buffer text = buffer_in(a);
  buffer_printf(&text, "{\"policyCertificate\":{\"kty\":\"%s\",",
                jws_key_type_name(public_key_type(key)));
  add_chain(&text, chain, count);
  buffer_text(&text, "}}");
  *payload = buffer_slice(&text);
  return true;
}

slice policy_signing_input(arena *a, const policy_signer *signer,
                           bool whole_chain, slice payload) {
  buffer header = buffer_in(a);
  buffer_printf(&header, "{\"alg\":\"%s\",",
                jws_algorithm_name(signer->algorithm));
  add_chain(&header, &signer->chain, whole_chain ? signer->chain.count : 1);
  buffer_char(&header, '}');
  return jws_signing_input(a, buffer_slice(&header), payload);
}

/* --- reading a signing input ---------------------------------------------- */

typedef struct prepared {
  jws_algorithm algorithm;
  public_key *key;
} prepared;

static bool read_certificate(arena *a, const value *header, prepared *p,
                             const char **reason) {
  const value *chain = value_member(header, SLICE("x5c"));
  bytes der;
  *reason = "its header names no certificate";
  if (!chain || chain->kind != VALUE_ARRAY || !chain->count ||
      chain->items[0].kind != VALUE_STRING ||
      !base64_decode(a, value_string(chain->items), BASE64_STANDARD, &der) ||
      der.length > LIMIT_EVIDENCE_BYTES)
    return false;
  const unsigned char *at = der.data;
  X509 *leaf = d2i_X509(NULL, &at, (long)der.length);
  ERR_clear_error();
  if (!leaf)
    return false;
  p->key = public_key_from_certificate(a, certificate_keep(a, leaf), reason);
  return p->key != NULL;
}

static bool read_header(arena *a, slice encoded, prepared *p,
                        const char **reason) {
  bytes json;
  value header;
  json_error error;
  *reason = "it has no header of a JWS";
  if (!base64_decode(a, encoded, BASE64_URL, &json) ||
      !json_read(a, slice_from_bytes(json), 0, &header, &error) ||
      header.kind != VALUE_OBJECT)
    return false;
  const value *name = value_member(&header, SLICE("alg"));
  p->algorithm = name && name->kind == VALUE_STRING
                     ? jws_algorithm_from_name(value_string(name))
                     : JWS_UNKNOWN;
  *reason = "its header names no algorithm that signs";
  return p->algorithm != JWS_UNKNOWN && p->algorithm != JWS_NONE &&
         read_certificate(a, &header, p, reason);
}

/* header.payload, and nothing else. */
static bool read_input(arena *a, slice input, prepared *p,
                       const char **reason) {
  const char *end = input.data + input.length;
  const char *dot =
      input.length ? memchr(input.data, '.', input.length) : NULL;
  bytes payload;
  *reason = "it is not header.payload of a JWS";
  return dot &&
         base64_decode(a, slice_between(dot + 1, end), BASE64_URL,
                       &payload) &&
         read_header(a, slice_between(input.data, dot), p, reason);
}

bool policy_signing_digest(arena *a, slice signing_input, bytes *result,
                           const char **reason) {
  prepared p;
  if (!read_input(a, signing_input, &p, reason))
    return false;
  digest_algorithm hash = jws_algorithm_of(p.algorithm)->digest;
  uint8_t *to = arena_alloc(a, DIGEST_BYTES_MAX);
  if (!digest(hash, bytes_from_slice(signing_input), to))
    arena_fail(a, ARENA_NO_MEMORY);
  *result = (bytes){to, digest_length(hash)};
  return true;
}

/* --- signatures that come from elsewhere ---------------------------------- */

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Tools break lines in base64. */
static slice without_blanks(arena *a, bytes given) {
  buffer text = buffer_in(a);
  for (size_t i = 0; i < given.length; i++)
    if (!is_blank((char)given.data[i]))
      buffer_char(&text, (char)given.data[i]);
  return buffer_slice(&text);
}

static bool try_form(arena *a, const prepared *p, slice input, bytes given,
                     bytes *signature) {
  return public_key_verify_either(a, p->key, p->algorithm,
                                  bytes_from_slice(input), given, signature);
}

/* Verification decides which form it is, so that none is taken for another. */
static bool find_signature(arena *a, const prepared *p, slice input,
                           bytes given, bytes *signature) {
  bytes decoded;
  slice text = without_blanks(a, given);
  return try_form(a, p, input, given, signature) ||
         (hex_decode(a, text, &decoded) &&
          try_form(a, p, input, decoded, signature)) ||
         (base64_decode(a, text, BASE64_EITHER, &decoded) &&
          try_form(a, p, input, decoded, signature));
}

policy_completion policy_token_complete(arena *a, slice signing_input,
                                        bytes signature, slice *token,
                                        const char **reason) {
  prepared p;
  if (!read_input(a, signing_input, &p, reason))
    return POLICY_NO_INPUT;
  if (signature.length > LIMIT_SIGNATURE_BYTES) {
    *reason = "the signature is too long";
    return POLICY_WRONG_SIGNATURE;
  }
  bytes found;
  *reason = "the signature does not verify under the certificate";
  if (!find_signature(a, &p, signing_input, signature, &found))
    return POLICY_WRONG_SIGNATURE;
  *token = jws_attach(a, signing_input, found);
  return POLICY_COMPLETE;
}
