/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/jwk.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/limits.h"

static void free_certificate(void *certificate) { X509_free(certificate); }
static void free_data(void *data) { OPENSSL_free(data); }
static void free_bio(void *bio) { BIO_free(bio); }

/* --- one key -------------------------------------------------------------- */

/* Empty if there is none of that name, or it is no text. */
static slice text_member(const value *object, slice name) {
  const value *v = value_member(object, name);
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* base64urlUInt (RFC 7518 section 2); empty if it is none. Padding, which some
 * write, changes nothing. */
static bytes number_member(arena *a, const value *object, slice name) {
  bytes number;
  slice text = text_member(object, name);
  return text.length && base64_decode(a, text, BASE64_URL, &number)
             ? number
             : (bytes){NULL, 0};
}

static X509 *certificate_from(arena *a, bytes der) {
  const uint8_t *at = der.data;
  X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
  ERR_clear_error();
  if (!certificate)
    return NULL;
  arena_defer(a, free_certificate, certificate);
  return at == der.data + der.length ? certificate : NULL;
}

X509 *jwk_certificate(arena *a, slice base64) {
  bytes der;
  if (base64.length == 0 || base64.length > LIMIT_TOKEN_HEADER_BYTES ||
      !base64_decode(a, base64, BASE64_STANDARD, &der))
    return NULL;
  return certificate_from(a, der);
}

/* False after a reason; without x5c there is no certificate. */
static bool read_certificate(arena *a, const value *object, jwk *result) {
  const value *chain = value_member(object, SLICE("x5c"));
  if (!chain)
    return true;
  if (chain->kind == VALUE_ARRAY && chain->count > 0 &&
      chain->items[0].kind == VALUE_STRING)
    result->certificate = jwk_certificate(a, value_string(chain->items));
  result->reason = "its x5c begins with no certificate";
  return result->certificate != NULL;
}

/* The key by its numbers; NULL with a reason, or without one if there are no
 * numbers. */
static public_key *key_by_numbers(arena *a, const value *object,
                                  const char **reason) {
  slice type = text_member(object, SLICE("kty"));
  *reason = NULL;
  if (slice_is(type, "RSA") && value_member(object, SLICE("n")))
    return public_key_from_rsa(a, number_member(a, object, SLICE("n")),
                               number_member(a, object, SLICE("e")), reason);
  if (slice_is(type, "EC") && value_member(object, SLICE("x")))
    return public_key_from_point(a, text_member(object, SLICE("crv")),
                                 number_member(a, object, SLICE("x")),
                                 number_member(a, object, SLICE("y")), reason);
  return NULL;
}

static bool names_verify(const value *operations) {
  for (size_t i = 0; i < operations->count; i++)
    if (operations->items[i].kind == VALUE_STRING &&
        slice_is(value_string(&operations->items[i]), "verify"))
      return true;
  return false;
}

/* RFC 7517 sections 4.2 to 4.4. */
static bool may_verify(const value *object, jwk *result) {
  const value *use = value_member(object, SLICE("use"));
  const value *operations = value_member(object, SLICE("key_ops"));
  const value *algorithm = value_member(object, SLICE("alg"));
  result->reason = "it is not for signatures (use, key_ops)";
  if (use && (use->kind != VALUE_STRING || !slice_is(value_string(use), "sig")))
    return false;
  if (operations &&
      (operations->kind != VALUE_ARRAY || !names_verify(operations)))
    return false;
  if (!algorithm)
    return true;
  if (algorithm->kind == VALUE_STRING)
    result->algorithm = jws_algorithm_from_name(value_string(algorithm));
  result->reason = "its alg is none of RS, PS and ES";
  return result->algorithm != JWS_UNKNOWN && result->algorithm != JWS_NONE;
}

static public_key *one_key(arena *a, const value *object, jwk *result) {
  slice type = text_member(object, SLICE("kty"));
  result->reason = "its kty is neither RSA nor EC";
  if (!slice_is(type, "RSA") && !slice_is(type, "EC"))
    return NULL;
  if (!may_verify(object, result) || !read_certificate(a, object, result))
    return NULL;
  public_key *key = key_by_numbers(a, object, &result->reason);
  if (!key && (result->reason || !result->certificate)) {
    if (!result->reason)
      result->reason = "it has neither its numbers nor a certificate";
    return NULL;
  }
  if (!result->certificate)
    return key;
  public_key *certified =
      public_key_from_certificate(a, result->certificate, &result->reason);
  if (!certified || !key)
    return certified;
  result->reason = "its certificate is of another key";
  return public_key_equal(key, certified) ? key : NULL;
}

void jwk_read(arena *a, const value *object, jwk *result) {
  const value *kid = value_member(object, SLICE("kid"));
  *result = (jwk){.algorithm = JWS_UNKNOWN,
                  .has_kid = kid && kid->kind == VALUE_STRING};
  if (kid && kid->kind == VALUE_STRING)
    result->kid = value_string(kid);
  result->reason = "it is no JSON object";
  if (object->kind != VALUE_OBJECT)
    return;
  public_key *key = one_key(a, object, result);
  slice type = text_member(object, SLICE("kty"));
  if (key && !slice_is(type, jws_key_type_name(public_key_type(key)))) {
    key = NULL;
    result->reason = "its certificate is of another type of key than its kty";
  }
  result->key = key;
  if (key)
    result->reason = NULL;
}

/* --- a set ---------------------------------------------------------------- */

static bool read_json(arena *a, slice text, jwk_set *result,
                      const char **reason) {
  value object;
  json_error error;
  if (!json_read(a, text, 0, &object, &error)) {
    buffer words = buffer_in(a);
    buffer_printf(&words, "it is not JSON: byte %zu: %s", error.offset,
                  error.message);
    *reason = buffer_slice(&words).data;
    return false;
  }
  const value *keys = value_member(&object, SLICE("keys"));
  if (!keys && value_member(&object, SLICE("kty")))
    *result = (jwk_set){ARENA_NEW(a, jwk), 1};
  *reason = "it has neither \"keys\" nor \"kty\": it is no JWK";
  if (!keys && !result->count)
    return false;
  *reason = "its \"keys\" is no array, or one of more keys than the limit";
  if (keys && (keys->kind != VALUE_ARRAY || keys->count > LIMIT_KEYS))
    return false;
  if (keys)
    *result = (jwk_set){ARENA_ARRAY(a, keys->count, jwk), keys->count};
  for (size_t i = 0; i < result->count; i++)
    jwk_read(a, keys ? &keys->items[i] : &object, &result->items[i]);
  return true;
}

typedef enum pem_kind { PEM_END, PEM_CERTIFICATE, PEM_KEY, PEM_OTHER } pem_kind;

/* The next PEM text; its bytes live as long as the arena. */
static pem_kind next_pem(arena *a, BIO *in, bytes *der) {
  char *label = NULL, *header = NULL;
  unsigned char *data = NULL;
  long length = 0;
  if (PEM_read_bio(in, &label, &header, &data, &length) != 1) {
    ERR_clear_error();
    return PEM_END;
  }
  pem_kind kind = strcmp(label, PEM_STRING_X509) == 0     ? PEM_CERTIFICATE
                  : strcmp(label, PEM_STRING_PUBLIC) == 0 ? PEM_KEY
                                                          : PEM_OTHER;
  OPENSSL_free(label);
  OPENSSL_free(header);
  arena_defer(a, free_data, data);
  *der = (bytes){data, (size_t)length};
  return kind;
}

static void read_pem_item(arena *a, pem_kind kind, bytes der, jwk *result) {
  *result = (jwk){.algorithm = JWS_UNKNOWN, .reason = "a broken certificate"};
  if (kind == PEM_KEY)
    result->key = public_key_from_spki(a, der, &result->reason);
  else
    result->certificate = certificate_from(a, der);
  if (result->certificate)
    result->key = public_key_from_certificate(a, result->certificate,
                                              &result->reason);
}

static bool read_pem(arena *a, slice text, jwk_set *result,
                     const char **reason) {
  BIO *in = BIO_new_mem_buf(text.data, (int)text.length);
  if (!in)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_bio, in);
  result->items = ARENA_ARRAY(a, LIMIT_KEYS, jwk);
  bytes der;
  for (pem_kind kind; (kind = next_pem(a, in, &der)) != PEM_END;) {
    if (kind == PEM_OTHER)
      continue;
    *reason = "it has more keys than the limit";
    if (result->count == LIMIT_KEYS)
      return false;
    read_pem_item(a, kind, der, &result->items[result->count++]);
  }
  *reason = "no certificate and no public key in PEM form";
  return result->count > 0;
}

static bool is_pem(slice text) {
  static const char mark[] = "-----BEGIN ";
  for (size_t i = 0; i + sizeof mark <= text.length; i++)
    if (memcmp(text.data + i, mark, sizeof mark - 1) == 0)
      return true;
  return false;
}

static slice without_space(slice text) {
  while (text.length && strchr(" \t\r\n", *text.data) && *text.data)
    text = (slice){text.data + 1, text.length - 1};
  return text;
}

bool jwk_set_read(arena *a, slice text, jwk_set *result, const char **reason) {
  *result = (jwk_set){0};
  *reason = "it is larger than the limit";
  if (text.length > LIMIT_KEY_SET_BYTES)
    return false;
  bool is_json = slice_starts_with(without_space(text), "{");
  return !is_json && is_pem(text) ? read_pem(a, text, result, reason)
                                  : read_json(a, text, result, reason);
}

bool jwk_set_has(const jwk_set *set, slice kid) {
  for (size_t i = 0; i < set->count; i++)
    if (set->items[i].has_kid && slice_equal(set->items[i].kid, kid))
      return true;
  return false;
}
